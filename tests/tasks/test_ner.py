"""The tasks of spans from files to predictions, through the commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import Done, run_command
from conlleval import scores, spans_of

from core.config import expand
from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources import open_source
from core.evaluation.verdicts.units import unit_sums
from core.runs import components

IOB1 = "Ann I-PER\nLee I-PER\nsees O\nKiev I-LOC\n\nin O\nKiev I-LOC\nLima B-LOC\n. O\n\n"
RUN = ("encoder=ngram", "encoder.order=2", "head.words=0", "head.capital=false", "quiet=true", "name=names")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for split in ("train", "dev", "test"):
        (tmp_path / f"{split}.conll").write_text(IOB1 * (20 if split == "train" else 2))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *more: str, task: str = "ner") -> Done:
    return run_command(capsys, "run", f"task={task}", "data=.", *RUN, *more)


def rows_of(text: str) -> list[list[str]]:
    return [[line.split()[-1] for line in row.splitlines()] for row in text.strip().split("\n\n")]


@pytest.mark.parametrize("scheme", ["auto", "bio", "bioes"])
def test_columns_are_predicted_in_the_scheme_of_the_run(
    folder: Path, capsys: pytest.CaptureFixture[str], scheme: str
) -> None:
    done = run(capsys, f"task.scheme={scheme}")
    assert not done.code and "the labels are IOB1" in done.out
    assert ("converted" in done.out) == (scheme != "auto")
    found = run_command(capsys, "predict", "run=names", "file=test.conll", "input=columns")
    expected = {
        "auto": "I-PER I-PER O I-LOC O I-LOC B-LOC O",
        "bio": "B-PER I-PER O B-LOC O B-LOC B-LOC O",
        "bioes": "B-PER E-PER O S-LOC O S-LOC S-LOC O",
    }[scheme].split()
    assert rows_of(found.out)[:2] == [expected[:4], expected[4:]]
    words = run_command(capsys, "predict", "run=names", "output=tsv", "Ann Lee sees Kiev")
    assert words.out.split("\n")[:4] == [
        f"{w}\t{label}" for w, label in zip("Ann Lee sees Kiev".split(), expected, strict=False)
    ]


def test_other_data_are_read_in_their_own_scheme(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "task.scheme=bioes")
    (folder / "other.conll").write_text("Ann B-PER\nLee I-PER\n\nLima B-LOC\n. O\n\nin O\nKiev I-LOC\n\n")
    done = run_command(capsys, "evaluate", "run=names", "data=other.conll")
    assert "│ 100.00 │    100.00 │ 100.00 │" in done.out
    text = " ".join(done.out.split())
    assert "the labels are BIO; they are converted to BIOES (task.scheme)" in text
    assert "train: 1 of 6 labels are not valid BIO, the first is 'I-LOC' after 'O' in row 3" in text


def test_the_report_has_scores_by_type(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    lines = run_command(capsys, "report", "run=names").out.splitlines()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert ["LOC", "6", "6", "6", "100.00", "100.00", "100.00"] in cells
    assert ["PER", "2", "0", "0", "0", "0", "0"] in cells  # what became of the true ones


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("the DT\ncat NN\n\n", "train row 1: 'DT' is not a label of spans"),
        ("a O\nb B-\n\n", "train row 1: the label 'B-' has no type after its hyphen"),
        ("a O\nb O\n\na B-X\nb X\n\n", "train row 2: 'X' is not a label of spans"),
    ],
)
def test_labels_of_no_scheme_end_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, what: str
) -> None:
    (folder / "train.conll").write_text(text * 5)
    done = run(capsys, task="chunk")
    assert done.code and what in done.err and "Traceback" not in done.err
    assert "data.label=" in done.err


def test_an_unknown_scheme_is_refused_with_those_that_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "task.scheme=bilou")
    assert done.code and "task.scheme" in done.err and "bioes" in done.err


def test_rows_add_up_to_the_score_so_that_models_are_compared_by_it(folder: Path) -> None:
    (config,) = expand(["task=ner", "encoder=ngram", "data=toy"])
    task, kind = components.task(config), config.kind
    test = prepare(components.source(config), kind.token_spec(task), DataOptions()).splits["test"]
    random = np.random.default_rng(0)
    gold = kind.perfect(test)["label"]
    noisy = [{"label": np.where(random.random(len(gold)) < 0.1, 2, gold)} for _ in range(2)]
    found = unit_sums(kind, task, test, noisy, [task.metrics(arrays, test)["f1"] for arrays in noisy])
    assert found is not None
    assert [round(own.score, 9) for own in found] == [round(task.metrics(a, test)["f1"], 9) for a in noisy]


def spans_in(corpus: Corpus) -> int:
    names = corpus.label_names
    return sum(len(spans_of([names[i] for i in corpus.targets[row][:-1].tolist()])) for row in range(len(corpus)))


@pytest.mark.data
@pytest.mark.parametrize(
    ("task", "name", "rows", "spans"),
    [
        ("ner", "wnut17", {"train": 3394, "dev": 1009, "test": 1287}, {"train": 1975, "dev": 836, "test": 1079}),
        ("chunk", "conll2000", {"test": 2012}, {"test": 23852}),
    ],
)
def test_real_data_have_the_published_numbers_of_rows_and_spans(
    real_data: Path, task: str, name: str, rows: dict[str, int], spans: dict[str, int]
) -> None:
    label = {"conll2000": "3"}.get(name)
    (config,) = expand([f"task={task}", "encoder=ngram", f"data={real_data / name}", "task.scheme=bioes"])
    source = open_source(str(real_data / name), label=label)
    data = prepare(source, config.kind.token_spec(components.task(config)), DataOptions())
    assert {split: len(data.splits[split]) for split in rows} == rows
    assert {split: spans_in(data.splits[split]) for split in spans} == spans
    assert not [note for note in data.notes if note.code == "labels.repaired"]
    test, names = data.splits["test"], data.splits["test"].label_names
    own = [[names[i] for i in test.targets[row][:-1].tolist()] for row in range(len(test))]
    assert scores(own, own) == (100, 100, 100)
