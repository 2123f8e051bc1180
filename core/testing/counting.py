"""The checks of the counting family's contract (see ``core.testing.check_encoder``)."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.config.options import options_of
from core.counting.base import CountModel
from core.counting.heads.places import by_whole_rows
from core.data.corpus import Ragged
from core.data.vocab import END, FIRST, UNK
from core.testing.rows import histories, random_rows, unscored_context
from core.types import Floats, Int32s

SIZE = 7
WIDTH = 12
PLACES = 20


def check_count_model(model_class: type[CountModel], options: dict[str, Any]) -> None:
    """Probabilities sum to 1, rows are independent, a restored model and another seed give the same bits.

    Raises:
        AssertionError: a rule is broken.
    """
    rows, dev = random_rows(60, SIZE, seed=1), random_rows(20, SIZE, seed=2)
    defaults = {name: option.default for name, option in options_of(model_class, model_class.__name__).items()}
    for chosen in model_class.choices(defaults | options):
        model = model_class(SIZE, **chosen)
        model.fit(rows, dev, unscored_context())
        twin = model_class(SIZE, **chosen)
        twin.fit(rows, dev, unscored_context(seed=2))
        suffix = f" (options {chosen})"
        log_probs = model.log_probs(dev)
        assert log_probs.shape == dev.values.shape, "log_probs: one number per token, END included" + suffix
        same = np.array_equal(twin.log_probs(dev), log_probs)
        assert same, "fit: another seed gives another model, and only one is trained for all seeds" + suffix
        if model.normalized:
            _check_distributions(model, dev, log_probs, suffix)
        _check_independent_rows(model, dev, suffix)
        _check_places(model, dev, suffix)
        restored = model_class(SIZE, **chosen)
        restored.restore({name: array.copy() for name, array in model.arrays().items()})
        assert np.array_equal(restored.log_probs(dev), log_probs), "restore(arrays()) gives the same bits" + suffix


def _check_distributions(model: CountModel, dev: Ragged, log_probs: Floats, suffix: str) -> None:
    before = histories(dev, WIDTH)
    table = model.next_log_probs(before)
    assert table.shape == (len(dev.values), SIZE), "next_log_probs: (B, vocab_size)" + suffix
    sums = np.exp(table.astype(np.float64)).sum(1)
    message = f"next_log_probs: sums to 1, not {sums.min()}-{sums.max()}{suffix}"
    assert np.allclose(sums, 1, atol=1e-5), message
    _check_agreement(table[np.arange(len(dev.values)), dev.values], log_probs, before, dev, suffix)
    _check_context(model, before, table, suffix)


def _check_agreement(scored: Floats, log_probs: Floats, before: Int32s, dev: Ragged, suffix: str) -> None:
    """``next_log_probs`` and ``log_probs`` agree; the message shows the first difference."""
    wrong = np.flatnonzero(~np.isclose(scored, log_probs, atol=1e-5))
    if not len(wrong):
        return
    at = int(wrong[0])
    history = before[at, np.flatnonzero(before[at] == END)[-1] :].tolist()
    raise AssertionError(
        f"next_log_probs: after {history} symbol {dev.values[at]} has {scored[at]:.6g}, and log_probs gives it"
        f" {log_probs[at]:.6g} in that row; a history is aligned on the right and its row starts at its last END,"
        f" and log_probs includes the END of each row{suffix}"
    )


def _check_context(model: CountModel, before: Int32s, table: Floats, suffix: str) -> None:
    """Probabilities do not depend on other rows, nor on symbols of the row that are beyond ``context_size``."""
    inside = np.cumsum((before == END)[:, ::-1], axis=1)[:, ::-1] == 0  # the row's own symbols
    start = WIDTH - 1 - inside.sum(axis=1, keepdims=True)  # (B, 1), the position of the last END
    swapped = FIRST + (before - FIRST + 1) % (SIZE - FIRST)
    other = np.where(np.arange(WIDTH) < start, swapped, before).astype(np.int32)
    same = np.allclose(model.next_log_probs(other), table, atol=1e-6)
    assert same, f"next_log_probs: symbols before the last END of a history change a probability{suffix}"
    if (size := model.context_size) is None:
        return
    other = np.where(inside & (np.arange(WIDTH) < WIDTH - size), swapped, before).astype(np.int32)
    same = np.allclose(model.next_log_probs(other), table, atol=1e-6)
    assert same, f"context_size: it is {size}, but a symbol further back changes a probability{suffix}"


def _check_places(model: CountModel, dev: Ragged, suffix: str) -> None:
    """``place_scores`` agrees with the scores of whole rows."""
    places = np.flatnonzero(dev.inner)[:PLACES]
    own = model.place_scores(dev, places)
    if own is None:
        return
    assert own.shape == (len(places), SIZE), "place_scores: (B, vocab_size)" + suffix
    assert np.isneginf(own[:, END]).all(), "place_scores: END is never at a place, so it has -inf" + suffix
    expected = by_whole_rows(model, dev, places)[:, UNK:]
    with np.errstate(invalid="ignore"):  # where every symbol is impossible
        gaps = (own[:, UNK:] - own[:, UNK:].max(1, keepdims=True)) - (expected - expected.max(1, keepdims=True))
    assert np.allclose(np.nan_to_num(gaps), 0, atol=1e-5), "place_scores: it differs from whole rows" + suffix


def _check_independent_rows(model: CountModel, dev: Ragged, suffix: str) -> None:
    turned = dev.select(np.arange(len(dev))[::-1])
    scored = np.concatenate(np.split(model.log_probs(turned), turned.offsets[1:-1])[::-1])
    assert np.allclose(scored, model.log_probs(dev), atol=1e-6), "a row's history never leaves the row" + suffix
