"""The entities of the toy language."""

from __future__ import annotations

from collections import Counter

import numpy as np
from conlleval import scores, spans_of

from core.config import expand
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.evaluation.baselines import ceiling
from core.experiment.runner import components
from plugins.datasets.toy import Toy, sample_split
from plugins.datasets.toy.hmm import language
from plugins.datasets.toy.spans import labels


def test_labels_begin_where_the_run_of_a_noun_phrase_or_the_row_does() -> None:
    kinds, offsets = np.array([0, 0, -1, 1, 1, 1, -1]), np.array([0, 2, 4, 7])
    expected = "B-person I-person O B-thing B-thing I-thing O".split()
    assert labels(kinds, offsets) == expected


def test_each_entity_ends_in_its_noun_and_has_its_kind() -> None:
    model, rows = language(), sample_split("dev")
    columns = next(Toy().batches("dev")).to_pydict()
    states = [model.states[s] for s in rows.states.tolist()]
    names = {"person": "person", "thing": "thing", "place": "other"}
    seen: Counter[str] = Counter()
    for own, begin in zip(columns["spans"], rows.offsets.tolist(), strict=False):
        spans = spans_of(own)
        nouns = {begin + i for i in range(len(own)) if states[begin + i].place in ("noun", "compound")}
        assert {begin + end - 1 for _, end, _ in spans} == nouns
        for start, end, kind in spans:
            assert all(states[begin + i].kind == names[kind] for i in range(start, end))
            seen[kind] += 1
    assert set(seen) == set(names) and min(seen.values()) > 100


def test_the_ceiling_is_in_the_scheme_of_the_task_and_only_for_readers_of_both_sides() -> None:
    for scheme in ("auto", "bioes"):
        (config,) = expand(["task=ner", "encoder=ngram", "data=toy", f"task.scheme={scheme}"])
        task = components.task(config)
        data = prepare(Toy(), config.kind.token_spec(task), DataOptions())
        assert ceiling(config.kind, task, data, "test", "both").scores["f1"] == 100
        assert not ceiling(config.kind, task, data, "test", "left").scores


def test_the_tags_of_the_toy_language_are_still_its_labels() -> None:
    columns = next(Toy().batches("dev")).to_pydict()
    assert {"NOUN", "VERB"} < {tag for row in columns["labels"] for tag in row}
    assert scores(columns["spans"], columns["spans"]) == (100, 100, 100)
