"""``kill -9`` at random moments, and the same command again each time, ends in the bits of one undisturbed run."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import entries
from forked import Forks, forks
from killed import assert_same_runs
from small_data import write_small

from core.runs import store

pytestmark = pytest.mark.slow

KILLS, EARLIEST, LATEST = 10, 0.1, 0.7  # seconds after the start
SAVING = ["quiet=true", "train.checkpoint_minutes=0.000001"]
NET = ["encoder.hidden_size=8", "train.batch_size=4"]
CASES = {
    "stream": ["run", "task=lm", "encoder=lstm", "task.mode=stream", "train.bptt=8", "train.epochs=60", *NET],
    "pos": ["run", "task=pos", "encoder=bilstm", "train.schedule=linear", "train.epochs=15", *NET],
    "sentiment": ["run", "task=sentiment", "encoder=rnn", "train.patience=9", "train.epochs=20", *NET],
    "similarity": ["run", "task=similarity", "encoder=bag", "embedding=word2vec", "embedding.epochs=150"],
    "bench": ["bench", "task=pos,lm", "encoder=rnn,gru", "train.epochs=6", *NET],
    "trials": ["bench", "task=pos", "encoder=rnn,gru", "budget=trials:3", "train.epochs=3", *NET],
    "halving": [
        "bench",
        "task=pos",
        "encoder=rnn",
        "budget=trials:4",
        "search.halving=true",
        "train.epochs=9",
        *NET,
    ],
}
VECTORS = ["embedding.dim=50", "embedding.min_count=1", "embedding.sample=0", "threads=1"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with forks(tmp_path_factory.mktemp("forks")) as found:
        yield found


def words_of(case: str, data: dict[str, str], folder: Path) -> list[str]:
    """The command of a case."""
    if case == "similarity":
        (folder / "pairs.txt").write_text("the cats 9\na dog 8.5\nsleep sees 1\n")
        return [*CASES[case], *SAVING, *VECTORS, f"data={data['lm']}", f"task.pairs={folder / 'pairs.txt'}"]
    task = CASES[case][1].removeprefix("task=").partition(",")[0]
    return [*CASES[case], *SAVING, f"data={data[task]}"]


@pytest.mark.parametrize("case", CASES)
def test_a_run_that_is_killed_ten_times_ends_in_the_same_bits(
    case: str, server: Forks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, moments = words_of(case, write_small(tmp_path), tmp_path), random.Random(case)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert server.run(*words, f"runs={whole}") == 0, server.log.read_text()
    kills = 0
    while kills < KILLS:
        status = server.run(*words, f"runs={killed}", after=moments.uniform(EARLIEST, LATEST))
        assert status in (-signal.SIGKILL, 0), server.log.read_text()
        if status == 0:
            break
        kills += 1
    assert kills >= KILLS // 2, "the run is too short"
    assert server.run(*words, f"runs={killed}") == 0, server.log.read_text()
    assert_same_runs(whole, killed)


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_saves_a_checkpoint_and_the_same_command_goes_on(
    number: int, expected: int, server: Forks, tmp_path: Path
) -> None:
    words = [*words_of("pos", write_small(tmp_path), tmp_path), f"runs={tmp_path / 'killed'}"]
    words[words.index("train.epochs=15")] = "train.epochs=3000"
    killed, names = tmp_path / "killed", set[str]()

    def is_training() -> bool:
        """Whether a checkpoint has been saved that was not there before."""
        return any(path.name not in names for path in killed.glob("*.unfinished/*.training"))

    epochs = []
    for times in range(2):
        assert server.run(*words, after=is_training, number=number) == expected, server.log.read_text()
        (result,) = store.all_runs(killed)[0]
        assert result.status == "interrupted" and result.facts.get("resumed", 0) == times
        assert entries(killed) == [result.id, f"{result.id}.unfinished"]
        assert "resumes the interrupted one" in server.log.read_text()
        names |= {path.name for path in killed.glob("*.unfinished/*")}
        epochs.append(len(result.curve))
    assert epochs[1] >= epochs[0]
