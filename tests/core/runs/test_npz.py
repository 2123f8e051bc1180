"""Arrays of an ``.npz`` file are refused by their headers before they are unpacked."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import packed
from core.runs import npz
from core.runs.npz import read_arrays


def read(path: Path, rows: int | None = 10, columns: int = 3) -> Any:
    with path.open("rb") as file:
        return read_arrays(file, "test.", rows, columns)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arrays.npz"


def test_arrays_are_read_as_numpy_reads_them(path: Path) -> None:
    random = np.random.default_rng(0)
    saved = {"a": np.arange(9, dtype=np.int32), "b": np.asfortranarray(random.normal(size=(4, 3)))}
    saved |= {"c": np.array([True, False]), "d": np.array(["x", "yz"]), "e": np.zeros((0, 2))}
    np.savez_compressed(path, **{f"test.{name}": array for name, array in saved.items()}, other=np.zeros(99))
    found = read(path)
    assert set(found) == set(saved)
    for name, array in saved.items():
        assert np.array_equal(found[name], array) and found[name].dtype == array.dtype
    found["a"][0] = 5  # as arrays that are loaded


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(11), "a has 11 entries, more than the events"),
        (np.zeros((10, 4)), "a has 10 x 4 entries"),
        (np.zeros((10, 2, 2)), "a has 10 x 2 x 2 entries"),
        (np.array(1), "a has no entries"),
        (np.array([None]), "a has values of type object"),
        (np.array(["x" * 1000]), "a has values of type <U1000"),
    ],
)
def test_what_predictions_cannot_be_is_refused(array: Any, message: str, path: Path) -> None:
    np.savez_compressed(path, **{"test.a": array})
    with pytest.raises(ValueError, match=message):
        read(path)


def test_a_small_file_of_a_large_array_is_not_unpacked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(path, **{"test.a": np.zeros(4_000_000)})
    monkeypatch.setattr(npz, "ALWAYS", 1 << 20)
    tracemalloc.start()
    try:
        for rows in (10, None):
            with pytest.raises(ValueError, match="more than (the events|100 times the size)"):
                read(path, rows)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert packed.RATIO == 100


@pytest.mark.parametrize("left", [-8, 8])
def test_a_member_of_another_length_than_its_header_says_is_refused(left: int, path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.arange(9))
    data = stream.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("test.a.npy", data[:left] if left < 0 else data + bytes(left))
    with pytest.raises(ValueError, match="shorter or longer than its header says"):
        read(path)
