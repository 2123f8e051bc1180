"""Which executor the keys mean, and what is refused."""

from __future__ import annotations

from typing import Any

import psutil
import pytest
import torchrun

from core import config
from core.errors import ConfigError
from core.experiment.executors import choice, local, machine
from core.experiment.executors.choice import choose_executor
from core.experiment.executors.local import LocalExecutor


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "start_server", lambda: None)
    monkeypatch.setattr(choice, "cores", lambda: 8)


def chosen(jobs: Any, *given: str) -> LocalExecutor | None:
    executor = choose_executor(config.expand(["task=lm", "encoder=ngram", *given]), "local", None, jobs)
    assert executor is None or isinstance(executor, LocalExecutor)
    return executor


def test_one_job_is_this_process() -> None:
    assert chosen(None) is chosen(1) is None


def test_auto_shares_the_cores_out_and_memory_limits_the_processes_but_not_the_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (chosen("auto") or chosen(1)).shares == 8  # type: ignore[union-attr]
    assert (chosen("auto", "threads=3") or chosen(1)).shares == 2  # type: ignore[union-attr]
    assert chosen("auto", "threads=8") is None
    available = psutil.virtual_memory()._replace(available=2.5 * machine.WORKER_BYTES)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)
    executor, given = chosen("auto"), chosen(5)
    assert executor and (executor.jobs, executor.shares, executor.threads(8)) == (2, 8, 1)
    assert given and (given.jobs, given.threads(16)) == (5, 3)


def test_several_gpus_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "own_gpus", lambda configs: ["4", "7"])
    monkeypatch.setattr(local.LocalWorker, "__init__", lambda self, environment, gpu: setattr(self, "gpu", gpu))
    executor = chosen("auto")
    assert executor is not None and executor.jobs == 2
    assert [executor.new_worker().gpu for _ in range(3)] == ["4", "7", "4"]  # type: ignore[attr-defined] # local ones


def test_torchrun_and_an_address_without_a_cluster_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    configs = config.expand(["task=lm", "encoder=ngram"])
    with pytest.raises(ConfigError, match="engine.address: only a cluster has an address; add engine=ray"):
        choose_executor(configs, "local", "auto", None)
    torchrun.pretend(monkeypatch, 0, 2)
    for engine, jobs in (("local", 2), ("local", "auto"), ("ray", None)):
        with pytest.raises(ConfigError, match="torchrun has started 2 processes.*without torchrun"):
            choose_executor(configs, engine, None, jobs)  # type: ignore[arg-type] # valid names
    assert choose_executor(configs, "local", None, 1) is None


def test_without_ray_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ConfigError, match=r"install the extra: pip install -e '\.\[ray\]'"):
        choose_executor(config.expand(["task=lm", "encoder=ngram"]), "ray", None, 2)
