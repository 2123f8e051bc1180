"""The hidden Markov tagger against enumeration of all tag paths."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache

import numpy as np
import pytest
from counting_cases import context, corpora, tagged_rows, tagger

from core.data.corpus import Ragged
from core.data.vocab import FIRST
from core.errors import ConfigError, DataError
from plugins.encoders.ngram import NGram


def cased_rows(seed, rows, **more):
    """Rows in which some words have a capital, and most first words do."""
    draw = np.random.default_rng(seed)
    return [
        ([w.capitalize() if draw.random() < (0.3 if i else 0.7) else w for i, w in enumerate(words)], tags)
        for words, tags in tagged_rows(seed, rows, **more)
    ]


def read_rows(vocab, rows):
    """Each word as the tagger reads it, with whether its capital counts."""
    result = []
    for words, _ in rows:
        row = []
        for i, word in enumerate(words):
            low = vocab.ids.get(word.lower())
            own = vocab.counts[vocab.ids[word]] if word in vocab.ids else 0
            lower = i == 0 and word[0].isupper() and low is not None and vocab.counts[low] > own
            row.append((word.lower() if lower else word, i > 0 and word[0].isupper()))
        result.append(row)
    return result


class Reference:
    """The model of a head, reimplemented with dictionaries: states of tags, of capitals and of words."""

    def __init__(self, head, train, train_rows, words, capital, **options):
        self.capital, self.vocab = capital, train.vocab
        read = read_rows(train.vocab, train_rows)
        pairs = Counter(
            (w, t)
            for row, (_, tags) in zip(read, train_rows, strict=True)
            for (w, _), t in zip(row, tags, strict=True)
        )
        total, most = Counter(), Counter()
        for (word, _), count in pairs.items():
            total[word] += count
            most[word] = max(most[word], count)
        wrong = sorted(
            (w for w in total if total[w] > most[w]), key=lambda w: (most[w] - total[w], self.vocab.ids[w])
        )
        self.lexical = set(wrong[:words])
        named = [
            [self.name(*f, t) for f, t in zip(row, tags, strict=True)]
            for row, (_, tags) in zip(read, train_rows, strict=True)
        ]
        self.counts = Counter(itertools.chain(*named))
        self.ids = {name: i + FIRST for i, name in enumerate(self.counts)}
        values = [[*(self.ids[name] for name in row), 0] for row in named]
        flat = np.array(list(itertools.chain(*values)), dtype=np.int32)
        rows = Ragged(flat, np.cumsum([0, *map(len, values)]).astype(np.int64))
        self.model = NGram(len(self.ids) + FIRST, **options)
        self.model.fit(rows, rows, context())
        self.transition = cache(self._transition)

    def name(self, word, capital, tag):
        if word in self.lexical:
            return (word, tag)
        return ("Capital" if capital and self.capital else "", tag)

    def state(self, word, capital, tag):
        """The state, or if training does not have it the plain one, or the most common one of its tag."""
        for name in (self.name(word, capital, tag), ("", tag)):
            if name in self.counts:
                return name
        return max((n for n in self.counts if n[1] == tag), key=lambda n: self.counts[n])

    def _transition(self, history):
        return self.model.next_log_probs(np.array([[0, *history]], dtype=np.int32))[0]

    def score(self, probs, row, path):
        """log P(tags) + log P(words | tags), P(word | state) being P(tag | word) / P(state) up to a constant."""
        states = [self.state(*form, tag) for form, tag in zip(row, path, strict=True)]
        labels = [self.ids[state] for state in states]
        total = sum(self.transition(tuple(labels[:i]))[s] for i, s in enumerate([*labels, 0]))
        with np.errstate(divide="ignore"):
            return total + sum(np.log(p[t] / self.counts[s]) for p, t, s in zip(probs, path, states, strict=True))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize(("words", "capital"), [(0, False), (0, True), (4, False), (4, True)])
def test_viterbi_finds_the_best_of_all_paths(order, words, capital):
    train_rows, test_rows = cased_rows(0, 40), cased_rows(1, 12, words=20)
    train, test = corpora(train_rows, test_rows)
    head = tagger(train, order=order, smoothing="witten-bell", words=words, capital=capital)
    head.fit(train, test, context())
    reference = Reference(head, train, train_rows, words, capital, order=order, smoothing="witten-bell")
    names = train.labels.words[FIRST:]
    predicted = iter(head.predict(test)["label"].tolist())
    forms, probs = head.emissions.forms(test), head.emissions.probs(test)
    assert head.facts()["states"] == len(reference.ids)
    for row, at in zip(read_rows(train.vocab, test_rows), forms.offsets.tolist(), strict=False):
        own = [dict(zip(names, probs[f], strict=True)) for f in forms.of_token[at : at + len(row)]]
        best = max(reference.score(own, row, path) for path in itertools.product(names, repeat=len(row)))
        chosen = [train.labels.words[next(predicted)] for _ in row]
        assert reference.score(own, row, chosen) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_tiny_corpora_run(order):
    for rows in (
        [(["a"], ["X"])],
        [(["a"], ["X"]), ([], [])],
        [(["a", "b"], ["X", "Y"]), ([], []), (["a"], ["Y"])],
    ):
        train, test = corpora(rows, [([], []), (["zzz", "a", "É7"], ["X", "Q", "X"]), ([], [])])
        head = tagger(train, order=order)
        head.fit(train, test, context())
        predicted = head.predict(test)["label"]
        assert len(predicted) == 3 and predicted.dtype == np.int32
        assert (predicted >= FIRST).all() and (predicted < train.labels.size).all()


def test_restored_tables_predict_the_same():
    train, test = corpora(tagged_rows(2, 40), tagged_rows(3, 30, words=20))
    options = {"order": 3, "smoothing": "kneser-ney", "words": 3}
    head, again = (tagger(train, **options) for _ in range(2))
    head.fit(train, test, context())
    again.restore(head.arrays())
    assert (again.predict(test)["label"] == head.predict(test)["label"]).all()
    assert again.facts() == head.facts()


def test_too_many_states_and_no_labels_are_errors():
    train, _ = corpora([([f"w{i}" for i in range(200)], [f"T{i}" for i in range(200)])], [])
    head = tagger(train, order=6)
    head.fit(train, train, context())
    with pytest.raises(ConfigError, match="too many states"):
        head.predict(train)
    empty, _ = corpora([([], [])], [])
    with pytest.raises(DataError, match="no training token"):
        tagger(empty, order=2)
