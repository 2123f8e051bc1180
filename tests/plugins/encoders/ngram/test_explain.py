"""The explanation of a probability: every column compared with hand-worked or summed values."""

from __future__ import annotations

import numpy as np
import pytest
from arpa_cases import WORDS, ragged, random_rows, trained

from plugins.encoders.ngram.explain import steps


@pytest.mark.parametrize("smoothing", ["modified-kneser-ney", "witten-bell", "katz", "stupid-backoff", "mle"])
def test_the_last_step_is_the_distribution_of_the_model(smoothing: str):
    model = trained(order=4, smoothing=smoothing)
    for row in random_rows(31, 20):
        history = np.array([0, *row], dtype=np.int32)
        wanted = model.next_log_probs(history[None])[0]
        assert np.allclose(steps(model.trie, history[-3:])[-1].log_probs, wanted, atol=1e-6) or len(history) < 4
        if len(history) < 4:
            assert np.allclose(steps(model.trie, history)[-1].log_probs, wanted, atol=1e-6)


def test_a_context_without_a_start_mark_may_be_anywhere_in_a_row():
    model = trained(order=3, smoothing="witten-bell")
    inside, first = (model.explain(np.array(h, dtype=np.int32), WORDS, 3) for h in ([2], [0, 2]))
    assert [row[1] for row in inside[0].rows] == ["the", "(none)"]
    assert [row[1] for row in first[0].rows] == ["<s> the", "the", "(none)"]


def test_counts_shares_and_back_offs_combine_to_the_probability():
    model = trained(order=3, smoothing="modified-kneser-ney")
    contexts, words = model.explain(np.array([0, 2], dtype=np.int32), WORDS, len(WORDS))
    total = 0.0
    by_order = {row[0]: row for row in contexts.rows}
    for row in words.rows:
        p, order, paid, there = float(row[1]), row[2], float(row[3]), float(row[4])
        total += p
        assert p == pytest.approx(paid * there, rel=1e-3, abs=2e-6)
        counts = dict(zip(words.header[7:], row[7:], strict=True))
        assert there == pytest.approx(float(row[5]) + float(row[6]), abs=2e-6)
        count, seen = counts[f"count {order}"], by_order[order][2]
        discount = float(by_order[order][3 + min(count, 3)]) if count else 0.0
        assert float(row[5]) == pytest.approx((count - discount) / seen, rel=1e-3, abs=2e-6)
    assert total == pytest.approx(1, abs=1e-5)
    assert [float(row[1]) for row in words.rows] == sorted((float(row[1]) for row in words.rows), reverse=True)


def test_counts_of_the_highest_order_are_those_of_the_text():
    model, rows = trained(order=2, smoothing="witten-bell"), ragged(random_rows(1, 200))
    values = rows.values
    after = values[1:][values[:-1] == 2]
    _, words = model.explain(np.array([2], dtype=np.int32), WORDS, len(WORDS))
    for row in words.rows:
        assert row[7] == np.count_nonzero(after == WORDS.index(row[0]))


def test_an_unseen_context_is_shown_as_such():
    model = trained(rows=5, order=4, smoothing="kneser-ney")
    contexts, words = model.explain(np.array([8, 8, 8], dtype=np.int32), WORDS, 2)
    assert contexts.rows[0][:3] == (4, "e e e", "not seen") and len(words.rows) == 2


@pytest.mark.parametrize("smoothing", ["jelinek-mercer", "witten-bell", "absolute", "modified-kneser-ney"])
@pytest.mark.parametrize("evenly", [True, False])
def test_at_order_1_a_share_of_the_uniform_distribution_comes_from_below(smoothing: str, evenly: bool):
    model = trained(order=1, smoothing=smoothing, rows=4, interpolate_unigrams=evenly)
    words = model.explain(np.zeros(0, dtype=np.int32), WORDS, len(WORDS))[1]
    counts = model.trie.levels[0].counts
    assert 0 in counts.tolist()
    for row in words.rows:
        there, own, below, count = float(row[4]), float(row[5]), float(row[6]), row[7]
        assert there == pytest.approx(own + below, abs=2e-6)
        assert (own == 0) == (count == 0) and (below > 0) == (evenly or count == 0)
    assert sum(float(row[5]) + float(row[6]) for row in words.rows) == pytest.approx(1, abs=1e-5)
    assert len({row[6] for row in words.rows}) == (1 if evenly else 2)
