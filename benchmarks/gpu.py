"""seqlab on a GPU: python benchmarks/gpu.py [device=cuda] [small=false] [PART...], a part of PARTS below.

Each part takes less than three minutes. It first trains a few steps on the device and on the CPU from the same
weights and compares them; then seqlab and the plain PyTorch loop train in turn on the device, five times each. The
text is synthetic: words by Zipf's law. Kernels per step are counted as core.testing.launches counts them; on a GPU
the profiler counts those that are really launched, and torch raises an error where the host waits. Both sides
compute in fp32 without TF32; seqlab's language model also in bf16. ``device=cpu small=true`` runs a small form.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import usual
from neural import Side, text

from core.data.vocab import FIRST
from core.testing.launches import training_launches

ROUNDS, SECONDS = 5, 120.0  # measurements of each side; no new one starts after so many seconds
STEPS, NEAR = 5, 2e-3  # steps that are compared, and how far weights may differ relative to their change
WITHOUT_DROPOUT = ["encoder.dropout=0", "embedding.dropout=0", "head.dropout=0"]
Work = Callable[[], object]


@dataclass(frozen=True)
class Setting:
    """Where and how large the parts run."""

    device: str
    small: bool
    folder: Path

    @property
    def words(self) -> int:
        """The number of different words."""
        return 50 if self.small else 10_000

    def data(self, name: str) -> str:
        """A data set of this name: ``lm``, ``pos`` or ``sentiment``; written at the first call."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir()
            for split, rows in (("train", 100 if self.small else 20_000), ("valid", 20), ("test", 20)):
                write(folder, split, name, rows, self.words)
        return f"data={folder}"


def write(folder: Path, split: str, name: str, rows: int, words: int) -> None:
    """Write one split: rows of 5 to 40 words; the label of a word or of a row follows from the words."""
    random = np.random.default_rng(len(split) + rows)
    shares = 1 / np.arange(1, words + 1)
    lines = []
    for length in random.integers(5, 41, rows).tolist():
        ids = random.choice(words, length, p=shares / shares.sum()).tolist()
        if name == "pos":
            lines.append("\n".join(f"w{i}\tt{i % 17}" for i in ids) + "\n")
        else:
            lines.append(" ".join(f"w{i}" for i in ids) + (f"\tl{sum(ids) % 2}" if name == "sentiment" else ""))
    head = ["text\tlabel"] if name == "sentiment" else []
    ending = {"lm": "txt", "pos": "conll", "sentiment": "tsv"}[name]
    (folder / f"{split}.{ending}").write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


def wait(device: str) -> None:
    if device != "cpu":
        torch.cuda.synchronize()


def measured(work: Work, tokens: int, device: str) -> float:
    """Tokens per second."""
    wait(device)
    start = time.perf_counter()
    work()
    wait(device)
    return tokens / (time.perf_counter() - start)


def show(what: str, speeds: list[float], more: str = "") -> None:
    """One row of the table: median, lowest and highest."""
    numbers = f"{statistics.median(speeds):12,.0f} {min(speeds):12,.0f} {max(speeds):12,.0f}"
    print(f"{what:34} {numbers}  {more}", flush=True)


def compare(what: str, plain: Work, ours: Work, tokens: int, setting: Setting, more: str) -> None:
    """Time both in turn and print a row for each."""
    sides, speeds, start = {"plain PyTorch": plain, "seqlab": ours}, dict[str, list[float]](), time.perf_counter()
    for work in sides.values():
        work()  # warm
    for _ in range(2 if setting.small else ROUNDS):
        for name, work in sides.items():
            speeds.setdefault(name, []).append(measured(work, tokens, setting.device))
        if time.perf_counter() - start > SECONDS:
            break
    ratio = statistics.median(speeds["seqlab"]) / statistics.median(speeds["plain PyTorch"])
    show(f"{what}, plain PyTorch", speeds["plain PyTorch"])
    show(f"{what}, seqlab", speeds["seqlab"], f"{ratio:6.2f}  {more}")


def same_as_on_cpu(arguments: list[str], setting: Setting) -> str:
    """Train a few steps on both; raises SystemExit where the weights differ."""
    sides = [Side(*arguments, *WITHOUT_DROPOUT, device=device) for device in ("cpu", setting.device)]
    before = [weight.detach().cpu().clone() for weight in sides[0].trainer.weights]
    for side in sides:
        torch.manual_seed(1)
        side.steps(STEPS)
    moved = changed = 0.0
    for first, *pair in zip(before, *(side.trainer.weights for side in sides), strict=True):
        one, other = (weight.detach().cpu() for weight in pair)
        moved = max(moved, float((one - first).abs().max()))
        changed = max(changed, float((one - other).abs().max()))
    if not moved or changed > NEAR * moved:
        raise SystemExit(f"{setting.device} and cpu differ: by {changed:.2e}, where weights moved by {moved:.2e}")
    return f"as on cpu to {changed / moved:.0e}"


def kernels(arguments: list[str]) -> int:
    """Kernels per step, counted without a GPU."""
    side = Side(*arguments)
    return training_launches(side.model, side.train, side.dev, side.trainer.context).kernels.total()


@contextmanager
def waits_are_errors(device: str) -> Iterator[None]:
    if device != "cpu":
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        if device != "cpu":
            torch.cuda.set_sync_debug_mode("default")


