"""The parts of the n-gram model: pieces, threads and the compiled search change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import START, count, fitted, quiet, ragged, random_rows

from core.errors import ConfigError, DataError
from plugins.encoders.ngram import counts, estimate, model, room, runs, trie

ROWS, TEST = random_rows(11, 300, size=12), random_rows(12, 100, size=12)


def grams_of(levels):
    """Every gram of each order as a tuple of ids, in the order of the trie."""
    found = [[(w,) for w in levels[0].words.tolist()]]
    for below, level in zip(levels, levels[1:], strict=False):
        owner = np.repeat(np.arange(len(below)), np.diff(below.children))
        found.append([found[-1][o] + (w,) for o, w in zip(owner.tolist(), level.words.tolist(), strict=True)])
    return found


def test_the_trie_holds_every_gram_once_sorted_with_its_count():
    levels = fitted(ROWS, 12, order=4, smoothing="witten-bell").trie.levels
    for k, (grams, raw) in enumerate(zip(grams_of(levels), count(ROWS, 4)[1:], strict=True), 1):
        assert grams == sorted(set(grams))
        known = {tuple(0 if w == START else w for w in gram): n for gram, n in raw.items()}
        assert {gram: n for gram, n in zip(grams, levels[k - 1].counts.tolist(), strict=True) if n} == known


def test_a_suffix_is_the_gram_without_its_first_symbol():
    found = counts.count(ragged(ROWS).values, 12, 4)
    levels = [trie.Level(g.words, c.children) for g, c in zip(found, found[1:], strict=False)]
    grams = grams_of([*levels, trie.Level(found[-1].words)])
    for k in (1, 2, 3):
        assert [grams[k - 1][s] for s in found[k].suffixes.tolist()] == [gram[1:] for gram in grams[k]]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "katz", "lidstone"])
def test_pieces_and_threads_change_no_bit(monkeypatch, threads, smoothing):
    whole = fitted(ROWS, 12, order=4, smoothing=smoothing, prune=[0, 0, 1]).arrays()
    monkeypatch.setattr(counts, "PIECE", 50)
    monkeypatch.setattr(estimate, "PIECE", 30)
    monkeypatch.setattr(model, "ALONE", 0)
    apart = fitted(
        ROWS, 12, context=quiet(threads=threads), order=4, smoothing=smoothing, prune=[0, 0, 1]
    ).arrays()
    assert whole.keys() == apart.keys()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)


def test_threads_score_the_same(monkeypatch):
    alone, several = fitted(ROWS, 12, order=4), fitted(ROWS, 12, context=quiet(threads=3), order=4)
    monkeypatch.setattr(model, "ALONE", 0)
    assert (several.log_probs(ragged(TEST)) == alone.log_probs(ragged(TEST))).all()
    assert (several.log_probs(ragged([[2]])) == alone.log_probs(ragged([[2]]))).all()  # fewer rows than threads


def test_pieces_are_cut_where_numbers_would_not_fit(monkeypatch):
    whole = fitted(ROWS, 12, order=4, smoothing="witten-bell").arrays()
    monkeypatch.setattr(counts, "BITS", 12 + 4 + 1)  # leaves room for two contexts
    apart = fitted(ROWS, 12, order=4, smoothing="witten-bell").arrays()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)


@pytest.mark.parametrize("smoothing", ["kneser-ney", "katz", "stupid-backoff", "mle"])
@pytest.mark.parametrize("block", [1, 2, 7, 1 << 16])
def test_compiled_code_answers_the_same(monkeypatch, smoothing, block):
    from plugins.encoders.ngram import scan

    fresh = fitted(ROWS, 12, order=4, smoothing=smoothing, prune=[0, 0, 1])
    rows = ragged([[], *TEST, [], [11, 11], []])
    histories = np.array([row[:4] for row in TEST if len(row) > 4], dtype=np.int32)
    expected, after = fresh.answers(rows), fresh.next_log_probs(histories)
    monkeypatch.setattr(trie, "SMALL", 0)
    monkeypatch.setattr(scan, "BLOCK", block)
    for _ in range(2):
        found = fresh.answers(rows)
        assert all((found[name] == expected[name]).all() for name in expected)
        assert (fresh.next_log_probs(histories) == after).all()
        monkeypatch.setattr(trie, "FEW", 0)  # and then by a table of bigrams
    assert len(rows.values) > len(fresh.trie.levels[1]) and "_bigrams" in fresh.trie.__dict__


def test_a_long_text_is_scored_by_compiled_code(monkeypatch):
    from plugins.encoders.ngram import scan

    called = []
    monkeypatch.setattr(scan, "scan", lambda levels, values, *more: called.append(len(values)) or (values, values))
    fresh = fitted(ROWS, 12, order=2)
    monkeypatch.setattr(trie, "FEW", 10)
    fresh.log_probs(ragged([[2] * 10]))
    fresh.log_probs(ragged([[2] * 9]))
    assert called == [11]


def test_more_tokens_than_places_are_refused(monkeypatch):
    monkeypatch.setattr(counts, "MAX_TOKENS", 3)
    with pytest.raises(DataError, match=r"data\.limit"):
        fitted([[2, 2, 2]], 5, order=2)


@pytest.mark.parametrize("tokens", [1, 40, 300])
@pytest.mark.parametrize("rows", [ROWS, [[2, 3]], [[]], []])
def test_counting_in_runs_finds_the_same(monkeypatch, tokens, rows):
    monkeypatch.setattr(runs, "BLOCK", 64)
    corpus = ragged(rows)
    whole = counts.count(corpus.values, 12, 4)
    apart = runs.count_in_runs(corpus, 12, 4, tokens, room.Disk())
    for ours, theirs in zip(whole, apart, strict=True):
        for name in ("words", "children", "counts", "suffixes"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "jelinek-mercer"])
def test_bounded_memory_gives_the_same_model(monkeypatch, smoothing):
    options = {"order": 4, "smoothing": smoothing, "prune": [0, 0, 1]}
    whole = fitted(ROWS, 12, TEST, **options).arrays()
    monkeypatch.setattr(model, "LEAST", 100)
    apart = fitted(ROWS, 12, TEST, memory="1KB", **options).arrays()
    assert whole.keys() == apart.keys()
    assert all(np.array_equal(whole[name], apart[name]) for name in whole)


@pytest.mark.parametrize(("text", "size"), [("2GB", 2 << 30), ("500 mb", 500 << 20), ("1.5gb", 3 << 29), ("7", 7)])
def test_an_amount_of_memory_is_read(text, size):
    assert room.bytes_of(text) == size


@pytest.mark.parametrize("text", ["much", "-1GB", "GB", "2 GiB/s"])
def test_no_amount_of_memory_is_refused(text):
    with pytest.raises(ConfigError, match=r"encoder\.memory"):
        room.bytes_of(text)


@pytest.mark.parametrize("compiled", [False, True])
def test_an_order_above_127_is_told_as_it_is(compiled: bool, monkeypatch: pytest.MonkeyPatch):
    if compiled:
        monkeypatch.setattr(trie, "FEW", 0)
    row = np.arange(2, 152).tolist()
    made = fitted([row], 152, order=130, smoothing="witten-bell")
    orders = made.answers(ragged([row]))["order"]
    assert orders.tolist() == [*range(2, 130), *[130] * 23]
