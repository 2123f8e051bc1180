"""The torch engine, run on the CPU: its steps, its draws, and what it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from word2vec_cases import DIM, KINDS, RATE, ROW, SIZE, check_separated, planted, small_tables, text_of

from plugins.embeddings.word2vec.gpu import Device, train_on
from plugins.embeddings.word2vec.schedule import all_pieces
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.vocabulary import choose_words


@pytest.mark.parametrize(("model", "output"), KINDS)
@pytest.mark.parametrize("divide", [True, False])
def test_a_step_equals_that_of_the_kernels_for_the_same_windows_and_draws(
    model: str, output: str, divide: bool
) -> None:
    tables, view = small_tables(model=model, output=output, divide=divide)
    device = Device(tables, "cpu")
    device.inputs, device.outputs = device.inputs.clone(), device.outputs.clone()
    before = tables.inputs.copy(), tables.outputs.copy()
    expected, predictions = view.train(all_pieces(tables.text.offsets), 0)
    words, places = torch.tensor(ROW), torch.arange(len(ROW))
    contexts, inside = device.windows(words, torch.zeros_like(words), places)
    targets, signs = device.targets(words)
    if output == "negative":
        targets = torch.from_numpy(view.arrays["rows"].reshape(-1, 6)[: len(ROW)].astype(np.int64))
    loss, count = device.step(contexts, inside, targets, signs, RATE)
    assert int(count) == predictions and float(loss) == pytest.approx(expected, rel=1e-3)
    for table, own, start in zip(
        (tables.inputs, tables.outputs), (device.inputs, device.outputs), before, strict=True
    ):
        move = (table - start)[:SIZE, :DIM] / RATE
        found = (own.numpy() - start)[:SIZE, :DIM] / RATE
        np.testing.assert_allclose(found, move, atol=5e-3 + 2e-3 * np.abs(move).max())
        assert not own[SIZE:].any()


def test_windows_stay_in_their_row_and_all_sizes_are_equally_likely() -> None:
    tables, _ = small_tables(window=3)
    device = Device(tables, "cpu")
    rows = torch.arange(9000) // 30
    _, inside = device.windows(torch.zeros(9000, dtype=torch.int64), rows, torch.arange(9000))
    middle = inside.view(300, 30, 6)[:, 10:20].float().mean((0, 1))
    np.testing.assert_allclose(middle, [1 / 3, 2 / 3, 1, 1, 2 / 3, 1 / 3], atol=0.05)
    first = inside.view(300, 30, 6)[:, 0]
    assert not first[:, :3].any() and first[:, 3].all()


def test_noise_is_f_to_the_three_quarters_without_the_word_itself() -> None:
    tables, _ = small_tables()
    negatives = Device(tables, "cpu").noise(torch.full((20_000,), 2))
    drawn = torch.bincount(negatives.flatten(), minlength=SIZE).numpy()
    rates = np.delete(tables.text.counts**0.75, 2)
    assert drawn[2] == 0
    assert stats.chisquare(np.delete(drawn, 2), rates / rates.sum() * drawn.sum()).pvalue > 1e-3


@pytest.mark.parametrize(("model", "output"), KINDS)
def test_every_model_separates_two_planted_topics(model: str, output: str) -> None:
    text, events = planted(300), list[dict[str, Any]]()
    chosen = choose_words(text, 1, None)
    options: dict[str, Any] = {"model": model, "output": output, "min_count": 1, "sample": 0.0, "alpha": 0.05}
    settings = Settings(dim=16, window=3, epochs=8, **options)
    trained = train_on("cpu", text, chosen, settings, notify=lambda event, **facts: events.append(facts))
    check_separated(trained.vectors, chosen % 2)
    assert trained.losses[-1] < trained.losses[0]
    assert events[-1]["step"] == events[-1]["steps"] == 8 * len(text.values)


def test_frequent_words_are_dropped_at_random() -> None:
    text = text_of([[0, 1, 2, 3] * 100] * 10, 4)
    tables = Tables(text, np.arange(4), Settings(sample=0.04, subsampling="paper"), seed=0)
    device = Device(tables, "cpu")
    np.testing.assert_allclose(device.keep.numpy(), 0.4, rtol=1e-6)
    kept = device.uniform(100_000) < device.keep[0]
    assert float(kept.double().mean()) == pytest.approx(0.4, abs=0.01)
