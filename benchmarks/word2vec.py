"""word2vec compared with gensim, in turn, each in its own process: python benchmarks/word2vec.py TEXT [options].

TEXT has one sentence per line. Every measurement reports wall seconds, CPU seconds per wall second (below --busy
the machine was loaded and the round is discarded) and peak memory: resident, and its anonymous part, without
mapped files (the libraries of the program, and the ids of the text). --alone does not need gensim.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

KINDS = {  # name -> (model, output)
    "skipgram": ("skipgram", "negative"),
    "cbow": ("cbow", "negative"),
    "skipgram-hs": ("skipgram", "hierarchical"),
    "cbow-hs": ("cbow", "hierarchical"),
}
EVERY = 0.05  # seconds between two readings of the memory
TRIES = 4  # at most this many times the requested measurements


def gensim(path: str, args: argparse.Namespace) -> dict[str, float]:
    from gensim.models import Word2Vec
    from gensim.models.word2vec import LineSentence

    model, output = KINDS[args.kind]
    hierarchical = output == "hierarchical"
    text = {"corpus_iterable": LineSentence(path)} if args.sentences else {"corpus_file": path}
    start, cpu = time.perf_counter(), time.process_time()
    trained = Word2Vec(
        vector_size=100,
        window=5,
        min_count=5,
        sample=1e-4,
        sg=int(model == "skipgram"),
        hs=int(hierarchical),
        negative=0 if hierarchical else 5,
        workers=args.threads,
    )
    trained.build_vocab(**text)
    words, training, busy = trained.corpus_total_words, time.perf_counter(), time.process_time()
    trained.train(**text, total_words=words, total_examples=trained.corpus_count, epochs=args.epochs)
    return reading(words * args.epochs, start, cpu, training, busy)


def ours(path: str, args: argparse.Namespace) -> dict[str, float]:
    import pyarrow.compute  # noqa: F401 - as every run does, before the clock starts

    from plugins.embeddings.word2vec import text, train, vocabulary
    from plugins.embeddings.word2vec.settings import Settings

    model, output = KINDS[args.kind]
    settings = Settings(model=model, output=output, sample=1e-4, epochs=args.epochs, alpha=0.025)  # type: ignore[arg-type] # names
    start, cpu = time.perf_counter(), time.process_time()
    read = text.of_path(path, args.threads)
    chosen = vocabulary.choose_words(read, settings.min_count, None)
    training, busy = time.perf_counter(), time.process_time()
    train.train(read, chosen, settings, threads=args.threads)
    return reading(len(read.values) * args.epochs, start, cpu, training, busy)


def reading(words: int, start: float, cpu: float, training: float, busy: float) -> dict[str, float]:
    from core.experiment.hardware import peak_bytes

    now, cpu_now = time.perf_counter(), time.process_time()
    return {
        "words": words,
        "seconds": now - start,
        "cpu": cpu_now - cpu,
        "train_seconds": now - training,
        "train_cpu": cpu_now - busy,
        "peak": peak_bytes(),
    }


def compiled(args: argparse.Namespace) -> None:
    """Compile the kernels and cache them on disk, which happens once per machine and is not measured."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("a b c d e f g h\n" * 200_000)  # large enough for the compiled reader
        file.flush()
        measure("ours", args, file.name)


def measure(who: str, args: argparse.Namespace, text: str = "") -> dict[str, float]:
    """One measurement, in a process and with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, __file__, text or args.text, "--who", who, "--kind", args.kind]
        command += ["--epochs", str(args.epochs), "--threads", str(args.threads)]
        command += ["--sentences"] * args.sentences
        place = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        setting = {**os.environ, "SEQLAB_CACHE": cache, "PYTHONPATH": place}
        started = subprocess.Popen(command, env=setting, stdout=subprocess.PIPE, text=True)
        anonymous = watched(started)
        stdout = started.communicate()[0]
        if started.returncode:
            raise SystemExit(f"{who} failed")
    found: dict[str, float] = json.loads(stdout.splitlines()[-1])
    return {**found, "anonymous": anonymous}


def watched(process: subprocess.Popen[str]) -> float:
    """Wait for a process; returns its peak of anonymous memory in bytes (Linux)."""
    most = 0.0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            status = ""
        if found := re.search(r"RssAnon:\s*(\d+) kB", status):
            most = max(most, int(found[1]) * 1024.0)
        time.sleep(EVERY)
    return most


def compare(args: argparse.Namespace) -> None:
    names = ["ours"] if args.alone else ["gensim", "ours"]
    readings: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    compiled(args)
    for _ in range(TRIES * args.readings):
        turn = {name: measure(name, args) for name in names}
        shares = {name: found["train_cpu"] / found["train_seconds"] / args.threads for name, found in turn.items()}
        accepted = min(shares.values()) >= args.busy
        for name, found in turn.items():
            speed = f"{found['words'] / found['train_seconds'] / 1e6:.2f}M words/s"
            share = f"cpu/wall {shares[name] * args.threads:.2f}"
            print(
                f"  {name:7} {speed}  {share}{'' if accepted else '  discarded: the machine is loaded'}",
                flush=True,
            )
            readings[name] += [found] if accepted else []
        if len(readings["ours"]) == args.readings:
            break
    show(readings, args)


def show(readings: dict[str, list[dict[str, float]]], args: argparse.Namespace) -> None:
    print(f"{args.kind}, {args.threads} threads, {args.epochs} epochs, median of {len(readings['ours'])}")
    if not readings["ours"]:
        return
    medians: dict[str, dict[str, Any]] = {}
    for name, found in readings.items():
        middle = {key: statistics.median(one[key] for one in found) for key in found[0]}
        medians[name] = middle
        speeds = [middle["words"] / middle[key] / 1e6 for key in ("train_seconds", "train_cpu", "seconds")]
        rates = "{:.2f}M words/s training, {:.2f}M per CPU second, {:.2f}M from the text file".format(*speeds)
        sizes = [middle[key] / 2**20 for key in ("peak", "anonymous")]
        print(f"  {name:7} {rates}, peak {sizes[0]:,.0f} MB, {sizes[1]:,.0f} MB of it anonymous")
    if "gensim" in medians:
        theirs, own = medians["gensim"], medians["ours"]
        ratios = [f"{key} {theirs[key] / own[key]:.1f}" for key in ("train_seconds", "train_cpu", "seconds")]
        print(f"  ratio   {', '.join(ratios)}; peak memory {own['peak'] / theirs['peak']:.2f} of gensim's")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="a file with one sentence per line")
    parser.add_argument("--kind", choices=list(KINDS), default="skipgram")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--readings", type=int, default=3, help="the number of measurements for the median")
    parser.add_argument("--busy", type=float, default=0.9, help="the minimum CPU share of an accepted measurement")
    parser.add_argument("--alone", action="store_true", help="without gensim")
    parser.add_argument("--sentences", action="store_true", help="gensim reads by LineSentence, not corpus_file")
    parser.add_argument("--who", choices=["gensim", "ours"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.who is None:
        compare(args)
        return
    once = {"gensim": gensim, "ours": ours}[args.who]
    print(json.dumps(once(args.text, args)))


if __name__ == "__main__":
    main()
