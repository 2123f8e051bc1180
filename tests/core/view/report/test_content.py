"""Numbers of a page."""

from __future__ import annotations

import math

import pytest

from core.view.report.content import number


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (math.nan, "–"), (math.inf, "∞"), (1234.5, "1,234.50"), (-0.5, "−0.50"), (-0.001, "0.00")],
)
def test_a_number_has_two_decimals_and_no_minus_before_zero(value: float | None, text: str) -> None:
    assert number(value).text == text
