"""Fixtures of all tests."""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1].parent / "shared" / "data"

os.environ["SEQLAB_CACHE"] = tempfile.mkdtemp(prefix="seqlab-cache-")  # tests never read or fill the user's cache
os.environ.pop("COLUMNS", None)  # tables are as wide as in any pipe


@pytest.fixture(autouse=True)
def freeze_garbage() -> None:
    """Exclude existing objects from garbage collection: each run collects, which takes 0.1 s in a large heap."""
    gc.freeze()


@pytest.fixture
def real_data() -> Path:
    """The folder of real data next to the project; the test is skipped where it is absent."""
    if not DATA.is_dir():
        pytest.skip("the real data is not next to the project")
    return DATA
