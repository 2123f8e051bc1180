"""Unusual but correct text: unchanged by training, files and prediction."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.runs.trained_model import load

WORDS = {
    "combining marks": "e\u0301te\u0301",
    "right to left": "שלום",
    "emoji of several characters": "👩‍👩‍👧",
    "U+2028": "a\u2028b",
    "no-break space": "10\u00a0000",
    "a vertical tab is white space, a zero-width space is not": "a\u200bb",
    "a surrogate pair's character": "𝔘",
}
SMALL = ["task=pos", "encoder=ngram", "encoder.order=1", "quiet=true", "name=a"]


def rows(*words: str) -> str:
    return "".join(f"{i}\t{word}\t_\tX" + "\t_" * 6 + "\n" for i, word in enumerate(words, 1)) + "\n"


@pytest.mark.parametrize("name", WORDS)
def test_an_unusual_token_is_unchanged(name: str, seqlab, put, place: Path) -> None:
    word = WORDS[name]
    put("train.conllu", rows("the", word) * 10)
    assert seqlab("run", *SMALL, "data=train.conllu").code == 0
    assert word in load("a").vocab.words
    put("text.txt", f"the {word}\n")
    for done in (seqlab("predict", "run=a", f"the {word}"), seqlab("predict", "run=a", "file=text.txt")):
        assert done.out == f"the_X {word}_X\n"
    saved = next((place / "runs").glob("*/predictions.test.conllu")).read_text(encoding="utf-8")
    assert rows("the", word) in saved


def test_a_word_of_100_000_characters_is_a_word(seqlab, put) -> None:
    word = "x" * 100_000
    put("train.conllu", rows("the", word) * 10)
    for encoder in ("ngram", "lstm"):
        network = ["embedding=char+affix", "train.epochs=1", "encoder.hidden_size=4"]
        words = network if encoder == "lstm" else ["encoder.order=1"]
        done = seqlab("run", "task=pos", f"encoder={encoder}", "data=train.conllu", "quiet=true", "name=b", *words)
        assert done.code == 0, done.err
        assert seqlab("predict", "run=b", f"the {word}").out == f"the_X {word}_X\n"


LONG = 1_000_000


@pytest.mark.parametrize("task", ["sentiment", pytest.param("lm", marks=pytest.mark.slow)])
def test_a_sentence_of_a_million_words_is_counted(task: str, seqlab) -> None:
    seqlab("run", f"task={task}", *SMALL[1:], "data.limit=50")
    answers = load("a").predict([" ".join(["the", "cats"] * (LONG // 2)), "the cats", "the cats the cats"])
    if task == "lm":  # with order 1 each pair of words costs the same
        assert answers[0] == pytest.approx(answers[1] + (answers[2] - answers[1]) * (LONG / 2 - 1), rel=1e-3)
    assert len(answers) == 3


@pytest.mark.slow
def test_a_sentence_of_a_million_words_is_tagged(seqlab, put) -> None:
    put("long.conllu", rows(*["the", "cats"] * (LONG // 2)) + rows("the") * 20)
    assert seqlab("run", *SMALL, "data=long.conllu").code == 0
    assert len(load("a").predict([" ".join(["the", "cats"] * (LONG // 2))])[0]) == LONG


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["cnn", "window", "bag", "lstm"])
def test_a_sentence_of_a_million_words_is_read_by_a_network(encoder: str, seqlab) -> None:
    narrow = {"cnn": "encoder.channels=4", "bag": "head.dropout=0"}.get(encoder, "encoder.hidden_size=4")
    words = ["task=sentiment", f"encoder={encoder}", "data.limit=50", "train.epochs=1", "embedding.dim=4"]
    assert seqlab("run", *words, narrow, "quiet=true", "name=a").code == 0
    assert len(load("a").predict([" ".join(["the", "cats"] * (LONG // 2)), "the cats"])) == 2


def test_an_empty_prediction_is_not_an_error(seqlab) -> None:
    seqlab("run", *SMALL, "data.limit=50")
    assert seqlab("predict", "run=a").out == ""
    assert seqlab("predict", "run=a", text="\n\n").out == "\n\n"
