"""``errors`` for one run: of the saved predictions and of other data, for each kind."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path

import pytest
from command_line import Seqlab, run_command

import core
from core.runs import trained_model

TRAIN = [("the", "D"), ("dog", "N"), ("barks", "V")], [("a", "D"), ("cat", "N"), ("sleeps", "V")]
OTHER = [("the", "D"), ("dog", "N"), ("cat", "V")], [("the", "D"), ("cow", "X"), ("barks", "N")]


def columns(sentences: tuple[list[tuple[str, str]], ...]) -> str:
    return "\n".join("".join(f"{word} {tag}\n" for word, tag in sentence) for sentence in sentences)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data in which test is OTHER, and a tagger, a classifier and a language model of it."""
    path = tmp_path_factory.mktemp("errors")
    for name, text in (("train", columns(TRAIN * 5)), ("dev", columns(TRAIN)), ("test", columns(OTHER))):
        (path / "tags").mkdir(exist_ok=True)
        (path / "tags" / f"{name}.conll").write_text(text)
    (path / "other.conll").write_text(columns(OTHER))
    (path / "texts").mkdir()
    for name, times in (("train", 10), ("dev", 1), ("test", 1)):
        text = "text\tlabel\n" + "good fun\tpos\ndull film\tneg\n" * times + "good dull\tneg\n" * (name == "test")
        (path / "texts" / f"{name}.tsv").write_text(text)
    how = {"encoder": "ngram", "encoder.order": 1, "quiet": True, "runs": str(path / "runs")}
    for name, task, data in (("tags", "pos", "tags"), ("classes", "sentiment", "texts"), ("words", "lm", "texts")):
        core.run(task=task, data=str(path / data), name=name, **how)
    return path


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    monkeypatch.chdir(folder)
    return lambda *words: run_command(capsys, *words)


def cells(out: str) -> list[list[str]]:
    """The rows of every table."""
    return [[c.strip() for c in line.split("│")[1:-1]] for line in out.splitlines() if line.startswith("│")]


def test_the_saved_predictions_of_test_are_shown_without_loading_the_model(
    seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trained_model, "load", None)
    done = seqlab("errors", "run=tags")
    assert done.code == 0, done.err
    predicted = {text: (right, tag) for right, tag, _, text in (row for row in cells(done.out) if len(row) == 4)}
    assert predicted["the dog [cat]"][0] == "V" and predicted["the cow [barks]"][0] == "N"
    assert all(right != tag for right, tag in predicted.values())


def test_a_file_with_right_answers_is_predicted_first(seqlab: Seqlab) -> None:
    saved, other = (seqlab("errors", "run=tags", *given) for given in ((), ("data=other.conll",)))
    assert other.code == 0, other.err
    mistakes = [row for row in cells(other.out) if len(row) == 6]
    chances = [float(row[5]) for row in mistakes]
    assert chances == sorted(chances) and len(mistakes) == 3
    assert [math.exp(-float(row[4])) for row in mistakes] == pytest.approx([p / 100 for p in chances], abs=0.005)
    without = [
        row[:4] if len(row) == 6 else row for row in cells(other.out)
    ]  # saved taggers keep no probabilities
    assert sorted(without) == sorted(cells(saved.out))
    assert "1 of 6 labels are not in train ('X')" in other.out
    note = "note: no test split: every row of the data is used (split=train)\n"
    asked = seqlab("errors", "run=tags", "data=other.conll", "split=train")
    assert note in other.out and asked.out == other.out.replace(note, "")
    assert "choose split= from train" in seqlab("errors", "run=tags", "data=other.conll", "split=dev").err


def test_other_data_with_one_split_needs_no_split_also_in_evaluate(seqlab: Seqlab) -> None:
    done = seqlab("evaluate", "run=tags", "data=other.conll")
    assert done.code == 0 and "on train: 2 rows" in done.out, done.err
    assert "on test: 2 rows" in seqlab("evaluate", "run=tags", "data=tags").out


def test_a_classifier_shows_how_likely_the_right_label_was(seqlab: Seqlab) -> None:
    rows = cells(seqlab("errors", "run=classes").out)
    assert rows[1][:3] == ["neg", "pos", "1"]
    right, predicted, row, text, loss, p = rows[2]
    assert (right, predicted, row, text) == ("neg", "pos", "3", "good dull")
    assert float(p) <= 50 and float(loss) == pytest.approx(-math.log(float(p) / 100), abs=0.01)


def test_a_language_model_shows_the_words_with_the_largest_loss_in_context(seqlab: Seqlab) -> None:
    rows = cells(seqlab("errors", "run=words", "rows=4").out)
    losses = [float(row[2]) for row in rows[1:]]
    assert len(losses) == 4 and losses == sorted(losses, reverse=True)
    assert all(re.search(r"\[\S+\]$", row[1]) for row in rows[1:])
    assert float(rows[0][1]) < losses[0]


def test_a_run_that_predicts_no_rows_is_refused_in_one_sentence(folder: Path, seqlab: Seqlab) -> None:
    (folder / "pairs.tsv").write_text("good\tfun\t1\ndull\tfilm\t2\ngood\tfilm\t3\n")
    core.run(
        task="similarity",
        encoder="bag",
        data=str(folder / "texts"),
        name="vectors",
        quiet=True,
        runs=str(folder / "runs"),
        **{"task.pairs": str(folder / "pairs.tsv"), "embedding.random.dim": 2},
    )
    for given in ("run=vectors", "run=vectors,vectors"):
        done = seqlab("errors", given)
        assert done.code == 2 and "it predicts no rows" in done.err, done.err
        assert done.err.startswith("error: ") and len(done.err.splitlines()) == 1


def test_the_tables_in_formats_for_programs(seqlab: Seqlab) -> None:
    summary, pairs, examples = json.loads(seqlab("errors", "run=classes", "output=json").out)
    assert summary["rows"][0] | {"% wrong": 0} == {
        "events": 3,
        "mistakes": 1,
        "% wrong": 0,
        "% unknown words": 0,
        "% unknown in mistakes": 0,
    }
    assert pairs["rows"] == [
        {"right": "neg", "predicted": "pos", "mistakes": 1, "% of mistakes": 100, "% unknown words": 0}
    ]
    for output, dialect in (("csv", "excel"), ("tsv", "excel-tab")):
        done = seqlab("errors", "run=classes", f"output={output}")
        (row,) = csv.DictReader(io.StringIO(done.out), dialect=dialect)
        assert {key: str(value) for key, value in examples["rows"][0].items()} == row
    shown = seqlab("errors", "run=classes", "output=markdown").out
    assert "| neg   | pos       |   3 | good dull |" in shown and "\n\n**" in shown
    done = seqlab("errors", "run=tags", "data=other.conll", "output=json")
    assert len(json.loads(done.out)) == 3 and "note: train: 1 of 6 labels" in done.err
    differences = json.loads(seqlab("errors", "run=tags,tags", "output=json").out)
    assert len(differences) == 3 and differences[0]["rows"] == []
    assert differences[2]["rows"][0]["A - B"] == 0 and differences[2]["rows"][0]["p"] == "1"
