"""Seconds per epoch by sentence length: python benchmarks/length.py [lengths=5,10,...] [out=FILE.svg] ...

Textbooks claim that a recurrence needs as many sequential steps as a sentence has words, while a convolution reads
all words at once. Here each epoch and each batch has the same number of tokens, whatever the length of the
sentences: the amount of computation is constant, only the number of sequential steps grows. A measurement is one
epoch of training, without dev. All measurements are taken in turn in one process, under the same conditions; the
table shows the median, the minimum and the maximum. A measurement whose CPU seconds are below 0.9 (`share=`) of
its wall seconds was made on a loaded machine: it is discarded and repeated, up to three times as often. The plot
needs matplotlib (the extra `plot`).
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from core import config
from core.data.corpus import Corpus, Ragged
from core.data.interning import close
from core.data.vocab import FIRST, Vocab
from core.model.context import Context
from core.model.runtime import Runtime
from core.neural.model import NeuralModel
from core.neural.trainer import Trainer
from core.runs import components
from core.task import Task

WORDS, CLASSES = 2000, 2
TRIES = 3
DEFAULTS = {
    "encoder": "cnn,rnn,birnn",
    "lengths": "5,10,20,40,80,160,320",
    "tokens": "64000",  # per epoch
    "batch": "320",  # tokens per batch: one of the longest sentences, or 64 of the shortest
    "hidden": "128",
    "repeats": "5",
    "threads": "1",
    "share": "0.9",  # minimum of CPU per wall seconds; 0 accepts a loaded machine
    "out": "docs/length.svg",  # none: no plot
}
SIZES = {
    "cnn": "encoder.channels={0} encoder.widths=[3]",
    "birnn": "encoder.hidden_size={1}",
}  # {1} is half of {0}
LOOKS = {"cnn": ("#0072b2", "o"), "rnn": ("#d55e00", "s"), "birnn": ("#009e73", "^")}
Readings = dict[tuple[str, int], list[float]]


def rows(count: int, length: int, seed: int) -> Corpus:
    """Random sentences of one length, and their classes."""
    random = np.random.default_rng(seed)
    ids = random.integers(FIRST, WORDS, count * length).astype(np.int32)
    tokens: Ragged = close(ids, np.full(count, length))
    labels = close(random.integers(FIRST, FIRST + CLASSES, count).astype(np.int32), np.ones(count, np.int64))
    return Corpus(vocab(WORDS), {"tokens": tokens, "labels": labels}, (), vocab(FIRST + CLASSES))


def vocab(size: int) -> Vocab:
    names = [f"w{i}" for i in range(FIRST, size)]
    return Vocab(["</s>", "<unk>", *names], np.ones(size, dtype=np.int64))


class Silent(Task):
    """Evaluates nothing: dev is not timed."""

    kind, primary = "sequence", "accuracy"

    def metrics(self, predictions: Any, corpus: Corpus) -> dict[str, float]:
        return {"accuracy": 0.0}


class Epochs:
    """Epochs of one encoder on sentences of one length."""

    def __init__(self, encoder: str, length: int, given: dict[str, str]) -> None:
        hidden = int(given["hidden"])
        sizes = SIZES.get(encoder, "encoder.hidden_size={0}").format(hidden, hidden // 2).split()
        count, batch = int(given["tokens"]) // length, max(1, int(given["batch"]) // length)
        arguments = ["task=sentiment", f"encoder={encoder}", *sizes, f"embedding.random.dim={hidden}"]
        run_config = config.expand(
            [*arguments, f"train.batch_size={batch}", "train.epochs=100000", "train.patience=none"]
        )[0]
        train, dev = rows(count, length, 1), rows(1, length, 2)
        runtime = Runtime(seed=1, threads=int(given["threads"]))
        model = components.model(run_config, Silent(), train.vocab, train.labels)
        assert isinstance(model, NeuralModel)
        context = Context(Silent().metrics, "accuracy", runtime=runtime)
        model.fit_embedding(train, dev, context)
        self.trainer = Trainer(model, train, dev, context, **model.design.train)
        self.tokens, self.steps = count * length, len(self.trainer.batches.plan(0))

    def seconds(self) -> tuple[float, float]:
        """Wall seconds of the steps of one more epoch (without dev), and CPU seconds per wall second."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.trainer.run(self.steps)
        share = (time.process_time() - cpu) / (time.perf_counter() - wall)
        return self.tokens / self.trainer.history[-1]["tokens_per_second"], share


