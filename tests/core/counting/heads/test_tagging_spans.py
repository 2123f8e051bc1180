"""The hidden Markov tagger where labels mark spans: every prediction is valid in their scheme."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from counting_cases import context
from kinds_cases import spec_of
from memory_source import Rows

from core.counting.heads.tagging import TaggingCountHead
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.data.scheme_labels import first_tokens
from core.data.schemes import misfits, parse
from core.types import Int32s
from plugins.encoders.ngram import NGram
from tasks.ner import NamedEntities

Row = tuple[list[str], list[str]]


def entities(seed: int, rows: int) -> list[Row]:
    """Words that are names or not, of one to three words; most words occur in several labels."""
    random = np.random.default_rng(seed)
    found: list[Row] = []
    for _ in range(rows):
        words: list[str] = []
        labels: list[str] = []
        for _ in range(int(random.integers(1, 5))):
            kind, size = str(random.choice(["O", "X", "Y"])), int(random.integers(1, 4))
            words += [
                f"{kind.lower() if random.random() < 0.6 else 'w'}{random.integers(0, 4)}" for _ in range(size)
            ]
            labels += ["O"] * size if kind == "O" else [f"B-{kind}", *[f"I-{kind}"] * (size - 1)]
        found.append((words, labels))
    return found


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def fitted(scheme: str, constrained: bool, rows: int = 300) -> tuple[TaggingCountHead, Data]:
    source = Rows(train=entities(0, rows), dev=entities(1, 50), test=entities(2, 300))
    data = prepare(source, spec_of(NamedEntities(scheme=scheme)), DataOptions())  # type: ignore[arg-type] # any text here

    def make(size: int) -> NGram:
        return NGram(size, order=2)

    head = TaggingCountHead(make, data.vocab, data.labels, words=0, capital=False, constrained=constrained)
    head.fit(data.splits["train"], data.splits["dev"], context())
    return head, data


def invalid(labels: Int32s, data: Data) -> int:
    assert data.labels is not None
    known, test = parse(data.labels.words), data.splits["test"]
    meaning = known.prefixes[labels], known.types[labels], first_tokens(test.tokens)
    return int(np.sum(misfits(*meaning, data.labels.scheme)))


@pytest.mark.parametrize("scheme", ["bio", "iob1", "bioes"])
def test_no_prediction_is_ever_invalid(scheme: str) -> None:
    head, data = fitted(scheme, constrained=True)
    assert invalid(head.predict(data.splits["test"])["label"], data) == 0


def test_without_the_constraint_some_are() -> None:
    head, data = fitted("bioes", constrained=False, rows=8)
    assert invalid(head.predict(data.splits["test"])["label"], data) > 0


def test_words_without_an_allowed_tag_are_repaired() -> None:
    head, data = fitted("bioes", constrained=True, rows=8)  # most words have one label
    assert invalid(head.predict(data.splits["test"])["label"], data) == 0


def test_the_best_path_is_that_of_the_model_where_it_is_valid_and_probabilities_sum_to_one() -> None:
    (own, data), (free, _) = fitted("bio", True, rows=8), fitted("bio", False, rows=8)
    test = data.splits["test"]
    valid = [row for row in range(len(test)) if not _row_invalid(free, data, row)]
    assert 50 < len(valid) < len(test)
    part = test.select(np.array(valid))
    assert np.array_equal(own.predict(part)["label"], free.predict(part)["label"])
    probabilities = np.exp(own.predict(test, probabilities=True)["log_probs"]).sum(-1)
    assert np.allclose(probabilities, 1)


def _row_invalid(head: TaggingCountHead, data: Data, row: int) -> bool:
    part = data.splits["test"].select(np.array([row]))
    assert data.labels is not None
    known, labels = parse(data.labels.words), head.predict(part)["label"]
    meaning = known.prefixes[labels], known.types[labels], first_tokens(part.tokens)
    return bool(np.sum(misfits(*meaning, data.labels.scheme)))
