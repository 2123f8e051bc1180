"""What the README shows is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from pages import FENCE, lines, shell_output

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [fence[2] for fence in FENCE.finditer(README) if fence[1] == language]


def test_the_encoder_of_the_readme_keeps_the_contract(tmp_path: Path) -> None:
    code = next(block for block in blocks("python") if "RunningMean" in block)
    (tmp_path / "mean.py").write_text(code)
    check = "from core.registry import registry; registry().load('mean.py')\n"
    check += "from core.testing import check_encoder; check_encoder('mean')"
    command = [sys.executable, "-c", check]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_the_library_example_of_the_readme_runs(tmp_path: Path) -> None:
    code = next(block for block in blocks("python") if "core.run(" in block)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    score, tags = done.stdout.split(" ", 1)
    assert float(score) > 98 and "NOUN" in tags


def test_the_readme_shows_the_errors_that_are_printed(tmp_path: Path) -> None:
    shown = re.findall(r"^\$ python -m core (run .*)\n(error: .*)$", README, flags=re.MULTILINE)
    assert len(shown) >= 2
    for arguments, error in shown:
        command = [sys.executable, "-m", "core", *arguments.split()]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.stderr.strip() == error


def test_the_readme_shows_what_list_prints(tmp_path: Path) -> None:
    shown = next(block for block in blocks("") if block.startswith("$ python -m core list\n"))
    command, output = shown.split("\n", 1)
    assert shell_output(command, tmp_path) == lines(output)
