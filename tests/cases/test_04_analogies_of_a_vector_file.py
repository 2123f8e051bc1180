"""Analogies and pairs are answered from the words of the file of vectors, whatever text the run names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import core
from core.runs.trained_model import load

CASE = Path(__file__).with_name("04-analogies-of-a-vector-file")
FILE = {"encoder": "bag", "embedding": "file", "embedding.path": str(CASE / "v.txt"), "quiet": True}


@pytest.mark.parametrize("data", [{}, {"data": str(CASE / "sent.txt")}, {"data": "none"}])
def test_the_score_is_that_of_gensim_with_and_without_text(data: dict[str, Any], tmp_path: Path) -> None:
    how = {**FILE, **data, "runs": str(tmp_path)}
    found = core.run(task="analogy", **{"task.pairs": str(CASE / "an.txt")}, **how).metrics["test"]
    # by hand: `king queen zzz dog` has an unknown word, `king king cat cat` asks for one of its own words
    assert (found["accuracy"], found["covered"], found["accuracy_of_covered"]) == (60, 80, 75)
    found = core.run(task="similarity", **{"task.pairs": str(CASE / "p.tsv")}, **how).metrics["test"]
    # the cosines .994, 0, .949 and .105 rank the pairs as 9, 2, 8 and 3 do
    assert (found["spearman"], found["covered"]) == (100, 100)


@pytest.mark.parametrize("task", ["analogy", "similarity"])
def test_the_scores_are_those_of_gensim_on_the_same_file(task: str, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    theirs = models.KeyedVectors.load_word2vec_format(str(CASE / "v.txt"))
    file = CASE / ("an.txt" if task == "analogy" else "p.tsv")
    found = core.run(task=task, **{"task.pairs": str(file)}, **FILE, runs=str(tmp_path)).metrics["test"]
    if task == "analogy":
        score, _ = theirs.evaluate_word_analogies(str(file))
        assert found["accuracy_of_covered"] == pytest.approx(100 * score)
        score, _ = theirs.evaluate_word_analogies(str(file), dummy4unknown=True)
        assert found["accuracy"] == pytest.approx(100 * score)
    else:
        _, spearman, missing = theirs.evaluate_word_pairs(str(file))
        assert found["spearman"] == pytest.approx(100 * spearman.statistic) and found["covered"] == 100 - missing


def test_a_saved_run_without_text_knows_the_words_of_the_file(tmp_path: Path) -> None:
    run = core.run(task="analogy", **{"task.pairs": str(CASE / "an.txt")}, **FILE, runs=str(tmp_path))
    words, vectors = load(run.folder).model.word_vectors()  # type: ignore[attr-defined] # of a Vectorizer
    assert run.data == "none" and words == ["king", "queen", "cat", "dog", "the", "zero"]
    assert vectors.tolist()[0] == [1, 0, 0] and run.cost["parameters"] == 0
