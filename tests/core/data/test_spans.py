"""Marked spans: where they are, in every way of cutting text, and what is wrong with a row."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.files import Files
from core.data.spec import TokenSpec
from core.errors import DataError
from tests.helpers.memory_source import Rows

MARK = re.compile(r"(</?e[12]>)")


def spec(marks: str = "hidden", tokens: str = "words") -> TokenSpec:
    return TokenSpec(tokens, labels="row", marks=marks)


def read(*rows: str | list[str], marks: str = "hidden", tokens: str = "words", **options: object) -> Corpus:
    labelled = [(row, "L") for row in rows]
    source = Rows(train=labelled, dev=labelled, test=labelled)
    return prepare(source, spec(marks, tokens), DataOptions(**options)).splits["train"]


def shown(corpus: Corpus) -> list[tuple[list[str], list[str], list[str]]]:
    """The tokens of each row, those of e1 and those of e2."""
    assert corpus.spans is not None
    rows = [corpus.spell(corpus.tokens[row][:-1]) for row in range(len(corpus))]
    return [(row, row[a:b], row[c:d]) for row, (a, b, c, d) in zip(rows, corpus.spans.tolist(), strict=True)]


TEXT = "The <e1>author</e1>'s well-<e2>known book</e2>."


@pytest.mark.parametrize(
    ("tokens", "row", "first", "second"),
    [
        ("words", ["The", "author", "'s", "well", "-", "known", "book", "."], ["author"], ["known", "book"]),
        ("space", ["The", "author", "'s", "well-", "known", "book", "."], ["author"], ["known", "book"]),
        ("char", list("The author's well-known book."), list("author"), list("known book")),
    ],
)
def test_marks_are_found_and_hidden_however_text_is_cut(
    tokens: str, row: list[str], first: list[str], second: list[str]
) -> None:
    assert shown(read(TEXT, tokens=tokens)) == [(row, first, second)]


def test_marks_stay_tokens_where_the_task_says_so() -> None:
    words = ["The", "<e1>", "author", "</e1>", "'s", "well", "-", "<e2>", "known", "book", "</e2>", "."]
    assert shown(read(TEXT, marks="tokens")) == [(words, ["author"], ["known", "book"])]
    assert "<e1>" not in read(TEXT).vocab.ids and "<e1>" in read(TEXT, marks="tokens").vocab.ids


def test_in_a_list_of_tokens_the_marks_are_tokens() -> None:
    assert shown(read(["<e2>", "x.", "</e2>", "y", "<e1>", "z", "</e1>"])) == [(["x.", "y", "z"], ["z"], ["x."])]


def test_spans_may_touch_be_in_any_order_and_lie_within_each_other() -> None:
    rows = shown(read("<e2>a</e2><e1>b</e1>", "<e1>a <e2>b</e2> c</e1> d", "<e2><e1>a</e1></e2>"))
    assert rows == [
        (["a", "b"], ["b"], ["a"]),
        (["a", "b", "c", "d"], ["a", "b", "c"], ["b"]),
        (["a"], ["a"], ["a"]),
    ]


def reference(text: str) -> tuple[list[str], list[str], list[str]]:
    """A row of words between spaces, read from left to right."""
    words, spans = list[str](), dict[str, int]()
    for part in MARK.split(text):
        if MARK.fullmatch(part):
            spans[part] = len(words)
        else:
            words += part.split()
    a, b, c, d = (spans[mark] for mark in ("<e1>", "</e1>", "<e2>", "</e2>"))
    return words, words[a:b], words[c:d]


def random_text(random: np.random.Generator) -> str:
    words = [f"w{number}" for number in random.integers(0, 9, int(random.integers(2, 12)))]
    first, second = sorted(random.choice(len(words), 2, replace=False).tolist())
    ends = int(random.integers(first + 1, second + 1)), int(random.integers(second + 1, len(words) + 1))
    names = ["e1", "e2"] if random.random() < 0.5 else ["e2", "e1"]
    for name, start, end in zip(names[::-1], (second, first), ends[::-1], strict=True):
        words[start] = f"<{name}>{words[start]}"
        words[end - 1] = f"{words[end - 1]}</{name}>"
    return " ".join(words)


@pytest.mark.parametrize("tokens", ["space", "words"])
def test_random_rows_are_read_as_from_left_to_right(tokens: str) -> None:
    random = np.random.default_rng(1)
    texts = [random_text(random) for _ in range(200)]
    assert shown(read(*texts, tokens=tokens)) == [reference(text) for text in texts]


@pytest.mark.parametrize("keep", ["hidden", "tokens"])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a b", "the row lacks <e1>, </e1>, <e2>, </e2>"),
        ("<e1>a</e1> b</e2>", "the row lacks <e2>"),
        ("<e1>a</e1> <e2>b</e2> <e1>c</e1>", "the row has <e1>, </e1> more than once"),
        ("<e1>a <e2>b</e1> c</e2>", "the spans of e1 and e2 cross"),
        ("<e2>a <e1>b</e2> c</e1>", "the spans of e1 and e2 cross"),
        ("<e1> </e1>a <e2>b</e2>", "no word is between <e1> and </e1>"),
        ("<e1>a</e1> b</e2><e2>", "</e2> comes before <e2>"),
        ("<e1>a</e1> <e2>\ufdd0</e2>", "a character that is reserved"),
    ],
)
def test_what_is_wrong_with_a_row_names_its_file_and_line(
    row: str, message: str, keep: str, tmp_path: Path
) -> None:
    good = "<e1>a</e1> <e2>b</e2>"
    (tmp_path / "train.tsv").write_text(f"text\tlabel\n{good}\tA\n\n{row}\tA\n{good}\tB\n", "utf-8")
    with pytest.raises(DataError) as caught:
        prepare(Files(tmp_path), spec(keep), DataOptions())
    assert message in caught.value.what
    assert caught.value.where == f"{tmp_path / 'train.tsv'}:4"


def test_offsets_in_columns_are_the_same_as_marks(tmp_path: Path) -> None:
    marked = ["The <e1>author</e1> of a <e2>good book</e2>.", "<e2>a</e2><e1>b</e1>", "<e1>a <e2>b</e2></e1>"]
    rows = []
    for text in marked:
        bare, places = "", {}
        for part in MARK.split(text):
            if MARK.fullmatch(part):
                places[part] = len(bare)
            else:
                bare += part
        columns = dict(zip(("e1_start", "e1_end", "e2_start", "e2_end"), (places[m] for m in MARKS), strict=True))
        rows.append({"text": bare, "label": "A", **columns})
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    lines = ["\t".join(rows[0]), *("\t".join(map(str, row.values())) for row in rows)]
    (tmp_path / "train.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    for name in ("train.jsonl", "train.tsv"):
        data = prepare(Files(tmp_path / name), spec(), DataOptions(fraction=0.3))
        found = [row for split in ("train", "dev", "test") for row in shown(data.splits[split])]
        assert sorted(found) == sorted(shown(read(*marked)))


MARKS = ("<e1>", "</e1>", "<e2>", "</e2>")


def test_offsets_of_a_list_count_tokens() -> None:
    columns = {"e1_start": ["0"], "e1_end": ["2"], "e2_start": ["2"], "e2_end": ["3"]}

    class Source(Rows):
        def batches(self, split: str):
            yield pa.RecordBatch.from_pydict({"tokens": [["a", "b", "c"]], "label": ["L"], **columns})

    data = prepare(Source(train=[], dev=[], test=[]), spec(), DataOptions())
    assert shown(data.splits["train"]) == [(["a", "b", "c"], ["a", "b"], ["c"])]


@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        (("0", "1", "2", "9"), "the offsets 0, 1, 2, 9 lie outside the 3 tokens of the row"),
        (("0", "1", "-1", "2"), "lie outside the 3 tokens"),
        (("0", "x", "1", "2"), "the offsets '0', 'x', '1', '2' are not whole numbers"),
        (("1", "1", "2", "3"), "e1 is empty: it starts at 1 and ends before 1"),
        (("0", "2", "1", "3"), "the spans of e1 and e2 cross"),
    ],
)
def test_wrong_offsets_name_the_line(offsets: tuple[str, ...], message: str, tmp_path: Path) -> None:
    names = ("e1_start", "e1_end", "e2_start", "e2_end")
    rows = [("0", "1", "2", "3"), offsets]
    lines = [
        json.dumps({"tokens": list("abc"), "label": "A", **dict(zip(names, row, strict=True))}) for row in rows
    ]
    (tmp_path / "train.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        prepare(Files(tmp_path), spec(), DataOptions())
    assert message in caught.value.what
    assert caught.value.where == f"{tmp_path / 'train.jsonl'}:2"


def test_a_span_is_never_cut_off() -> None:
    row = "<e1>a</e1> <e2>b</e2> c d"
    assert shown(read(row, max_length=2)) == [(["a", "b"], ["a"], ["b"])]
    with pytest.raises(DataError, match="a span ends after 2 tokens, and data.max_length=1 cuts it off"):
        read(row, max_length=1)


def test_text_is_lower_cased_and_marks_are_not_lost() -> None:
    assert shown(read("The <e1>Dog</e1> <e2>Ran</e2>", lower=True)) == [(["the", "dog", "ran"], ["dog"], ["ran"])]


def test_spans_come_back_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "train.tsv").write_text("text\tlabel\n" + f"{TEXT}\tA\n" * 9, "utf-8")
    first, again = (prepare(Files(tmp_path / "train.tsv"), spec(), DataOptions()) for _ in range(2))
    assert first.key == again.key
    assert shown(first.splits["test"]) == shown(again.splits["test"])
    kept = prepare(Files(tmp_path / "train.tsv"), spec("tokens"), DataOptions())
    assert kept.key != first.key and len(shown(kept.splits["train"])[0][0]) == 12


def test_a_task_without_spans_takes_marks_for_text() -> None:
    source = Rows(train=[("<e1>a</e1> b", "A")], dev=[("b", "A")], test=[("b", "A")])
    corpus = prepare(source, TokenSpec("space", labels="row"), DataOptions()).splits["train"]
    assert corpus.spans is None and corpus.spell(corpus.tokens[0][:-1]) == ["<e1>a</e1>", "b"]
