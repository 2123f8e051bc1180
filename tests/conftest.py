"""What every test may use."""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1].parent / "shared" / "data"

os.environ["SEQLAB_CACHE"] = tempfile.mkdtemp(prefix="seqlab-cache-")  # tests never read or fill the user's cache


@pytest.fixture(autouse=True)
def nothing_old_is_searched() -> None:
    """Each run collects garbage, which takes 0.1 s or more in a heap full of libraries."""
    gc.freeze()


@pytest.fixture
def real_data() -> Path:
    """The folder of real data beside the project; the test is skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the real data is not beside the project")
    return DATA
