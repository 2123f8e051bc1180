"""The task similarity: its files, its scores and its errors; and runs of the kind ``vector``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

import core
from core.__main__ import main
from core.config import expand
from core.errors import ConfigError, DataError
from core.runs.store import read
from core.runs.trained_model import load
from tasks.similarity import Similarity

PAIRS = "red blue 9\none two 8.5\nred one 1\nblue two 2\nred unheard 5\n"
COLOURS, NUMBERS = ["red", "blue", "green", "white"], ["one", "two", "three", "four"]
TINY = {"embedding.dim": 8, "embedding.min_count": 1, "embedding.sample": 0, "embedding.epochs": 40, "quiet": True}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """Two topics that never meet, and a training split alone."""
    random = np.random.default_rng(0)
    rows = [" ".join(random.choice(topic, 8)) for _ in range(60) for topic in (COLOURS, NUMBERS)]
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "train.txt").write_text("\n".join(rows))
    return tmp_path / "text"


def pairs(folder: Path, content: str = PAIRS, name: str = "pairs.txt") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(content)
    return folder / name


def run(text: Path, file: Path, **words: Any) -> Any:
    how = {"task": "similarity", "encoder": "bag", "embedding": "word2vec", "runs": str(text.parent / "runs")}
    return core.run(data=str(text), **{"task.pairs": str(file), **how, **TINY, **words})


def test_vectors_that_separate_two_topics_rank_the_pairs_as_planted(text: Path, tmp_path: Path) -> None:
    result = run(text, pairs(tmp_path, PAIRS.replace("red unheard 5\n", "")))
    assert result.metrics["test"]["spearman"] >= 80 and result.metrics["test"]["covered"] == 100
    assert result.metrics["dev"] == result.metrics["test"]
    assert result.curve == [] and result.events["test"] == {"rows": 4, "tokens": 8}
    assert [key for key in result.config if key.startswith("train.")] == ["train.checkpoint_minutes"]


def test_a_pair_without_vectors_scores_0_and_is_counted(text: Path, tmp_path: Path) -> None:
    result = run(text, pairs(tmp_path))
    with np.load(result.path / "predictions.npz") as saved:
        similarity, covered = saved["test.similarity"], saved["test.covered"]
    assert covered.tolist() == [True] * 4 + [False] and similarity[4] == 0 and (similarity[:4] != 0).all()
    assert result.metrics["test"]["covered"] == 80
    expected = 100 * spearmanr([9, 8.5, 1, 2, 5], similarity).statistic
    assert result.metrics["test"]["spearman"] == pytest.approx(expected)


def test_seeds_share_a_column_and_other_pairs_do_not(text: Path, tmp_path: Path) -> None:
    file = pairs(tmp_path)
    first, second = run(text, file), run(text, file, seed=2)
    assert first.fingerprints == second.fingerprints and first.id != second.id
    pairs(tmp_path, PAIRS.replace("8.5", "7.5"))
    third = run(text, file)
    assert third.fingerprints != first.fingerprints and third.id != first.id


def test_each_file_of_a_folder_has_a_score_and_analogies_are_ignored(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    pairs(folder, name="a.txt")
    pairs(folder, "Word 1,Word 2,Human (mean)\r\nred,blue,1\r\nred,one,3\r\nred,two,4\r\n", "b.csv")
    pairs(folder, ": capitals\nred blue one two\n", "questions.txt")
    pairs(folder, "read me", "README")
    found = run(text, folder).metrics["test"]
    assert list(found) == ["spearman", "a", "b", "covered"]
    assert found["spearman"] == pytest.approx((found["a"] + found["b"]) / 2) and found["b"] < 0


def test_a_file_named_like_another_metric_keeps_its_own_score(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    for name, content in {"covered.txt": PAIRS, "spearman.csv": "red,blue,1\nred,one,3\n", "a.txt": PAIRS}.items():
        pairs(folder, content, name)
    found = run(text, folder).metrics["test"]
    assert list(found) == ["spearman", "a", "covered.txt", "spearman.csv", "covered"]
    assert found["covered.txt"] == found["a"] and found["covered"] == pytest.approx(100 * 10 / 12)
    assert found["spearman"] == pytest.approx((2 * found["a"] + found["spearman.csv"]) / 3)


def test_a_saved_run_knows_its_vectors_and_predicts_no_sentences(text: Path, tmp_path: Path) -> None:
    result = run(text, pairs(tmp_path))
    model = load(result.folder)
    words = ["red", "unheard", "Red"]
    ids = np.array([model.vocab.ids["red"], model.vocab.size, model.vocab.size + 1])
    vectors, has = model.model.vectors_of_ids(ids, words[1:])
    assert has.tolist() == [True, False, True] and np.array_equal(vectors[0], vectors[2])
    for call in (lambda: model.predict(["red blue"]), lambda: model.evaluate("x")):
        with pytest.raises(ConfigError, match="evaluates the vectors of words"):
            call()


def test_the_report_of_a_saved_run_has_one_row_per_file(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(text, pairs(tmp_path))
    with pytest.raises(SystemExit) as end:
        main(["report", f"run={result.folder}"])
    out = capsys.readouterr().out
    assert not end.value.code and "Spearman of covered" in out and "│ pairs │     5 │       4 │" in out
    assert read(result.path).score == result.score


@pytest.mark.parametrize("content", ["red blue 9\n", "red blue 9\none two 9\nred one 9\n"])
def test_annotator_scores_that_are_all_equal_give_no_score(
    content: str, text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(text, pairs(tmp_path, content))
    assert np.isnan(result.metrics["test"]["spearman"]) and np.isnan(read(result.path).score)
    with pytest.raises(SystemExit) as end:
        main(["report", f"run={result.folder}"])
    assert not end.value.code and "│        - │                   - │" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("red blue\n", "pairs.txt:1: 'red blue' is not a pair; write `word word score`"),
        ("red blue 1\n\nred one high\n", "pairs.txt:3: 'red one high' is not a pair"),
        ("red blue 1\nred one nan\n", "pairs.txt:2: 'red one nan' is not a pair"),
        ("red blue nan\nred one 1\n", "pairs.txt:1: 'red blue nan' is not a pair"),
        ("red blue -inf\nred one 1\n", "pairs.txt:1: 'red blue -inf' is not a pair"),
        ("a b score\n# nothing\n", "pairs.txt: the file has no pairs"),
        ("ego unheard 1\n", "none of 1 pairs has vectors for both of its words"),
    ],
)
def test_pairs_that_cannot_be_scored_name_their_place_and_a_remedy(
    text: Path, tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        run(text, pairs(tmp_path, content))
    assert message in str(caught.value) and caught.value.remedy


def test_missing_files_are_reported(text: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        run(text, tmp_path / "nowhere.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="the folder has no file of pairs"):
        run(text, tmp_path / "empty")


def test_an_encoder_that_reads_sentences_is_rejected_with_the_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        expand(["task=similarity", "task.pairs=x", "encoder=lstm"])
    assert "evaluates the vectors of words alone, and lstm is made to read sentences; use bag instead" in str(
        caught.value
    )
    assert [cell.encoder.name for cell in expand(["task=similarity", "task.pairs=x", "encoder=all"])] == ["bag"]
    with pytest.raises(ConfigError, match=r"train\.epochs"):
        expand(["task=similarity", "task.pairs=x", "encoder=bag", "train.epochs=3"])


def test_sums_over_pairs_are_the_score_computed_again_without_each_of_them(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    lines = [f"a{i} b{i} {score:.4f}" for i, score in enumerate(random.normal(size=40))]
    for name, part in (("one.txt", lines[:25]), ("two.txt", lines[25:])):
        pairs(tmp_path / "both", "\n".join(part) + "\n", name)
    task = Similarity(pairs=str(tmp_path / "both"))
    gold, similarity, file = task.scores, task.scores + random.normal(size=40), np.arange(40) < 25

    def score(kept: np.ndarray) -> float:
        parts = [kept & file, kept & ~file]
        return 100 * float(np.mean([spearmanr(gold[part], similarity[part]).statistic for part in parts]))

    full, without = score(np.ones(40, dtype=bool)), np.array([score(np.arange(40) != i) for i in range(40)])
    sums = task.row_sums("spearman", {"similarity": similarity}, None)
    assert sums is not None and task.row_sums("covered", {"similarity": similarity}, None) is None
    assert sums.score == pytest.approx(full)
    assert sums.values[:, 0] == pytest.approx(full + 39 * (without.mean() - without))
