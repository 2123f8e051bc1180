"""The lines of a file: blocks, gzip, a byte order mark."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from arpa_cases import SMALL, WORDS, trained

from core.data import packed
from core.errors import DataError
from plugins.encoders.ngram.arpa import lines
from plugins.encoders.ngram.arpa.read import read_arpa
from plugins.encoders.ngram.arpa.write import write_arpa


def test_the_block_size_does_not_change_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, path = trained(order=3), tmp_path / "model.arpa.gz"
    write_arpa(model.trie, WORDS, path)
    whole = read_arpa(path)
    monkeypatch.setattr(lines, "BLOCK", 7)
    in_blocks = read_arpa(path)
    for level, other in zip(whole.trie.levels, in_blocks.trie.levels, strict=True):
        assert np.array_equal(level.words, other.words) and np.array_equal(level.log_probs, other.log_probs)


def test_a_damaged_gzip_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, whole = tmp_path / "model.arpa.gz", gzip.compress(SMALL.encode())
    bad_sum = whole[:-8] + b"\0\0\0\0" + whole[-4:]
    for damaged in (whole[: len(whole) // 2], whole[:20] + b"\xff\xff\xff" + whole[23:], bad_sum):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="damaged or truncated") as error:
            read_arpa(path)
        assert error.value.where == str(path) and "again" in error.value.remedy  # no line was read
    monkeypatch.setattr(lines, "BLOCK", 64)
    with pytest.raises(DataError, match="damaged or truncated") as error:
        read_arpa(path)
    assert int(error.value.where.removeprefix(f"{path}:")) > 10


def test_a_byte_order_mark_is_skipped(tmp_path: Path):
    path = tmp_path / "model.arpa"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_arpa(path).words == ["</s>", "<unk>", "b", "a"]


@pytest.mark.parametrize("pack", [lzma.compress, lambda data: pa.compress(data, "zstd", asbytes=True)])
def test_other_compressions_are_known_by_their_first_bytes(pack: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.arpa"
    path.write_bytes(pack(SMALL.encode()))
    assert read_arpa(path).words == ["</s>", "<unk>", "b", "a"]
    path.write_bytes(pack(SMALL.encode() * 99)[:-9])
    with pytest.raises(DataError, match="damaged or truncated"):
        read_arpa(path)


def test_a_line_without_end_and_a_bomb_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, zeros = tmp_path / "model.arpa", "0" * (8 << 20)
    path.write_bytes(gzip.compress(SMALL.replace("-0.6\tb", f"-0.6{zeros}\tb").encode()))
    monkeypatch.setattr(lines, "BLOCK", 1 << 16)
    monkeypatch.setattr(lines, "LONGEST", 1 << 20)
    with pytest.raises(DataError, match="a line of more than 1 MB") as error:
        read_arpa(path)
    assert error.value.where.startswith(f"{path}:")
    monkeypatch.setattr(packed, "ALWAYS", 1 << 20)
    path.write_bytes(gzip.compress(b"\\data\\\nngram 1=999999999\n\n\\1-grams:\n" + b"-1\ta\n" * (1 << 20)))
    with pytest.raises(DataError, match="unpacks to more than 100 times its size"):
        read_arpa(path)
