"""Numbers and sets of labels, as they are read."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from source_samples import jsonl, put

from core.config import expand
from core.data.corpus import Corpus
from core.data.label_columns import to_number
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.data.sources.files import Files
from core.data.spec import TokenSpec
from core.errors import DataError

NUMBER, SET = TokenSpec(labels="number"), TokenSpec(labels="set")


def read(path: Path, content: str, spec: TokenSpec, **options: str) -> Data:
    return prepare(Files(put(path, content), **options), spec, DataOptions(fraction=0.34))


@pytest.mark.parametrize("text", ["1", "-1.5", "+2", ".5", "3.", "1e-3", "-2E+5"])
def test_a_number_is_what_python_reads(text: str) -> None:
    assert to_number(text) == float(text)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1,5", "1_000", "0x10", "١", "1 2", "1e51", "true"])
def test_anything_else_is_no_number(text: str) -> None:
    assert math.isnan(to_number(text))


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("good", "name the column of the numbers"),
        ("nan", "name"),
        ("-inf", "name"),
        ("1e999", "name"),
        ("1,5", "as in 1.5"),
    ],
)
def test_the_error_of_a_label_that_is_no_number_names_the_line(tmp_path: Path, wrong: str, remedy: str) -> None:
    path = tmp_path / "a.tsv"
    content = f"text\tlabel\na\t1\n\nb\t2\nc\t{wrong}\nd\t{wrong}\n"  # a blank line is not a row
    with pytest.raises(DataError) as caught:
        read(path, content, NUMBER)
    assert caught.value.where == f"{path}:5" and caught.value.code == "data.number"
    assert f"the label '{wrong}' is not a finite number" in str(caught.value) and remedy in str(caught.value)


def test_a_number_whose_square_would_overflow_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a.tsv:4: the label '1e300' is larger in size than 1e"):
        read(tmp_path / "a.tsv", "text\tlabel\na\t1\nb\t-1e50\nc\t1e300\n", NUMBER)


def test_numbers_of_json_are_read_and_infinity_is_refused_with_its_line(tmp_path: Path) -> None:
    good = jsonl(*({"text": "a", "label": value} for value in (1, 2.5, -3)))
    data = read(tmp_path / "a.jsonl", good, NUMBER)
    assert sorted(to_number(name) for corpus in data.splits.values() for name in names_of(corpus)) == [-3, 1, 2.5]
    with pytest.raises(DataError, match="a.jsonl:2: the label 'inf' is not a finite number"):
        read(tmp_path / "a.jsonl", '{"text": "a", "label": 1.5}\n{"text": "b", "label": Infinity}\n', NUMBER)


def test_a_missing_number_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a.tsv:3: the label is empty, as in 1 rows"):
        read(tmp_path / "a.tsv", "text\tlabel\na\t1\nb\t\n", NUMBER)


def names_of(corpus: Corpus) -> list[str]:
    """The label of each row."""
    return [corpus.label_names[labels[0]] for labels in map(corpus.targets.__getitem__, range(len(corpus)))]


def sets(data: Data) -> list[set[str]]:
    """The sets of all rows of train, dev and test."""
    found = []
    for corpus in data.splits.values():
        names = corpus.label_names
        found += [{names[i] for i in corpus.targets[row][:-1]} for row in range(len(corpus))]
    return sorted(found, key=sorted)


EXPECTED = sorted([{"a", "b"}, set(), {"b"}, {"c", "a"}, {"a"}, {"b", "c"}], key=sorted)


@pytest.mark.parametrize(
    ("name", "content", "separator"),
    [
        ("a.tsv", "text\tlabel\n1\ta|b\n2\t\n3\tb|b\n4\t c | a |\n5\ta\n6\tb|c\n", "|"),
        ("a.csv", 'text,label\n1,"a,b"\n2,\n3,b\n4,"c,a"\n5,a\n6,"b, c"\n', ","),
        (
            "a.jsonl",
            jsonl(
                {"text": "1", "labels": ["a", "b"]},
                {"text": "2", "labels": []},
                {"text": "3", "labels": ["b", "b"]},
                {"text": "4", "labels": ["c", "a"]},
                {"text": "5", "labels": ["a"]},
                {"text": "6", "labels": ["b", "c"]},
            ),
            "|",
        ),
    ],
)
def test_sets_are_read_from_text_or_lists_and_may_be_empty(
    tmp_path: Path, name: str, content: str, separator: str
) -> None:
    assert sets(read(tmp_path / name, content, TokenSpec(labels="set", separator=separator))) == EXPECTED


def test_another_separator_is_other_data_in_the_cache_and_is_proposed(tmp_path: Path) -> None:
    content = "text\tlabel\n1\ta,b\n2\tb,a\n3\tb,c\n4\tc,a\n5\ta,c\n6\tb,c\n"
    wrong, right = (read(tmp_path / "a.tsv", content, TokenSpec(labels="set", separator=s)) for s in "|,")
    assert wrong.key != right.key and right.labels.size - 2 <= 3
    (note,) = [note for note in wrong.notes if note.code == "labels.separator"]
    assert note.values == {"separator": ","} and "task.separator=','" in note.text
    assert expand(["task=multilabel", "encoder=ngram", "task.separator=,"])[0].task.options["separator"] == ","
    assert not [note for note in right.notes if note.code == "labels.separator"]


def test_a_limit_of_tokens_leaves_the_sets_whole(tmp_path: Path) -> None:
    content = "text\tlabel\n" + "w x y z\ta|b|c\n" * 6
    source = Files(put(tmp_path / "a.tsv", content))
    data = prepare(source, SET, DataOptions(max_length=1, fraction=0.34))
    assert sets(data) == [{"a", "b", "c"}] * 6
    assert all(np.all(corpus.tokens.lengths == 2) for corpus in data.splits.values())


def test_a_constant_number_is_noted(tmp_path: Path) -> None:
    data = read(tmp_path / "a.tsv", "text\tlabel\n" + "a\t2\nb\t2.0\n" * 3, NUMBER)
    assert "labels.constant" in [note.code for note in data.notes]
