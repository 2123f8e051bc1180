"""Bad input: one sentence with the place and the remedy, and never another exception."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_samples import CONLLU, put, read, rows, word

from core.data.sources import open_source
from core.data.sources.files import Files
from core.errors import ConfigError, DataError, SeqlabError, UnknownName

NINE = word("1", "a", "X").rsplit("\t", 1)[0]
BIG = gzip.compress(bytes(range(97, 123)) * 1000)


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        (
            "a.conllu",
            f"# c\n{word('1', 'a', 'X')}\n{NINE}\n",
            {},
            ":3: 9 columns where CoNLL-U has 10; put one tab between",
        ),
        ("a.conllu", word("x", "a", "X"), {}, ":1: 'x' is not a CoNLL-U id; an id is a number such as 8"),
        ("a.conllu", word("1", "", "X"), {}, ":1: the column form is empty; fill it in, or write _"),
        ("a.conllu", f"# c\n{word('1', 'a', '')}\n", {}, ":2: the column upos is empty; fill it in, or write _"),
        ("a.conllu", "# only\n\n", {}, "no row of data in the file, read as conllu; name another file"),
        ("a.txt", "", {}, ": the file is empty; name another file"),
        ("a.txt.gz", "", {}, ": the file is empty; name another file"),
        ("a.txt", "\n \n", {}, "no row of data in the file, read as text; name another file"),
        (
            "a.txt",
            b"a\nb\nd\xe9j\xe0\n",
            {},
            ":3: the text is not UTF-8; name its encoding, such as data.encoding=latin-1",
        ),
        ("a.txt", b"a\nb\x81\n", {"encoding": "cp1252"}, ":1: the text is not cp1252; name its encoding"),
        (
            "a.tsv",
            "a\tb\tc\n1\t2\t3\n",
            {},
            "which column is the text is not clear; name it with data.text=, one of a, b, c",
        ),
        ("a.tsv", "text\tb\n1\t2\n", {"label": "x"}, ": no column 'x'; data.label= is one of text, b"),
        ("a.tsv", "text\tb\n1\t2\n", {"text": "x"}, ": no column 'x'; data.text= is one of text, b"),
        (
            "a.tsv",
            "text\tlabel\na\t1\na b\n",
            {},
            ":3: fields: 1 where the header has 2 (text, label); fix the line",
        ),
        ("a.tsv", "text\tlabel\n", {}, "no row of data in the file, read as tsv; name another file"),
        (
            "a.csv",
            'text,label\n"a\nb",1\nc,1,2\n',
            {},
            ":4: fields: 3 where the header has 2 (text, label); fix the line",
        ),
        (
            "a.csv",
            'text,label\na,1\n"b,2\nc,3\n',
            {},
            ":3: the quote that opens here is never closed; in CSV a field",
        ),
        ("a.csv", 'text,label\na,1\n5" "disc,2\n', {}, ":3: a quote inside a field; in CSV a field with quotes"),
        ("a.csv", 'text,label\n"a"b,1\n', {}, ":2: a quote inside a field; in CSV a field with quotes"),
        ("a.conll", "a X\nb\n", {}, ":2: columns: 1 where the lines before have 2; fix the line"),
        (
            "a.conll",
            "\na X\n",
            {"label": "3"},
            ":2: columns: 2 where data.label=3 asks for more; choose one of 1 to 2",
        ),
    ],
)
def test_bad_content_names_the_line_and_the_remedy(
    tmp_path: Path, name: str, content: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, name, content, **options)
    assert str(caught.value).startswith(str(tmp_path / name)) and message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.conllu", {"label": "uposs"}, "data.label: CoNLL-U has no column 'uposs'; did you mean 'upos'"),
        ("a.conll", {"label": "upos"}, "data.label: 'upos' is not a column number; columns have no names here"),
        ("a.conll", {"text": "0"}, "data.text: '0' is not a column number"),
        (
            "a.txt",
            {"label": "x"},
            "data.label: a.txt is read as plain text, which has no columns; name its format with data.format=",
        ),
        ("a.txt", {"encoding": "utf-9"}, "data.encoding: 'utf-9' is not a text encoding"),
        ("a.txt", {"encoding": "base64"}, "data.encoding: 'base64' is not a text encoding"),
    ],
)
def test_a_bad_option_names_its_key(tmp_path: Path, name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, name, "a b c\n", **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [BIG[:-40], BIG[:20], b"no gzip at all", BIG[:50] + b"\0\1\2" + BIG[53:]])
def test_a_broken_gzip_file_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="a.txt.gz: the gzip file is cut short or broken; fetch it again"):
        rows(Files(path))


def test_a_missing_path_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: there is no such file or folder; check the path after data="):
        open_source(tmp_path / "nowhere")


def test_a_missing_split_is_one_clear_error(tmp_path: Path) -> None:
    source = Files(put(tmp_path / "a.txt", "a\n"))
    with pytest.raises(
        DataError, match="data.dev: there is no dev split; there are train; name a file with data.dev="
    ):
        rows(source, "dev")


def test_an_unknown_option_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="data.lable: this data has no such option; did you mean 'label'"):
        open_source(put(tmp_path / "a.txt", "a\n"), lable="x")


GOOD = [
    ("conllu", CONLLU),
    ("columns", "The DT B\ndog NN I\n\n. . O\n"),
    ("tsv", "text\tlabel\na b\t1\n\nc\t2\n"),
    ("csv", 'text,label\n"a, ""b""\nc",1\n"",2\n'),
    ("text", " a b \nc\u2028d\n\n"),
    ("auto", "a X\nb Y\n\nc Z\n"),
]
PIECES = st.sampled_from(
    [b"", b"\n", b"\r\n", b"\t", b'"', b",", b" ", b"#", b"\n\n", b"\xff", b"\0", b"1-2", "é\u2028".encode()]
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A format and a good file of some format with a few places changed."""
    data = draw(st.sampled_from(GOOD))[1].encode()
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(PIECES | st.binary(max_size=4)) + data[start + draw(st.integers(0, 6)) :]
    return draw(st.sampled_from(GOOD))[0], data


@settings(max_examples=300, deadline=None)
@given(
    case=mutated() | st.tuples(st.sampled_from([f for f, _ in GOOD]), st.binary(max_size=200)),
    zipped=st.booleans(),
)
def test_any_bytes_give_valid_rows_or_a_clear_error(case: tuple[str, bytes], zipped: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("a.gz" if zipped else "a.txt")
        path.write_bytes(case[1])
        try:
            source = Files(path, format=case[0])
            batches = list(source.batches("train"))
            for batch in batches:
                batch.validate(full=True)
                assert batch.num_rows
            words = sum(len(b.column("labels").flatten()) for b in batches if "labels" in b.schema.names)
            source.write("train", {}, ["X"] * words, Path(folder) / "out")
        except SeqlabError as error:
            assert error.remedy and error.where
