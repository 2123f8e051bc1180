"""A run that is killed resumes from its checkpoint with the same bits, or says why it does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import entries
from killed import ALWAYS, CASES, STEPS, Kill, Killed, assert_same, kill_at, run, run_killed, words
from small_data import write_small

from core import config
from core.errors import StoreError
from core.experiment import environment
from core.neural.model import NeuralModel
from core.neural.trainer import Trainer
from core.runs import checkpoint_file, checkpoints, components
from core.runs.result import Result
from plugins.embeddings.word2vec import progress


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """A run of each kind that was never killed."""
    return {case: run(words(tmp_path_factory.mktemp(case), case)) for case in CASES}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of each step that is taken, from 0."""
    numbers: list[int] = []
    own = Trainer.step

    def step(self: Trainer, *arguments: Any) -> None:
        numbers.append(self.progress.step)
        own(self, *arguments)

    monkeypatch.setattr(Trainer, "step", step)
    return numbers


def codes(result: Result) -> list[str]:
    return [note.code for note in result.notes if note.code.startswith("checkpoint.")]


def unfinished(root: Path) -> list[Path]:
    """The folders of the checkpoints, oldest first."""
    (folder,) = (root / "runs").glob("*.unfinished")
    return [folder / f"{number}.{part}" for number, part in sorted(checkpoints.generations(folder))]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("step", [1, STEPS, STEPS + 3])
