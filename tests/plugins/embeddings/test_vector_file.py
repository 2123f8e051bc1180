"""Files of vectors: all formats give the same table, and errors name their place."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import DataError
from plugins.embeddings.vector_file import look, read

WORDS = ["the", 'q"uo', "null", "NA", "日本"]
VECTORS = np.array([[1.5, -2, 0], [1e-7, 3, 4], [5, 6, 7], [0, 0, 1], [2, 2, 2]], dtype=np.float32)
ROWS = [f"{word} " + " ".join(str(x) for x in row) for word, row in zip(WORDS, VECTORS.tolist(), strict=True)]


def binary(newline: bytes = b"\n") -> bytes:
    pairs = zip(WORDS, VECTORS, strict=True)
    rows = [word.encode() + b" " + struct.pack("<3f", *row) + newline for word, row in pairs]
    return b"5 3\n" + b"".join(rows)


GLOVE = "\n".join(ROWS).encode() + b"\n"
FORMS = {
    "glove": GLOVE,
    "word2vec text": b"5 3\n" + GLOVE,
    "trailing spaces": b"5 3\n" + GLOVE.replace(b"\n", b" \n"),
    "tabs": GLOVE.replace(b" ", b"\t"),
    "windows": GLOVE.replace(b"\n", b"\r\n"),
    "no last newline": GLOVE[:-1],
    "blank line at the end": GLOVE + b"\n",
    "binary": binary(),
    "binary without newlines": binary(b""),
}
FORMS |= {f"{name}, gzipped": gzip.compress(data) for name, data in FORMS.items()}


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "vectors"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", FORMS)
def test_every_format_gives_the_same_table(name: str, tmp_path: Path) -> None:
    words, vectors = read(look(written(tmp_path, FORMS[name])))
    assert words.to_pylist() == WORDS
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, VECTORS)


@pytest.mark.parametrize("name", FORMS)
def test_a_limit_gives_the_first_rows(name: str, tmp_path: Path) -> None:
    words, vectors = read(look(written(tmp_path, FORMS[name])), limit=2)
    assert words.to_pylist() == WORDS[:2]
    assert np.array_equal(vectors, VECTORS[:2])


BROKEN = {
    "an empty word": (b"a 1 2\n\n 3 4\nb 1 2\n", r"vectors:3: word 2 is empty"),
    "an empty word after a header": (b"2 2\na 1 2\n 3 4\n", r"vectors:3: word 2 is empty"),
    "an empty word in binary": (b"1 2\n " + struct.pack("<2f", 1, 1), r"vectors: word 1 is empty"),
    "empty": (b"", "vectors: the file has no vectors"),
    "a header alone": (b"3 2\n", "vectors: the file has no vectors"),
    "header with too many words": (
        b"5 2\na 1 2\nb 3 4\n",
        r"vectors:1: the header says 5 words, the file has 2",
    ),
    "header with too few words": (
        b"1 2\na 1 2\nb 3 4\n",
        r"vectors:1: the header says 1 words, the file has 2",
    ),
    "header with another size": (b"2 3\na 1 2\nb 3 4\n", r"vectors:2: the header says 3 numbers .* has 2"),
    "short row": (b"a 1 2\nb 3 4\nc 5\n", r"vectors:3: 1 numbers in this row, 2 expected"),
    "long row": (b"2 2\na 1 2\nb 3 4 5\n", r"vectors:3: 3 numbers in this row, 2 expected"),
    "a word with a space": (b"2 2\na 1 2\nnew york 3 4\n", r"vectors:3: 3 numbers in this row, 2 expected"),
    "nan": (b"a 1 2\n\nb nan 4\n", r"vectors:3: the vector of 'b' has a number that is not finite"),
    "infinity": (b"2 2\na 1 2\nb 1e99 4\n", r"vectors:3: .* not finite"),
    "no number": (b"a 1 2\nb 3 4\nc x 4\n", r"vectors:3: a number cannot be read \(invalid value 'x'\)"),
    "latin-1": (b"a 1 2\ncaf\xe9 3 4\n", r"vectors:2: the word is not UTF-8"),
    "prose": (b"hello\nworld\n", r"vectors:1: no numbers here"),
    "cut gzip": (gzip.compress(GLOVE * 99)[:-20], "vectors: the file cannot be read"),
    "cut binary": (binary()[:-6], "word 5 is truncated"),
    "long binary": (binary() + b"more", "more bytes than the 5 words"),
    "latin-1 in binary": (binary().replace(b"null", b"caf\xe9"), "vectors: a word is not UTF-8"),
    "nan in binary": (b"1 2\na " + struct.pack("<2f", np.nan, 1), "the vector of 'a' has"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_says_what_is_wrong_and_where(name: str, tmp_path: Path) -> None:
    data, message = BROKEN[name]
    with pytest.raises(DataError, match=message):
        read(look(written(tmp_path, data)))


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("limit", [1, 4, None])
def test_a_binary_header_with_another_size_is_an_error(size: int, pack: Any, limit: int, tmp_path: Path) -> None:
    path = written(tmp_path, pack(binary().replace(b"5 3", b"5 %d" % size)))
    with pytest.raises(DataError, match=r"header|is cut|not UTF-8"):
        read(look(path), limit)


@pytest.mark.parametrize("between", [b"", b"\n"])
@pytest.mark.parametrize("place", range(12))
def test_a_number_may_contain_the_byte_of_a_new_line(place: int, between: bytes, tmp_path: Path) -> None:
    data = bytearray(struct.pack("<3f", 0.5, -1.25, 3.0))
    data[place] = 0x0A
    path = written(tmp_path, b"2 3\n" + between.join(word + b" " + bytes(data) for word in (b"a", b"b")))
    words, vectors = read(look(path))
    assert words.to_pylist() == ["a", "b"] and vectors.tobytes() == bytes(data) * 2
