"""The kernels' steps compared with finite differences of the objectives, written in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from word2vec_cases import DIM, KINDS, RATE, ROW, SIZE, small_tables

from plugins.embeddings.word2vec.schedule import all_pieces
from plugins.embeddings.word2vec.tables import Tables, View


def softplus(x: Any) -> Any:
    return np.logaddexp(0, x)


def logistic(view: View, tables: Tables) -> Callable[..., float]:
    """The loss of one prediction with negative sampling or hierarchical softmax, with the draws of the kernel."""
    rows, tree, plan = view.arrays["rows"], tables.tree, view.plan

    def loss(x: Any, outputs: Any, i: int, word: int) -> float:
        if plan.negative:
            drawn = rows[i * plan.padded : i * plan.padded + plan.negative + 1]
            assert drawn[0] == word and word not in drawn[1:]
            return float(softplus(-outputs[word] @ x) + softplus(outputs[drawn[1:]] @ x).sum())
        span = slice(tree.starts[word], tree.starts[word + 1])
        used = tree.turns[span] != 0
        return float(softplus(-tree.turns[span][used] * (outputs[tree.nodes[span][used]] @ x)).sum())

    return loss


def full(x: Any, outputs: Any, i: int, word: int) -> float:
    scores = outputs[:SIZE] @ x
    return float(np.log(np.exp(scores).sum()) - scores[word])


def objective(
    row: list[int], cbow: bool, divide: bool, loss: Callable[..., float], at: Any
) -> Callable[..., float]:
    """The sum of the losses of all windows as a function of both tables."""

    def total(inputs: Any, outputs: Any) -> float:
        found = 0.0
        for i, word in enumerate(row):
            around = [row[j] for j in (i - 1, i + 1) if 0 <= j < len(row)]
            if not cbow:
                found += sum(loss(inputs[c], outputs, i, word) for c in around)
                continue
            mean = inputs[around].mean(0)
            if not divide:  # the historical form: each word's own gradient is the whole of the mean's
                mean = at[around].mean(0) + (inputs[around] - at[around]).sum(0)
            found += loss(mean, outputs, i, word)
        return found

    return total


def differences(function: Callable[[Any], float], at: Any) -> Any:
    """The gradient by central differences."""
    found, step = np.zeros_like(at), 1e-5
    for place in np.ndindex(*at.shape):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        found[place] = (function(up) - function(down)) / (2 * step)
    return found


def check(tables: Tables, view: View, row: list[int]) -> None:
    settings = tables.settings
    inputs, outputs = (t[:SIZE, :DIM].astype(np.float64) for t in (tables.inputs, tables.outputs))
    view.state[:] = 5
    loss, predictions = view.train(all_pieces(tables.text.offsets), 0)
    one = full if settings.output == "softmax" else logistic(view, tables)
    total = objective(row, settings.model == "cbow", settings.divide, one, inputs)
    assert predictions == (len(row) if settings.model == "cbow" else 2 * (len(row) - 1))
    assert loss == pytest.approx(total(inputs, outputs), rel=1e-3)
    for table, before, slope in (
        (tables.inputs, inputs, differences(lambda t: total(t, outputs), inputs)),
        (tables.outputs, outputs, differences(lambda t: total(inputs, t), outputs)),
    ):
        assert (size := np.abs(slope).max()) > 0.5
        np.testing.assert_allclose((before - table[:SIZE, :DIM]) / RATE, slope, atol=5e-3 + 2e-3 * size)
        assert not table[SIZE:].any() and not table[:, DIM:].any(), "the spare row and the padding stay zero"


@pytest.mark.parametrize(("model", "output"), KINDS)
def test_a_step_is_a_step_along_the_gradient_of_the_objective(model: str, output: str) -> None:
    check(*small_tables(model=model, output=output), ROW)


@pytest.mark.parametrize("negative", [1, 6, 14])
def test_any_number_of_negatives_is_supported(negative: int) -> None:
    check(*small_tables(negative=negative), ROW)


def test_the_historical_cbow_gives_every_word_the_whole_gradient() -> None:
    check(*small_tables(model="cbow", divide=False), ROW)


def test_a_negative_that_is_drawn_twice_counts_twice() -> None:
    row = [0, 1]
    tables, view = small_tables(row=row, negative=40)
    check(tables, view, row)
    drawn = view.arrays["rows"][: view.plan.negative + 1]
    assert len(np.unique(drawn)) < len(drawn) / 5


def test_scores_beyond_the_table_of_the_sigmoid_saturate() -> None:
    tables, view = small_tables(row=[0, 1], output="negative")
    tables.inputs[:SIZE, :DIM] = 3.0
    tables.outputs[:SIZE, :DIM] = -3.0
    loss, _ = view.train(all_pieces(tables.text.offsets), 0)
    assert loss == pytest.approx(
        2 * 9 * DIM, rel=1e-6
    )  # both predictions are certain and wrong, the negatives right


def test_the_expected_step_of_negative_sampling_is_that_of_its_expected_objective() -> None:
    """The mean step over many draws is the gradient of the expected loss of the pairs."""
    tables, view = small_tables(row=[0, 1], negative=5)
    start = tables.inputs.copy(), tables.outputs.copy()
    weights = np.array(tables.text.counts, dtype=np.float64) ** 0.75

    def total(inputs: Any, outputs: Any) -> float:
        found = 0.0
        for word, context in ((0, 1), (1, 0)):
            rates = np.where(np.arange(SIZE) == word, 0, weights)
            losses = softplus(outputs @ inputs[context])
            found += softplus(-outputs[word] @ inputs[context]) + 5 * (rates / rates.sum()) @ losses
        return float(found)

    moved, trials = [np.zeros((SIZE, DIM)), np.zeros((SIZE, DIM))], 4000
    for trial in range(trials):
        tables.inputs[:], tables.outputs[:] = start
        view.state[:] = trial * 7919
        view.train(all_pieces(tables.text.offsets), 0)
        moved[0] += (start[0] - tables.inputs)[:SIZE, :DIM]
        moved[1] += (start[1] - tables.outputs)[:SIZE, :DIM]
    inputs, outputs = (t[:SIZE, :DIM].astype(np.float64) for t in start)
    slopes = (differences(lambda t: total(t, outputs), inputs), differences(lambda t: total(inputs, t), outputs))
    for sums, slope in zip(moved, slopes, strict=True):
        np.testing.assert_allclose(sums / trials / RATE, slope, atol=0.05)
