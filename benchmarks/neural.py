"""seqlab's training and tagging compared with the usual PyTorch loops: python benchmarks/neural.py DATA [PAIR...]

DATA is a folder that contains ud-en-ewt, sst2-sentences and ptb. Both sides of a pair run in turn in one process
and one thread, under the same conditions; the ratios are those of the medians of wall and of CPU seconds. The
latter is also valid on a loaded machine.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as core sets them, before torch loads

import statistics  # noqa: E402 - as above
import sys  # noqa: E402 - as above
import time  # noqa: E402 - as above
from collections.abc import Callable, Iterator  # noqa: E402 - as above

import torch  # noqa: E402 - as above
import usual  # noqa: E402 - as above

from core import config
from core.data.corpus import Corpus  # noqa: E402 - as above
from core.data.options import DataOptions  # noqa: E402 - as above
from core.data.prepare import prepare  # noqa: E402 - as above
from core.data.vocab import FIRST  # noqa: E402 - as above
from core.model.context import Context  # noqa: E402 - as above
from core.model.runtime import Runtime  # noqa: E402 - as above
from core.neural.model import NeuralModel  # noqa: E402 - as above
from core.neural.trainer import Trainer  # noqa: E402 - as above
from core.runs import components  # noqa: E402 - as above

ROUNDS, STEPS = 5, 10  # measurements, and steps of training in each
Work = Callable[[], object]
Pair = tuple[str, Work, Work, float]  # name, usual, seqlab, target ratio


class Side:
    """seqlab's side of a pair.

    Args:
        arguments: of the command line.
        threads: CPU threads.
        precision: ``fp32`` or ``bf16``.
        device: the device.
    """

    def __init__(self, *arguments: str, threads: int = 1, precision: str = "fp32", device: str = "cpu") -> None:
        self.config = config.expand(list(arguments))[0]
        task = components.task(self.config)
        data = prepare(
            components.source(self.config),
            self.config.kind.token_spec(task),
            DataOptions(**self.config.data_options),
        )
        self.train, self.dev = data.splits["train"], data.splits["dev"]
        self.vocab, self.labels = data.vocab, data.labels
        model = components.model(self.config, task, data.vocab, data.labels)
        assert isinstance(model, NeuralModel)
        self.model = model
        runtime = Runtime(seed=1, device=device, precision=precision, threads=threads)
        context = Context(task.metrics, task.primary, task.minimize, runtime)
        model.fit_embedding(self.train, self.dev, context)
        model.network.head.prepare(torch.from_numpy(model.kind.examples(self.train).answers))
        self.trainer = Trainer(model, self.train, self.dev, context, **model.design.train)
        self.epoch_steps = len(self.trainer.batches.plan(0))

    def steps(self, count: int) -> None:
        """Train for some steps, without dev."""
        trainer = self.trainer
        for _ in range(count):
            progress = trainer.progress
            plan = trainer.batches.plan(progress.epoch) if progress.batch == 0 else self.plan
            self.plan = plan
            trainer.step(trainer.batches.collate(plan[progress.batch]))
            if progress.batch >= len(plan):
                progress.next_epoch(len(plan))
                trainer.carry = None

    def rows(self, corpus: Corpus) -> usual.Rows:
        """A split as rows for the usual loop: closed ids, labels from 0."""
        examples = self.model.kind.examples(corpus)
        ids = torch.from_numpy(corpus.closed.values.astype("int64"))
        gold = torch.from_numpy(examples.answers)
        spans = zip(examples.starts.tolist(), examples.lengths.tolist(), strict=True)
        if examples.per_row:
            return [(ids[at : at + size], gold[row]) for row, (at, size) in enumerate(spans) if size]
        return [(ids[at : at + size], gold[at : at + size]) for at, size in spans if size]


def tagger(data: str) -> Iterator[Pair]:
    arguments = ["task=pos", "encoder=bilstm", "embedding=random", f"data={data}/ud-en-ewt", "train.batch_size=32"]
    ours = Side(*arguments)
    rows, dev, labels = ours.rows(ours.train), ours.rows(ours.dev), ours.labels.size - FIRST
    for name, packed, goal in (("padded", False, 2.8), ("packed", True, 4.0)):
        theirs = usual.RowTraining(usual.Tagger(ours.vocab.size, labels, packed), rows, 32)
        yield f"tagger, training, {name}", lambda t=theirs: t.steps(STEPS), lambda: ours.steps(STEPS), goal
    theirs = usual.Tagger(ours.vocab.size, labels, False)
    yield "tagger, tagging", lambda: usual.predict_rows(theirs, dev, 32), lambda: ours.model.predict(ours.dev), 3.0


def textcnn(data: str) -> Iterator[Pair]:
    options = ["encoder.widths=[2,3,4]", "encoder.channels=100", "embedding.dim=300", "train.batch_size=64"]
    arguments = ["task=sentiment", "encoder=cnn", "embedding=random", f"data={data}/sst2-sentences", *options]
    for peer, precision, goal in (("fp32", "fp32", 2.2), ("fp32", "bf16", 2.8), ("autocast", "bf16", 2.0)):
        ours = Side(*arguments, precision=precision)
        model = usual.TextCNN(ours.vocab.size, ours.labels.size - FIRST)
        theirs = usual.RowTraining(model, ours.rows(ours.train), 64)
        yield f"TextCNN, {precision}, {peer}", under(peer, theirs), lambda o=ours: o.steps(STEPS), goal


def under(peer: str, theirs: usual.RowTraining | usual.Stream) -> Work:
    """The usual loop as it is, or under autocast."""

    def work() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=peer == "autocast"):
            theirs.steps(STEPS)

    return work


LM = ["task=lm", "encoder=lstm", "encoder.num_layers=2", "encoder.hidden_size=200", "embedding.dim=200"]
LM += ["train.batch_size=20", "train.bptt=35", "train.schedule=constant"]
BPTT, STREAMS, RATE, CLIP = 35, 20, 20.0, 0.25


def language_model(data: str) -> Iterator[Pair]:
    for peer, precision, goal in (("fp32", "fp32", 1.1), ("fp32", "bf16", 2.8), ("autocast", "bf16", 1.5)):
        ours = Side(*LM, "encoder.dropout=0.2", f"data={data}/ptb", precision=precision)
        theirs = usual.LanguageModel(ours.vocab.size)
        stream = usual.Stream(theirs, text(ours.train), STREAMS, BPTT, RATE, CLIP)
        yield f"LSTM LM, {precision}, {peer}", under(peer, stream), lambda o=ours: o.steps(STEPS), goal


def text(corpus: Corpus) -> torch.Tensor:
    """A split as one running text that starts with END."""
    return torch.cat([torch.zeros(1, dtype=torch.int64), torch.from_numpy(corpus.closed.values.astype("int64"))])


def perplexities(data: str, epochs: int = 1) -> None:
    """The result of training: both loops from the same weights, without dropout, on the same batches."""
    still = ["encoder.dropout=0", "embedding.dropout=0", "head.dropout=0", f"data={data}/ptb"]
    found = {}
    for precision in ("usual fp32", "fp32", "bf16"):
        ours = Side(*LM, *still, precision=precision.split()[-1])
        theirs = usual.LanguageModel(ours.vocab.size, dropout=0.0)
        copy_weights(ours, theirs)
        if precision == "usual fp32":
            stream = usual.Stream(theirs, text(ours.train), STREAMS, BPTT, RATE, CLIP)
            stream.steps(epochs * -(-len(stream.inputs) // BPTT))
        else:
            ours.steps(epochs * ours.epoch_steps)
            copy_weights(ours, theirs)
        found[precision] = usual.perplexity(theirs, text(ours.dev))
        ratio = found[precision] / found["usual fp32"]
        print(
            f"dev perplexity after {epochs} epoch, {precision:10}  {found[precision]:8.2f}  {ratio:.4f}",
            flush=True,
        )


def copy_weights(ours: Side, theirs: usual.LanguageModel) -> None:
    """Copy the weights of seqlab's model to the usual one."""
    network = ours.model.network
    state = {"embedding.weight": network.embedding.weight, "linear.weight": network.head.weight}
    state["linear.bias"] = network.head.bias
    for number, layer in enumerate(network.encoder.layers):
        for name, weight in layer[0].named_parameters():
            state[f"lstm.{name.replace('l0', f'l{number}')}"] = weight
    theirs.load_state_dict({name: weight.detach().clone() for name, weight in state.items()})


