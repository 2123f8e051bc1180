"""Arrow's numbers as numpy's and back: against Arrow's own conversion, and without pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.data.arrow_numpy import to_arrow, to_lists, to_numpy, to_strings

TRUTHS = np.random.default_rng(0).random(37) < 0.5


@pytest.mark.parametrize("kind", ["int8", "uint16", "int32", "int64", "bool"])
@pytest.mark.parametrize(("first", "size"), [(0, 37), (1, 36), (3, 20), (9, 1), (37, 0)])
def test_conversions_equal_those_of_arrow_also_for_slices(kind: str, first: int, size: int) -> None:
    values = TRUTHS if kind == "bool" else (np.arange(37) * 7 % 100).astype(kind)
    array = pa.array(values).slice(first, size)
    found = to_numpy(array)
    assert found.dtype == values.dtype and np.array_equal(found, array.to_numpy(zero_copy_only=False))
    assert to_arrow(found).equals(array)


def test_an_array_without_a_buffer_is_empty() -> None:
    assert to_numpy(pa.array([], pa.int64())).tolist() == []


def test_words_and_lists_of_words_are_as_arrow_makes_them() -> None:
    rows = [["die", "Käse-Fee", ""], [], ["猫", "\0"], []]
    assert to_lists(rows).equals(pa.array(rows, pa.list_(pa.string())))
    assert to_strings(rows[0]).equals(pa.array(rows[0], pa.string())) and not len(to_strings([]))
    with pytest.raises(UnicodeEncodeError):
        to_strings(["a", "\ud800"])


@pytest.mark.parametrize("tokens", ["space", "char"])
def test_counting_words_of_a_text_imports_neither_pandas_nor_torch(tokens: str, tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    (tmp_path / "train.txt").write_text("the cats sleep .\na dog barks .\n" * 20)
    words = ["run", "task=lm", "encoder=ngram", "encoder.order=2", f"task.tokens={tokens}", "quiet=true"]
    words += [f"data={tmp_path / 'train.txt'}", f"runs={tmp_path}"]
    code = "import sys\nfrom core.__main__ import main\n"
    code += "try: main(sys.argv[1:])\nfinally: print({'pandas', 'torch'} & set(sys.modules) or 'neither')"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert not done.returncode and done.stdout.split()[-1:] == ["neither"], done.stderr
