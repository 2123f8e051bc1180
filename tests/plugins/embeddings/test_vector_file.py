"""Files of vectors: all formats give the same table, and errors name their place."""

from __future__ import annotations

import gzip
import lzma
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.data import packed
from core.errors import ConfigError, DataError
from plugins.embeddings import vector_binary, vector_text
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
FORMS |= {
    "byte order mark": b"\xef\xbb\xbf5 3\n" + GLOVE,
    "byte order mark, no header": b"\xef\xbb\xbf" + GLOVE,
    "byte order mark, binary": b"\xef\xbb\xbf" + binary(),
    "a newline before each word": binary(b"").replace(b"5 3\n", b"5 3\n\n"),
    "rows of blanks": b"5 3\n\n" + GLOVE.replace(b"\n", b"\n  \t\n \r\n"),
    "two spaces": b"5 3\n" + GLOVE.replace(b" ", b"  "),
    "a tab after the word": b"\n".join(row.encode().replace(b" ", b"\t", 1) for row in ROWS),
}
FORMS |= {f"{name}, gzipped": gzip.compress(data) for name, data in FORMS.items()}
FORMS |= {f"{name}, xz": lzma.compress(FORMS[name]) for name in ("glove", "binary")}
FORMS |= {f"{name}, zstd": pa.compress(FORMS[name], "zstd", asbytes=True) for name in ("glove", "binary")}


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
    "long row of a file without header": (
        b"a 1 2\nb 3 4\nc 5 6 7\n",
        r"vectors:3: 3 numbers in this row, 2 expected",
    ),
    "a count of 5,000 digits": (
        b"9" * 5000 + b" 2\na 1 2\n",
        r"vectors:1: the header says 999999\.\.\. \(5,000 digits\)",
    ),
    "a dimension of 5,000 digits": (
        b"2 " + b"9" * 5000 + b"\na 1 2\n",
        r"vectors:1: the header says 2 words of 9999",
    ),
    "a count beyond 64 bits": (
        b"%d 2\na 1 2\n" % 2**64,
        r"vectors:1: the header says 184467\.\.\. \(20 digits\) words",
    ),
    "a huge count of binary rows": (
        b"%d 2\na \0\0" % 10**17,
        r"vectors: the header says 1\d*,.* word 1 is truncated",
    ),
    "a huge dimension": (b"1 %d\na \0\0" % 10**9, r"vectors:1: the header says 1 words of 1000000000 numbers"),
    "no dimension": (b"1 0\na\n", r"vectors:1: the header says 1 words of 0 numbers"),
    "an underscore in a number": (
        b"a 1 2\nb 1_0 2\n",
        r"vectors:2: a number cannot be read \(invalid value '1_0'\)",
    ),
    "utf-16": ("a 1 2\n".encode("utf-16"), r"vectors: the file is in UTF-16; set embedding.encoding=utf-16"),
    "cut xz": (lzma.compress(GLOVE * 99)[:-20], "vectors: the file cannot be read"),
    "cut zstd": (pa.compress(GLOVE * 99, "zstd", asbytes=True)[:-20], "vectors: the file cannot be read"),
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


SPACED = {
    "the first row": (b". . . 1 2 3\nthe 4 5 6\na 7 8 9\n", [". . .", "the", "a"]),
    "a later row": (b"the 1 2 3\nat name@domain.com 4 5 6\na 7 8 9\n", ["the", "at name@domain.com", "a"]),
    "a header": (b"3 3\nthe 1 2 3\n\xc3\xa0 la carte 4 5 6\n1 7 8 9\n", ["the", "à la carte", "1"]),
    "the first row after a header": (b"3 3\n\xc3\xa0 la 1 2 3\nthe 4 5 6\na 7 8 9\n", ["à la", "the", "a"]),
    "tabs": (b"new york\t1\t2\t3\nthe\t4\t5\t6\na\t7\t8\t9\n", ["new york", "the", "a"]),
    "a numeral": (b"2003 1 2 3\n1e5 4 5 6\n-1 7 8 9\n", ["2003", "1e5", "-1"]),
    "other blanks": ("\u00a0 1 2 3\n\u2028x 4 5 6\na\x85b 7 8 9\n".encode(), ["\u00a0", "\u2028x", "a\x85b"]),
    "twice": (b"a 1 2 3\na 4 5 6\n. . 7 8 9\n", ["a", "a", ". ."]),
}


