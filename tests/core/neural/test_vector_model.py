"""Word vectors that are evaluated: the words are those of the table, whatever the run's text is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.errors import ConfigError
from core.experiment.interchange import export
from core.runs.predictions import rebuild
from core.runs.trained_model import load
from tasks.analogy import Analogies

LETTERS = [f"{a}{b}" for a in "abcdef" for b in "abcdef"]
WORDS = [*LETTERS[:20], "AA", "</s>", *LETTERS[20:], "Ab", "aa", "zero", "<unk>"]  # other case, repeated, no angle


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A file of vectors near a grid, analogies and pairs about its words, and text about other words."""
    random = np.random.default_rng(3)
    grid = {letter: random.normal(size=8) for letter in "abcdef"}
    one = np.ones(8)
    rows = [grid.get(w[0].lower(), one) + np.roll(grid.get(w[1].lower(), one), 3) for w in WORDS[:-2]]
    vectors = [*(np.array(rows) + random.normal(0, 0.8, (len(rows), 8))), np.zeros(8), np.ones(8)]
    lines = [f"{word} {' '.join(f'{x:.5f}' for x in row)}" for word, row in zip(WORDS, vectors, strict=True)]
    (tmp_path / "v.txt").write_text("\n".join([f"{len(WORDS)} 8", *lines, ""]))
    picks = [["abcdef"[i] for i in row] for row in random.integers(0, 6, (200, 4)).tolist()]
    questions = [f"{a}{c} {a}{d} {b}{c} {b}{d}" for a, b, c, d in picks if a != b and c != d]
    (tmp_path / "an.txt").write_text("\n".join([": all", *questions, "aa ab unheard ba", "AB aa BB ba", ""]))
    pairs = [f"{a}{b}\t{c.upper()}{d}\t{i % 17}" for i, (a, b, c, d) in enumerate(picks) if (a, b) != (c, d)]
    (tmp_path / "p.tsv").write_text("\n".join([*pairs, "zero\taa\t3", "aa\tunheard\t4", ""]))
    (tmp_path / "train.txt").write_text("aa bb unrelated\nzz yy\n" * 5)
    return tmp_path


def run(place: Path, task: str, **words: Any) -> Any:
    file = place / ("an.txt" if task == "analogy" else "p.tsv")
    how = {"encoder": "bag", "embedding": "file", "embedding.path": str(place / "v.txt"), "quiet": True}
    how |= {"runs": str(place / "runs"), "task.pairs": str(file)}
    return core.run(task=task, **{key: value for key, value in (how | words).items() if value is not None})


@pytest.mark.parametrize("options", [{}, {"restrict_vocab": 25}, {"case_insensitive": False}])
@pytest.mark.parametrize("text", [False, True])
def test_a_file_scores_as_gensim_scores_it(options: dict[str, Any], text: bool, place: Path) -> None:
    models = pytest.importorskip("gensim.models")
    (place / "v.txt").write_text((place / "v.txt").read_text().replace("\naa ", "\nagain ", 1))  # repeats nothing
    theirs = models.KeyedVectors.load_word2vec_format(str(place / "v.txt"))
    own = {f"task.{name}": value for name, value in options.items()}
    own |= {"data": str(place / "train.txt")} if text else {}
    found = run(place, "analogy", **own).metrics["test"]
    score, sections = theirs.evaluate_word_analogies(str(place / "an.txt"), **options)
    assert 0.1 < score < 1 and found["accuracy_of_covered"] == pytest.approx(100 * score)
    result = run(place, "similarity", **own)
    pearson, spearman, missing = theirs.evaluate_word_pairs(str(place / "p.tsv"), **options)
    assert result.metrics["test"]["covered"] == pytest.approx(100 - missing)
    pearson_0, spearman_0, _ = theirs.evaluate_word_pairs(str(place / "p.tsv"), dummy4unknown=True, **options)
    task, corpus, arrays = rebuild(result, "test")
    expected = [x.statistic * 100 for x in (spearman_0, spearman)] + [pearson_0[0] * 100, pearson[0] * 100]
    assert task.report(arrays, corpus)[0].rows[0][3:] == pytest.approx(expected, abs=1e-4)
    assert result.metrics["test"]["spearman"] == pytest.approx(expected[0], abs=1e-4)


def test_the_answers_of_a_file_are_those_of_plain_loops(place: Path) -> None:
    """The same without gensim: 3CosAdd over the distinct words of the file that have an angle."""
    table = dict[str, Any]()
    for line in (place / "v.txt").read_text().split("\n")[1:-1]:
        word, *numbers = line.split()
        table.setdefault(word, np.array(numbers, dtype=np.float64))
    names, right, known = [word.upper() for word in table], 0, 0
    units = [v / max(1e-9, float(np.linalg.norm(v))) for v in table.values()]
    for question in Analogies(pairs=str(place / "an.txt")).analogies:
        words = [word.upper() for word in question.words]
        if not all(word in names for word in words):
            continue
        a, b, c = (units[names.index(word)] for word in words[:3])
        pairs = zip(names, units, strict=True)
        scores = [u @ (b - a + c) if name not in words[:3] and u.any() else -9 for name, u in pairs]
        known, right = known + 1, right + (names[int(np.argmax(scores))] == words[3])
    found = run(place, "analogy").metrics["test"]
    assert known > 50 and found["accuracy_of_covered"] == pytest.approx(100 * right / known)


def test_joined_vectors_have_the_words_of_the_file(place: Path) -> None:
    joined = {"embedding": "file+affix", "embedding.path": None, "embedding.file.path": str(place / "v.txt")}
    result = run(place, "analogy", data=str(place / "train.txt"), **joined)
    assert result.metrics["test"]["covered"] == run(place, "analogy").metrics["test"]["covered"]
    words, vectors = load(result.folder).model.word_vectors()  # type: ignore[attr-defined] # of a Vectorizer
    assert "unrelated" not in words and set(WORDS) - {"<unk>"} == set(words) and vectors.shape[1] == 8 + 32


def test_vectors_trained_on_another_text_need_no_data(place: Path) -> None:
    (place / "own.txt").write_text("\n".join(" ".join(LETTERS) for _ in range(30)))
    own = {"embedding": "word2vec", "embedding.path": None, "embedding.corpus": str(place / "own.txt")}
    result = run(place, "similarity", **own, **{"embedding.dim": 4, "embedding.epochs": 1})
    assert result.data == "none" and result.metrics["test"]["covered"] > 90
    assert result.cost["parameters"] == 4 * len(LETTERS) and result.facts["parameters"] == {"embedding": 144}


def test_trained_vectors_score_as_their_exported_file_does(place: Path) -> None:
    (place / "own.txt").write_text("\n".join(" ".join(LETTERS[i:]) for i in range(30)))
    own = {"embedding": "word2vec", "embedding.path": None, "data": str(place / "own.txt")}
    own |= {"embedding.dim": 4, "embedding.epochs": 2, "embedding.min_count": 8}
    for task in ("similarity", "analogy"):
        trained = run(place, task, **own)
        export(load(trained.folder), place / "out.bin")
        again = run(place, task, **{"embedding.path": str(place / "out.bin")})
        assert again.metrics["test"] == pytest.approx(trained.metrics["test"])


@pytest.mark.parametrize("words", [{"task": "pos", "encoder": "lstm"}, {"task": "lm", "encoder": "ngram"}])
def test_a_task_that_reads_text_refuses_to_have_none(words: dict[str, str], place: Path) -> None:
    with pytest.raises(ConfigError, match=f"task={words['task']} reads text, and data=none has none"):
        core.run(**words, data="none", runs=str(place))
