"""Label schemes against a reading token by token, and against hand-worked rows."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from conlleval import spans_of

from core.data import schemes
from core.data.schemes import (
    Labels,
    Spans,
    allowed,
    detect,
    misfits,
    parse,
    read_spans,
    repaired,
    spell,
    write_spans,
)
from core.data.vocab import FIRST, SPECIALS, Vocab

EVERY = ["O", *(f"{prefix}-{kind}" for prefix in "BIES" for kind in ("X", "Y"))]


def flat(rows: list[list[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, Labels]:
    """Prefixes, types and first tokens of rows, and the labels."""
    labels = [label for row in rows for label in row]
    meaning = parse(labels)
    first = np.array([place == 0 for row in rows for place in range(len(row))], dtype=bool)
    return meaning.prefixes, meaning.types, first, meaning


def found(rows: list[list[str]]) -> set[tuple[int, int, str]]:
    prefixes, types, first, meaning = flat(rows)
    spans = read_spans(prefixes, types, first)
    return {(b, e, meaning.names[t]) for b, e, t in zip(*(part.tolist() for part in spans), strict=True)}


def expected(rows: list[list[str]]) -> set[tuple[int, int, str]]:
    spans, start = set(), 0
    for row in rows:
        spans |= {(begin + start, end + start, kind) for begin, end, kind in spans_of(row)}
        start += len(row)
    return spans


def test_every_row_of_up_to_four_labels_is_read_as_conlleval_reads_it() -> None:
    rows = [list(row) for length in (1, 2, 3) for row in product(EVERY, repeat=length)]
    rows += [list(row) for row in product(("O", "B-X", "I-X", "I-Y", "E-X", "S-X"), repeat=4)]
    assert found(rows) == expected(rows)


def test_random_long_rows_are_read_as_conlleval_reads_them() -> None:
    random = np.random.default_rng(0)
    rows = [random.choice(EVERY, length).tolist() for length in random.integers(0, 40, 200)]
    assert found(rows) == expected(rows)


def written(rows: list[list[str]], scheme: str) -> list[str]:
    prefixes, types, first, meaning = flat(rows)
    prefixes, types = write_spans(read_spans(prefixes, types, first), first, scheme)
    names = [*meaning.names, ""]
    return [spell(prefix, names[kind]) for prefix, kind in zip(prefixes.tolist(), types.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("scheme", "answer"),
    [
        ("bio", "B-X I-X B-X O B-X B-Y I-Y I-Y | B-X"),
        ("iob1", "I-X I-X B-X O I-X I-Y I-Y I-Y | I-X"),
        ("bioes", "B-X E-X S-X O S-X B-Y I-Y E-Y | S-X"),
    ],
)
def test_each_scheme_writes_the_same_spans_and_reads_them_back(scheme: str, answer: str) -> None:
    rows = ["B-X I-X B-X O B-X B-Y I-Y I-Y".split(), ["B-X"]]
    labels = written(rows, scheme)
    assert labels == answer.replace("| ", "").split()
    assert found([labels[:8], labels[8:]]) == found(rows)


@pytest.mark.parametrize("scheme", ["bio", "iob1", "bioes"])
def test_what_is_written_in_a_scheme_is_valid_in_it_and_has_the_spans_that_were_read(scheme: str) -> None:
    random = np.random.default_rng(1)
    rows = [random.choice(EVERY, length).tolist() for length in random.integers(1, 12, 300)]
    labels, ends = written(rows, scheme), np.cumsum([0, *map(len, rows)]).tolist()
    again = [labels[start:end] for start, end in zip(ends, ends[1:], strict=False)]
    assert found(again) == expected(rows)
    prefixes, types, first, _ = flat(again)
    assert not any(mask.any() for mask in misfits(prefixes, types, first, scheme))
    assert not any(mask.any() for mask in misfits(prefixes, types, first, detect(prefixes, types, first)))


@pytest.mark.parametrize(
    ("scheme", "row", "wrong", "unfinished"),
    [
        ("bio", "I-X I-X O I-Y B-X I-Y", [0, 3, 5], []),
        ("bio", "B-X E-X S-X", [1, 2], []),
        ("iob1", "B-X O I-X B-X B-Y I-Y I-X", [0, 4], []),
        ("bioes", "B-X O I-X E-X S-X B-Y B-X", [1, 2, 6], [6]),
        ("bioes", "B-X E-X S-X O", [], []),
    ],
)
def test_the_labels_that_do_not_fit_a_scheme_are_found(
    scheme: str, row: str, wrong: list[int], unfinished: list[int]
) -> None:
    prefixes, types, first, _ = flat([row.split()])
    masks = misfits(prefixes, types, first, scheme)
    assert [np.flatnonzero(mask).tolist() for mask in masks] == [wrong, unfinished]


@pytest.mark.parametrize(
    ("row", "scheme"),
    [
        ("O B-X I-X O", "bio"), ("O I-X B-X O", "iob1"), ("B-X E-X O S-Y", "bioes"), ("O O", "bio"),
        ("O B-X O", "bio"), ("I-X I-X O", "iob1"), ("U-X B-X L-X", "bioes"), ("B I O B", "bio"),
    ],
)  # fmt: skip
def test_the_scheme_of_labels_is_found(row: str, scheme: str) -> None:
    assert detect(*flat([row.split()])[:3]) == scheme


def test_another_scheme_than_the_expected_one_needs_labels_that_fit_it() -> None:
    few, other, none = ("I-X O B-X".split(), "I-X B-X O".split(), "O I-X B-Y".split())
    expected = [detect(*flat([row])[:3], "bio") for row in (few, other, none, ["O"])]
    assert expected == ["bio", "iob1", "bio", "bio"]


def test_bilou_is_bioes_by_other_names_and_a_type_may_have_hyphens() -> None:
    labels = parse(["L-X", "U-X", "I-B-PER", "B", "O", "</s>"])
    assert labels.prefixes.tolist() == [3, 4, 2, 1, 0, 0]
    assert [labels.names[kind] if kind >= 0 else None for kind in labels.types] == [
        "X",
        "X",
        "B-PER",
        "",
        None,
        None,
    ]
    assert spell(1, "B-PER") == "B-B-PER" and spell(2, "") == "I"


@pytest.mark.parametrize("label", ["B-", "NN", "PER", "b-PER", "O-PER", "o", "-PER", "BI-PER", "X-PER"])
def test_what_is_not_a_label_of_a_scheme_is_refused(label: str) -> None:
    assert label in schemes.problem(label)


def vocabulary(scheme: str, *labels: str) -> Vocab:
    return Vocab([*SPECIALS, *labels], np.ones(FIRST + len(labels), dtype=np.int64), scheme)


@pytest.mark.parametrize("scheme", ["bio", "iob1", "bioes"])
def test_the_rules_allow_exactly_the_rows_without_misfits(scheme: str) -> None:
    labels = [label for label in EVERY if scheme == "bioes" or label[0] in "OBI"]
    rules = allowed(vocabulary(scheme, *labels))
    assert rules is not None
    for row in product(range(len(labels)), repeat=3):
        prefixes, types, first, _ = flat([[labels[i] for i in row]])
        fits = not any(mask.any() for mask in misfits(prefixes, types, first, scheme))
        a, b, c = row
        assert fits == (rules.first[a] and rules.next[a, b] and rules.next[b, c] and rules.last[c])


def test_other_labels_have_no_rules() -> None:
    assert allowed(None) is None and allowed(vocabulary("", "O", "B-X")) is None


def test_ids_are_repaired_to_the_labels_of_the_vocabulary() -> None:
    labels = vocabulary("bioes", "O", "B-X", "E-X", "S-Y")  # ids 2 to 5; no S-X
    first = np.array([True, False, False, True, False])
    ids = np.array([3, 2, 5, 4, 4], dtype=np.int32)  # B-X O S-Y | E-X E-X
    assert repaired(ids, first, labels).tolist() == [2, 2, 5, 2, 2]
    assert repaired(np.array([3, 3, 4], dtype=np.int32), first[:3], labels).tolist() == [2, 3, 4]
    fits = np.array([3, 4, 2, 5, 5], dtype=np.int32)
    assert repaired(fits, first, labels) is fits


def test_without_tokens_there_are_no_spans() -> None:
    none, no = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    spans = read_spans(none, none, no)
    assert [len(part) for part in spans] == [0, 0, 0] and detect(none, none, no) == "bio"
    assert [part.tolist() for part in write_spans(Spans(none, none, none), no, "bioes")] == [[], []]
