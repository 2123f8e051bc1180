"""``errors runs=A,B``: where two saved runs differ, side by side with the correct answer, hardest first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.console import console
from core.cli.shared_keys import PluginCommand
from core.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from core.evaluation.comparison import Pair
    from core.types import Arrays

AROUND = 6  # words shown on each side of the word in question
HARDEST = {
    "token": "both wrong first, then the rarest correct labels",
    "sequence": "both wrong first, then where the wrong one was surest",
    "next": "by the difference of the two log-probabilities",
}


class Errors(PluginCommand):
    """Print the events on which two saved runs differ, and how the runs compare overall.

    Args:
        runs: two saved runs, A,B (see `seqlab runs`; folder= says where they are).
        split: the split whose predictions are compared.
        limit: how many differences are shown.
        folder: the folder of the saved runs.
    """

    def __init__(
        self,
        *,
        runs: tuple[str, ...],
        split: Literal["test", "dev"] = "test",
        limit: Annotated[int, Ge(1)] = 20,
        folder: str = "runs",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if len(runs) != 2:
            remedy = "name them: runs=A,B (see `seqlab runs`)"
            raise ConfigError(f"it takes two runs, not {len(runs)}", where="runs", remedy=remedy)
        self.runs, self.split, self.limit, self.folder = runs, split, limit, folder

    def execute(self) -> None:
        """Print both tables."""
        from core.evaluation.comparison import read_pair

        pair = read_pair(Path(self.folder), self.runs, self.split, self.plugins)
        console().print(_events(pair, self.split, self.limit))
        console().print(_summary(pair))


def _titles(pair: Pair) -> list[str]:
    return [f"{letter} {run.encoder} {run.id}" for letter, run in zip("AB", pair.runs, strict=True)]


def _events(pair: Pair, split: str, limit: int) -> Table:
    """The hardest events, one row each; ``x`` marks a wrong answer."""
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
        table.add_row(*(Text(cell) for cell in _cells(pair, event)))  # Text: brackets in it are not markup
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
    """The row, or the words around the one in question, which is put in brackets."""
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
    """The contingency table with McNemar's p; for kind ``next``, which run gives more probability how often."""
    from rich.table import Table

    from core.evaluation.comparison import four_cells, mcnemar

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
