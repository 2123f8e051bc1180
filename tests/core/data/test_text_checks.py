"""Text that is cut into the wrong tokens is noted, and text that only looks odd is not."""

from __future__ import annotations

import base64
import random
from collections import Counter

import numpy as np
import pytest
from counting_cases import ragged, vocab_of

from core.data.corpus import Corpus
from core.data.text_checks import rare_words, unspaced_rows
from core.data.vocab import build_vocab
from core.types import Note

CHINESE = ["今天天气很好，我们去公园散步。", "他昨天在北京大学图书馆看书。", "这本书的作者是一位著名的历史学家。"]
JAPANESE = ["今日はとても天気がいいので散歩に行きました。", "東京は日本の首都です。"]
THAI = ["วันนี้อากาศดีมาก เราไปเดินเล่นที่สวนสาธารณะกัน", "เขาอ่านหนังสืออยู่ที่ห้องสมุดเมื่อวานนี้"]
DNA = ["ACGTTGCAACGTAGCTAGCTAGGCTA", "TTGACCATGACCGATTACG"]
BASE64 = [base64.b64encode(bytes(range(i, i + 30))).decode() for i in range(3)]
IDS = ["17,4,255", "3,19,8,77", "5,6,12"]

ENGLISH = ["the cat sat on the mat", "see https://example.org/a/very/long/address?with=words here", "yes", ""]
GERMAN = ["die Donaudampfschifffahrtsgesellschaft fährt heute nicht", "Rindfleischetikettierungsgesetz gilt"]
SEGMENTED = [" ".join(row) for row in CHINESE]
NAMES = ["Smith", "Papadopoulos", "Li", "Nakamura", "van Dyke"]
WORD_LIST = ["天气", "公园", "图书馆", "历史学家"]
NUMBERS = ["3.14", "1,250", "2020-01-31", "12:30", "1,5"]


def corpus_of(lines: list[str]) -> Corpus:
    rows = [line.split() for line in lines]
    vocab = vocab_of(rows)
    return Corpus(vocab, {"tokens": ragged(rows, vocab)[0]})


@pytest.mark.parametrize(
    "lines", [CHINESE, JAPANESE, THAI, DNA, BASE64, IDS, [*CHINESE, "a b c"]],
    ids=["zh", "ja", "th", "dna", "base64", "ids", "mostly zh"],
)  # fmt: skip
@pytest.mark.parametrize("cut", ["space", "words"])
def test_rows_without_spaces_are_noted(lines: list[str], cut: str) -> None:
    (note,) = unspaced_rows(corpus_of(lines * 5), "train", cut)
    assert note.code == "text.unspaced" and note.text.startswith("train: text is cut ")
    assert ("task.tokens=char or words" in note.text) == (cut == "space") and "task.tokens=char" in note.text


@pytest.mark.parametrize(
    "lines", [ENGLISH, GERMAN, SEGMENTED, NAMES, WORD_LIST, NUMBERS, [*CHINESE, *ENGLISH], [""], []],
    ids=["en", "de", "segmented zh", "names", "zh words", "numbers", "half zh", "empty row", "nothing"],
)  # fmt: skip
def test_words_between_spaces_are_not_noted(lines: list[str]) -> None:
    assert unspaced_rows(corpus_of(lines), "train", "space") == []


def test_characters_are_never_too_long() -> None:
    assert unspaced_rows(corpus_of(CHINESE), "train", "char") == []


def test_the_note_counts_tokens_and_characters_of_the_rows() -> None:
    (note,) = unspaced_rows(corpus_of(["a" * 20, "b" * 30, "c" * 25 + " " + "d" * 25, ""]), "dev", "space")
    assert note.values == {"split": "dev", "tokens": pytest.approx(4 / 3), "characters": 25.0}
    assert "1.3 tokens per row, of 25 characters" in note.text


def noted(words: list[str]) -> list[Note]:
    counts = Counter(words)
    return rare_words(build_vocab(list(counts), np.array(list(counts.values())), 1, min_count=1))


def test_words_that_nearly_all_occur_once_are_noted() -> None:
    (note,) = noted([f"id{i}" for i in range(600)] + ["a", "a"])
    assert note.code == "text.rare_words" and note.values == {"words": 600, "of": 601, "tokens": 602}
    assert "600 of 601 words occur once (100% of its 602 tokens)" in note.text


def test_ids_between_frequent_words_are_noted_by_their_share_of_the_text() -> None:
    draw = random.Random(1)
    text = [word for i in range(4000) for word in (f"id{i}", draw.choice("abcdefghij" * 30) + str(i % 90))]
    (note,) = noted(text)
    assert note.values["words"] >= 4000


@pytest.mark.parametrize("tokens", [50, 500, 5_000, 50_000])
@pytest.mark.parametrize("exponent", [1.05, 1.2])
def test_words_of_a_natural_language_are_not_noted(tokens: int, exponent: float) -> None:
    """Zipf's law (1935): about half of the words occur once, more of them in a small text."""
    ranks = np.random.default_rng(tokens).zipf(exponent, 20 * tokens)
    assert noted([f"w{rank}" for rank in ranks[ranks < 200_000][:tokens].tolist()]) == []


def test_a_text_too_small_to_tell_is_not_noted() -> None:
    assert noted([f"w{i}" for i in range(400)]) == []
