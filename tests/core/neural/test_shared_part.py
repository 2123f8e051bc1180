"""The checkpoints of several processes hold the state of each; here in a group of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
import torch
from torch import distributed

from core import processes
from core.model.checkpoint import Part, State
from core.neural.shared_part import SharedPart
from core.neural.trainer_state import random_state

CPU = torch.device("cpu")


class Kept(Part):
    """Keeps the last state."""

    state: State | None = None
    asked: bool | None = None

    def restore(self) -> State | None:
        return self.state

    def due(self, epoch_ended: bool = False) -> bool:
        self.asked = epoch_ended
        return epoch_ended

    def save(self, state: State, place: Mapping[str, int]) -> None:
        self.state = state

    def finish(self) -> None:
        self.state = None


@pytest.fixture(autouse=True)
def group() -> Iterator[None]:
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def state_of(carry: object) -> State:
    return {
        "weights": {"a": torch.ones(2, 3)},
        "random": random_state(CPU),
        "carry": carry,
        "best": None,
        "n": 1.5,
    }


def test_a_state_is_read_back_with_the_same_bits() -> None:
    part = SharedPart(Kept())
    assert part.restore() is None
    saved = state_of((torch.arange(3.0), None, (torch.zeros(1, 2),)))
    part.save(saved, {"epoch": 1})
    found = part.restore()
    assert found is not None and torch.equal(found["weights"]["a"], saved["weights"]["a"])
    assert (found["best"], found["n"]) == (None, 1.5)
    first, nothing, (last,) = found["carry"]
    assert torch.equal(first, torch.arange(3.0)) and nothing is None and last.shape == (1, 2)
    assert torch.equal(found["random"]["torch"], saved["random"]["torch"])
    part.finish()
    assert part.restore() is None


def test_each_process_gets_its_own_random_numbers_and_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    states = [{"random": rank, "carry": (torch.full((1,), float(rank)),)} for rank in range(3)]
    kept.state = {**state_of(None), "processes": states}
    found = SharedPart(kept).restore()
    assert found is not None and found["random"] == 0
    given = kept.state
    monkeypatch.setattr(processes, "broadcast", lambda data: data)  # what process 2 receives
    monkeypatch.setattr(processes, "rank", lambda: 2)
    kept.state = given
    found = SharedPart(kept).restore()
    assert found is not None and found["random"] == 2 and found["carry"][0].item() == 2.0


def test_process_0_says_when_a_checkpoint_is_due() -> None:
    kept = Kept()
    part = SharedPart(kept)
    assert part.due(epoch_ended=True) is True and kept.asked is True
    assert part.due() is False  # until a step says so
    part.is_due = torch.ones(())
    assert part.due() is True


def test_a_step_that_is_not_complete_is_not_whole() -> None:
    kept = Kept()
    with pytest.raises(ValueError), SharedPart(kept).step():
        raise ValueError
    assert not kept.is_whole