def measure(given: dict[str, str]) -> tuple[Readings, int]:
    """The measurements of each encoder and length, and the number of discarded ones."""
    encoders, lengths, repeats = (
        given["encoder"].split(","),
        map(int, given["lengths"].split(",")),
        int(given["repeats"]),
    )
    runs = {(encoder, length): Epochs(encoder, length, given) for length in lengths for encoder in encoders}
    for run in runs.values():
        run.seconds()  # the first epoch also allocates
    readings: Readings = {key: [] for key in runs}
    loaded: Readings = {key: [] for key in runs}
    for _ in range(TRIES * repeats):
        for key, run in runs.items():
            if len(readings[key]) < repeats:
                seconds, share = run.seconds()
                (loaded if share < float(given["share"]) else readings)[key].append(seconds)
    if short := [key for key, found in readings.items() if len(found) < repeats]:
        sys.exit(f"the machine is loaded: no {repeats} good readings of {short}")
    return readings, sum(map(len, loaded.values()))


def table(readings: Readings) -> str:
    """A Markdown table with one row per length: median, minimum and maximum."""
    encoders, lengths = (list(dict.fromkeys(key[i] for key in readings)) for i in (0, 1))
    lines = ["| words per sentence | " + " | ".join(encoders) + " |", "|---:" * (len(encoders) + 1) + "|"]
    for length in lengths:
        found = [readings[encoder, length] for encoder in encoders]
        cells = [f"{statistics.median(f):.2f} ({min(f):.2f} to {max(f):.2f})" for f in found]
        lines.append(f"| {length} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(readings: Readings, given: dict[str, str]) -> None:
    """Plot the medians, with bars from the minimum to the maximum."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "seqlab", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.0), layout="constrained")
    for encoder in dict.fromkeys(encoder for encoder, _ in readings):
        lengths = [length for name, length in readings if name == encoder]
        found = [readings[encoder, length] for length in lengths]
        middle = [statistics.median(f) for f in found]
        bars = [
            [m - min(f) for m, f in zip(middle, found, strict=True)],
            [max(f) - m for m, f in zip(middle, found, strict=True)],
        ]
        colour, marker = LOOKS.get(encoder, (None, "x"))
        axes.errorbar(lengths, middle, bars, color=colour, marker=marker, markersize=5, capsize=2, label=encoder)
    axes.set(xlabel="words per sentence", ylabel="seconds per epoch", xlim=(0, None), ylim=(0, None))
    axes.set_title(
        f"{int(given['tokens']):,} tokens per epoch, {given['batch']} per batch, {given['hidden']} hidden units"
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(frameon=False)
    Path(given["out"]).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(given["out"], metadata={"Date": None, "Creator": None})


def main(arguments: list[str]) -> None:
    given = DEFAULTS | dict(word.split("=", 1) for word in arguments if "=" in word)
    if unknown := [word for word in arguments if word.split("=", 1)[0] not in DEFAULTS or "=" not in word]:
        sys.exit(f"{' '.join(unknown)}: unknown arguments; choose from: {', '.join(f'{k}=' for k in DEFAULTS)}")
    if given["out"] != "none":
        import matplotlib  # noqa: F401 - fails before anything is measured
    readings, thrown = measure(given)
    print(table(readings))
    print(f"\nmedian of {given['repeats']} epochs, {given['threads']} thread; {thrown} measurements discarded")
    if given["out"] != "none":
        plot(readings, given)
        print(f"plotted in {given['out']}")


if __name__ == "__main__":
    main(sys.argv[1:])
