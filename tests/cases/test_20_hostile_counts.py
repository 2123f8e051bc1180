"""Counts of 5,000 digits in the headers of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run_command

CASE = Path(__file__).with_name("20-hostile")


def test_a_count_of_an_arpa_file_is_an_error_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = CASE / "arpa_5000_digits.arpa"
    done = run_command(capsys, "import", f"file={file}", "task=lm", "encoder=ngram", f"runs={tmp_path}")
    assert done.code == 1 and f"{file}:2: a count of 5,000 digits is too large" in done.err


def test_a_count_of_a_vector_file_is_an_error_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = CASE / "w2v_header_5000_digits.txt"
    words = ("task=vectors", "encoder=bag", "embedding=file", f"embedding.path={file}", f"runs={tmp_path}")
    done = run_command(capsys, "run", *words, "quiet=true")
    assert done.code == 1 and f"{file}:1: the header says" in done.err and "5,000 digits" in done.err
