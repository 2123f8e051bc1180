"""benchmarks/gpu.py is written to be run where a GPU is at hand: here its small form runs on the CPU."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pages import ROOT


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    yield importlib.import_module("gpu")
    for name in ("gpu", "neural", "usual"):
        sys.modules.pop(name, None)


def ran(benchmark: Any, capsys: pytest.CaptureFixture[str], *parts: str) -> str:
    benchmark.main(["device=cpu", "small=true", *parts])
    return capsys.readouterr().out


def test_a_part_prints_both_sides_and_compares_the_devices(
    benchmark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ran(benchmark, capsys, "textcnn")
    assert "TextCNN, plain PyTorch" in out and "TextCNN, seqlab" in out
    assert "as on cpu to 0e+00, " in out and " counted, not on a GPU" in out


@pytest.mark.slow
def test_every_part_runs(benchmark: Any, capsys: pytest.CaptureFixture[str]) -> None:
    out = ran(benchmark, capsys)
    for part in ("LSTM LM 2x20, 20, fp32", "LSTM LM 2x20, 24, fp32", "BiLSTM, random+affix+char"):
        assert f"{part}, plain PyTorch" in out and f"{part}, seqlab" in out
    assert out.count("as on cpu to 0e+00") == 5 and "word2vec, torch on cpu" in out


def test_without_a_gpu_it_says_how_to_run_it(benchmark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(SystemExit, match="device=cpu small=true"):
        benchmark.main([])
    with pytest.raises(SystemExit, match="usage"):
        benchmark.main(["device=cpu", "lm"])


def test_weights_that_differ_between_the_devices_end_it(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    steps = benchmark.Side.steps

    def other(side: Any, count: int) -> None:
        steps(side, count + (side is not seen[0]) if seen else seen.append(side) or count)

    seen: list[Any] = []
    monkeypatch.setattr(benchmark.Side, "steps", other)
    setting = benchmark.Setting("cpu", True, tmp_path)
    with pytest.raises(SystemExit, match="cpu and cpu differ"):
        benchmark.same_as_on_cpu(["task=lm", "encoder=lstm", setting.data("lm")], setting)
