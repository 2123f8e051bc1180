"""``errors runs=A,B``: where two kept runs disagree, side by side with the truth, hardest first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.common import console, named_runs, refuse, take
from core.config.options import Option
from core.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from core.evaluation.comparison import Pair
    from core.types import Arrays

KEYS = ("runs", "split", "limit", "folder", "plugin")
AROUND = 6  # words shown on each side of the one in question
HARDEST = {
    "token": "both wrong first, then the rarest right labels",
    "sequence": "both wrong first, then where the wrong one was surest",
    "next": "by the difference of the two log-probabilities",
}


def verb(words: list[str]) -> None:
    """Print the events on which two runs differ (``limit=20`` of ``split=test``), and how they compare overall."""
    from core.evaluation.comparison import read_pair

    taken, rest = take(words, *KEYS)
    refuse(rest, "errors", KEYS)
    names = named_runs(taken)
    if len(names) != 2:
        remedy = "name them: runs=A,B (see `seqlab runs`; folder= says where they are)"
        raise ConfigError(f"it takes two runs, not {len(names)}", where="errors", remedy=remedy)
    split = _checked("split", Literal["test", "dev"], taken.get("split", "test"))
    limit = _checked("limit", Annotated[int, Ge(1)], taken.get("limit", "20"))
    plugins = [name for name in taken.get("plugin", "").split(",") if name]
    pair = read_pair(Path(taken.get("folder", "runs")), names, split, plugins)
    console().print(_events(pair, split, limit))
    console().print(_summary(pair))


def _checked(name: str, annotation: Any, text: str) -> Any:
    return Option(name, annotation, None, "", "errors").check(text, f"errors.{name}")


def _titles(pair: Pair) -> list[str]:
    return [f"{letter} {run.encoder} {run.id}" for letter, run in zip("AB", pair.runs, strict=True)]


def _events(pair: Pair, split: str, limit: int) -> Table:
    """The hardest events, a row each; ``x`` marks a wrong answer."""
    from rich.table import Table
    from rich.text import Text

    kind, events = pair.task.kind, pair.hardest()
    title = f"{len(events):,} differences on {split}, the first {min(limit, len(events)):,}: {HARDEST[kind]}"
    table = Table(title=title, title_justify="left", title_style="")
    table.add_column("row", justify="right")
    table.add_column("text", overflow="fold")
    figures = kind == "next"
    for heading in [*([] if figures else ["right"]), *_titles(pair), *(["B - A"] if figures else [])]:
        table.add_column(heading, justify="right" if figures else "left", overflow="fold")
    for event in events[:limit].tolist():
        table.add_row(*(Text(cell) for cell in _cells(pair, event)))  # Text: brackets in it are no markup
    return table


def _cells(pair: Pair, event: int) -> Iterator[str]:
    from core.evaluation.comparison import place

    row, token = place(pair.corpus, pair.task.kind, event)
    yield str(row + 1)
    yield _text(pair, row, token)
    if pair.task.kind == "next":
        yield from (f"{arrays['log_prob'][event]:.3f}" for arrays in pair.arrays)
        yield f"{pair.gain[event]:+.3f}"
        return
    gold = int(pair.gold[event])
    yield _label(pair, gold)
    for arrays in pair.arrays:
        yield _answer(pair, arrays, event) + ("" if arrays["label"][event] == gold else " x")


def _text(pair: Pair, row: int, token: int) -> str:
    """The row, or the words round the one in question, which stands in brackets."""
    ids, blank = pair.corpus.tokens[row], "" if pair.task.tokens == "char" else " "
    if pair.task.kind == "sequence":
        return blank.join(pair.corpus.spell(ids[:-1]))
    after = 0 if pair.task.kind == "next" else AROUND
    first, shown = max(0, token - AROUND), ids if pair.task.kind == "next" else ids[:-1]
    words = pair.corpus.spell(shown[first : token + 1 + after])
    words[token - first] = f"[{words[token - first]}]"
    return blank.join(words)


def _answer(pair: Pair, arrays: Arrays, event: int) -> str:
    import math

    from core.data.vocab import FIRST

    label = int(arrays["label"][event])
    if "log_probs" not in arrays:
        return _label(pair, label)
    return f"{_label(pair, label)} {math.exp(arrays['log_probs'][event, label - FIRST]):.3f}"


def _label(pair: Pair, label: int) -> str:
    words = [*(pair.corpus.labels.words if pair.corpus.labels else ()), *pair.corpus.label_words]
    return words[label]


def _summary(pair: Pair) -> Table:
    """The four cells with McNemar's p; for kind ``next``, where nothing is right or wrong, who gives more."""
    from rich.table import Table

    from core.evaluation.comparison import four_cells
    from core.evaluation.significance import mcnemar

    if pair.task.kind == "next":
        gain = pair.gain
        table = Table("more from A", "more from B", "the same", "mean of B - A (nats)")
        events = len(gain) if pair.task.end else int(pair.corpus.tokens.inner.sum())
        more = int((gain < 0).sum()), int((gain > 0).sum())
        table.add_row(*(f"{n:,}" for n in (*more, events - sum(more))), f"{gain.sum() / events:+.4f}")
        return table
    both, only_a, only_b, neither = four_cells(pair.right)
    table = Table("", "B right", "B wrong")
    table.add_row("A right", f"{both:,}", f"{only_a:,}")
    table.add_row("A wrong", f"{only_b:,}", f"{neither:,}")
    table.caption = f"McNemar's exact p = {mcnemar(only_a, only_b):.4g}"
    return table
