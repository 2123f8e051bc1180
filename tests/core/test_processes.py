"""What torchrun tells a process, and what processes exchange; here in a group of one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from torch import distributed
from torchrun import pretend

from core import processes
from core.errors import ConfigError
from core.families import FAMILIES


@pytest.fixture
def group() -> Iterator[None]:
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")  # as some clusters set it; no process has a number
    assert (processes.size(), processes.rank(), processes.local_size(), processes.local_rank()) == (1, 0, 1, 0)
    with processes.first(several=False):
        pass


def test_a_process_knows_its_number_among_all_and_on_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 5, 8, local=4)
    assert (processes.size(), processes.rank(), processes.local_size(), processes.local_rank()) == (8, 5, 4, 1)


@pytest.mark.parametrize(
    ("rank", "size", "port"),
    [("0", "two", "1"), ("x", "2", "1"), ("2", "2", "1"), ("-1", "2", "1"), ("0", "0", "1"), ("0", "2", "http")],
)
def test_variables_that_torchrun_cannot_have_set_are_refused(
    rank: str, size: str, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, 1, 2)
    processes.check()
    monkeypatch.setenv("RANK", rank)
    monkeypatch.setenv("WORLD_SIZE", size)
    monkeypatch.setenv("MASTER_PORT", port)
    with pytest.raises(
        ConfigError, match=f"environment: RANK={rank} WORLD_SIZE={size} MASTER_PORT={port} are not"
    ):
        processes.check()


def test_arrays_of_any_type_and_shape_are_gathered_unchanged(group: None) -> None:
    arrays = {"a": np.arange(6, dtype=np.int32).reshape(2, 3), "b": np.array([True, False]), "c": np.zeros((0, 4))}
    (found,) = processes.gather(arrays)
    assert found.keys() == arrays.keys()
    for name, values in arrays.items():
        assert found[name].dtype == values.dtype and (found[name] == values).all()
        assert found[name].shape == values.shape
    assert processes.from_first(["x", {"y": 1.5}]) == ["x", {"y": 1.5}]


def test_only_neural_models_are_trained_by_several_processes() -> None:
    assert {name for name, traits in FAMILIES.items() if traits.shared} == {"neural"}
