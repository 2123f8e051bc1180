"""``list`` and ``describe`` report a plugin that does not load, as ``run`` does."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run_command

PAIR = ("task=pos", "encoder=window", "data.limit=nonsense")  # ends `run` after the plugins are loaded


def seqlab(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    return run_command(capsys, *words)


@pytest.mark.parametrize("words", [["list"], ["list", "task"], ["describe", "train"]])
def test_a_plugin_file_that_is_not_there_is_the_error_of_run(words: list[str], capsys) -> None:
    status, out, err = seqlab(capsys, *words, "plugin=/nonexist.py")
    assert (status, out) == (2, "")
    assert err == seqlab(capsys, "run", *PAIR, "plugin=/nonexist.py")[2]
    assert err == "error: plugin=/nonexist.py: there is no such file; name a Python file\n"


@pytest.mark.parametrize("command", [["list", "task"], ["describe", "train"]])
def test_a_plugin_that_does_not_load_is_noted_and_the_rest_is_shown(
    command: list[str], tmp_path: Path, capsys
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import nowhere\n")
    status, out, err = seqlab(capsys, *command, f"plugin={broken}")
    assert status == 0 and out
    assert err.startswith(f"note: plugin broken ({broken}): the import raised ModuleNotFoundError")


def test_a_preset_is_described_by_what_it_sets(capsys) -> None:
    status, out, err = seqlab(capsys, "describe", "preset=ptb-lstm")
    assert (status, err) == (0, "")
    assert out.startswith("preset=ptb-lstm sets, where you set nothing:\n")
    rows = [[cell.strip() for cell in line.split("\u2502")] for line in out.splitlines()]
    assert ["", "encoder.hidden_size", "200", "preset=ptb-lstm", ""] in rows
    assert ["", "task", "lm", "preset=ptb-lstm", ""] in rows


def test_describe_shows_what_a_grid_sets(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = seqlab(capsys, "describe", "grid=toy")
    assert status == 0 and "grid=toy sets, where you set nothing:" in out
    assert "│ seed    │ 1,2,3,4,5 " in out and "│ task    │ pos,sentiment,lm " in out


def test_the_keys_of_a_grid_say_where_its_runs_are_executed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = seqlab(capsys, "describe", "bench")
    text = " ".join(out.replace("│", " ").split())
    assert status == 0 and "where the runs are executed" in text
    assert "the address of an existing Ray cluster, such as auto or HOST:6379" in text
