"""A real Ray on this machine: the bits of runs one after the other, also where a machine's process is killed."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deadly
import pytest
from killed import assert_same, words

from core import config
from core.errors import ConfigError
from core.experiment.executors.ray_cluster import RayExecutor
from core.experiment.grid import run_grid
from core.experiment.observers import GridObserver

ABSENT = importlib.util.find_spec("ray") is None  # it is imported by the executor, whose variables it reads then
pytestmark = [pytest.mark.slow, pytest.mark.skipif(ABSENT, reason="Ray is not installed")]

GRID: dict[str, Any] = {"encoder": "rnn", "seed": "1,2", "threads": 1}
KILLING: dict[str, Any] = {"plugin": deadly.__file__, "observer": "deadly", "observer.whom": "starter"}


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a cluster that is not started by the command."""
    ray_command = [str(Path(sys.executable).with_name("ray"))]
    if not Path(ray_command[0]).exists():
        ray_command = [sys.executable, "-m", "ray.scripts.scripts"]
    port = "6399"
    start = ["start", "--head", f"--port={port}", "--num-cpus=2", "--include-dashboard=false"]
    subprocess.run([*ray_command, *start, "--disable-usage-stats"], check=True, capture_output=True, timeout=120)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([*ray_command, "stop", "--force"], capture_output=True, timeout=60)


def compare(there_given: dict[str, Any], tmp_path: Path, executor: RayExecutor) -> None:
    """Both runs on the cluster have the bits of runs in this process, and one of them was resumed."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with executor:
        assert executor.jobs == 2
        there = run_grid(config.expand(there_given), GridObserver(), executor)
    assert not executor.cluster.is_initialized()
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    here = run_grid(config.expand(words(tmp_path / "here", "pos", **GRID)), GridObserver())
    assert len(there.results) == 2 and not there.failures
    for one, other in zip(there.results, here.results, strict=True):
        assert_same(one, other)
    assert sorted(result.facts.get("resumed", 0) for result in there.results) == [0, 1]


def test_a_worker_that_is_killed_on_a_ray_of_its_own_is_replaced(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = words(tmp_path / "there", "pos", **GRID | KILLING | {"observer.mark": str(tmp_path / "mark")})
    compare(given, tmp_path, RayExecutor(config.expand(given), None, 2))
    printed = capfd.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1  # nothing of Ray's
    assert "has ended, with its machine or by the cluster; it is started again" in printed.err


def test_a_cluster_that_exists_is_found_by_its_address_and_left_running(cluster: str, tmp_path: Path) -> None:
    given = words(tmp_path / "there", "pos", **GRID | KILLING | {"observer.mark": str(tmp_path / "mark")})
    compare(given, tmp_path, RayExecutor(config.expand(given), cluster, None))
    with RayExecutor(config.expand(given), cluster, 1) as again:
        assert again.jobs == 1
    with pytest.raises(ConfigError, match="the cluster has no machine with 64 free CPUs; lower threads="):
        RayExecutor(config.expand(given | {"threads": 64}), cluster, None)


def test_an_address_without_a_cluster_is_one_sentence(tmp_path: Path) -> None:
    given = config.expand(words(tmp_path, "pos", **GRID))
    with pytest.raises(ConfigError, match="engine.address=127.0.0.1:1: no cluster answers; check the address"):
        RayExecutor(given, "127.0.0.1:1", None)
