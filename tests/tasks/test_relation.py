"""The task relation: runs, scores, formats of predictions, and what is wrong with their input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import core
from core.config import expand
from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.runs.store import find, read
from core.testing import check_task
from tasks.relation import Relation
from tests.helpers.command_line import run_command

LABELS = Vocab(["</s>", "<unk>", "A(e1,e2)", "A(e2,e1)", "Other"], np.array([5, 0, 2, 2, 1]))
EXAMPLES = [
    "the <e1>storm</e1> causes the <e2>flood</e2> .",
    "the <e1>wheel</e1> belongs to the <e2>engine</e2> .",
]


def corpus(*labels: int) -> Corpus:
    count = len(labels)
    values = np.stack([np.array(labels), np.zeros(count)], 1).ravel().astype(np.int32)
    rows = Ragged(values, np.arange(count + 1) * 2)
    return Corpus(LABELS, {"tokens": rows, "labels": rows}, (), LABELS)


def test_the_task_keeps_the_contract() -> None:
    check_task("relation", labels=("A(e1,e2)", "A(e2,e1)", "B(e1,e2)", "B(e2,e1)", "Other"), marks="hidden")


def test_the_score_takes_the_direction_into_account() -> None:
    gold, predicted = corpus(2, 3, 4, 2), {"label": np.array([2, 2, 2, 4])}
    # right 1, predicted 3, true 3
    assert Relation().metrics(predicted, gold) == pytest.approx({"macro_f1": 100 / 3, "accuracy": 25.0})
    sums = Relation().row_sums("macro_f1", predicted, gold)
    assert sums is not None and sums.score == pytest.approx(100 / 3)
    assert Relation().row_sums("accuracy", predicted, gold) is None
    assert Relation(other="A(e2,e1)").metrics(predicted, gold)["macro_f1"] == pytest.approx((40 + 0) / 2)


def test_a_report_has_a_row_per_relation() -> None:
    table, confusion = Relation().report({"label": np.array([2, 2, 2, 4])}, corpus(2, 3, 4, 2))
    assert table.rows == [("A", 3, 3, 1, pytest.approx(100 / 3), pytest.approx(100 / 3), pytest.approx(100 / 3))]
    assert confusion.rows[0] == ("A(e1,e2)", 1, 0, 1)


def test_the_default_data_has_relations_and_the_default_vectors_positions() -> None:
    config = expand(["task=relation", "encoder=cnn"])[0]
    assert (config.data.name, list(config.embeddings)) == ("toy-relations", ["random", "position"])
    assert expand(["task=relation", "encoder=cnn", "data=toy"])[0].data.name == "toy"
    assert expand(["task=sentiment", "encoder=cnn"])[0].data.name == "toy"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for name, options in (("hidden", {"task.marks": "hidden"}), ("tokens", {})):
        options |= {"encoder.order": 3, "encoder.smoothing": "witten-bell", "data.limit": 1000}
        core.run(task="relation", encoder="ngram", quiet=True, runs=folder, name=name, **options)
    return folder


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    done = run_command(capsys, *arguments)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize("run", ["hidden", "tokens"])
def test_predictions_in_the_formats_of_the_field(
    run: str, runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def predict(*arguments: str) -> str:
        return output(capsys, "predict", f"run={run}", f"runs={runs}", *arguments)

    lines = [line.split("\t") for line in predict(*EXAMPLES).splitlines()]
    assert [text for _, text in lines] == EXAMPLES
    labels = [label for label, _ in lines]
    assert predict("output=numbered", *EXAMPLES) == f"1\t{labels[0]}\n2\t{labels[1]}\n"
    assert predict("output=numbered", "first=8001", *EXAMPLES) == f"8001\t{labels[0]}\n8002\t{labels[1]}\n"
    rows = [json.loads(line) for line in predict("output=jsonl", "probabilities=true", *EXAMPLES).splitlines()]
    assert [(row["text"], row["label"]) for row in rows] == list(zip(EXAMPLES, labels, strict=True))
    (tmp_path / "more.tsv").write_text("text\tlabel\n" + "".join(f"{text}\t?\n" for text in EXAMPLES), "utf-8")
    assert predict("output=numbered", f"file={tmp_path / 'more.tsv'}") == f"1\t{labels[0]}\n2\t{labels[1]}\n"
    tokens = "the <e1> storm </e1> causes the <e2> flood </e2> ."
    assert predict("input=tokens", "output=numbered", tokens) == f"1\t{labels[0]}\n"


def test_offsets_in_a_file_say_where_the_spans_are(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"text": "the storm causes the flood .", "e1_start": 4, "e1_end": 9, "e2_start": 21, "e2_end": 26}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    common = ("run=tokens", f"runs={runs}", "output=jsonl", "probabilities=true")
    found = json.loads(output(capsys, "predict", *common, f"file={tmp_path / 'a.jsonl'}"))
    assert found == json.loads(output(capsys, "predict", *common, EXAMPLES[0]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((EXAMPLES[0], "no marks"), "sentence 2: the row lacks <e1>, </e1>, <e2>, </e2>"),
        ((EXAMPLES[0], "<e1>a</e1> <e2></e2> b"), "sentence 2: no word is between <e2> and </e2>"),
        (("tokens=char", EXAMPLES[0]), "text with marked spans is cut as in training (tokens=words)"),
        (("first=3", EXAMPLES[0]), "first: only output=numbered writes the numbers of rows"),
        (("output=conllu", EXAMPLES[0]), "conllu has one label per token"),
    ],
)
def test_bad_input_of_predict(
    arguments: tuple[str, ...], message: str, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_command(capsys, "predict", "run=hidden", f"runs={runs}", *arguments)
    assert done.code > 0 and message in done.err


def test_a_file_with_a_bad_row_names_it(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{EXAMPLES[0]}\n{EXAMPLES[1]}\n<e1>a b\n", "utf-8")
    done = run_command(capsys, "predict", "run=hidden", f"runs={runs}", f"file={path}")
    assert done.code > 0 and f"{path} row 3: the row lacks </e1>, <e2>, </e2>" in done.err


def test_two_runs_are_compared_by_the_official_score(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = output(capsys, "errors", "run=hidden,tokens", f"runs={runs}", "limit=3")
    hidden, tokens = (read(find(runs, name)).metrics["test"]["macro_f1"] for name in ("hidden", "tokens"))
    assert f"{tokens - hidden:.2f} (95 % interval" in text  # an interval: the rows were resampled
    assert f"{hidden:.2f}" in text and f"{tokens:.2f}" in text and "<e1>" in text


@pytest.mark.slow
def test_a_cnn_with_positions_comes_near_the_ceiling(tmp_path: Path) -> None:
    result = core.run(task="relation", encoder="cnn", quiet=True, runs=tmp_path, seed=1)
    assert result.score > 90
    words = {"embedding": "random", "task.marks": "hidden", "train.steps": 300}
    blind = core.run(task="relation", encoder="cnn", quiet=True, runs=tmp_path, seed=1, **words)
    assert blind.score < 60  # the words alone do not tell which nouns are marked
