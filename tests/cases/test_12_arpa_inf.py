"""An ARPA file whose ``<s>`` has the log-probability -inf."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import run_command

from core.runs.trained_model import load

CASE = Path(__file__).with_name("12-arpa-inf")


def test_minus_infinity_is_probability_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("task=lm", "encoder=ngram", "name=it", f"runs={tmp_path}")
    done = run_command(capsys, "import", f"file={CASE / 'neginf.arpa'}", *words)
    assert done.code == 0
    (found,) = load("it", runs=tmp_path).score(["a b"])
    assert found.log_prob == pytest.approx(np.log(10) * (-0.2 - 0.5 - 0.4))  # <s> a, a b, b </s>
