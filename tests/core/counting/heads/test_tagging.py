"""The hidden Markov tagger against enumeration of all tag paths."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache

import numpy as np
import pytest
from counting_cases import context, corpora, tagged_rows

from core.counting.heads.tagging import TaggingCountHead
from core.counting.hmm.word_forms import shape
from core.data.corpus import Ragged
from core.data.vocab import FIRST
from core.errors import ConfigError, DataError
from plugins.encoders.ngram import NGram

HEAD = ("words", "capital", "suffix", "rare", "spelling", "fold")


def make_head(corpus, **options):
    own = {name: options.pop(name) for name in HEAD if name in options}
    return TaggingCountHead(lambda size: NGram(size, **options), corpus.vocab, corpus.labels, **own)


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
    head = make_head(train, order=order, smoothing="witten-bell", words=words, capital=capital)
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


def probs_of(head, corpus, place):
    """The tags that the token at a position can have, with their probabilities."""
    row = head.emissions.probs(corpus)[head.emissions.forms(corpus).of_token[place]]
    return {corpus.labels.words[tag + FIRST]: float(p) for tag, p in enumerate(row) if p}


def test_a_word_has_its_tags_by_relative_frequency_and_by_its_spelling():
    rows = [(["a", "run", "b"], ["D", "N", "D"]), (["b", "run"], ["D", "V"]), (["b", "run"], ["D", "N"])]
    (train,) = corpora(rows)
    head = make_head(train, order=2, smoothing="witten-bell", suffix=0, fold=False, spelling=0.5)
    head.fit(train, train, context())
    # by shape: of the four forms (b stands first and inside) three are D, one is N and V: D 3, N 1, V 1 of 5;
    # all lower case, so their shape says the same: (count + 3 types * share) / (5 + 3) = share
    shape_of_all = {"D": 3 / 5, "N": 1 / 5, "V": 1 / 5}
    expected = {tag: (n + 0.5 * shape_of_all[tag]) / 3.5 for tag, n in {"D": 0, "N": 2, "V": 1}.items()}
    assert probs_of(head, train, 1) == pytest.approx(expected)


def test_a_word_in_other_capitals_is_evidence():
    rows = [(["x", "china", "China"], ["X", "N", "P"]), (["x", "China"], ["X", "P"])]
    train, test = corpora(rows, [(["x", "CHINA"], ["X", "P"])])
    head = make_head(train, order=1, smoothing="witten-bell", suffix=0)
    head.fit(train, test, context())
    bare = head.emissions.suffixes.of(head.emissions.forms(test))[head.emissions.forms(test).of_token[1]]
    x, n, p = (
        (count + share) / 4 for count, share in zip((0, 1, 2), bare, strict=True)
    )  # one of P, then three seen
    assert probs_of(head, test, 1) == pytest.approx({"X": x, "N": n, "P": p})
    alone = make_head(train, order=1, smoothing="witten-bell", suffix=0, fold=False)
    alone.fit(train, test, context())
    assert list(probs_of(alone, test, 1).values()) == pytest.approx(bare.tolist())


def test_a_first_word_is_read_in_lower_case_if_that_is_more_common():
    rows = [(["x", "the", "the", "Xu", "Xu", "xu"], ["X", "D", "D", "P", "P", "N"])]
    train, test = corpora(rows, [(["The"], ["D"]), (["Xu"], ["P"]), (["THE"], ["D"]), (["New"], ["P"])])
    for fold in (True, False):
        head = make_head(train, order=1, smoothing="witten-bell", fold=fold)
        head.fit(train, test, context())
        forms = head.emissions.forms(test)
        read = [train.vocab.words[w] for w in forms.words[forms.of_token]]
        assert read == ["the" if fold else "<unk>", "Xu", "<unk>", "<unk>"]


def test_unknown_words_are_tagged_by_their_suffixes():
    train_rows = [([stem + "ing", stem + "ed"], ["G", "P"]) for stem in ("walk", "talk", "jump", "call")]
    train, test = corpora(train_rows, [(["shouting"], ["G"]), (["wanted"], ["P"])])
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert (head.predict(test)["label"] == test.targets.values[test.targets.inner]).all()


def test_suffixes_are_interpolated_with_shorter_ones():
    train, _ = corpora([(["xa", "ya", "yb", "yb"], ["A", "A", "B", "B"])], [])  # yb is one form, however often
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, train, context())
    suffixes = head.emissions.suffixes
    root = np.array([2, 1]) / 3  # A, B
    lower = (np.array([2, 1]) + 2 * root) / 5  # xa stands first, but in lower case all share one shape
    ending = (np.array([2, 0]) + 1 * lower) / 3
    np.testing.assert_allclose(suffixes.probs[suffixes.index[""]], root)
    np.testing.assert_allclose(suffixes.probs[suffixes.index["l"]], lower)
    np.testing.assert_allclose(suffixes.probs[suffixes.index["la"]], ending)


def test_suffixes_are_learned_only_from_rare_words():
    train, _ = corpora([(["xa", "xa", "xa", "yb"], ["A", "A", "A", "B"])], [])
    head = make_head(train, order=1, smoothing="witten-bell", rare=2)
    head.fit(train, train, context())
    assert set(head.emissions.suffixes.index) == {"", "l", "lb", "lyb"}


def test_the_words_of_the_states_are_the_most_ambiguous_ones():
    words = ["a"] * 6 + ["b"] * 3 + ["c"] * 9 + ["d"] * 2
    tags = [*"XXXXYY", *"XYZ", *"XXXXXXXXX", *"XY"]  # wrong: a 2, b 2, c 0, d 1
    (train,) = corpora([(words, tags)])
    for n, expected in ((0, set()), (2, {"a", "b"}), (3, {"a", "b", "d"}), (9, {"a", "b", "d"})):
        head = make_head(train, order=2, smoothing="witten-bell", words=n)
        head.fit(train, train, context())
        assert {train.vocab.words[w] for w in head.states.lexical} == expected


def test_a_label_that_training_does_not_have_is_unknown_in_dev():
    train, dev = corpora([(["a", "B"], ["X", "Y"])], [(["a", "B", "a"], ["X", "Q", "Y"]), ([], [])])
    head = make_head(train, order=2, smoothing="witten-bell", words=0, capital=True)
    head.fit(train, dev, context())
    states = {train.labels.words[tag + FIRST]: s + FIRST for s, tag in enumerate(head.states.tags)}
    rows = head.states.rows(dev, head.emissions)
    assert rows.values.tolist() == [states["X"], 1, states["Y"], 0, 0]  # Y had a capital: its most common state


@pytest.mark.parametrize(
    ("word", "initial", "expected"),
    [("me@home.org", False, "a"), ("http://x.org/7", True, "a"), ("www.x.org", False, "a")]
    + [("1990s", False, "d"), ("B2B", False, "m"), ("...", False, "p"), ("USA", True, "u")]
    + [("Paris", False, "c"), ("Paris", True, "i"), ("well-made", False, "h"), ("word", True, "l")],
)
def test_the_shape_shows_digits_capitals_and_hyphens(word, initial, expected):
    assert shape(word, initial) == expected


@pytest.mark.parametrize("order", [1, 2, 5])
def test_tiny_corpora_run(order):
    for rows in (
        [(["a"], ["X"])],
        [(["a"], ["X"]), ([], [])],
        [(["a", "b"], ["X", "Y"]), ([], []), (["a"], ["Y"])],
    ):
        train, test = corpora(rows, [([], []), (["zzz", "a", "É7"], ["X", "Q", "X"]), ([], [])])
        head = make_head(train, order=order)
        head.fit(train, test, context())
        predicted = head.predict(test)["label"]
        assert len(predicted) == 3 and predicted.dtype == np.int32
        assert (predicted >= FIRST).all() and (predicted < train.labels.size).all()


def test_rare_training_words_below_min_count_are_spelled():
    rows = [(["walking", "is", "is"], ["G", "V", "V"]), (["talking", "is"], ["G", "V"])]
    train, test = corpora(rows, [(["jumping"], ["G"])], min_count=2)
    head = make_head(train, order=1, smoothing="witten-bell")
    head.fit(train, test, context())
    assert train.labels.words[head.predict(test)["label"][0]] == "G"


def test_restored_tables_predict_the_same():
    train, test = corpora(tagged_rows(2, 40), tagged_rows(3, 30, words=20))
    options = {"order": 3, "smoothing": "kneser-ney", "words": 3}
    head, again = (make_head(train, **options) for _ in range(2))
    head.fit(train, test, context())
    again.restore(head.arrays())
    assert (again.predict(test)["label"] == head.predict(test)["label"]).all()
    assert again.facts() == head.facts()


def test_too_many_states_and_no_labels_are_errors():
    train, _ = corpora([([f"w{i}" for i in range(200)], [f"T{i}" for i in range(200)])], [])
    head = make_head(train, order=6)
    head.fit(train, train, context())
    with pytest.raises(ConfigError, match="too many states"):
        head.predict(train)
    empty, _ = corpora([([], [])], [])
    with pytest.raises(DataError, match="no training token"):
        make_head(empty, order=2)
