"""The order of the runs and of their results, lost processes, and the end by a signal, without any process."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from fake_executor import FakeExecutor, Step
from results import made

from core import config
from core.errors import MEMORY, SeqlabError, UnexpectedError
from core.experiment import runner
from core.experiment.executors.base import Report, error_data
from core.experiment.executors.schedule import LOST
from core.experiment.grid import Outcome, run_grid
from core.experiment.observers import GridObserver
from core.runs.result import Result


class Seen(GridObserver):
    """The events of a grid, as (event, number)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    def begin(self, number: int) -> None:
        self.events.append(("begin", number))

    def progress(self, **facts: Any) -> None:
        self.events.append((f"step {facts['step']}", facts["number"]))

    def done(self, number: int, result: Result) -> None:
        self.events.append(("done", number))

    def failed(self, number: int, error: SeqlabError) -> None:
        self.events.append(("failed", number))


def done(seed: int) -> Report:
    return Report("done", {"result": made(float(seed), number=seed)})


def step(number: int) -> Report:
    return Report("event", {"event": "progress", "facts": {"step": number}})


def failed(code: str = "") -> Report:
    return Report("failed", {"error": error_data(UnexpectedError("it broke", code=code))})


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[int, Result]:
    """The saved runs by seed; the id of a run is that of its seed modulo 10."""
    known: dict[int, Result] = {}
    monkeypatch.setattr(runner, "look_up", lambda c: (str(c.run["seed"] % 10), known.get(c.run["seed"])))
    return known


def grid(executor: FakeExecutor, view: GridObserver | None = None) -> Outcome:
    seeds = ",".join(map(str, executor.plays))
    with executor:
        return run_grid(config.expand(["task=pos", "encoder=ngram", f"seed={seeds}"]), view, executor)


def seeds(outcome: Outcome) -> list[int]:
    return [int(result.id) for result in outcome.results]


def test_results_are_in_the_order_of_the_grid_whatever_ends_first(saved: dict[int, Result]) -> None:
    plays: dict[int, list[list[Step]]] = {1: [[step(5), done(1)]], 2: [[done(2)]], 3: [[step(7), done(3)]]}
    executor, seen = FakeExecutor(2, plays), Seen()
    outcome = grid(executor, seen)
    assert seeds(outcome) == [1, 2, 3] and outcome.status == 0 and executor.started == [1, 2, 3]
    assert seen.events.index(("done", 1)) < seen.events.index(("done", 0))
    assert {("step 5", 0), ("step 7", 2)} <= set(seen.events) and len(executor.ended) == 2


def test_a_saved_run_needs_no_worker(saved: dict[int, Result]) -> None:
    saved |= {1: made(1.0, number=1), 2: made(2.0, number=2)}
    executor, seen = FakeExecutor(2, {1: [], 2: []}), Seen()
    assert seeds(grid(executor, seen)) == [1, 2] and not executor.started and not executor.ended
    assert seen.events == [("begin", 0), ("done", 0), ("begin", 1), ("done", 1)]


def test_a_lost_process_is_replaced_and_its_run_tried_again(
    saved: dict[int, Result], capsys: pytest.CaptureFixture[str]
) -> None:
    executor = FakeExecutor(2, {1: [[step(1), None], [done(1)]], 2: [[done(2)]]})
    outcome = grid(executor)
    assert seeds(outcome) == [1, 2] and not outcome.failures and sorted(executor.started) == [1, 1, 2]
    assert "pos on toy: ngram, seed 1 was killed by SIGKILL; it is started again" in capsys.readouterr().err


@pytest.mark.parametrize("last", [None, Report("stopped", {"result": made()})])
def test_a_run_whose_process_is_lost_twice_fails_and_names_the_signal(
    last: Report | None, saved: dict[int, Result]
) -> None:
    executor, seen = FakeExecutor(2, {1: [[None], [last]], 2: [[done(2)]]}), Seen()
    outcome = grid(executor, seen)
    (failure,) = outcome.failures
    assert seeds(outcome) == [2] and outcome.status == 1 and failure.error.code == LOST
    reason = "was killed by SIGKILL" if last is None else "was stopped by a signal"
    assert str(failure.error).startswith(
        f"the process of this run {reason}, 2 times; if memory ran out, lower jobs="
    )
    assert failure.config.run["seed"] == 1 and ("failed", 0) in seen.events


def test_an_error_is_that_of_its_run_and_a_worker_out_of_memory_is_replaced(saved: dict[int, Result]) -> None:
    executor = FakeExecutor(1, {1: [[failed()]], 2: [[failed(MEMORY)]], 3: [[done(3)]]})
    outcome = grid(executor)
    assert seeds(outcome) == [3] and [str(f.error) for f in outcome.failures] == ["it broke", "it broke"]
    assert [failure.config.run["seed"] for failure in outcome.failures] == [1, 2]
    first, second = executor.ended
    assert first is not second  # the worker that failed with seed 1 went on with seed 2


def test_runs_with_the_same_id_take_turns(saved: dict[int, Result]) -> None:
    taken: list[int] = []

    def began() -> None:
        taken.extend(executor.started)

    executor = FakeExecutor(3, {1: [[began, done(1)]], 11: [[done(11)]], 2: [[step(1), done(2)]]})
    assert seeds(grid(executor)) == [1, 11, 2] and executor.started == [1, 2, 11] and taken == [1, 2]


def test_a_signal_stops_the_workers_and_names_their_runs(saved: dict[int, Result]) -> None:
    def press() -> None:
        raise KeyboardInterrupt

    executor = FakeExecutor(2, {1: [[done(1)]], 2: [[step(1), press]], 3: [[done(3)]]})
    executor.plays[1] = deque([[step(1)]])
    outcome = grid(executor)
    assert (outcome.interrupted, outcome.others, outcome.status) == (0, [1], 130)
    assert executor.started == [1, 2] and not executor.workers and not outcome.failures


def test_a_second_signal_ends_them_at_once(saved: dict[int, Result], monkeypatch: pytest.MonkeyPatch) -> None:
    def press() -> None:
        raise KeyboardInterrupt

    executor = FakeExecutor(2, {1: [[press]], 2: [[press]]})
    monkeypatch.setattr("fake_executor.FakeWorker.stop", lambda self: press())
    assert grid(executor).interrupted == 0 and all(worker.has_ended for worker in executor.ended)  # type: ignore[attr-defined] # fake


def test_a_class_of_this_process_is_refused_in_one_sentence(saved: dict[int, Result]) -> None:
    class Source(list[str]): ...

    (one,) = config.expand(["task=pos", "encoder=ngram", "seed=1"])
    one.data.options["format"] = Source()
    with FakeExecutor(2, {1: []}) as executor:
        (failure,) = run_grid([one], None, executor).failures
    assert "that others cannot load; put the class into a file and name it with plugin=" in str(failure.error)
