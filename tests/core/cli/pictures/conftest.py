"""Runs that the tests of pictures look into, trained once."""

from __future__ import annotations

from pathlib import Path

import pytest
from inspected_runs import train_all


@pytest.fixture(scope="session")
def inspected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with runs in ``runs``, and their ids by name."""
    folder = tmp_path_factory.mktemp("inspected")
    return folder, train_all(folder)
