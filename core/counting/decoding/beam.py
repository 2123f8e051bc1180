"""Stack decoding of many rows at once (Koehn, 2010, chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba.typed import List

from core.counting.alignment.phrase_table import PhraseTable
from core.counting.base import CountModel
from core.counting.decoding.continuations import score_continuations
from core.counting.decoding.futures import future_scores
from core.counting.decoding.hypotheses import (
    WINDOW,
    Hypotheses,
    Moves,
    append_words,
    best,
    empty,
    extend,
    join,
    most_promising,
    select,
    trace,
    widen,
)
from core.counting.decoding.options import expected_scores, find_options, target_words
from core.data.corpus import Ragged
from core.types import Bools, Float64s, Int32s, Int64s

BATCH = 4096  # source words that are translated together


@dataclass(frozen=True)
class Weights:
    """What the parts of the score count: log-linear weights, that of the channel being 1.

    Args:
        language: of the language model.
        word: added per target word, against short translations.
        phrase: added per phrase, against many short ones.
        jump: taken off per source word that is jumped over.
    """

    language: float = 1.0
    word: float = 0.0
    phrase: float = 0.0
    jump: float = 0.0


@dataclass(frozen=True)
class Limits:
    """How much is searched.

    Args:
        beam: hypotheses kept per row and number of covered words.
        moves: extensions per row, number of covered words and length of a phrase, that the language model scores.
        distortion: how far ahead of the first uncovered word a phrase may begin; 0: the order of the source.
    """

    beam: int = 20
    moves: int = 50
    distortion: int = 5


@dataclass(frozen=True, eq=False)
class Derivations:
    """The best translation of each row as a sequence of phrases.

    Args:
        offsets: int64 (R + 1,), where the phrases of each row begin.
        starts: int64 (N,), the first source word of each.
        lengths: int64 (N,), its source words.
        entries: int64 (N,), of the phrase table, or ``COPY``.
        scores: float64 (R,), of each row.
    """

    offsets: Int64s
    starts: Int64s
    lengths: Int64s
    entries: Int64s
    scores: Float64s


@dataclass
class Decoder:
    """Finds translations of the best score: channel, language model, lengths and jumps, weighted.

    Args:
        table: the channel.
        model: the language model over target words.
        weights: of the parts of the score.
        limits: of the search.
    """

    table: PhraseTable
    model: CountModel
    weights: Weights = field(default_factory=Weights)
    limits: Limits = field(default_factory=Limits)

    def translate(self, rows: Ragged) -> Derivations:
        """The best translation found of each row.

        Args:
            rows: closed ids of the source language, each row ending in END.
        """
        order = np.argsort(rows.lengths, kind="stable")
        sizes = np.cumsum(rows.lengths[order])
        groups = np.split(order, np.flatnonzero(np.diff(sizes // BATCH)) + 1) if len(order) else []
        parts = [_Search(self, rows.select(group)).run() for group in groups]
        return _in_order(parts, order)


class _Search:
    """The translation of some rows."""

    def __init__(self, decoder: Decoder, rows: Ragged) -> None:
        self.decoder, self.words = decoder, rows.lengths - 1
        self.model, self.weights, self.limits = decoder.model, decoder.weights, decoder.limits
        self.options = find_options(rows, decoder.table)
        self.targets, self.bounds = target_words(decoder.table)
        self.expected = self.weights.language * expected_scores(
            self.model, self.targets, self.bounds, self.options.phrases
        )
        added = self.bounds[self.options.phrases]
        self.fixed = self.options.channel + self.weights.word * (added[:, 1] - added[:, 0]) + self.weights.phrase
        self.distortion = min(self.limits.distortion, WINDOW - 1)
        self.stacks: dict[int, list[Hypotheses]] = {}
        self.kept: list[tuple[Int64s, Int64s]] = []  # parents and options of all that were kept
        self.size = 0
        self.complete = np.full(len(rows), -1, dtype=np.int64)
        self.scores = np.zeros(len(rows))

    def run(self) -> Derivations:
        """Translate."""
        futures, rest = self._futures()
        width = 1 if self.model.context_size is None else self.model.context_size
        self.stacks[0] = [empty(len(self.words), rest, width)]
        for covered in range(int(self.words.max(initial=0)) + 1):
            if covered not in self.stacks:
                continue
            found = join(self.stacks.pop(covered))
            found = found.select(best(found, self.limits.beam))
            numbers = self.size + np.arange(len(found.rows))
            self.kept.append((found.parents, found.options))
            self.size += len(numbers)
            open_ones = self._close(found, numbers, covered)
            self._advance(found.select(open_ones), numbers[open_ones], covered, futures)
        return self._derive()

    def _futures(self) -> tuple[List, Float64s]:
        """The future scores of each row, and those of whole rows."""
        options, table = self.options, List()
        scores = self.fixed + self.expected
        for row, words in enumerate(self.words.tolist()):
            own = slice(options.rows[row], options.rows[row + 1])
            width = min(words, WINDOW)
            table.append(future_scores(words, width, options.starts[own], options.lengths[own], scores[own]))
        return table, np.array([rest[0] for _, rest in table])

    def _close(self, found: Hypotheses, numbers: Int64s, covered: int) -> Bools:
        """Note the best of the rows that are translated; returns which hypotheses are not."""
        done = np.flatnonzero(self.words[found.rows] == covered)[::-1]  # the best one last
        self.complete[found.rows[done]], self.scores[found.rows[done]] = numbers[done], found.scores[done]
        return self.words[found.rows] > covered

    def _advance(self, found: Hypotheses, numbers: Int64s, covered: int, futures: List) -> None:
        """Put the extensions of hypotheses on their stacks."""
        options = self.options
        if not len(found.rows):
            return
        moves = extend(found, (options.rows, options.starts, options.lengths), futures, self.distortion)
        jumps = np.abs(options.starts[moves.options] - found.lasts[moves.parents])
        scores = found.scores[moves.parents] + self.fixed[moves.options] - self.weights.jump * jumps
        rows, lengths = found.rows[moves.parents], options.lengths[moves.options]
        promise = scores + self.expected[moves.options] + moves.futures
        keep = most_promising(rows, lengths, promise, self.limits.moves)
        moves, scores, rows, lengths = select(moves, keep), scores[keep], rows[keep], lengths[keep]
        scores = scores + self._language(found, moves, covered + lengths == self.words[rows])
        ends = options.starts[moves.options].astype(np.int64) + lengths
        states = self._states(found, moves)
        parts = (rows, moves.firsts, moves.masks, ends, scores, moves.futures)
        grown = Hypotheses(*parts, numbers[moves.parents], moves.options, states)
        for length in np.unique(lengths).tolist():
            self.stacks.setdefault(covered + length, []).append(grown.select(lengths == length))

    def _language(self, found: Hypotheses, moves: Moves, complete: Bools) -> Float64s:
        """What the language model gives to each move, every history and phrase once."""
        states, state_of = np.unique(found.states, axis=0, return_inverse=True)
        phrases = self.options.phrases[moves.options]
        keys = (state_of.reshape(-1)[moves.parents] * len(self.bounds) + phrases) * 2 + complete
        distinct, index = np.unique(keys, return_inverse=True)
        state, phrase = np.divmod(distinct // 2, len(self.bounds))
        parts = (self.targets, self.bounds[phrase], distinct % 2 == 1)
        scores = score_continuations(self.model, states, state, *parts)
        return self.weights.language * scores[index]

    def _states(self, found: Hypotheses, moves: Moves) -> Int32s:
        """The last target words after each move."""
        bounds = self.bounds[self.options.phrases[moves.options]]
        added = int((bounds[:, 1] - bounds[:, 0]).max(initial=0))
        width = found.states.shape[1] + added if self.model.context_size is None else self.model.context_size
        grown: Int32s = append_words(widen(found.states, width)[moves.parents], self.targets, bounds)
        return grown

    def _derive(self) -> Derivations:
        """Follow the parents of the best complete hypotheses."""
        parents, options = (np.concatenate(arrays) for arrays in zip(*self.kept, strict=True))
        offsets, steps = trace(self.complete, parents, options)
        found = self.options
        return Derivations(
            offsets,
            found.starts[steps].astype(np.int64),
            found.lengths[steps].astype(np.int64),
            found.entries[steps],
            self.scores,
        )


def _in_order(parts: list[Derivations], order: Int64s) -> Derivations:
    """The derivations of groups of rows, in the order of the rows."""
    counts, scores = np.zeros(len(order), dtype=np.int64), np.zeros(len(order))
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Derivations(np.zeros(1, dtype=np.int64), none, none, none, scores)
    counts[order] = np.concatenate([np.diff(part.offsets) for part in parts])
    scores[order] = np.concatenate([part.scores for part in parts])
    sorted_at = np.concatenate([[0], np.cumsum(counts[order])])[:-1]
    begins = np.empty_like(counts)
    begins[order] = sorted_at
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    places = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], counts)
    starts, lengths, entries = (
        np.concatenate([getattr(part, name) for part in parts])[places]
        for name in ("starts", "lengths", "entries")
    )
    return Derivations(offsets, starts, lengths, entries, scores)
