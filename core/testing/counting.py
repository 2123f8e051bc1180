"""The checks of the counting family's contract (see ``core.testing.check_encoder``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.counting.base import CountModel
from core.data.corpus import Corpus, Ragged
from core.data.vocab import END, FIRST
from core.model.context import Context
from core.testing.rows import histories, random_rows
from core.types import Arrays, Floats, Int32s

SIZE = 7
WIDTH = 12


def check_count_model(model_class: type[CountModel], options: dict[str, Any]) -> None:
    """Sums to 1 in every context, row by row, and keeps its bits when saved.

    Raises:
        AssertionError: a rule is broken.
    """
    rows, dev = random_rows(60, SIZE, seed=1), random_rows(20, SIZE, seed=2)
    open_options = _open_options(model_class) | options
    for chosen in model_class.choices(open_options):
        model = _fitted(model_class, chosen, rows, dev)
        told = f" (options {chosen})"
        log_probs = model.log_probs(dev)
        assert log_probs.shape == dev.values.shape, "log_probs: one number a token, END too" + told
        if model.normalized:
            before = histories(dev, WIDTH)
            table = model.next_log_probs(before)
            assert table.shape == (len(dev.values), SIZE), "next_log_probs: (B, vocab_size)" + told
            sums = np.exp(table.astype(np.float64)).sum(1)
            assert np.allclose(sums, 1, atol=1e-5), (
                f"next_log_probs: sums to 1, not {sums.min()}-{sums.max()}" + told
            )
            scored = table[np.arange(len(dev.values)), dev.values]
            _check_agreement(scored, log_probs, before, dev, told)
            _check_context(model, before, table, told)
        _check_rows_alone(model, dev, told)
        again = model_class(SIZE, **chosen)
        again.restore({name: array.copy() for name, array in model.arrays().items()})
        assert np.array_equal(again.log_probs(dev), log_probs), "restore(arrays()) gives the same bits" + told


def _open_options(model_class: type[CountModel]) -> dict[str, Any]:
    from core.config.options import options_of

    return {name: option.default for name, option in options_of(model_class, model_class.__name__).items()}


def _fitted(model_class: type[CountModel], options: dict[str, Any], rows: Ragged, dev: Ragged) -> CountModel:
    def no_metrics(predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        return {"none": 0.0}

    model = model_class(SIZE, **options)
    model.fit(rows, dev, Context(no_metrics, "none"))
    return model


def _check_agreement(scored: Floats, log_probs: Floats, before: Int32s, dev: Ragged, told: str) -> None:
    """The two ways to ask for one probability give one answer; the first place where they do not is shown."""
    wrong = np.flatnonzero(~np.isclose(scored, log_probs, atol=1e-5))
    if not len(wrong):
        return
    at = int(wrong[0])
    history = before[at, np.flatnonzero(before[at] == END)[-1] :].tolist()
    raise AssertionError(
        f"next_log_probs: after {history} symbol {dev.values[at]} has {scored[at]:.6g}, and log_probs gives it"
        f" {log_probs[at]:.6g} in that row; a history is aligned on the right and its row begins at its last END,"
        f" and log_probs is of each row's END too{told}"
    )


def _check_context(model: CountModel, before: Int32s, table: Floats, told: str) -> None:
    """What is no part of the context changes nothing: other rows, and what stands too far back in this one."""
    inside = np.cumsum((before == END)[:, ::-1], axis=1)[:, ::-1] == 0  # the row's own symbols
    start = WIDTH - 1 - inside.sum(axis=1, keepdims=True)  # (B, 1), where the last END stands
    swapped = FIRST + (before - FIRST + 1) % (SIZE - FIRST)
    other = np.where(np.arange(WIDTH) < start, swapped, before).astype(np.int32)
    same = np.allclose(model.next_log_probs(other), table, atol=1e-6)
    assert same, f"next_log_probs: what stands before the last END of a history changes a probability{told}"
    if (size := model.context_size) is None:
        return
    other = np.where(inside & (np.arange(WIDTH) < WIDTH - size), swapped, before).astype(np.int32)
    same = np.allclose(model.next_log_probs(other), table, atol=1e-6)
    assert same, f"context_size: it is {size}, and a symbol further back changes a probability{told}"


def _check_rows_alone(model: CountModel, dev: Ragged, told: str) -> None:
    order = np.arange(len(dev))[::-1].copy()
    turned = dev.select(order)
    scored = np.split(model.log_probs(turned), turned.offsets[1:-1])
    alone = np.concatenate(scored[::-1])
    assert np.allclose(alone, model.log_probs(dev), atol=1e-6), "a row's history never leaves the row" + told
