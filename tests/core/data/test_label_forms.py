"""Labels that differ only in case or form get a note, others none."""

from __future__ import annotations

import pytest

from core.data.label_forms import similar_labels


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (["pos", "neg", "Pos"], "'pos' and 'Pos'"),
        (["1", "0", "1.0"], "'1' and '1.0'"),
        (["01", "1", "-1"], "'01' and '1'"),
        (["caf\u00e9", "cafe\u0301"], "'caf\u00e9' and 'cafe\\u0301'"),
        (["very good", "very\u00a0good"], "'very good' and 'very\\xa0good'"),
        (["a b", "a  b"], "'a b' and 'a  b'"),
        (["x", "x\u200b", "\ufeffx"], "'x' and 'x\\u200b' and '\\ufeffx'"),
        (["STRASSE", "Stra\u00dfe"], "'STRASSE' and 'Stra\u00dfe'"),
    ],
)
def test_similar_labels_are_named(labels: list[str], shown: str) -> None:
    (note,) = similar_labels(labels)
    assert note.code == "labels.similar" and note.text.endswith(f"different classes: {shown}")


def test_a_few_of_many_are_named() -> None:
    (note,) = similar_labels([name for c in "abcde" for name in (c, c.upper())])
    assert note.text.endswith("'c' and 'C'; ...") and len(note.values["groups"]) == 5


@pytest.mark.parametrize(
    "labels",
    [
        ["NN", "NNS", "NNP", "''", "``", "-LRB-", "."],
        ["B-ORG", "I-ORG", "O", "0"],
        ["1", "-1", "10", "1.5"],
        ["e", "\u00e9", "x", "x-", "x_"],
        ["nan", "inf", "1e1", "10"],
    ],
)
def test_other_labels_are_classes_of_their_own(labels: list[str]) -> None:
    assert not similar_labels(labels)
