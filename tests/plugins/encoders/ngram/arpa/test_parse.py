"""Numbers in ARPA files are parsed as Python parses them."""

from __future__ import annotations

import numpy as np
import pytest

from plugins.encoders.ngram.arpa import parse


@pytest.mark.parametrize(
    "text",
    ["-1", "0", "+.5", "-0.13798666", "-1.2e-7", "3E+2", "-12345678901234567890.5", "5.", "1e-320", "1e400"],
)
def test_numbers_are_those_of_python(text: str):
    good, value, end = parse.number(np.frombuffer(f"{text}\n".encode(), dtype=np.uint8), 0)
    assert good and end == len(text) and value == pytest.approx(float(text), rel=1e-14)


@pytest.mark.parametrize("text", ["", "-", ".", "1e", "1.2.3", "0x1", "nan", "inf", "1-"])
def test_text_that_is_not_a_number_is_rejected(text: str):
    assert not parse.number(np.frombuffer(f"{text}\n".encode(), dtype=np.uint8), 0)[0]