def test_a_killed_run_goes_on_to_the_same_bits(
    case: str,
    step: int,
    whole: dict[str, Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: list[int],
) -> None:
    given = words(tmp_path, case)
    run_killed(given, monkeypatch, step)
    assert len(unfinished(tmp_path)) == min(2, step)
    taken.clear()
    result = run(given)
    assert taken[0] == step, "it starts where the other process was killed"
    assert_same(result, whole[case])
    assert codes(result) == ["checkpoint.resumed"] and result.facts["resumed"] == 1
    assert entries(tmp_path / "runs") == [result.id]


def test_a_run_may_be_killed_before_every_second_step(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = words(tmp_path, "stream")
    times = 0
    while True:
        try:
            with monkeypatch.context() as patch:
                kill_at(patch, 2)
                result = run(given)
            break
        except Killed:
            times += 1
    assert_same(result, whole["stream"])
    assert codes(result) == ["checkpoint.resumed"] and result.facts["resumed"] == times > STEPS


def test_a_run_that_is_killed_in_prediction_trains_no_further_step(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    def killed(self: NeuralModel, *arguments: Any) -> None:
        raise Killed

    given = words(tmp_path, "pos")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(NeuralModel, "predict", killed)
        run(given)
    taken.clear()
    assert_same(run(given), whole["pos"])
    assert taken == []


def test_the_time_of_all_processes_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = words(tmp_path, "pos")
    run_killed(given, monkeypatch, STEPS)
    newest = unfinished(tmp_path)[-1]
    spent = checkpoint_file.read(newest)[1]["run"]["spent"]
    result = run(given)
    assert result.cost["train_seconds"] > spent["seconds"]["fit"] > 0
    assert result.cost["cpu_seconds"] > spent["cpu_seconds"]["fit"] + spent["cpu_seconds"]["read"]
    assert result.cost["peak_bytes"] >= spent["peak_bytes"] > 0


def test_fresh_starts_from_the_beginning(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    given = words(tmp_path, "pos")
    run_killed(given, monkeypatch, 7)
    taken.clear()
    run_killed(given | {"fresh": True}, monkeypatch, 1)
    assert len(unfinished(tmp_path)) == 1, "what the other process saved is replaced"
    result = run(given | {"fresh": True})
    assert taken[:2] == [0, 0] and "resumed" not in result.facts and codes(result) == []
    assert_same(result, whole["pos"])
    assert entries(tmp_path / "runs") == [result.id]


def other_version(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    real = environment.environment()
    monkeypatch.setattr("core.experiment.resuming.environment", lambda: {**real, name: value})


@pytest.mark.parametrize(
    ("more", "changed", "remedy"),
    [
        ({"threads": 2}, "threads was 1 and is now 2", "run it with threads=1, or start over with fresh=true"),
        ({"precision": "bf16"}, "precision was fp32 and is now bf16", "run it with precision=fp32, or"),
        ({"torch": "9.9"}, " and is now 9.9", "run it as before, or start over with fresh=true"),
        ({"seqlab": "9.9+beef"}, " and is now 9.9+beef", "run it as before, or start over with fresh=true"),
        ({"threads": 2, "numpy": "3"}, "numpy was", "run it with threads=1 and the numpy of before, or"),
    ],
)
def test_a_process_that_runs_in_another_way_is_refused(
    more: dict[str, Any], changed: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = words(tmp_path, "pos", threads=1)
    run_killed(given, monkeypatch, 2)
    before = unfinished(tmp_path)
    options = {name: value for name, value in more.items() if name in ("threads", "precision")}
    for name, value in more.items():
        if name not in options:
            other_version(monkeypatch, name, value)
    with pytest.raises(StoreError) as caught:
        run(given | options)
    error = caught.value
    assert error.code == "checkpoint.differs" and error.exit_code == 1 and changed in error.what
    assert error.remedy.startswith(remedy) and error.where.endswith(".unfinished")
    assert unfinished(tmp_path) == before, "nothing that was computed is lost"


def test_another_processor_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = words(tmp_path, "pos")
    run_killed(given, monkeypatch, 2)
    other_version(monkeypatch, "processor", "an abacus")
    assert codes(run(given)) == ["checkpoint.processor", "checkpoint.resumed"]


def test_data_that_has_changed_without_a_fingerprint_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.data.sources.files import Files

    given = words(tmp_path, "pos", data=write_small(tmp_path)["pos"])
    monkeypatch.setattr(Files, "fingerprint", lambda self: None)
    run_killed(given, monkeypatch, 2)
    path = Path(given["data"]) / "train.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[1:], lines[0]]))
    with pytest.raises(StoreError, match="data was [0-9a-f]{16} and is now [0-9a-f]{16}; run it as before, or"):
        run(given)


def cut(folder: Path) -> None:
    path = folder / checkpoint_file.TENSORS
    path.write_bytes(path.read_bytes()[:-9])


def flip(folder: Path) -> None:
    path = folder / checkpoint_file.TENSORS
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)


def reword(folder: Path) -> None:
    path = folder / checkpoint_file.STATE
    path.write_text(path.read_text().replace('"step": ', '"step": 1'))


def empty(folder: Path) -> None:
    (folder / checkpoint_file.STATE).write_text("")


@pytest.mark.parametrize("damage", [cut, flip, reword, empty])
def test_a_damaged_checkpoint_is_said_and_the_one_before_it_is_used(
    damage: Callable[[Path], None],
    whole: dict[str, Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: list[int],
) -> None:
    given = words(tmp_path, "stream")
    run_killed(given, monkeypatch, 7)
    damage(unfinished(tmp_path)[-1])
    taken.clear()
    result = run(given)
    assert taken[0] == 6
    assert codes(result) == ["checkpoint.damaged", "checkpoint.resumed"]
    assert_same(result, whole["stream"])


def test_without_a_readable_checkpoint_the_run_starts_again_and_says_so(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    given = words(tmp_path, "stream")
    run_killed(given, monkeypatch, 7)
    for folder in unfinished(tmp_path):
        cut(folder)
    taken.clear()
    result = run(given)
    assert taken[0] == 0
    assert codes(result) == ["checkpoint.damaged", "checkpoint.damaged", "checkpoint.lost"]
    assert_same(result, whole["stream"])


def test_a_full_disk_keeps_the_checkpoint_before_and_training_goes_on(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    given, write, calls = words(tmp_path, "pos"), checkpoint_file.write, [0]

    def full(folder: Path, *arguments: Any) -> None:
        calls[0] += 1
        write(folder, *arguments)
        if calls[0] > 4:
            raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_file, "write", full)
        run_killed(given, patch, 8)
        assert [path.name for path in unfinished(tmp_path)] == ["3.training", "4.training"]
        (folder,) = (tmp_path / "runs").iterdir()
        assert entries(folder) == ["3.training", "4.training"], "nothing half-written is left"
    taken.clear()
    assert_same(run(given), whole["pos"])
    assert taken[0] == 4
    other = tmp_path / "other"
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_file, "write", full)
        result = run(words(other, "pos"))
    assert codes(result) == ["checkpoint.not_saved"] and entries(other / "runs") == [result.id]


def test_a_second_process_with_the_same_run_saves_no_checkpoints_and_says_so(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = words(tmp_path, "pos")
    run_killed(given, monkeypatch, 3)
    before = unfinished(tmp_path)
    descriptor = checkpoints.leftovers.lock(before[0].parent)
    result = run(given)
    assert descriptor is not None and unfinished(tmp_path) == before
    os.close(descriptor)
    assert codes(result) == ["checkpoint.taken"]
    assert_same(result, whole["pos"])


def test_checkpoints_that_were_not_removed_after_the_run_was_saved_are_removed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = words(tmp_path, "pos")
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.RunCheckpoints, "remove", checkpoints.RunCheckpoints.close)
        result = run(given)
    assert entries(tmp_path / "runs") == [result.id, f"{result.id}.unfinished"]
    assert run(given).notes[-1].code == "cached" and entries(tmp_path / "runs") == [result.id]
    run_killed(given | {"fresh": True}, monkeypatch, 3)
    assert run(given).notes[-1].code == "cached"
    assert unfinished(tmp_path), "checkpoints that are newer than the saved run stay"


def test_checkpoints_of_another_run_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_killed(words(tmp_path, "pos"), monkeypatch, 3)
    folder = unfinished(tmp_path)[0].parent
    run_killed(words(tmp_path, "pos", seed=2), monkeypatch, 0)
    other = config.expand(words(tmp_path, "pos", seed=2))[0]
    own = folder.with_name(other.id(components.source(other).fingerprint()) + checkpoints.UNFINISHED)
    folder.rename(own)
    with pytest.raises(StoreError, match="run was [0-9a-f]{12} and is now [0-9a-f]{12}"):
        run(words(tmp_path, "pos", seed=2))


def test_a_folder_that_somebody_removes_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: dict[str, Result]
) -> None:
    own, given = Trainer.step, words(tmp_path, "pos")

    def step(self: Trainer, *arguments: Any) -> None:
        own(self, *arguments)
        if self.progress.step == 4:
            shutil.rmtree(unfinished(tmp_path)[0].parent)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", step)
        run_killed(given, patch, 7)
    assert [checkpoint_file.read_header(path)["place"]["step"] for path in unfinished(tmp_path)] == [6, 7]
    result = run(given)
    assert_same(result, whole["pos"])
    assert codes(result) == ["checkpoint.resumed"]


def test_ctrl_c_saves_the_best_weights_and_a_checkpoint(
    whole: dict[str, Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: list[int]
) -> None:
    given = words(tmp_path, "pos", **{"train.checkpoint_minutes": 5})
    own = Trainer.step

    def press(self: Trainer, *arguments: Any) -> None:
        own(self, *arguments)
        if self.progress.step == 7:
            os.kill(os.getpid(), 2)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", press)
        interrupted = run(given)
    assert interrupted.status == "interrupted" and len(interrupted.curve) == 1
    assert entries(tmp_path / "runs") == [interrupted.id, f"{interrupted.id}.unfinished"]
    taken.clear()
    result = run(given)
    assert taken[0] == 7 and result.status == "finished"
    assert_same(result, whole["pos"])
    assert entries(tmp_path / "runs") == [result.id]


def test_how_often_checkpoints_are_saved_does_not_change_the_run(whole: dict[str, Result], tmp_path: Path) -> None:
    result = run(words(tmp_path, "pos", **{"train.checkpoint_minutes": None}))
    assert result.id == whole["pos"].id
    assert_same(result, whole["pos"])


def test_without_checkpoints_nothing_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_killed(words(tmp_path, "pos", **{"train.checkpoint_minutes": None}), monkeypatch, 7)
    assert entries(tmp_path / "runs") == []


@pytest.fixture
def vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    """The arguments of a run with word2vec vectors, in a named folder with a cache of its own."""
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(list("abcdefgh"), 8)) for _ in range(200)]
    (tmp_path / "train.txt").write_text("\n".join(rows))
    (tmp_path / "pairs.txt").write_text("a b 9\nc d 8.5\ne f 1\n")
    monkeypatch.setattr(progress, "EVERY", 0.0)

    def given(name: str, **more: Any) -> dict[str, Any]:
        monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / name / "cache"))
        options = {"dim": 8, "min_count": 1, "epochs": 12, "sample": 0}
        found = {f"embedding.word2vec.{key}": value for key, value in options.items()}
        found |= {"data": str(tmp_path / "train.txt"), "runs": str(tmp_path / name / "runs"), "quiet": True}
        return found | {"embedding": "word2vec", "train.checkpoint_minutes": ALWAYS} | more

    return given


def test_similarity_goes_on_within_the_training_of_vectors(
    vectors: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    task = {"task": "similarity", "encoder": "bag", "task.pairs": str(tmp_path / "pairs.txt")}
    whole = run(vectors("whole", **task))
    given = vectors("killed", **task)
    for at in (3, 3, 4, 9):
        with pytest.raises(Killed):
            run(given, Kill(at))
    result = run(given)
    assert result.facts["resumed"] == 4 and codes(result) == ["checkpoint.resumed"]
    assert entries(tmp_path / "killed" / "runs") == [result.id]
    assert_same(result, whole)


def test_a_network_on_trained_vectors_goes_on_and_the_vectors_are_those_of_the_cache(
    vectors: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {"task": "lm", "encoder": "rnn", "encoder.hidden_size": 6, "train.epochs": 2, "train.batch_size": 8}
    whole = run(vectors("whole", **task))
    given = vectors("killed", **task)
    with pytest.raises(Killed):
        run(given, Kill(3))
    run_killed(given, monkeypatch, 2)
    assert [path.name.partition(".")[2] for path in unfinished(tmp_path / "killed")] == ["training"] * 2
    result = run(given)
    assert result.facts["resumed"] == 2
    assert [note.code for note in result.notes].count("word2vec.trained") == 1
    assert_same(result, whole)
