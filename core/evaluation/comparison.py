"""Comparison of two models on the same events: where they differ, and whether one is better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.corpus import Corpus
from core.evaluation.verdicts.column import score_rows
from core.evaluation.verdicts.sentences import sentences
from core.evaluation.verdicts.verdict import verdict
from core.kinds.base import Kind
from core.task import Task
from core.types import Arrays, Bools, Cell, Table


@dataclass(frozen=True, eq=False)
class Pair:
    """Two models and the split that both predicted.

    Args:
        kind: what the task predicts.
        task: the task.
        corpus: the split.
        names: the titles of the two models.
        arrays: the predictions of each.
        scores: the primary metric of each.
    """

    kind: Kind
    task: Task
    corpus: Corpus
    names: Sequence[str]
    arrays: tuple[Arrays, Arrays]
    scores: tuple[float, float]

    def disagreements(self, limit: int) -> Table:
        """The events on which the two differ, the hardest first, at most ``limit`` rows."""
        kind, corpus = self.kind, self.corpus
        events = kind.hardest(self.task, self.arrays, corpus)
        separator = "" if self.task.tokens == "char" else " "
        rows: list[tuple[Cell, ...]] = []
        for event in events[:limit].tolist():
            row, token = kind.place(corpus, event)
            text = kind.context(corpus, row, token, separator)
            rows.append((row + 1, text, *kind.event_cells(self.arrays, corpus, event)))
        title = f"{len(events):,} differences, the first {len(rows):,}: {kind.hardest_first}"
        return Table(title, ("row", "text", *kind.event_header(self.names)), rows)

    def summary(self) -> Table:
        """A contingency table, or for probabilities how often each model gives the higher one."""
        first, second = (self.kind.correct(predictions, self.corpus) for predictions in self.arrays)
        if first is not None and second is not None:
            both, only_a, only_b, neither = contingency_table(first, second)
            rows: list[tuple[Cell, ...]] = [("A right", f"{both:,}", f"{only_a:,}")]
            rows.append(("A wrong", f"{only_b:,}", f"{neither:,}"))
            return Table("", ("", "B right", "B wrong"), rows)
        kind = self.kind
        a, b = (kind.event_scores(self.task, predictions, self.corpus) for predictions in self.arrays)
        gain, events = b - a, kind.count_events(self.task, self.corpus)
        more = int((gain < 0).sum()), int((gain > 0).sum())
        header = ("more from A", "more from B", "the same", f"mean of B - A ({kind.event_score or 'nats'})")
        counts = (f"{n:,}" for n in (*more, events - sum(more)))
        return Table("", header, [(*counts, f"{gain.sum() / events:+.4f}")])

    def verdict(self) -> Table | None:
        """Whether one is better over the rows, in words and numbers; None where that cannot be computed."""
        if not all(map(math.isfinite, self.scores)):
            return None
        runs = dict.fromkeys(self.names, (0,))
        scored = score_rows(self.kind, self.task, [self.corpus] * 2, self.arrays, self.scores, runs)
        if scored is None or len(scored.sums) < 2:
            return None
        found = verdict(scored)
        pair, sign = found.pairs[0], 1 if found.names[0] == self.names[0] else -1
        low, high = sorted((sign * pair.low, sign * pair.high))
        header = ("metric", "A", "B", "A - B", "95 % from", "to", "p")
        row = (self.task.primary, *self.scores, sign * pair.difference, low, high, f"{pair.p:.4g}")
        return Table(" ".join(sentences(found)), header, [row])


def contingency_table(first: Bools, second: Bools) -> tuple[int, int, int, int]:
    """The numbers of events that both have right, only the first, only the second, neither."""
    both, only_first, only_second = (
        int(part.sum()) for part in (first & second, first & ~second, ~first & second)
    )
    return both, only_first, only_second, len(first) - both - only_first - only_second
