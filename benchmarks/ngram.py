"""seqlab's n-grams compared with KenLM: python benchmarks/ngram.py FOLDER... [order=5] [repeats=5] [sort=2G]

A FOLDER has files named train and test (Penn Treebank, say; .gz too). KenLM's lmplz, build_binary and query are
taken from PATH or KENLM_BIN; NLTK is also timed if it is installed. Every measurement is a process of its own,
pinned to one or two cores; seqlab and KenLM run in turn, from text to a model that is ready to score. A
measurement whose CPU seconds per wall second are below 0.9 of the best of its kind was made on a loaded machine:
it is discarded and repeated, up to three times as often. If even the best is below 0.8 the machine was loaded all
the time, and the row says so. ``sort`` is lmplz's -S: much more than it needs makes it slower.

A literal <unk> in the text, which KenLM rejects, is renamed on both sides. The times of seqlab:

    whole     the process, including the start of Python and all imports
    ours      from the text file to the model in memory (or to the scores), with all code imported and compiled
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

TRIES, STEADY, BUSY = 3, 0.9, 0.8
LOADED = "LOADED MACHINE, no result: "
PROGRAMS = ("lmplz", "build_binary", "query")
SCORED = 3_000_000  # tokens of the scored text, which is repeated to this length
GROWTH = (1_000_000, 5_000_000, 20_000_000)


class Reading(NamedTuple):
    """One process: seconds, CPU seconds, peak bytes, and what it printed."""

    wall: float
    cpu: float
    peak: int
    output: str

    def value(self, name: str) -> float:
        """A number that a process of seqlab reports."""
        return float(json.loads(self.output.splitlines()[-1])[name])


def measured(command: list[str], cores: str, stdin: Path | None = None, stdout: Path | None = None) -> Reading:
    """Run a command on some cores."""
    with tempfile.TemporaryFile() as output, open(stdin or os.devnull, "rb") as source:
        with open(stdout, "wb") if stdout else tempfile.TemporaryFile() as out:
            start = time.perf_counter()
            child = subprocess.Popen(["taskset", "-c", cores, *command], stdin=source, stdout=out, stderr=output)
            _, status, used = os.wait4(child.pid, 0)
            wall = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
            if not stdout:
                out.seek(0)
                text += out.read().decode("utf-8", "replace")
    if child.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return Reading(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, text)


def in_turn(ways: dict[str, Callable[[], Reading]], repeats: int) -> dict[str, list[Reading]]:
    """Steady measurements of each program, taken in turn."""
    found: dict[str, list[Reading]] = {name: [] for name in ways}
    for _ in range(repeats * TRIES):
        for name, way in ways.items():
            if len(steady(found[name])) < repeats:
                found[name].append(way())
    return {name: steady(readings)[:repeats] for name, readings in found.items()}


def steady(readings: list[Reading]) -> list[Reading]:
    """The measurements that were not made on a loaded machine."""
    best = max((r.cpu / r.wall for r in readings), default=0.0)
    return [r for r in readings if r.cpu / r.wall >= STEADY * best]


def middle(readings: list[Reading], what: Callable[[Reading], float]) -> float:
    return statistics.median(map(what, readings))


def plain(folder: Path, split: str, work: Path) -> tuple[Path, int]:
    """A split as plain text with a literal <unk> renamed, and how many tokens it has, ends of rows included."""
    names = [path for path in sorted(folder.iterdir()) if path.name.startswith(split) and ".txt" in path.name]
    opened = gzip.open if names[0].suffix == ".gz" else open
    path, tokens = work / f"{folder.name}.{split}.txt", 0
    with opened(names[0], "rt", encoding="utf-8") as file, path.open("w", encoding="utf-8") as out:
        for line in file:
            if words := line.split():
                out.write(" ".join("UNKWORD" if word == "<unk>" else word for word in words) + "\n")
                tokens += len(words) + 1
    return path, tokens


def part(text: Path, tokens: int) -> Path:
    """The first lines of a text, with about this many tokens."""
    path, taken = text.with_suffix(f".{tokens}.txt"), 0
    with text.open(encoding="utf-8") as file, path.open("w", encoding="utf-8") as out:
        for line in file:
            out.write(line)
            taken += line.count(" ") + 2
            if taken >= tokens:
                break
    return path


def busy(ways: Iterable[list[Reading]]) -> bool:
    """Whether other programs used the machine during these measurements."""
    return any(middle(readings, lambda r: r.cpu / r.wall) < BUSY for readings in ways)


def ours(*words: object) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("ngram_sides.py")), *map(str, words)]


def rows_of(name: str, ways: dict[str, list[Reading]], ratio: tuple[str, str]) -> Iterator[str]:
    """Lines of the table: wall seconds, CPU per wall second, peak memory, and the ratio to KenLM."""
    kenlm = middle(ways[ratio[1]], lambda r: r.wall)
    for way, readings in ways.items():
        wall, peak = middle(readings, lambda r: r.wall), middle(readings, lambda r: r.peak)
        load = middle(readings, lambda r: r.cpu / r.wall)
        inner = ""
        if way == ratio[0]:
            seconds = middle(readings, lambda r: r.value("seconds"))
            loaded = LOADED if busy(ways.values()) else ""
            inner = f"{loaded}whole {wall / kenlm:.2f}, ours {seconds / kenlm:.2f} ({seconds:.2f} s)"
        yield f"| {name} | {way} | {wall:.2f} | {load:.2f} | {peak / 1e6:,.0f} | {len(readings)} | {inner} |"


def compare(folder: Path, order: int, repeats: int, sort: str, work: Path, kenlm: dict[str, str]) -> None:
    """Print all rows of one data set."""
    text, tokens = plain(folder, "train", work)
    test, test_tokens = plain(folder, "test", work)
    longer = work / "scored.txt"
    longer.write_text(test.read_text("utf-8") * -(-SCORED // test_tokens), "utf-8")
    saved, arpa, binary = work / "saved", work / "model.arpa", work / "model.bin"
    saved.mkdir(exist_ok=True)
    measured(ours("estimate", text, order, 1, saved), "0")  # compiles, and saves the model for scoring
    for cores in ("0", "0,1"):
        threads = cores.count(",") + 1
        lmplz = [kenlm["lmplz"], "-o", str(order), "-S", sort, "-T", str(work), "--text", str(text)]
        found = in_turn(
            {
                "seqlab": lambda c=cores, t=threads: measured(ours("estimate", text, order, t, ""), c),
                "lmplz": lambda c=cores, m=lmplz: measured([*m, "--arpa", str(arpa)], c),
                "build_binary": lambda c=cores: measured([kenlm["build_binary"], str(arpa), str(binary)], c),
            },
            repeats,
        )
        for line in rows_of(f"estimate, {threads} thread(s)", found, ("seqlab", "lmplz")):
            print(line, flush=True)
        size = middle(found["seqlab"], lambda r: r.peak) / tokens
        print(f"| memory | seqlab | | | {size:,.0f} bytes per training token | | |")
        _print_scoring(threads, cores, longer, saved, kenlm["query"], binary, repeats)
    if tokens >= GROWTH[-1]:
        times = []
        for size in GROWTH:
            cut = part(text, size)
            readings = in_turn({"": lambda t=cut: measured(ours("estimate", t, order, 1, ""), "0")}, repeats)[""]
            times.append(middle(readings, lambda r: r.value("seconds")))
            print(f"| growth | {size:,} tokens | {times[-1]:.2f} | | | {len(readings)} | |", flush=True)
        print(f"| growth | to linear | {times[-1] / times[0] / (GROWTH[-1] / GROWTH[0]):.2f} | | | | |")


def _print_scoring(
    threads: int, cores: str, text: Path, saved: Path, query: str, binary: Path, repeats: int
) -> None:
    """Tokens per second without loading the model, and both perplexities."""
    summary = [query, "-v", "summary", str(binary)]
    found = in_turn(
        {
            "seqlab": lambda: measured(ours("score", text, threads, saved), cores),
            "query": lambda: measured(summary, cores, stdin=text),
            "query, no text": lambda: measured(summary, cores),
        },
        repeats,
    )
    tokens = found["seqlab"][0].value("tokens")
    rate = tokens / middle(found["seqlab"], lambda r: r.value("seconds"))
    theirs = middle(found["query"], lambda r: r.wall) - middle(found["query, no text"], lambda r: r.wall)
    output = next(line for line in found["query"][0].output.splitlines() if "including OOVs" in line)
    ready = middle(found["seqlab"], lambda r: r.value("map")) * 1000
    print(
        f"| score, {threads} thread(s) | seqlab | {rate:,.0f} tokens/s | model mapped in {ready:.1f} ms | "
        f"perplexity {found['seqlab'][0].value('perplexity'):.4f} | {len(found['seqlab'])} | "
        f"{LOADED if busy([found['seqlab'], found['query']]) else ''}{rate * theirs / tokens:.2f} times query |\n"
        f"| | query | {tokens / theirs:,.0f} tokens/s | | {output.strip()} | {len(found['query'])} | |",
        flush=True,
    )


def versions() -> str:
    names = ("numpy", "numba", "pyarrow", "nltk", "kenlm")
    there = [name for name in names if importlib.util.find_spec(name)]
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{name} {importlib.metadata.version(name)}" for name in there)]
        + [cpu[0].partition(":")[2].strip() if cpu else platform.machine(), f"{os.cpu_count()} cores"]
    )


def main(folders: list[Path], order: int, repeats: int, sort: str) -> None:
    path = os.pathsep.join([os.environ.get("KENLM_BIN", ""), os.environ.get("PATH", "")])
    kenlm = {name: shutil.which(name, path=path) or "" for name in PROGRAMS}
    if missing := [name for name, place in kenlm.items() if not place]:
        sys.exit(f"KenLM's {', '.join(missing)} are neither on PATH nor in KENLM_BIN")
    print(f"{versions()}; order {order}, modified Kneser-Ney; medians of {repeats}\n")
    for folder in folders:
        with tempfile.TemporaryDirectory() as work:
            print(f"{folder.name}\n\n| what | who | wall s | cpu/wall | peak MB | readings | ours to KenLM |")
            print("|---|---|---|---|---|---|---|")
            compare(folder, order, repeats, sort, Path(work), kenlm)
            if importlib.util.find_spec("nltk"):
                text = Path(work) / f"{folder.name}.train.txt"
                rate = measured(ours("nltk_speed", text), "0").value("rate")
                print(f"| score | NLTK, order 3, 2,000 sentences | {rate:,.1f} tokens/s | | | | |")
            print()


if __name__ == "__main__":
    options = dict(word.split("=") for word in sys.argv[1:] if "=" in word)
    named = [Path(word) for word in sys.argv[1:] if "=" not in word]
    main(named, int(options.get("order", 5)), int(options.get("repeats", 5)), options.get("sort", "2G"))
