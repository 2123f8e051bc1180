"""The task analogy: compared with gensim and with plain loops, and its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.data.corpus import Corpus
from core.data.interning import close
from core.data.vocab import SPECIALS, Vocab
from core.errors import DataError
from core.types import Bools, Float32s
from tasks import analogy
from tasks.analogy import Analogies

LETTERS = [f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh"]
WORDS = [*LETTERS[:40], "AA", *LETTERS[40:], "Ab", "without"]  # two differ from another word only in case
KNOWN = np.array([True] * (len(WORDS) - 1) + [False])


class Planted:
    """Vectors of WORDS near a grid, so that most analogies are solved."""

    def __init__(self, folder: Path, **options: Any) -> None:
        random = np.random.default_rng(3)
        grid = {letter: random.normal(size=12) for letter in "abcdefgh"}
        rows = [grid[w[0]] + np.roll(grid[w[1]], 5) for w in map(str.lower, WORDS[:-1])] + [np.zeros(12)]
        noise = random.normal(0, 1.2, (len(WORDS), 12))
        self.vectors = ((np.array(rows) + noise) * random.uniform(0.5, 3, (len(WORDS), 1))).astype(np.float32)
        picks = random.permutation(8**4)[:300]
        letters = [["abcdefgh"[p // 8**k % 8] for k in range(4)] for p in picks.tolist()]
        lines = [f"{a}{c} {a}{d} {b}{c} {b}{d}" for a, b, c, d in letters if a != b and c != d]
        self.file = folder / "analogies.txt"
        self.file.write_text("\n".join([": one", *lines[:99], ": two", *lines[99:], "aa ab unheard ba", ""]))
        self.task = Analogies(pairs=str(self.file), **options)
        self.vocab = Vocab([*SPECIALS, *WORDS], np.ones(len(WORDS) + 2, dtype=np.int64))
        self.corpus = Corpus(self.vocab, {"tokens": close(np.zeros(0, np.int32), np.zeros(0, np.int64))})

    def look_up(self, ids: Any) -> tuple[Float32s, Bools]:
        return self.vectors[ids - 2], KNOWN[ids - 2]

    def answers(self) -> dict[str, Any]:
        return self.task.answer(self.corpus, self.look_up)


@pytest.mark.parametrize("candidates", [30, 300_000])
@pytest.mark.parametrize("block", [16, 8192])
def test_the_scores_are_those_of_gensim_on_the_same_vectors(
    candidates: int, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = pytest.importorskip("gensim.models")
    monkeypatch.setattr(analogy, "BLOCK", block)
    planted = Planted(tmp_path, restrict_vocab=candidates)
    ours = planted.answers()
    metrics, rows = planted.task.metrics(ours, planted.corpus), planted.task.report(ours, planted.corpus)[0].rows
    for prefix, column in (("", 3), ("mul_", 4)):
        theirs, how = models.KeyedVectors(12), {"restrict_vocab": candidates}
        size = len(WORDS) - 1 if not prefix else min(candidates, len(WORDS) - 1)
        theirs.add_vectors(WORDS[:size], planted.vectors[:size])
        if prefix:  # gensim always evaluates 3CosAdd on its candidates, and 3CosMul on all words
            theirs.most_similar = theirs.most_similar_cosmul
        score, sections = theirs.evaluate_word_analogies(str(planted.file), **how)
        hits = [len(s["correct"]) / max(1, len(s["correct"]) + len(s["incorrect"])) for s in sections[:2]]
        assert 0.05 < score < 1 and metrics[f"{prefix}accuracy_of_covered"] == pytest.approx(100 * score)
        assert [row[column] for row in rows] == pytest.approx([100 * hit for hit in hits])
        score, _ = theirs.evaluate_word_analogies(str(planted.file), dummy4unknown=True, **how)
        assert metrics[f"{prefix}accuracy"] == pytest.approx(100 * score)


@pytest.mark.parametrize("way", ["add", "mul"])
def test_the_answer_is_the_best_of_all_candidates_one_by_one(way: str, tmp_path: Path) -> None:
    planted = Planted(tmp_path)
    answers = planted.answers()
    rows = planted.vectors[:-1] / np.linalg.norm(planted.vectors[:-1], axis=1, keepdims=True)
    upper = [word.upper() for word in WORDS[:-1]]
    for number, question in enumerate(planted.task.analogies[:60]):
        words = [word.upper() for word in question.words[:3]]
        a, b, c = (rows[upper.index(word)] for word in words)
        scores = [-9.0] * len(rows)
        for i, row in enumerate(rows):
            if upper[i] not in words:
                near = [(1 + row @ x) / 2 for x in (a, b, c)]
                scores[i] = row @ (b - a + c) if way == "add" else near[1] * near[2] / (near[0] + 1e-6)
        assert answers[way][number] - 2 == int(np.argmax(scores))


def test_a_question_with_an_unknown_word_is_wrong_and_not_covered(tmp_path: Path) -> None:
    planted = Planted(tmp_path)
    answers = planted.answers()
    assert not answers["covered"][-1] and answers["covered"][:-1].all() and answers["add"][-1] == -1
    found = planted.task.metrics(answers, planted.corpus)
    assert found["accuracy"] < found["accuracy_of_covered"]


def test_a_run_scores_its_questions(tmp_path: Path) -> None:
    (tmp_path / "analogies.txt").write_text(": all\nman king woman queen\nman king woman unheard\n")
    (tmp_path / "train.txt").write_text("man king woman queen\n" * 20)
    words = {
        "task.pairs": str(tmp_path / "analogies.txt"),
        "embedding.min_count": 1,
        "embedding.dim": 4,
        "embedding.sample": 0,
    }
    how = {"data": str(tmp_path / "train.txt"), "runs": str(tmp_path / "runs"), "quiet": True}
    found = core.run(task="analogy", encoder="bag", embedding="word2vec", **how, **words).metrics["test"]
    assert found["covered"] == 50 and found["accuracy"] == 50  # of the only candidate left


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (": one\na b c d\na b c\n", "analogies.txt:3: 'a b c' is not an analogy; write four words"),
        (": one\n", "analogies.txt: the file has no analogies"),
        ("no such word here\nas b c d\n", "none of 2 questions has all of its words among the"),
    ],
)
def test_questions_that_cannot_be_scored_name_their_place(content: str, message: str, tmp_path: Path) -> None:
    planted = Planted(tmp_path)
    planted.file.write_text(content)
    with pytest.raises(DataError) as caught:
        planted.answers()
    assert message in str(caught.value)


def test_sums_over_questions_give_the_accuracy(tmp_path: Path) -> None:
    planted = Planted(tmp_path)
    answers = planted.answers()
    sums = planted.task.row_sums("accuracy", answers, planted.corpus)
    assert sums is not None and sums.values[:, 1].tolist() == [1] * len(planted.task.analogies)
    assert sums.score == pytest.approx(planted.task.metrics(answers, planted.corpus)["accuracy"])
    assert planted.task.row_sums("covered", answers, planted.corpus) is None
