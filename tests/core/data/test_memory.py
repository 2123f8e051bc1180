"""Freed memory goes back to the system, and the garbage of a block is collected."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import numpy as np
import psutil
import pytest

from core.data.memory import own_garbage, release


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries may keep it")
def test_blocks_that_the_c_library_keeps_are_returned() -> None:
    blocks = [np.ones(12_500) for _ in range(2_000)]  # 200 MB
    blocks = blocks[-1:]  # above the freed ones, which therefore stay with the process
    before = psutil.Process().memory_info().rss
    release()
    assert before - psutil.Process().memory_info().rss > 150e6 and len(blocks) == 1


class Loop:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def nothing_frozen() -> Iterator[None]:
    gc.unfreeze()
    gc.disable()  # nothing is collected but what a test asks for
    yield
    gc.enable()


def test_garbage_of_the_block_is_collected_and_older_garbage_as_before(nothing_frozen: None) -> None:
    older = weakref.ref(Loop())
    with own_garbage():
        own = weakref.ref(Loop())
        gc.collect()
        assert older() is not None, "what was there before the block is looked at"
        own_at_the_end = weakref.ref(Loop())
    assert own() is own_at_the_end() is None and older() is not None
    gc.collect()
    assert older() is None and gc.get_freeze_count() == 0


def test_what_a_caller_has_frozen_stays_frozen(nothing_frozen: None) -> None:
    gc.freeze()
    before = gc.get_freeze_count()
    with own_garbage():
        own = weakref.ref(Loop())
    assert own() is None and gc.get_freeze_count() >= before > 0