@pytest.mark.parametrize("name", SPACED)
def test_the_last_numbers_are_the_vector_and_the_rest_is_the_word(name: str, tmp_path: Path) -> None:
    data, expected = SPACED[name]
    words, vectors = read(look(written(tmp_path, data)))
    assert words.to_pylist() == expected and np.array_equal(vectors, np.arange(1, 10).reshape(3, 3))


def test_a_limit_does_not_look_at_the_rows_after_it(tmp_path: Path) -> None:
    for data in (b"a 1 2\n\nb 3 4\nc x y\n", b"9 2\na 1 2\nb 3 4\nc \xff 5\n"):
        words, vectors = read(look(written(tmp_path, data)), limit=2)
        assert words.to_pylist() == ["a", "b"] and vectors.tolist() == [[1, 2], [3, 4]]


LATIN = "café 1 2\nnaïve 3 4\n"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("header", ["", "2 2\n"])
def test_words_may_have_another_encoding(encoding: str, header: str, tmp_path: Path) -> None:
    layout = look(written(tmp_path, (header + LATIN).encode(encoding)), encoding)
    words, vectors = read(layout)
    assert words.to_pylist() == ["café", "naïve"] and vectors.tolist() == [[1, 2], [3, 4]]


def test_words_of_a_binary_file_may_have_another_encoding(tmp_path: Path) -> None:
    data = binary().replace(b"null", b"caf\xe9")
    assert read(look(written(tmp_path, data), "latin-1"))[0].to_pylist()[2] == "café"
    assert read(look(written(tmp_path, data), errors="replace"))[0].to_pylist()[2] == "caf\ufffd"


def test_bytes_that_are_invalid_are_replaced_or_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, b"caf\xe9 1 2\nok 3 4\n")
    for errors, word in (("replace", "caf\ufffd"), ("ignore", "caf")):
        assert read(look(path, errors=errors))[0].to_pylist() == [word, "ok"]  # type: ignore[arg-type] # a literal
    with pytest.raises(
        DataError, match=r"vectors:1: the word is not UTF-8; name its encoding with embedding.encoding"
    ):
        read(look(path))
    with pytest.raises(DataError, match="the text is not ascii"):
        read(look(path, "ascii"))
    with pytest.raises(ConfigError, match=r"embedding\.encoding: 'nix' is not a text encoding"):
        look(path, "nix")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_regular_rows_and_others_may_alternate_over_blocks(
    pack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_text, "BLOCK", 200)
    monkeypatch.setattr(vector_binary, "BLOCK", 64)
    numbers = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    names = [f"word {i}x" if i % 50 == 7 else f"w{i}" for i in range(300)]
    rows = [f"{word} {' '.join(map(str, row.tolist()))}\n" for word, row in zip(names, numbers, strict=True)]
    words, vectors = read(look(written(tmp_path, pack(("300 4\n" + "".join(rows)).encode()))))
    assert words.to_pylist() == names and np.array_equal(vectors, numbers)
    rows[200] = "w200 1 2 x 4\n"
    with pytest.raises(DataError, match=r"vectors:202: a number cannot be read"):
        read(look(written(tmp_path, pack(("300 4\n" + "".join(rows)).encode()))))
    data = b"".join(b"w%d " % i + row.tobytes() for i, row in enumerate(numbers))
    assert np.array_equal(read(look(written(tmp_path, pack(b"300 4\n" + data))))[1], numbers)


ZEROS = b"\0" * (32 << 20)
BOMBS = {
    "binary": (b"1 4\na " + bytes(16) + ZEROS, "more bytes than the 1 words"),
    "a word without an end": (b"9 4\na " + bytes(16) + ZEROS, "word 2 is truncated"),
    "too many rows": (b"2 4\n" + b"a 0 0 0 0\n" * 3_200_000, "the header says 2 words, the file has .* or more"),
    "one line": (b"2 4\na 0 0 0 0\n" + b"a" * (32 << 20), "vectors:3: a line of more than 1 MB"),
    "one row again and again": (b"a 0 0 0 0\n" * 3_200_000, "unpacks to more than 100 times its size"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_compressed_file_does_not_fill_the_memory(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, message = BOMBS[name]
    path = written(tmp_path, gzip.compress(data, 1))
    monkeypatch.setattr(vector_text, "LONGEST", 1 << 20)
    monkeypatch.setattr(vector_text, "BLOCK", 1 << 20)
    monkeypatch.setattr(packed, "ALWAYS", 8 << 20)
    monkeypatch.setattr(packed, "RATIO", 10)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=message.replace("100", "10")):
            read(look(path))
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()