def on_the_device(side: Side, setting: Setting) -> str:
    """Kernels launched per step, on a GPU; a step at which the host waits is an error."""
    if setting.device == "cpu":
        return "not on a GPU"
    side.steps(STEPS)
    side.trainer.read_losses()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        with waits_are_errors(setting.device):
            side.steps(STEPS)
        wait(setting.device)
    found = [event for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]
    peak = torch.cuda.max_memory_allocated() / 1e6
    return f"{len(found) / STEPS:.0f} kernels and copies launched per step, no wait, peak {peak:,.0f} MB"


def facts(arguments: list[str], side: Side, setting: Setting) -> str:
    found = same_as_on_cpu(arguments, setting), f"{kernels(arguments)} counted", on_the_device(side, setting)
    return ", ".join(found)


def lm(setting: Setting, size: int, streams: tuple[int, int]) -> None:
    """A language model of two LSTM layers with plain SGD."""
    for batch in streams[:1] if setting.small else streams:
        width = 20 if setting.small else size
        options = ["task=lm", "encoder=lstm", "encoder.num_layers=2", f"encoder.hidden_size={width}"]
        options += [f"embedding.dim={width}", f"train.batch_size={batch}", "train.bptt=35"]
        options.append(setting.data("lm"))
        steps, tokens = (3 if setting.small else 60), 35 * batch
        for precision in ("fp32",) if setting.device == "cpu" else ("fp32", "bf16"):
            ours = Side(*options, "encoder.dropout=0.2", precision=precision, device=setting.device)
            model = usual.LanguageModel(ours.vocab.size, width).to(setting.device)
            ids = text(ours.train).to(setting.device)
            stream = usual.Stream(model, ids, batch, 35, 20.0, 0.25)
            what, more = f"LSTM LM 2x{width}, {batch}, {precision}", facts(options, ours, setting)
            plain, own = partial(stream.steps, steps), partial(ours.steps, steps)
            compare(what, plain, own, tokens * steps, setting, more)


def lm_200(setting: Setting) -> None:
    lm(setting, 200, (20, 64))


def lm_650(setting: Setting) -> None:
    lm(setting, 650, (24, 128))


def rows(what: str, options: list[str], plain: Callable[[Side], torch.nn.Module], setting: Setting) -> None:
    """An epoch of rows with AdamW, against Adam."""
    ours = Side(*options, device=setting.device)
    size = ours.trainer.batches.batch_size  # type: ignore[attr-defined] # they are rows
    model, examples = plain(ours).to(setting.device), ours.rows(ours.train)
    adam, tokens = torch.optim.Adam(model.parameters()), sum(len(ids) for ids, _ in examples)
    train, step = lambda: usual.train_rows(model, examples, size, adam), lambda: ours.steps(ours.epoch_steps)
    compare(what, train, step, tokens, setting, facts(options, ours, setting))


def tagger(setting: Setting) -> None:
    options = ["task=pos", "encoder=bilstm", setting.data("pos"), "train.batch_size=64"]
    for embedding in ("random", "random+affix+char"):
        rows(f"BiLSTM, {embedding}", [*options, f"embedding={embedding}"], plain_tagger, setting)


def plain_tagger(ours: Side) -> torch.nn.Module:
    return usual.Tagger(ours.vocab.size, ours.labels.size - FIRST, False)


def textcnn(setting: Setting) -> None:
    dim = 30 if setting.small else 300
    options = ["task=sentiment", "encoder=cnn", "embedding=random", f"embedding.dim={dim}", "train.batch_size=64"]
    options.append(setting.data("sentiment"))
    rows("TextCNN", options, lambda ours: usual.TextCNN(ours.vocab.size, ours.labels.size - FIRST, dim), setting)


def word2vec(setting: Setting) -> None:
    """The engine of the GPU (engine=gpu) against the kernels of the CPU on one thread."""
    from plugins.embeddings.word2vec import text as texts
    from plugins.embeddings.word2vec.gpu import train_on
    from plugins.embeddings.word2vec.settings import Settings
    from plugins.embeddings.word2vec.train import train
    from plugins.embeddings.word2vec.vocabulary import choose_words

    read = texts.of_path(setting.data("lm").removeprefix("data="), 1)
    settings = Settings(epochs=1, sample=1e-3)
    chosen = choose_words(read, settings.min_count, None)
    train(read, chosen, settings)  # compiles the kernels
    speeds: dict[str, list[float]] = {}
    for _ in range(1 if setting.small else 3):
        for name, work in (
            ("CPU kernels", lambda: train(read, chosen, settings)),
            (f"torch on {setting.device}", lambda: train_on(setting.device, read, chosen, settings)),
        ):
            speeds.setdefault(name, []).append(measured(work, len(read.values), setting.device))
    for name, found in speeds.items():
        show(f"word2vec, {name}", found)


PARTS = {"lm-200": lm_200, "lm-650": lm_650, "tagger": tagger, "textcnn": textcnn, "word2vec": word2vec}


def main(arguments: list[str]) -> None:
    given = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    names = [argument for argument in arguments if "=" not in argument] or list(PARTS)
    device, small = given.pop("device", "cuda"), given.pop("small", "false") == "true"
    if given or set(names) - set(PARTS):
        raise SystemExit(f"usage: gpu.py [device=cuda] [small=true] [{'|'.join(PARTS)}...]")
    if device != "cpu" and not torch.cuda.is_available():
        raise SystemExit("there is no GPU; device=cpu small=true runs the same in a small form")
    card = torch.cuda.get_device_name(device) if device != "cpu" else "CPU, in a small form" if small else "CPU"
    print(f"torch {torch.__version__}, {card}; tokens per second: median, lowest and highest; ratio", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            PARTS[name](Setting(device, small, Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
