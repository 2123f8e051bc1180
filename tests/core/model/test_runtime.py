"""Device, precision and threads without ``auto``."""

from __future__ import annotations

import inspect
import os
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torchrun import pretend

from core.errors import ConfigError
from core.kinds import find_kind
from core.model.runtime import Runtime, resolve_precision, resolve_runtime

AUTO: dict[str, Any] = {"seed": 3, "device": "auto", "precision": "auto", "threads": "auto"}


@pytest.mark.parametrize(
    ("kind", "threads"), [("next", os.cpu_count()), ("token", 1), ("sequence", 1), ("vector", 1)]
)
def test_auto_threads_are_those_of_the_kind(kind: str, threads: int) -> None:
    runtime = resolve_runtime(AUTO | {"device": "cpu"}, "neural", find_kind(kind))
    assert runtime == Runtime(3, "cpu", "fp32", threads)


def test_what_the_user_says_is_kept() -> None:
    given = {"seed": 1, "device": "cpu", "precision": "bf16", "threads": "7"}
    runtime = resolve_runtime(given, "neural", find_kind("next"))
    assert runtime.to_json() == {**given, "threads": 7, "processes": 1}


def test_the_processes_of_a_machine_share_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    pretend(monkeypatch, 3, 8, local=4)
    assert resolve_runtime(AUTO | {"device": "cpu"}, "neural", find_kind("next")).threads == 3
    assert resolve_runtime(AUTO | {"device": "cpu"}, "neural", find_kind("token")).threads == 1
    assert resolve_runtime(AUTO | {"device": "cpu", "threads": 5}, "neural", find_kind("next")).threads == 5


@pytest.mark.parametrize("name", ["auto", "cuda"])
def test_each_process_has_its_own_gpu(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    pretend(monkeypatch, 3, 4)
    assert (
        resolve_runtime(AUTO | {"device": name, "precision": "fp32"}, "neural", find_kind("token")).device
        == "cuda:1"
    )
    pretend(monkeypatch, 3, 4, local=4)
    with pytest.raises(ConfigError, match="4 processes need a GPU each, and this machine has 2"):
        resolve_runtime(AUTO | {"device": name}, "neural", find_kind("token"))
    with pytest.raises(ConfigError, match="4 processes cannot share cuda:1"):
        resolve_runtime(AUTO | {"device": "cuda:1"}, "neural", find_kind("token"))


def test_the_counting_family_never_asks_for_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.model.runtime.resolve_device", lambda name: pytest.fail("asked"))
    assert resolve_runtime(AUTO, "counting", find_kind("token")).device == "cpu"
    with pytest.raises(ConfigError, match="'tpu' is not a device"):
        resolve_runtime(AUTO | {"device": "tpu"}, "counting", find_kind("token"))


def test_auto_precision_is_fp32_on_a_cpu() -> None:
    assert resolve_precision("auto", "cpu") == "fp32" and resolve_precision("bf16", "cpu") == "bf16"


@pytest.mark.parametrize("native", [True, False])
def test_auto_precision_is_bf16_only_on_a_gpu_that_does_not_emulate_it(
    monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    asked: list[Any] = []

    def supported(including_emulation: bool = True) -> bool:  # torch's signature since 2.6
        asked.append(including_emulation)
        return native or including_emulation

    monkeypatch.setattr("torch.cuda.is_bf16_supported", supported)
    monkeypatch.setattr("torch.cuda.device", lambda device: (asked.append(device), nullcontext())[1])
    assert resolve_precision("auto", "cuda:1") == ("bf16" if native else "fp32")
    assert asked == ["cuda:1", False] and resolve_precision("fp32", "cuda:1") == "fp32"


def test_torch_has_the_question_whether_bf16_is_native() -> None:
    assert "including_emulation" in inspect.signature(torch.cuda.is_bf16_supported).parameters
