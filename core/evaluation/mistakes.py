"""The mistakes of one model: which answers it confuses, and the events that are hardest for it."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.errors import ConfigError, UnknownName, nearest
from core.kinds.base import Kind
from core.task import Task
from core.types import Arrays, Cell, Float64s, Int64s, Table

PER_PAIR = 3  # examples of each pair, unless the user says how many
Names = tuple[str, str]  # the right answer and the predicted one


@dataclass(frozen=True, eq=False)
class Mistakes:
    """A model and the split that it predicted.

    Args:
        kind: what the task predicts.
        task: the task.
        corpus: the split.
        name: what the titles call the model and the split.
        predictions: those of the model.
    """

    kind: Kind
    task: Task
    corpus: Corpus
    name: str
    predictions: Arrays

    def tables(self, limit: int, rows: int | None, pair: str | None = None) -> list[Table]:
        """A summary, the pairs and their examples; where events are not right or wrong, the hardest events.

        Args:
            limit: how many pairs are shown, or without pairs how many events.
            rows: how many examples per pair; None is ``PER_PAIR``, and ``limit`` where one pair is asked for.
            pair: ``RIGHT:PREDICTED``, the only pair that is shown; an empty side is any answer.

        Raises:
            ConfigError: the pair is not one of two answers, or there are no pairs.
        """
        if self.kind.correct(self.predictions, self.corpus) is None:
            if pair is not None:
                what = f"an event of kind {self.kind.name} is not right or wrong, so there are no pairs of answers"
                raise ConfigError(what, where="pair", remedy="leave it out")
            if self.kind.event_score:
                return [self._means(), self._lowest(rows or limit)]
            return [self._losses(), self._hardest(rows or limit)]
        chosen = self._chosen(pair)
        shown = dict(sorted(chosen.items(), key=lambda item: -len(item[1]))[:limit])
        examples = rows or (limit if pair else PER_PAIR)
        return [self._summary(), self._pairs(shown, len(chosen)), self._examples(shown, examples)]

    @cached_property
    def losses(self) -> Float64s | None:
        """Minus the log-probability of each right answer; None without probabilities."""
        return self.kind.losses(self.task, self.predictions, self.corpus)

    @cached_property
    def unknown(self) -> Float64s | None:
        """The share of unknown words of each event."""
        return self.kind.unknown_share(self.corpus)

    @cached_property
    def by_pair(self) -> dict[Names, Int64s]:
        """The mistakes of each pair of answers, those with the largest loss first."""
        correct = self.kind.correct(self.predictions, self.corpus)
        assert correct is not None
        events = np.flatnonzero(~correct)
        if self.losses is not None:
            events = events[np.argsort(-self.losses[events], kind="stable")]
        pairs: dict[Names, list[int]] = defaultdict(list)
        names = self.kind.confused(self.predictions, self.corpus, events)
        for event, pair in zip(events.tolist(), names, strict=True):
            pairs[pair].append(event)
        return {pair: np.array(numbers, dtype=np.int64) for pair, numbers in sorted(pairs.items())}

    def _chosen(self, pair: str | None) -> dict[Names, Int64s]:
        """The pairs that ``pair=`` names; UnknownName where it names none."""
        if pair is None:
            return self.by_pair
        known = {*self.corpus.label_names[FIRST:], *(name for names in self.by_pair for name in names)}
        ways = [(pair[:i], pair[i + 1 :]) for i, letter in enumerate(pair) if letter == ":"]
        found = [way for way in ways if all(not side or side in known for side in way)]
        if not ways:
            raise ConfigError(f"'{pair}' is not a pair", where="pair", remedy="write pair=RIGHT:PREDICTED")
        if not found:
            wrong = next(side for side in ways[0] if side and side not in known)
            raise UnknownName(f"there is no answer '{wrong}'", where="pair", remedy=nearest(wrong, known))
        return {
            names: events
            for names, events in self.by_pair.items()
            if any(right in ("", names[0]) and predicted in ("", names[1]) for right, predicted in found)
        }

    def _summary(self) -> Table:
        """How many mistakes there are, and how many of the words in them are unknown."""
        wrong = [event for events in self.by_pair.values() for event in events.tolist()]
        events = self.kind.count_events(self.task, self.corpus)
        header: list[str] = ["events", "mistakes", "% wrong"]
        cells: list[Cell] = [events, len(wrong), _percent(len(wrong), events)]
        if self.unknown is not None:
            header += ["% unknown words", "% unknown in mistakes"]
            cells += [_percent(share.sum(), len(share)) for share in (self.unknown, self.unknown[wrong])]
        return Table(self.name, tuple(header), [tuple(cells)])

    def _pairs(self, shown: dict[Names, Int64s], of: int) -> Table:
        """How often each pair is confused, the most frequent first."""
        wrong = sum(map(len, self.by_pair.values()))
        rows: list[tuple[Cell, ...]] = []
        for names, events in shown.items():
            unknown = () if self.unknown is None else (_percent(self.unknown[events].sum(), len(events)),)
            rows.append((*names, len(events), _percent(len(events), wrong), *unknown))
        header = ("right", "predicted", "mistakes", "% of mistakes")
        title = f"{len(shown):,} of {of:,} pairs, the most frequent first"
        return Table(title, header if self.unknown is None else (*header, "% unknown words"), rows)

    def _examples(self, shown: dict[Names, Int64s], rows: int) -> Table:
        """The hardest mistakes of each pair, in context."""
        order = "the hardest first" if self.losses is not None else "no probabilities, so in the order of the data"
        cells = [(*names, *self._cells(event)) for names in shown for event in shown[names][:rows].tolist()]
        return Table(f"examples of each pair: {order}", ("right", "predicted", *self._header()), cells)

    def _losses(self) -> Table:
        """The mean loss, and how much of the loss is on unknown words."""
        losses = -self._scores
        events, total = self.kind.count_events(self.task, self.corpus), losses.sum()
        header = ["events", f"mean {self.kind.loss_name}"]
        cells: list[Cell] = [events, float(total / max(1, events))]
        if self.unknown is not None:
            header += ["% unknown words", "% of the loss on them"]
            cells += [_percent(self.unknown.sum(), events), _percent(losses[self.unknown > 0].sum(), total)]
        return Table(self.name, tuple(header), [tuple(cells)])

    def _hardest(self, limit: int) -> Table:
        """The events with the largest loss."""
        order = np.argsort(self._scores, kind="stable")[:limit]
        return Table("the largest losses first", self._header(), [self._cells(e) for e in order.tolist()])

    def _means(self) -> Table:
        """The mean score, and how many of the words are unknown."""
        header: tuple[str, ...] = ("events", f"mean {self.kind.event_score}")
        cells: tuple[Cell, ...] = (
            len(self._scores),
            float(self._scores.mean()) if len(self._scores) else math.nan,
        )
        if self.unknown is not None:
            header, cells = (*header, "% unknown words"), (*cells, _percent(self.unknown.sum(), len(self.unknown)))
        return Table(self.name, header, [cells])

    def _lowest(self, limit: int) -> Table:
        """The events with the lowest scores, with what is right and what is predicted."""
        kind, rows = self.kind, list[tuple[Cell, ...]]()
        for event in np.argsort(self._scores, kind="stable")[:limit].tolist():
            row, token = kind.place(self.corpus, event)
            text = kind.context(self.corpus, row, token, "" if self.task.tokens == "char" else " ")
            pair = kind.event_cells([self.predictions], self.corpus, event)
            rows.append((row + 1, text, float(self._scores[event]), *pair))
        header = ("row", "text", kind.event_score, *kind.event_header(["predicted"]))
        return Table(f"the lowest {kind.event_score} first", header, rows)

    @cached_property
    def _scores(self) -> Float64s:
        return self.kind.event_scores(self.task, self.predictions, self.corpus)

    def _header(self) -> tuple[str, ...]:
        return ("row", "text") if self.losses is None else ("row", "text", *self.kind.loss_header())

    def _cells(self, event: int) -> tuple[Cell, ...]:
        """Where an event is, and how likely its right answer was."""
        row, token = self.kind.place(self.corpus, event)
        text = self.kind.context(self.corpus, row, token, "" if self.task.tokens == "char" else " ")
        if self.losses is None:
            return row + 1, text
        return (
            row + 1,
            text,
            *self.kind.loss_cells(self.predictions, self.corpus, event, float(self.losses[event])),
        )


def _percent(part: float, whole: float) -> float:
    return float(100 * part / whole) if whole and math.isfinite(whole) else math.nan
