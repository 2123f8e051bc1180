"""The data and the first network of a saved run; the unit that follows a property, with a planted one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core import run
from core.data.corpus import Corpus
from core.errors import ConfigError, DataError
from core.runs.followed_property import follow
from core.runs.own_data import before_training, own_data
from core.runs.trained_model import TrainedModel, load
from core.types import Array

SMALL = {"data.limit": 80, "train.epochs": 1, "threads": 1, "quiet": True, "encoder.hidden_size": 4}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """A language model on a text in which position and quotes are known."""
    folder = tmp_path_factory.mktemp("follow")
    lines = [f'{"a b " * (n % 3 + 1)}" c d{" c" * (n % 4)} " a' for n in range(90)]
    (folder / "text.txt").write_text("\n".join(lines) + "\n")
    task = {"task": "lm", "data": str(folder / "text.txt"), "task.mode": "sentence"}
    result = run(encoder="rnn", **task, **SMALL, runs=folder / "runs")
    return load(result.folder)


def test_the_data_are_those_of_training(saved: TrainedModel) -> None:
    data = own_data(saved)
    assert data.vocab.words == saved.vocab.words and set(data.splits) == {"train", "dev", "test"}
    with pytest.raises(DataError, match="no label per token"):
        own_data(saved, "token")


def test_changed_data_is_an_error(saved: TrainedModel, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("x y z\n" * 30)
    path = Path(saved.config.data.target)
    kept = path.read_text()
    try:
        path.write_text(other.read_text())
        with pytest.raises(DataError, match="other words than when the run was trained"):
            own_data(saved)
    finally:
        path.write_text(kept)


def test_the_first_network_is_that_of_training(saved: TrainedModel) -> None:
    first, again = (before_training(saved, own_data(saved)).network.state_dict() for _ in range(2))
    trained = saved.model.network.state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], trained[name]) for name in first)


def test_the_first_network_is_that_of_training_with_its_class_weights(tmp_path: Path) -> None:
    """With a learning rate near 0 the trained network is the first one."""
    still = {"train.epochs": 1, "train.learning_rate": 1e-12, "train.schedule": "constant"}
    options = {**SMALL, **still, "head.class_weights": "balanced", "runs": tmp_path}
    saved = load(run(task="sentiment", encoder="gru", **options).folder)
    first, trained = before_training(saved, own_data(saved)).network, saved.model.network
    for name, value in trained.state_dict().items():
        torch.testing.assert_close(first.state_dict()[name], value, atol=1e-6, rtol=0)


def test_a_planted_unit_is_found(saved: TrainedModel) -> None:
    """Unit 2 adds 0.02 per token, whatever is read."""
    network = saved.model.network
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    cell = network.encoder.layers[0][0]
    with torch.no_grad():
        for weight in (cell.weight_ih_l0[2], cell.weight_hh_l0[2]):
            weight.zero_()
        cell.weight_hh_l0[2, 2] = 1.0
        cell.bias_ih_l0[2], cell.bias_hh_l0[2] = 0.02, 0.0
    try:
        found = follow(saved, saved.model, "position", 500)
    finally:
        network.load_state_dict(kept)
    trained, shuffled, untrained = found.answers
    assert (trained.part, trained.unit, trained.found.sign) == ("h", 2, 1) and found.is_number
    assert trained.graded.score > 0.99 > untrained.graded.score
    assert abs(shuffled.graded.score) < 0.3 and found.searched == 4
    assert [len(own) for own in found.strengths.values()] == [4]


def test_quotes_are_yes_or_no(saved: TrainedModel) -> None:
    found = follow(saved, saved.model, "quotes", 500)
    trained, shuffled, _ = found.answers
    assert not found.is_number and trained.graded.score > shuffled.graded.score
    assert trained.graded.f1 is not None and trained.graded.always is not None


def test_a_property_that_never_changes_is_an_error(saved: TrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str, corpus: Corpus) -> tuple[Array, Array]:
        return np.zeros(len(corpus.tokens.values)), corpus.tokens.inner

    monkeypatch.setattr("core.runs.followed_property.tokens_with", nothing)
    with pytest.raises(ConfigError, match="'position' is the same for all .* tokens of dev"):
        follow(saved, saved.model, "position", 10)
