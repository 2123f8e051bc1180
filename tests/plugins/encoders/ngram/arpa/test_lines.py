"""The lines of a file: blocks, gzip, a byte order mark."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from arpa_cases import SMALL, WORDS, trained

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
    path, packed = tmp_path / "model.arpa.gz", gzip.compress(SMALL.encode())
    bad_sum = packed[:-8] + b"\0\0\0\0" + packed[-4:]
    for damaged in (packed[: len(packed) // 2], packed[:20] + b"\xff\xff\xff" + packed[23:], bad_sum):
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
