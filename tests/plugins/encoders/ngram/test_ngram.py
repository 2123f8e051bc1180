"""The n-gram model compared with the formulas, computed with dictionaries."""

from __future__ import annotations

import numpy as np
import pytest
from ngram_cases import SMOOTHINGS, Reference, count, expected, fitted, quiet, ragged, random_rows

from core.errors import ConfigError, StoreError
from plugins.encoders.ngram import NGram

TRAIN, DEV = random_rows(0, 20), random_rows(30, 10)
TEST = [*random_rows(50, 10), [], [6, 6, 6], [7, 1, 7]]  # 7 never occurs
CLOSE = 1e-5  # of natural logs in float32


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize(("seed", "rows"), [(0, 20), (1, 60)])
def test_each_probability_is_that_of_the_formula(order, smoothing, seed, rows):
    train = random_rows(seed, rows)
    model = fitted(train, 8, DEV, order=order, smoothing=smoothing, delta=0.3, k=2)
    reference = Reference(train, 8, order, smoothing, delta=0.3, k=2, weights=model.tables.get("weights"))
    np.testing.assert_allclose(np.exp(model.log_probs(ragged(TEST))), expected(reference, TEST), rtol=CLOSE)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_every_context_sums_to_one_and_equals_log_probs(order, smoothing):
    model = fitted(random_rows(3, 30), 8, DEV, order=order, smoothing=smoothing)
    rows = ragged([*random_rows(60, 12), [7, 7, 2], []])
    log_probs = model.log_probs(rows)
    for row in range(len(rows)):
        symbols = rows[row]
        for i in range(len(symbols)):
            after = model.next_log_probs(symbols[None, :i])[0]
            if model.normalized:
                assert np.exp(after).sum() == pytest.approx(1, abs=CLOSE)
            assert after[symbols[i]] == log_probs[rows.offsets[row] + i]


def test_a_score_is_not_normalized():
    assert not NGram(5, smoothing="stupid-backoff").normalized and NGram(5, smoothing="katz").normalized


@pytest.mark.parametrize("smoothing", [s for s in SMOOTHINGS if s not in ("mle", "laplace", "lidstone")])
@pytest.mark.parametrize("prune", [[0, 1], [0, 0, 1], [0, 1, 1, 2]])
def test_pruned_probability_goes_to_the_order_below(smoothing, prune):
    model = fitted(TRAIN, 8, DEV, order=4, smoothing=smoothing, prune=prune)
    reference = Reference(TRAIN, 8, 4, smoothing, prune=prune, weights=model.tables.get("weights"))
    np.testing.assert_allclose(np.exp(model.log_probs(ragged(TEST))), expected(reference, TEST), rtol=CLOSE)
    kept = [sum(gram in reference.kept for gram in counts) for counts in count(TRAIN, 4)[1:]]
    assert model.facts()["grams"] == kept == [len(level) - (k == 0) for k, level in enumerate(model.trie.levels)]


@pytest.mark.parametrize("prune", [[1], [0, 2, 1], [0, 0, 0, 1]])
def test_invalid_thresholds_are_rejected(prune):
    with pytest.raises(ConfigError, match=r"encoder\.prune"):
        NGram(8, order=3, prune=prune)


def test_an_automatic_order_takes_as_many_thresholds_as_it_has_orders():
    options = {"order": "auto", "smoothing": "witten-bell", "delta": "auto", "prune": [0, 0, 1]}
    models = [NGram(8, **choice) for choice in NGram.choices(options, True)]
    assert [model.prune for model in models] == [[0, 0, 1], [0, 0], [0, 0, 1, 1], [0], [0, 0, 1, 1, 1]]
    assert NGram(8, **{**options, "prune": [0, 0, 1, 2, 3]}).prune == [0, 0, 1]  # before one is chosen


def test_without_interpolation_the_discounts_of_unigrams_go_to_unseen_words():
    options = {"order": 2, "smoothing": "modified-kneser-ney"}
    unigrams = np.exp(fitted(TRAIN, 8, interpolate_unigrams=False, **options).trie.levels[0].log_probs)
    assert unigrams.sum() == pytest.approx(1, abs=CLOSE)
    plain = np.exp(fitted(TRAIN, 8, **options).trie.levels[0].log_probs)
    assert unigrams[7] == pytest.approx(8 * plain[7], rel=CLOSE)


def test_the_order_of_an_answer_is_that_of_the_longest_known_gram():
    model = fitted([[2, 3], [2, 4]], 6, order=3, smoothing="witten-bell")
    # <s> 2 3 </s>; 4 </s> after an unknown 5; 5 itself
    answers = model.answers(ragged([[2, 3], [5, 4]]))
    assert answers["order"].tolist() == [2, 3, 3, 1, 1, 2]
    assert (answers["log_prob"] == model.log_probs(ragged([[2, 3], [5, 4]]))).all()


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_everything_before_the_last_end_is_ignored(smoothing):
    model = fitted(random_rows(4, 30), 8, DEV, order=4, smoothing=smoothing)
    histories = np.array([[3, 2, 0, 1, 2], [0, 0, 0, 1, 2], [5, 0, 0, 1, 2], [2, 2, 0, 1, 2]], dtype=np.int32)
    together = model.next_log_probs(histories)
    assert (together == together[0]).all()
    assert (together[0] == model.next_log_probs(histories[:1, 3:])[0]).all()
    assert (model.next_log_probs(histories[:, :3])[0] == model.next_log_probs(histories[:1, :0])[0]).all()


