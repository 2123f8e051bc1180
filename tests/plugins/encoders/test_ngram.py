"""The n-gram model against the formulas, done with dictionaries."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from core.context import Context
from core.data.corpus import Ragged
from core.errors import StoreError
from plugins.encoders.ngram import NGram

SMOOTHINGS = ("kneser-ney", "witten-bell", "lidstone")
START = "<s>"  # the reference keeps the start mark apart from END


def ragged(rows: list[list[int]]) -> Ragged:
    values = np.array([i for row in rows for i in [*row, 0]], dtype=np.int32)
    return Ragged(values, np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64))


def random_rows(seed: int, rows: int, size: int = 7) -> list[list[int]]:
    draw = np.random.default_rng(seed)
    return [[int(w) for w in draw.zipf(1.5, draw.integers(0, 9)) % (size - 1) + 1] for _ in range(rows)]


def fitted(rows: list[list[int]], size: int, context: Context, **options) -> NGram:
    model = NGram(size, **options)
    model.fit(ragged(rows), ragged([]), context)
    return model


@pytest.fixture
def context() -> Context:
    return Context(lambda predictions, corpus: {"x": 0.0}, "x")


class Reference:
    """The formulas, gram by gram."""

    def __init__(self, rows, size, order, smoothing, delta):
        self.size, self.order, self.smoothing, self.delta = size, order, smoothing, delta
        raw = [Counter() for _ in range(order + 1)]
        for row in rows:
            marked = [START, *row, 0]
            for k in range(1, order + 1):
                for i in range(max(1, k - 1), len(marked)):
                    raw[k][tuple(marked[i - k + 1 : i + 1])] += 1
        self.counts = raw
        if smoothing == "kneser-ney":
            self.counts = [Counter(c) for c in raw]
            for k in range(1, order):
                lefts = Counter(gram[1:] for gram in raw[k + 1])
                self.counts[k] = Counter({g: raw[k][g] if g[0] == START else lefts[g] for g in raw[k]})
        self.after = [defaultdict(dict) for _ in range(order + 1)]
        for k in range(1, order + 1):
            for gram, count in self.counts[k].items():
                self.after[k][gram[:-1]][gram[-1]] = count

    def discount(self, k):
        n1, n2 = (sum(c == n for c in self.counts[k].values()) for n in (1, 2))
        return n1 / (n1 + 2 * n2) if n1 and n2 else 0.5

    def prob(self, word, history):
        history = tuple(history)[max(0, len(history) - self.order + 1) :]
        if self.smoothing == "lidstone":
            after = self.after[len(history) + 1].get(history, {})
            return (after.get(word, 0) + self.delta) / (sum(after.values()) + self.delta * self.size)
        lower = 1 / self.size if not history else self.prob(word, history[1:])
        after = self.after[len(history) + 1].get(history)
        if not after:
            return lower
        total, types = sum(after.values()), len(after)
        if self.smoothing == "witten-bell":
            return (after.get(word, 0) + types * lower) / (total + types)
        d = self.discount(len(history) + 1)
        return (max(after.get(word, 0) - d, 0) + d * types * lower) / total


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("seed", [0, 1])
def test_each_probability_is_the_formula_s(order, smoothing, seed, context):
    train, test = random_rows(seed, 20), [*random_rows(seed + 50, 10), [], [6, 6, 6]]
    model = fitted(train, 8, context, order=order, smoothing=smoothing, delta=0.3)  # 7 never occurs
    reference = Reference(train, 8, order, smoothing, 0.3)
    expected = []
    for row in test:
        marked = [START, *row, 0]
        expected += [reference.prob(marked[i], marked[:i]) for i in range(1, len(marked))]
    np.testing.assert_allclose(np.exp(model.log_probs(ragged(test))), expected, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_every_context_sums_to_one_and_equals_log_probs(order, smoothing, context):
    model = fitted(random_rows(3, 30), 8, context, order=order, smoothing=smoothing)
    rows = ragged([*random_rows(60, 12), [7, 7, 2], []])
    log_probs = model.log_probs(rows)
    for row in range(len(rows)):
        symbols = rows[row]
        for i in range(len(symbols)):
            after = model.next_log_probs(symbols[None, :i])[0]
            assert np.exp(after).sum() == pytest.approx(1, abs=1e-12)
            assert after[symbols[i]] == log_probs[rows.offsets[row] + i]


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_what_stands_before_the_last_end_is_ignored(smoothing, context):
    model = fitted(random_rows(4, 30), 8, context, order=4, smoothing=smoothing)
    histories = np.array([[3, 2, 0, 1, 2], [0, 0, 0, 1, 2], [5, 0, 0, 1, 2], [2, 2, 0, 1, 2]], dtype=np.int32)
    together = model.next_log_probs(histories)
    assert (together == together[0]).all()
    assert (together[0] == model.next_log_probs(histories[:1, 3:])[0]).all()
    assert (model.next_log_probs(histories[:, :3])[0] == model.next_log_probs(histories[:1, :0])[0]).all()


def test_a_row_does_not_see_the_row_before_it(context):
    model = fitted(random_rows(5, 30), 8, context, order=5, smoothing="kneser-ney")
    alone, after = model.log_probs(ragged([[1, 2, 3]])), model.log_probs(ragged([[2, 1, 4, 1], [1, 2, 3]]))
    assert (alone == after[-4:]).all()


@pytest.mark.parametrize("rows", [[], [[]], [[2]], [[2, 3], [], [3]]])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_tiny_corpora_give_distributions(rows, smoothing, context):
    model = fitted(rows, 5, context, order=5, smoothing=smoothing)
    after = model.next_log_probs(np.array([[0, 0, 0], [0, 2, 3], [4, 4, 4]], dtype=np.int32))
    assert np.exp(after).sum(axis=1) == pytest.approx(1)
    assert np.isfinite(model.log_probs(ragged([[2, 3, 4], []]))).all()


def test_an_undefined_discount_is_replaced_and_said():
    said = []
    context = Context(lambda p, c: {"x": 0.0}, "x", notify=lambda event, **facts: said.append(facts["text"]))
    model = fitted([[2, 3], [2, 3]], 5, context, order=2, smoothing="kneser-ney")
    assert model.facts()["discounts"] == [0.5, 0.5]
    assert [text.split(" has")[0] for text in said] == ["kneser-ney: order 1", "kneser-ney: order 2"]


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_restored_counts_give_the_same_bits(smoothing, context):
    model = fitted(random_rows(6, 30), 8, context, order=4, smoothing=smoothing)
    again = NGram(8, order=4, smoothing=smoothing)
    again.restore(model.arrays())
    rows = ragged(random_rows(70, 20))
    assert (again.log_probs(rows) == model.log_probs(rows)).all()
    assert again.facts() == model.facts()
    with pytest.raises(StoreError, match="order 4"):
        NGram(8, order=3).restore(model.arrays())


def test_choices_are_complete_and_keep_what_is_set():
    auto = {"order": "auto", "smoothing": "auto", "delta": "auto"}
    found = NGram.choices(auto)
    assert all("auto" not in (choice["order"], choice["smoothing"]) for choice in found)
    assert all((choice["delta"] == "auto") == (choice["smoothing"] != "lidstone") for choice in found)
    assert {c["order"] for c in found} == {1, 2, 3, 4, 5}
    assert {c["smoothing"] for c in found} == set(SMOOTHINGS)
    assert NGram.choices({**auto, "order": 7, "smoothing": "witten-bell"})[0]["order"] == 7
    assert {c["delta"] for c in NGram.choices({**auto, "smoothing": "lidstone", "delta": 0.5})} == {0.5}


def test_gram_types_are_counted_by_hand(context):
    model = fitted([[2, 3], [2]], 4, context, order=3, smoothing="witten-bell")
    # <s> 2 3 </s> and <s> 2 </s>: 2 3 </s>; (<s> 2) (2 3) (3 </s>) (2 </s>); (<s> 2 3) (2 3 </s>) (<s> 2 </s>)
    assert model.facts()["grams"] == [3, 4, 3]


@pytest.mark.data
@pytest.mark.parametrize(
    ("smoothing", "order", "perplexity"),
    [
        ("kneser-ney", 2, 186.7958),
        ("kneser-ney", 3, 150.6023),
        ("kneser-ney", 5, 143.5117),
        ("witten-bell", 2, 199.8363),
        ("witten-bell", 3, 186.3114),
        ("witten-bell", 5, 209.1973),
        ("lidstone", 2, 273.1279),
    ],
)
def test_perplexity_on_the_penn_treebank(real_data: Path, smoothing, order, perplexity, context):
    words = {"</s>": 0, "<unk>": 1}
    train, test = (
        [
            [words.setdefault(word, len(words)) for word in line.split()]
            for line in (real_data / "ptb" / f"{split}.txt").read_text().splitlines()
        ]
        for split in ("train", "test")
    )
    model = fitted(train, len(words), context, order=order, smoothing=smoothing, delta=10**-2.1)
    log_probs = model.log_probs(ragged(test))
    assert len(log_probs) == 82_430
    assert np.exp(-log_probs.mean()) == pytest.approx(perplexity, abs=1e-3)
