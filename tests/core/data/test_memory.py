"""Freed memory goes back to the system."""

from __future__ import annotations

import sys

import numpy as np
import psutil
import pytest

from core.data.memory import release


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries may keep it")
def test_blocks_that_the_c_library_keeps_are_returned() -> None:
    blocks = [np.ones(12_500) for _ in range(2_000)]  # 200 MB
    blocks = blocks[-1:]  # above the freed ones, which therefore stay with the process
    before = psutil.Process().memory_info().rss
    release()
    assert before - psutil.Process().memory_info().rss > 150e6 and len(blocks) == 1