def test_a_row_does_not_see_the_row_before_it():
    model = fitted(random_rows(5, 30), 8, order=5, smoothing="kneser-ney")
    alone, after = model.log_probs(ragged([[1, 2, 3]])), model.log_probs(ragged([[2, 1, 4, 1], [1, 2, 3]]))
    assert (alone == after[-4:]).all()


@pytest.mark.parametrize("rows", [[], [[]], [[2]], [[2, 3], [], [3]]])
@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("dev", [[], [[2, 4]]])
def test_tiny_corpora_give_distributions(rows, smoothing, dev):
    model = fitted(rows, 5, dev, order=5, smoothing=smoothing)
    after = model.next_log_probs(np.array([[0, 0, 0], [0, 2, 3], [4, 4, 4]], dtype=np.int32))
    if model.normalized:
        assert np.exp(after).sum(axis=1) == pytest.approx(1, abs=CLOSE)
    if smoothing != "mle":
        assert np.isfinite(model.log_probs(ragged([[2, 3, 4], []]))).all()


@pytest.mark.parametrize(
    ("smoothing", "found"), [("kneser-ney", [0.5] * 3), ("modified-kneser-ney", [0.5, 1.0, 1.5])]
)
def test_an_undefined_discount_is_replaced_and_noted(smoothing, found):
    notes = []
    context = quiet(notify=lambda event, **facts: notes.append(facts["text"]))
    model = fitted([[2, 3], [2, 3]], 5, context=context, order=2, smoothing=smoothing)
    assert model.facts()["discounts"] == [found, found]
    assert [text.split(" has")[0] for text in notes] == [f"{smoothing}: order 1", f"{smoothing}: order 2"]


def test_an_order_longer_than_every_row_is_noted():
    notes = []
    context = quiet(notify=lambda event, **facts: notes.append(facts["text"]))
    fitted([[2, 3], [2]], 5, context=context, order=6, smoothing="witten-bell")
    assert notes == ["no row is long enough for grams of order 5 and higher"]


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_restored_model_gives_the_same_bits(smoothing):
    model = fitted(random_rows(6, 30), 8, DEV, order=4, smoothing=smoothing)
    again = NGram(8, order=4, smoothing=smoothing)
    again.restore({name: array.copy() for name, array in model.arrays().items()})
    rows = ragged(random_rows(70, 20))
    assert (again.log_probs(rows) == model.log_probs(rows)).all()
    assert again.facts() == model.facts()
    with pytest.raises(StoreError, match="order 4"):
        NGram(8, order=3).restore(model.arrays())


@pytest.mark.parametrize("bucketed", ["bucket", "order"])
def test_the_weights_maximise_the_likelihood_of_dev(bucketed):
    dev = ragged(random_rows(80, 40))
    model = fitted(
        random_rows(7, 40), 8, random_rows(80, 40), order=3, smoothing="jelinek-mercer", weights=bucketed
    )
    weights = model.tables["weights"]

    def likelihood(table):
        reference = Reference(random_rows(7, 40), 8, 3, "jelinek-mercer", weights=table)
        return np.log(expected(reference, random_rows(80, 40))).sum()

    best = likelihood(weights)
    assert best == pytest.approx(model.log_probs(dev).sum(), rel=1e-6)
    for k in range(3):
        for b in {0, 3, 5} if bucketed == "bucket" else {0}:
            for step in (-0.02, 0.02):
                other = weights.copy()
                other[k, b if bucketed == "bucket" else slice(None)] += step
                if 0 < other[k, b] < 1:
                    assert likelihood(other) <= best + 1e-6
    assert bucketed == "bucket" or (weights == weights[:, :1]).all()


def test_delta_has_the_highest_likelihood_of_its_grid():
    train, dev = random_rows(8, 40), random_rows(81, 40)
    model = fitted(train, 8, dev, order=2, smoothing="lidstone")
    found, best = model.facts()["delta"], model.log_probs(ragged(dev)).sum()
    assert 1e-4 < found < 1
    for delta in (found * 10**0.1, found / 10**0.1):
        assert fitted(train, 8, order=2, smoothing="lidstone", delta=delta).log_probs(ragged(dev)).sum() < best


def test_choices_are_complete_and_keep_the_options_that_are_set():
    auto = {"order": "auto", "smoothing": "auto", "delta": "auto"}
    found = NGram.choices(auto, False)
    assert all("auto" not in (choice["order"], choice["smoothing"]) for choice in found)
    assert (found[0]["order"], found[0]["smoothing"]) == (3, "kneser-ney")
    assert {c["order"] for c in found} == {1, 2, 3, 4, 5}
    assert {c["smoothing"] for c in found} == {"kneser-ney", "witten-bell", "modified-kneser-ney"}
    assert {c["smoothing"] for c in NGram.choices(auto, True)} == {"modified-kneser-ney"}
    assert NGram.choices({**auto, "order": 7, "smoothing": "witten-bell"})[0]["order"] == 7
    lidstone = NGram.choices({**auto, "smoothing": "lidstone"})
    assert len(lidstone) == 18 and {c["order"] for c in lidstone} == {1, 2, 3} and lidstone[0]["delta"] == 0.1
    assert {c["delta"] for c in NGram.choices({**auto, "smoothing": "lidstone", "delta": 0.5})} == {0.5}


def test_gram_types_match_a_count_by_hand():
    model = fitted([[2, 3], [2]], 4, order=3, smoothing="witten-bell")
    # <s> 2 3 </s> and <s> 2 </s>: 2 3 </s>; (<s> 2) (2 3) (3 </s>) (2 </s>); (<s> 2 3) (2 3 </s>) (<s> 2 </s>)
    assert model.facts()["grams"] == [3, 4, 3]
