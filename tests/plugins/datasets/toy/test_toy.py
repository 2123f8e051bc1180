"""The toy language follows its grammar, and its oracle is correct."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from core.data.sources.base import SPLITS
from plugins.datasets.toy import ROWS, SEED, Toy, sample_split, truth
from plugins.datasets.toy.hmm import Language, Sample, language, sample
from plugins.datasets.toy.lexicon import NOUNS, VERBS, WORDS
from plugins.datasets.toy.oracle import posteriors

FORMS = {word: number for bag in VERBS.values() for number in "sp" for word in bag[number]}
COUNT = {word: number for bag in NOUNS.values() for number in "sp" for word in bag[number]}


def columns(split: str) -> dict[str, list]:
    return next(Toy().batches(split)).to_pydict()


def rows_of(texts: list[list[int]]) -> Sample:
    offsets = np.cumsum([0, *map(len, texts)])
    words = np.array([word for text in texts for word in text], dtype=np.int32)
    return Sample(offsets, words, words * 0, np.zeros(len(texts), np.int32))


def joint(model: Language, text: list[int], ended: bool) -> dict[tuple[int, tuple[int, ...]], float]:
    """Every class and hidden path of a text with its probability, one by one (without those of probability 0)."""
    found: dict[tuple[int, tuple[int, ...]], float] = {}

    def extend(c: int, path: tuple[int, ...], p: float) -> None:
        t = len(path)
        if t == len(text):
            found[c, path] = p * (model.move[path[-1], -1] if ended else 1.0)
            return
        follow = (model.move[path[-1], :-1] if path else model.start) * model.emit[c, :, text[t]]
        for s in np.nonzero(follow)[0].tolist():
            extend(c, (*path, s), p * follow[s])

    for c in range(len(model.classes)):
        extend(c, (), model.prior[c])
    return found


def small() -> Language:
    """A language of 5 states in which every path is possible."""
    rng = np.random.default_rng(0)

    def table(*shape: int) -> np.ndarray:
        weights = rng.random(shape)
        return weights / weights.sum(axis=-1, keepdims=True)

    states = language().states[:5]
    tag = np.array([0, 1, 0, 2, 1], dtype=np.int32)
    words, tags = tuple("abcd"), tuple("xyz")
    return Language(words, tags, ("p", "n"), states, tag, table(2), table(5), table(5, 6), table(2, 5, 4))


def short_rows(model: Language) -> list[list[int]]:
    if len(model.states) == 5:
        return [list(text) for n in (1, 2, 4) for text in list(product(range(4), repeat=n))[::7]]
    lines = [
        "nobody likes nice walks .",
        "the patient walks .",
        "the town plans are bad .",
        "they do not like us !",
    ]
    return [[model.words.index(word) for word in line.split()] for line in lines]


@pytest.mark.parametrize("model", [small(), language()], ids=["small", "toy"])
def test_the_oracle_equals_brute_force_over_all_hidden_paths(model: Language) -> None:
    texts = short_rows(model)
    known = posteriors(model, rows_of(texts))
    token = event = 0
    for r, text in enumerate(texts):
        totals = [1.0, *(sum(joint(model, text[:t], False).values()) for t in range(1, len(text) + 1))]
        whole = joint(model, text, True)
        totals.append(sum(whole.values()))
        log_prob = np.diff(np.log(totals))
        assert known.log_prob[event : event + len(log_prob)] == pytest.approx(log_prob, abs=1e-9)
        for c in range(2):
            expected = sum(p for (klass, _), p in whole.items() if klass == c) / totals[-1]
            assert known.classes[r, c] == pytest.approx(expected)
        for t in range(len(text)):
            left = joint(model, text[: t + 1], False)
            for k in range(len(model.tags)):
                expected = sum(p for (_, path), p in left.items() if model.tag[path[t]] == k)
                assert known.left[token + t, k] == pytest.approx(expected / totals[t + 1], abs=1e-12)
                expected = sum(p for (_, path), p in whole.items() if model.tag[path[t]] == k)
                assert known.both[token + t, k] == pytest.approx(expected / totals[-1], abs=1e-12)
        token, event = token + len(text), event + len(log_prob)


def test_without_the_words_ahead_the_rest_of_the_oracle_is_the_same() -> None:
    rows = rows_of(short_rows(language()))
    whole, known = posteriors(language(), rows), posteriors(language(), rows, ahead=False)
    for name in ("log_prob", "left", "classes"):
        assert (getattr(known, name) == getattr(whole, name)).all() and getattr(known, name).any()
    assert not known.both.any() and not known.right.any()


def test_the_posterior_given_the_right_context_is_a_sum_over_all_rows_with_that_ending() -> None:
    model = small()
    known = posteriors(model, rows_of([[1, 2, 3]]))
    weights = np.zeros(3)
    for first in range(4):  # whatever the first word is
        for (_, path), p in joint(model, [first, 2, 3], True).items():
            weights[model.tag[path[1]]] += p
    assert known.right[1] == pytest.approx(weights / weights.sum())


@pytest.mark.parametrize("prefix", ["", "the", "the cousin by my companies", "they do not like the"])
def test_probabilities_of_all_next_words_and_the_end_sum_to_one(prefix: str) -> None:
    model = language()
    before = [model.words.index(word) for word in prefix.split()]
    texts = [[*before, word] for word in range(len(model.words))]
    with np.errstate(divide="ignore", invalid="ignore"):  # words that cannot occur here
        log_prob = posteriors(model, rows_of(texts)).log_prob.reshape(len(texts), -1)
        total = np.exp(log_prob[:, len(before)]).sum()
    assert total == pytest.approx(1.0)  # no row ends before its stop


def test_every_table_of_the_language_is_a_distribution() -> None:
    model = language()
    for table in (model.prior, model.start, model.move, model.emit):
        assert table.min() >= 0 and table.sum(axis=-1) == pytest.approx(1.0)


def test_sampling_gives_the_same_rows_every_time() -> None:
    again = sample(language(), ROWS["dev"], [SEED, 1])
    first = sample_split("dev")
    assert np.array_equal(again.words, first.words) and np.array_equal(again.states, first.states)
    one, other = columns("train")["tokens"][:2]  # as sampled when the language was written
    assert " ".join(one) == "sometimes , the giant host watches me ."
    assert " ".join(other) == "reviews annoy the veterans and famous banks talk ."


def test_splits_have_their_sizes_and_train_has_every_word() -> None:
    model, seen = language(), {split: set(sample_split(split).words.tolist()) for split in SPLITS}
    assert [len(columns(split)["label"]) for split in Toy().splits()] == [6000, 1000, 2000]
    assert seen["dev"] | seen["test"] <= seen["train"] and len(seen["train"]) == len(model.words)


def test_there_is_one_label_per_token() -> None:
    data = columns("dev")
    assert [len(row) for row in data["labels"]] == [len(row) for row in data["tokens"]]
    assert set(data["label"]) == {"positive", "negative"}


def test_the_oracle_has_one_entry_per_event_of_texts_tokens_and_rows() -> None:
    data, toy = columns("test"), Toy()
    tokens = sum(map(len, data["tokens"]))
    assert len(toy.oracle("text", "test", "left")["log_prob"]) == tokens + 2000
    assert len(toy.oracle("row", "test", "both")["label"]) == 2000
    tags = np.concatenate(data["labels"])
    left, both = (np.mean(toy.oracle("token", "test", sees)["label"] == tags) for sees in ("left", "both"))
    assert 0.9 < left < both - 0.005 < 0.995
    assert toy.oracle("vector", "test", "both") is None


def test_verbs_agree_with_their_noun_even_across_a_phrase() -> None:
    data, marks, far = columns("test"), Toy().marks("test")["agreement"], 0
    for words, tags, begin in zip(data["tokens"], data["labels"], sample_split("test").offsets, strict=False):
        verb = next((t for t, tag in enumerate(tags) if tag in ("VERB", "AUX")), 0)
        if tags[:2] == ["DET", "NOUN"] and tags[2] in ("ADP", "VERB", "AUX") and "PRON" not in tags[:verb]:
            assert FORMS[words[verb]] == COUNT[words[1]], " ".join(words)
            assert marks[begin + verb] == (verb - 1 >= 3)
            far += tags[2] == "ADP"
    assert far > 50


def test_a_negator_reverses_sentiment_up_to_the_end_of_its_clause() -> None:
    good, share = {*WORDS["good"], *VERBS["good"]["p"]} - {"like"}, {}  # ``like`` may be an adposition
    bad = {*WORDS["bad"], *VERBS["bad"]["p"]}
    for words, label in zip(columns("train")["tokens"], columns("train")["label"], strict=True):
        scope = "before"
        for word in words:
            if word in ("not", "never", "nobody", "no"):
                scope = "inside"
            elif word in WORDS["and"] + WORDS["because"]:
                scope = "after" if scope != "before" else scope
            elif word in good | bad:
                share.setdefault(scope, []).append((word in good) == (label == "positive"))
    assert np.mean(share["before"]) > 0.94 and np.mean(share["inside"]) < 0.06 and np.mean(share["after"]) > 0.94


def test_marks_are_tokens_where_only_one_context_helps() -> None:
    marks, known, tag = Toy().marks("test"), truth("test"), language().tag[sample_split("test").states]
    for name, here, there in (("right", known.both, known.left), ("left", known.left, known.right)):
        assert marks[name].sum() > 100
        assert np.mean(here.argmax(axis=1)[marks[name]] == tag[marks[name]]) > 0.99
        assert np.mean(there.argmax(axis=1)[marks[name]] == tag[marks[name]]) < 0.9
    assert marks["agreement"].sum() > 500


def test_neither_torch_nor_datasets_is_imported() -> None:
    code = (
        "import sys, plugins.datasets.toy as toy; next(toy.Toy().batches('dev'));"
        "print('torch' in sys.modules, 'datasets' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]
