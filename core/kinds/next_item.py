"""Kind ``item``: each next item of a session, ranked among all items; recommendation without user profiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.data.vocab import FIRST
from core.kinds.next_token import NextToken
from core.kinds.ranks import gains, hits, rank_by_counts, reciprocals, without
from core.kinds.rendering import Prediction, Sentence, one_line
from core.kinds.repeated import repeated_ranks
from core.printable import one_line as in_cell
from core.row_sums import RowStatistic, per_row, percent
from core.task import Task
from core.types import Arrays, Bools, Float64s, Int32s


class NextItem(NextToken):
    """As kind ``next``, with the rank of the right item among all items of training.

    The predictions are ``log_prob`` and the rank as ``above`` and ``ties`` (see ``core.kinds.ranks``). They are
    aligned with the items and the ends of rows. An item that training lacks comes after all others. The first item
    of a row, which nothing precedes, and the end of a row are not events.
    """

    name = "item"
    heads = {
        "neural": "core.neural.heads.item:ItemHead",
        "counting": "core.counting.heads.item:ItemCountHead",
    }
    truth = "item"
    constant_name = "popular items"
    first_next_word = FIRST
    hardest_first = "by the difference of the two reciprocal ranks"

    def scored_tokens(self, task: Task, corpus: Corpus) -> Bools:
        """The items after the first of their row, or with ``task.positions=last`` the last item alone (N,)."""
        tokens = corpus.tokens
        scored = tokens.inner.copy()
        scored[tokens.offsets[:-1]] = False
        if task.positions == "last":
            last = np.zeros_like(scored)
            last[tokens.ends[tokens.lengths > 2] - 1] = True
            scored &= last
        return scored

    def empty(self, events: int, size: int) -> Arrays:
        """Also ``above`` and ``ties`` int32 (N,)."""
        ranks = {"above": np.zeros(events, dtype=np.int32), "ties": np.ones(events, dtype=np.int32)}
        return super().empty(events, size) | ranks

    def answer_count(self, corpus: Corpus) -> int:
        """The items of training, and the end of a row."""
        return corpus.vocab.size - FIRST + 1

    def row_statistics(self) -> Sequence[RowStatistic]:
        """Reciprocal ranks, hits and gains."""

        def sums_of(values: Any) -> RowStatistic:
            def sums(task: Task, predictions: Arrays, corpus: Corpus) -> Float64s:
                scored, each = self.scored_tokens(task, corpus), corpus.tokens.lengths
                added = np.where(scored, values(predictions, task.k), 0.0)
                return np.stack([per_row(added, each), per_row(scored, each)], axis=-1)

            return RowStatistic(sums, (percent,))

        return sums_of(lambda predictions, k: reciprocals(predictions)), sums_of(hits), sums_of(gains)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """Also which items are events."""
        yield from super().hash_parts(task, corpus)
        yield np.packbits(self.scored_tokens(task, corpus)).tobytes()

    def chance(self, corpus: Corpus) -> list[Arrays]:
        """All items are tied."""
        gold, size = corpus.closed.values, corpus.vocab.size - FIRST
        log_prob = np.full(len(gold), -np.log(max(1, size)))
        ranks = {"above": np.zeros(len(gold), dtype=np.int32), "ties": np.full(len(gold), size, dtype=np.int32)}
        return [{"log_prob": log_prob, **without(ranks, gold < FIRST, size)}]

    def most_frequent(self, corpus: Corpus) -> Arrays:
        """The items by their number in training (popular items)."""
        gold, counts = corpus.closed.values, corpus.vocab.counts[FIRST:]
        above, ties = rank_by_counts(counts, np.maximum(gold - FIRST, 0))
        ranks = without({"above": above, "ties": ties}, gold < FIRST, len(counts))
        return {**super().most_frequent(corpus), **ranks}

    def other_baselines(self, corpus: Corpus) -> dict[str, Arrays]:
        """The items of the session so far, the last first, then all others by their number in training."""
        return {"repeated items": repeated_ranks(corpus.closed, corpus.vocab.counts)}

    def oracle(self, best: Mapping[str, Any], corpus: Corpus) -> Arrays:
        """The ranks by the true distribution."""
        return {name: np.asarray(best[name]) for name in ("log_prob", "above", "ties")}

    def beats(self, task: Task, predictions: Arrays, truth: Arrays, corpus: Corpus) -> bool:
        """By the difference of the reciprocal ranks, in standard errors."""
        scored = self.scored_tokens(task, corpus)
        gain = (reciprocals(predictions) - reciprocals(truth))[scored]
        return float(gain.sum()) > 4 * float(np.sqrt((gain**2).sum()))

    def hardest(self, task: Task, arrays: Sequence[Arrays], corpus: Corpus) -> Any:
        """By the difference of the two reciprocal ranks."""
        first, second = (reciprocals(predictions) for predictions in arrays)
        gap = np.where(self.scored_tokens(task, corpus), np.abs(second - first), 0.0)
        order = np.argsort(-gap, kind="stable")
        return np.asarray(order[gap[order] > 0])

    def event_header(self, names: Sequence[str]) -> tuple[str, ...]:
        """The rank of the right item by the two models."""
        return names[0], names[1], "items"

    def event_cells(self, arrays: Sequence[Arrays], corpus: Corpus, event: int) -> tuple[str, ...]:
        """The rank of the right item by the two models, and the number of items."""
        ranks = [predictions["above"][event] + (predictions["ties"][event] + 1) / 2 for predictions in arrays]
        return (*(f"{rank:g}" for rank in ranks), str(corpus.vocab.size - FIRST))

    def perfect(self, corpus: Corpus) -> Arrays:
        """Each item first."""
        events = len(corpus.tokens.values)
        return {**super().perfect(corpus), **self.empty(events, 0), "log_prob": np.zeros(events)}

    def shuffled(self, corpus: Corpus, random: np.random.Generator) -> Arrays:
        """Sure of the items of the text in a random order; all others are tied behind."""
        gold, size = corpus.closed.values, corpus.vocab.size - FIRST
        inner = np.flatnonzero(corpus.tokens.inner)
        words = gold.copy()
        words[inner] = random.permutation(gold[inner])
        right = words == gold
        ranks = {
            "above": np.where(right, 0, 1).astype(np.int32),
            "ties": np.where(right, 1, max(1, size - 1)).astype(np.int32),
        }
        return {**super().shuffled(corpus, random), **without(ranks, gold < FIRST, size)}

    def best_scores(self, minimize: bool) -> tuple[float, ...]:
        """Shares are in percent."""
        return (0.0,) if minimize else (100.0,)

    def render(self, sentence: Sentence, answer: Any, output: str, column: int) -> str:
        """The most likely next item, and the session."""
        if output == "jsonl":
            return super().render(sentence, answer, output, column)
        return f"{in_cell(answer)}\t{one_line(sentence.text)}\n"

    def render_probabilities(self, sentence: Sentence, prediction: Prediction, output: str) -> str:
        """JSON lines, or the session, and each of the next items with its probability."""
        if output == "jsonl":
            return super().render_probabilities(sentence, prediction, output)
        items = (cell for item, p in prediction.probabilities.items() for cell in (in_cell(item), f"{p:.6f}"))
        return "\t".join([one_line(sentence.text).replace("\t", " "), *items]) + "\n"

    def fields(self, sentence: Sentence, answer: Any) -> dict[str, Any]:
        """The most likely next item."""
        return {"next": answer}

    def event_words(self, task: Task, corpus: Corpus) -> Int32s:
        """The items that are events."""
        return np.where(self.scored_tokens(task, corpus), corpus.closed.values, np.int32(-1))
