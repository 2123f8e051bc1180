"""Kind ``vector``: events are the questions of the task."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from kinds_cases import corpus_of

from core.errors import ConfigError
from core.evaluation.event_hash import event_hash
from core.kinds.vectors import WordVectors
from core.registry import Spec, registry
from core.task import Task
from core.types import Question

KIND = WordVectors()
PAIRS = corpus_of(["the dog", "dog barks"])


class Pairs(Task):
    kind, primary = "vector", "spearman"

    def __init__(self, *questions: Question) -> None:
        super().__init__()
        self.own = questions

    def questions(self) -> Sequence[Question]:
        return self.own


FIRST, SECOND = Question(("the", "dog"), "3.5"), Question(("dog", "barks"), "9")


def encoder(name: str) -> Spec:
    return registry().get("encoder", name)


def test_events_are_the_questions() -> None:
    assert KIND.count_events(Pairs(FIRST, SECOND), PAIRS) == 2
    assert KIND.token_spec(Pairs(FIRST, SECOND)).questions == (FIRST, SECOND)
    assert KIND.place(PAIRS, 1) == (1, 0) and KIND.context(PAIRS, 1, 0, " ") == "dog barks"


def test_the_hash_is_of_the_questions_whatever_the_vocabulary() -> None:
    base = event_hash(KIND, Pairs(FIRST, SECOND), PAIRS)
    assert event_hash(KIND, Pairs(FIRST, SECOND), corpus_of(["barks the", "the"])) == base
    for questions in ((FIRST,), (SECOND, FIRST), (FIRST, SECOND._replace(answer="8")), (FIRST, FIRST)):
        assert event_hash(KIND, Pairs(*questions), PAIRS) != base


def test_nothing_is_guessed_and_no_truth_is_asked() -> None:
    assert (KIND.chance(PAIRS), KIND.most_frequent(PAIRS), KIND.gold(PAIRS), KIND.truth) == ([], None, None, None)
    assert not KIND.beats(Pairs(), {}, {}, PAIRS) and not KIND.reads_rows


def test_an_encoder_that_reads_sentences_is_refused() -> None:
    assert KIND.incompatibility("similarity", encoder("bag")) == ""
    assert "lstm is made to read sentences" in KIND.incompatibility("similarity", encoder("lstm"))


def test_no_counting_head_serves_it() -> None:
    with pytest.raises(ConfigError, match="no counting head predicts kind vector; it has neural"):
        KIND.import_class("heads", "counting")
