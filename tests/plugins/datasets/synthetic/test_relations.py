"""The synthetic relations: rows, truth, and what tells the relation."""

from __future__ import annotations

import re
from collections import Counter

from core.config import expand
from core.testing import check_dataset
from plugins.datasets.synthetic.relations import OTHER, PATTERNS, ToyRelations

BETWEEN = re.compile(r"</e1> (.*) the (?:\w+ )*<e2>")


def test_the_data_set_keeps_the_contract() -> None:
    check_dataset("toy-relations")


def test_the_words_between_the_marks_and_no_others_tell_the_most_probable_label() -> None:
    for row in ToyRelations().draw("test"):
        between = BETWEEN.search(row.text)
        assert between is not None
        known = PATTERNS.get(between[1])
        assert row.best == (known[0] if known else OTHER)  # across two clauses there are more words


def test_labels_are_as_probable_as_they_are_said_to_be() -> None:
    drawn, right = Counter[str](), Counter[str]()
    for row in ToyRelations().draw("train"):
        between = BETWEEN.search(row.text)
        if between and between[1] in PATTERNS:
            drawn[between[1]] += 1
            right[between[1]] += row.label == row.best
    for pattern, (_, probability) in PATTERNS.items():
        error = (probability * (1 - probability) / drawn[pattern]) ** 0.5
        assert abs(right[pattern] / drawn[pattern] - probability) <= 4 * error


def test_only_the_best_label_of_a_row_is_the_oracles_answer() -> None:
    source = ToyRelations()
    rows = ToyRelations().draw("dev")
    assert source.oracle("row", "dev", "both") == {"label": [row.best for row in rows]}
    assert source.oracle("text", "dev", "both") is None
    assert {row.label for row in rows} == {label for label, _ in PATTERNS.values()}


def test_the_data_set_needs_no_options() -> None:
    assert expand(["task=relation", "encoder=ngram"])[0].data.options == {"rows": 3000}
