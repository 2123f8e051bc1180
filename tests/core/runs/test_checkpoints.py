"""When a checkpoint is due, which ones are kept, and what they survive."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from checkpoint_cases import opened
from command_line import entries

from core.data import leftovers
from core.errors import StoreError
from core.runs import checkpoint_file, checkpoints
from core.runs.checkpoint_texts import difference


class Clock:
    """A clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(checkpoints.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_the_first_checkpoint_of_an_epoch_waits_until_it_costs_less_than_one_percent(
    clock: Clock, tmp_path: Path
) -> None:
    with opened(tmp_path / "c") as found:
        part = found.part("training")
        clock.now += 0.9
        assert not part.due(epoch_ended=True) and not part.due()
        clock.now += 0.2
        assert part.due(epoch_ended=True) and not part.due()


def test_a_slow_disk_saves_fewer_checkpoints_but_one_in_five_minutes(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = checkpoint_file.write

    def slow(*arguments: Any) -> None:
        clock.now += 7.0
        write(*arguments)

    monkeypatch.setattr(checkpoint_file, "write", slow)
    with opened(tmp_path / "c") as found:
        part = found.part("training")
        part.save({}, {})
        clock.now += 299
        assert not part.due(epoch_ended=True) and not part.due(), "it would take 2 %"
        clock.now += 2
        assert part.due()
    with opened(tmp_path / "c", minutes=60) as found:
        part = found.part("training")
        part.save({}, {})
        clock.now += 699
        assert not part.due(epoch_ended=True)
        clock.now += 2
        assert part.due(epoch_ended=True) and not part.due()


def test_none_saves_nothing_and_still_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": 1}, {})
    with opened(tmp_path / "c", minutes=None) as found:
        part = found.part("training")
        assert part.restore() == {"x": 1} and not part.due(epoch_ended=True)
        part.save({"x": 2}, {})
    with opened(tmp_path / "c") as found:
        assert found.part("training").restore() == {"x": 1}


def test_each_part_has_its_last_two_checkpoints(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    with opened(folder) as found:
        first, second = found.part("embedding.a"), found.part("training")
        for number in range(4):
            first.save({"x": number}, {})
        for number in range(3):
            second.save({"y": number}, {})
        assert entries(folder) == ["3.embedding.a", "4.embedding.a", "6.training", "7.training"]
    with opened(folder) as found:
        assert found.part("embedding.a").restore() == {"x": 3} and found.part("training").restore() == {"y": 2}
        found.part("embedding.a").finish()
        assert entries(folder) == ["6.training", "7.training"]
        found.remove()
    assert entries(tmp_path) == []


def test_the_last_checkpoint_that_is_surely_on_the_disk_stays(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    write = checkpoint_file.write
    monkeypatch.setattr(
        checkpoint_file, "write", lambda *given: (synced.append(given[3]), write(*given[:3], False))
    )
    with opened(tmp_path / "c") as found:
        part = found.part("training")
        for seconds in (1, 31, 1, 1, 1):
            clock.now += seconds
            part.save({}, {})
        assert synced == [False, True, False, False, False]
        assert entries(tmp_path / "c") == ["2.training", "4.training", "5.training"]
        clock.now += 31
        part.save({}, {})
        assert entries(tmp_path / "c") == ["5.training", "6.training"]


def test_a_step_that_did_not_complete_is_not_saved(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        part = found.part("training")
        with pytest.raises(ZeroDivisionError), part.step():
            raise ZeroDivisionError
        part.save({"x": 1}, {})
        assert not (tmp_path / "c").exists()
        with part.step():
            pass
        part.save({"x": 2}, {})
        assert entries(tmp_path / "c") == ["1.training"]


def test_what_cannot_be_saved_is_a_note_that_names_it(tmp_path: Path) -> None:
    notes: list[str] = []
    with opened(tmp_path / "c", notify=lambda event, **facts: notes.append(facts["text"])) as found:
        for _ in range(2):
            found.part("training").save({"x": {1, 2}}, {})
    assert notes == [
        "a checkpoint cannot hold builtins.set; training continues, and the previous one is kept",
    ]
    assert entries(tmp_path / "c") == []


def test_a_process_that_still_dies_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": 1}, {})
    descriptor = leftovers.lock(tmp_path / "c")
    assert descriptor is not None
    monkeypatch.setattr(checkpoints.time, "sleep", lambda seconds: os.close(descriptor))
    with opened(tmp_path / "c") as found:
        assert found.part("training").restore() == {"x": 1}


def test_a_folder_that_the_process_before_removes_meanwhile_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, calls = leftovers.lock, list[Path]()

    def racing(folder: Path) -> int | None:
        calls.append(folder)
        if len(calls) == 1:  # it is gone before it is opened
            folder.rmdir()
        descriptor = lock(folder)
        if len(calls) == 2:  # and before it is locked
            folder.rmdir()
        return descriptor

    monkeypatch.setattr(leftovers, "lock", racing)
    with opened(tmp_path / "c") as found:
        found.part("training").save({"a": 1}, {})
    assert calls[:3] == [tmp_path / "c"] * 3 and "1.training" in entries(tmp_path / "c")


def test_a_checkpoint_is_two_files_without_pickle(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": [1.5, (None,)]}, {"epoch": 2})
    folder = tmp_path / "c" / "1.training"
    assert entries(folder) == ["state.json", "tensors.safetensors"]
    data = json.loads((folder / "state.json").read_text())
    assert data["program"] == "seqlab" and data["format"] == 1
    assert data["content"]["place"] == {"epoch": 2} and data["content"]["needs"] == {"threads": 1}


def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": 1}, {})
    path = tmp_path / "c" / "1.training" / "state.json"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    notes: list[str] = []
    with opened(tmp_path / "c", notify=lambda event, **facts: notes.append(facts["code"])) as found:
        assert found.part("training").restore() is None
    assert notes == ["checkpoint.damaged", "checkpoint.lost"]


def test_a_refused_process_leaves_the_checkpoints_to_others(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": 1}, {})
    with pytest.raises(StoreError, match="threads was 1 and is now 2"):
        with opened(tmp_path / "c", needs={"threads": 2}):
            pass
    with opened(tmp_path / "c") as found:
        assert found.part("training").restore() == {"x": 1}


@pytest.mark.parametrize(
    ("saved", "own", "expected"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"device": "cuda"}, {"device": "cpu"}, "run it with device=cuda, or start over with fresh=true"),
        ({"torch": "2"}, {"torch": "3"}, "run it as before, or start over with fresh=true"),
        (
            {"threads": 1, "torch": "2", "data": "x"},
            {"threads": 2, "torch": "3", "data": "y"},
            "run it with threads=1 and the torch and data of before, or start over with fresh=true",
        ),
    ],
)
def test_what_differs_is_said_with_what_to_do(
    saved: dict[str, Any], own: dict[str, Any], expected: str | None
) -> None:
    found = difference(saved, own)
    assert (found and found[1]) == expected


def test_a_saved_run_leaves_what_others_have_put_beside_its_checkpoints(tmp_path: Path) -> None:
    with opened(tmp_path / "c") as found:
        found.part("training").save({"x": 1}, {})
        (tmp_path / "c" / "notes.txt").write_text("mine")
        found.remove()
    assert entries(tmp_path / "c") == ["notes.txt"]
