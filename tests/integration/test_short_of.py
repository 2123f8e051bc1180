"""A machine without a device, memory, disk space, or a reader of the output."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import ErrorOf, Seqlab, entries, files

from core.__main__ import main
from core.runs import store

PLUGIN = Path(__file__).parents[1] / "helpers" / "stops.py"
WORDS = [f"plugin={PLUGIN}", "task=tags", "data=rows", "embedding=vectors", "train.epochs=2", "quiet=true"]
NET = ["run", *WORDS, "encoder=lstm", "encoder.hidden_size=20"]


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps"])
def test_an_absent_device_is_an_error_before_data_is_read(device: str, error_of: ErrorOf) -> None:
    import torch

    if device == "mps" and torch.backends.mps.is_available():
        pytest.skip("this machine has it")
    if device.startswith("cuda") and torch.cuda.device_count() > int(device[5:] or 0):
        pytest.skip("this machine has it")
    sentence = error_of("run", "task=pos", "encoder=lstm", "quiet=true", f"device={device}")
    assert sentence == f"error: device: this machine has no {device}; use device=cpu or device=auto"


@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_out_of_memory_names_what_to_lower_and_the_other_runs_continue(
    kind: str, error_of: ErrorOf, seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WASTE", kind)
    less = r"out of memory while training the model \(.* GB of .* GB are free\); lower train.batch_size, the "
    assert re.match(f"error: {less}", error_of("run", *WORDS, "encoder=same"))
    done = seqlab("run", *WORDS, "encoder=same,bag")
    assert done.code == 1 and "bag" in done.out and re.search(less, done.err)


@pytest.mark.parametrize(
    ("megabytes", "words", "text"),
    [
        (150, ["list", "encoder"], ""),
        (
            300,
            ["run", "task=pos", "encoder=lstm", "quiet=true"],
            "encoder=lstm: out of memory while running `run` (",
        ),
    ],
)
def test_a_process_without_memory_for_the_libraries_says_so(
    megabytes: int, words: list[str], text: str, place: Path
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 10**6, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "core", *words]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=60, preexec_fn=limit)
    assert done.returncode == bool(text)
    if not text:
        assert "lstm" in done.stdout and not done.stderr
        return
    note, error = done.stderr.splitlines()
    assert note.startswith(
        "note: this process may use only 0.3 GB (ulimit -v), but NumPy, numba and torch need about"
    )
    assert error.startswith(f"error: {text}") and "raise the limit (ulimit -v) to 1.5 GB or more" in error


def test_an_error_of_two_lines_is_shown_on_one(seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WASTE", "two lines")
    done = seqlab("run", *WORDS, "encoder=same")
    assert done.code == 1 and done.err.count("\n") == 1 and "ValueError: first line" in done.err


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_while_saving_leaves_the_previous_state(
    seqlab: Seqlab, error_of: ErrorOf, place: Path
) -> None:
    assert seqlab(*NET, "name=a").code == 0
    before = files(place / "runs")
    sizes = sorted({len(content) for content in before.values()})
    assert len(sizes) > 4
    for size in [0, sizes[1] - 1, sizes[-2] - 1, sizes[-1] // 2, sizes[-1] - 1]:
        with full_disk(size):
            sentence = error_of(*NET, "name=a", "fresh=true")
        assert "File too large" in sentence and "free some space, or choose" in sentence, size
        assert files(place / "runs") == before and len(entries(place / "runs")) == 1
    with full_disk(10):
        assert "run cannot be saved: File too large" in error_of(*NET, "name=another")  # it is only renamed
    assert seqlab("predict", "run=a", "the cats").code == 0


def test_a_full_disk_without_an_earlier_run_leaves_nothing(
    error_of: ErrorOf, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    with full_disk(100):
        assert "File too large" in error_of(*NET)
    assert entries(place / "runs") == [] and entries(tmp_path / "cache") == []


@contextmanager
def nobody_reads(monkeypatch: pytest.MonkeyPatch, *streams: str) -> Iterator[None]:
    """Standard output (or error) is a pipe whose reader has gone away."""
    with monkeypatch.context() as patch:
        for stream in streams:
            ours, theirs = os.pipe()
            os.close(ours)
            patch.setattr(sys, stream, os.fdopen(theirs, "w"))
        yield


@pytest.mark.parametrize("verb", ["list", "runs", "plugins", "describe"])
def test_a_closed_pipe_is_not_an_error(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    words = ["describe", "encoder=lstm"] if verb == "describe" else [verb]
    with nobody_reads(monkeypatch, "stdout"), pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 1 and capsys.readouterr().err == ""


def test_a_run_whose_table_is_not_read_is_saved(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    with nobody_reads(monkeypatch, "stdout", "stderr"), pytest.raises(SystemExit):
        main([*(word for word in NET if word != "quiet=true")])
    (result,), broken = store.all_runs(place / "runs")
    assert result.status == "finished" and not broken


@pytest.mark.slow
def test_head_stops_a_prediction_without_an_error(seqlab: Seqlab, place: Path) -> None:
    assert seqlab("run", "task=pos", "encoder=ngram", "data.limit=50", "quiet=true", "name=a").code == 0
    (place / "text.txt").write_text("the cats sleep .\n" * 50_000)
    command = f"{sys.executable} -m core predict run=a file=text.txt | head -n 1"
    done = subprocess.run(command, shell=True, cwd=place, capture_output=True, text=True, timeout=120)
    assert done.stdout.count("\n") == 1 and done.stderr == ""
