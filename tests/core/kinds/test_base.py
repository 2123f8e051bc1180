"""What every kind has by default, and what is asked of each kind of core."""

from __future__ import annotations

import pytest
from kinds_cases import corpus_of

from core.errors import ConfigError, UnknownName
from core.kinds import find_kind
from core.kinds.base import Kind
from core.kinds.rendering import from_tokens, words_around
from core.registry import registry
from core.task import Task


class Nothing(Kind):
    name = "nothing"


class Example(Task):
    kind, primary = "nothing", "accuracy"


TEXT = corpus_of(["the dog barks"])


def test_a_kind_is_found_by_its_name() -> None:
    assert [find_kind(name).name for name in registry().names("kind")] == list(registry().names("kind"))
    with pytest.raises(UnknownName, match="did you mean 'token'"):
        find_kind("tokens")


@pytest.mark.parametrize("name", ["next", "token", "sequence"])
@pytest.mark.parametrize("family", ["neural", "counting"])
def test_a_kind_of_rows_has_a_head_and_a_model_in_both_families(name: str, family: str) -> None:
    kind = find_kind(name)
    assert kind.import_class("heads", family).__module__.startswith(f"core.{family}.heads.")
    assert kind.import_class("models", family).family == family


def test_a_kind_without_heads_is_served_by_no_family() -> None:
    with pytest.raises(ConfigError, match="no neural head predicts kind nothing; it has none"):
        Nothing().import_class("models", "neural")
    lstm, bag = (registry().get("encoder", name) for name in ("lstm", "bag"))
    assert "(the family neural has no head for it)" in Nothing().incompatibility("example", lstm)
    kinds = "next, item, cloze, token, sequence, number, set, transduce, vector"
    assert f"(it runs {kinds})" in Nothing().incompatibility("example", bag)


def test_the_defaults_are_those_of_rows_without_labels() -> None:
    kind, spec = Nothing(), Nothing().token_spec(Example())
    assert (spec.labels, spec.running_text, kind.truth, kind.language_model) == (None, False, None, False)
    assert (kind.gold(TEXT), kind.correct({}, TEXT), kind.most_frequent(TEXT), kind.chance(TEXT)) == (
        *[None] * 3,
        [],
    )
    assert kind.oracle_gap(TEXT, "test") == "" and not kind.beats(Example(), {}, {}, TEXT)
    assert kind.place(TEXT, 4) == (4, 0) and kind.context(TEXT, 0, 0, " ") == "the dog barks"
    assert (kind.best_scores(True), kind.best_scores(False), kind.default_threads()) == ((0.0,), (100.0,), 1)
    assert kind.scored({"label": [1]}, TEXT) == {"label": [1]}


def test_only_a_neural_encoder_of_the_left_side_reads_left() -> None:
    reads = {(f, s): Nothing().reads(f, s) for f in ("neural", "counting") for s in ("left", "both", "either")}
    assert [pair for pair, side in reads.items() if side == "left"] == [("neural", "left")]


def test_an_answer_is_rendered_as_text_and_json() -> None:
    sentence = from_tokens(["so", "ähnlich"])
    assert Nothing().render(sentence, "x", "text", 0) == "x\tso ähnlich\n"
    assert Nothing().render(sentence, "x", "jsonl", 0) == '{"text": "so ähnlich", "label": "x"}\n'


def test_words_around_stop_at_the_row() -> None:
    assert words_around(TEXT, 0, 0, 1, False, " ") == "[the] dog"
    assert words_around(TEXT, 0, 2, 6, False, " ") == "the dog [barks]"
    assert words_around(TEXT, 0, 3, 6, True, " ") == "the dog barks [</s>]"