def reading(work: Work) -> tuple[float, float]:
    """Wall seconds and CPU seconds."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def compare(pair: Pair) -> None:
    """Time both sides in turn and print one row."""
    what, *sides, goal = pair
    for work in sides:
        work()  # warm
    readings: list[list[tuple[float, float]]] = [[], []]
    for _ in range(ROUNDS):
        for found, work in zip(readings, sides, strict=True):
            found.append(reading(work))
    (wall, cpu), (our_wall, our_cpu) = (
        [statistics.median(part) for part in zip(*found, strict=True)] for found in readings
    )
    verdict = "reached" if cpu / our_cpu >= goal else "missed"
    numbers = f"{wall:8.2f} {our_wall:8.2f} {wall / our_wall:6.2f} {cpu:8.2f} {our_cpu:8.2f} {cpu / our_cpu:6.2f}"
    print(f"{what:28} {numbers} {goal:6.2f}  {verdict}", flush=True)


PAIRS = {"tagger": tagger, "textcnn": textcnn, "lm": language_model}


def main(data: str, names: list[str]) -> None:
    print(f"torch {torch.__version__}, one thread, median of {ROUNDS}: wall seconds, ratio, CPU seconds, ratio")
    print(
        f"{'pair':28} {'usual':>8} {'seqlab':>8} {'ratio':>6} {'usual':>8} {'seqlab':>8} {'ratio':>6} {'goal':>6}"
    )
    torch.set_num_threads(1)
    for name in names or PAIRS:
        if name == "perplexity":
            continue
        for pair in PAIRS[name](data):
            compare(pair)
    if not names or "perplexity" in names:
        perplexities(data)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
