"""Workers without processes: each report is written beforehand."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Sequence

from core.config import RunConfig
from core.experiment.executors.base import Executor, Job, Report, Worker

Step = Report | None | Callable[[], None]  # None: the process ends


class FakeWorker(Worker):
    """Reports what its executor says about the seed of each config."""

    def __init__(self, executor: FakeExecutor) -> None:
        self.executor, self.steps, self.is_stopped, self.has_ended = executor, deque[Step](), False, False

    def start(self, job: Job) -> None:
        config: RunConfig = pickle.loads(job.config)
        seed = config.run["seed"]
        self.executor.started.append(seed)
        self.steps = deque(self.executor.plays[seed].popleft())

    def receive(self) -> Report | None:
        if self.is_stopped:
            return Report("stopped", {"result": None})
        while callable(step := self.steps.popleft()):
            step()
        return step

    def stop(self) -> None:
        self.is_stopped = True

    def release(self) -> None:
        pass

    def kill(self) -> None:
        self.has_ended = True

    def ending(self) -> str:
        return "was killed by SIGKILL"


class FakeExecutor(Executor):
    """Has fake workers; of several busy ones the last processes reports first.

    Args:
        jobs: the most workers at a time.
        plays: seed -> what is reported, once for each time that the config is started.
    """

    def __init__(self, jobs: int, plays: dict[int, list[list[Step]]]) -> None:
        super().__init__(jobs)
        self.plays = {seed: deque(tries) for seed, tries in plays.items()}
        self.started: list[int] = []
        self.ended: list[Worker] = []

    def new_worker(self) -> Worker:
        self.workers.append(FakeWorker(self))
        return self.workers[-1]

    def wait(self, workers: Sequence[Worker], seconds: float | None = None) -> list[Worker]:
        assert len(workers) <= self.jobs
        return [workers[-1]]

    def threads(self, usual: int) -> int:
        return 1

    def end_worker(self, worker: Worker) -> None:
        self.ended.append(worker)
        super().end_worker(worker)
