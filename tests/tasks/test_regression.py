"""Task ``regression``."""

from __future__ import annotations

from core.testing import check_task


def test_the_task_keeps_the_contract() -> None:
    check_task("regression")
