"""Reading saved predictions from files that are damaged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import StoreError
from core.runs import store
from core.runs.predictions import read_predictions


@pytest.fixture
def run(tmp_path: Path) -> Any:
    np.savez_compressed(tmp_path / store.PREDICTIONS, **{"test.label": np.arange(9), "dev.label": np.arange(3)})
    return SimpleNamespace(path=tmp_path)


def test_the_predictions_of_one_split_are_read(run: Any) -> None:
    assert read_predictions(run, "test")["label"].tolist() == list(range(9))


def test_any_damaged_byte_is_a_clear_error_or_leaves_the_predictions_as_they_were(run: Any) -> None:
    path = run.path / store.PREDICTIONS
    content = path.read_bytes()
    refused = 0
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        try:
            arrays = read_predictions(run, "test")
        except StoreError as error:
            assert error.where == str(path) and error.remedy == "run again with fresh=true"
            refused += 1
        else:
            assert not arrays or arrays["label"].tolist() == list(range(9))
    assert refused > len(content) / 3
