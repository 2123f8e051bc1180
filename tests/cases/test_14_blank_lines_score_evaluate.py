"""One file has one perplexity, whichever command reads it and however its lines end."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from cases import CASES, train

import core
from core.cli.score import Score
from core.data.sources import open_source
from core.errors import ConfigError

FOLDER = CASES / "14-blank-lines-score-evaluate"
TEXT = (FOLDER / "ubl.txt").read_text("utf-8")
TAGGED = "the DT\ncat NN\n\n-DOCSTART- O\n\nthe DT\ndog NN\nran VB\n\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model that skips blank lines, and one that keeps them."""
    folder = tmp_path_factory.mktemp("runs")
    for blank in ("skip", "keep"):
        train("lm", FOLDER / "sent.txt", folder, name=blank, **{"data.blank": blank})
    return folder


def scored(capsys: pytest.CaptureFixture[str], runs: Path, run: str, *words: str) -> tuple[int, str]:
    """The sentences and the perplexity that ``score`` prints."""
    Score.parse("score", [f"run={run}", f"runs={runs}", *words]).execute()
    found = re.search(r"([\d,]+) sentences?, .* perplexity ([\d.]+)$", capsys.readouterr().err, re.MULTILINE)
    assert found
    return int(found[1].replace(",", "")), found[2]


def evaluated(runs: Path, run: str, path: Path, **options: Any) -> tuple[int, str]:
    """The rows and the perplexity of ``evaluate``."""
    scores, corpus, _ = core.load(run, runs=runs).evaluate(open_source(path, **options), "train")
    return len(corpus), f"{scores['perplexity']:.2f}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", TEXT),
        ("a.txt", TEXT.replace("\n", "\r\n")),
        ("a.txt", "\ufeff" + TEXT + "\n\n \t \n\x0c\n"),
        ("a.txt", "\u2028\nthe cat\u2028sat .\nthe \x85 dog\x0csat .\n\x1c\n\u00a0\nthe cat sat ."),
        ("a.txt", "the cat\rsat .\r\n\rthe dog sat .\n"),
        ("a.txt", TAGGED),
        ("a.conll", TAGGED),
        ("a", "the cat sat .\n\n\n"),
        ("a.csv", "id;text\n1;the cat sat .\n2;\n\n3;a cat ran .\n"),
        ("a.jsonl", '{"text": "the cat sat ."}\n\n{"text": ""}\n{"text": "a\\ncat\\n\\nran ."}\n'),
        ("a.json", '[{"tokens": ["the", "cat"]}, {"tokens": []}]'),
    ],
)
def test_score_and_evaluate_agree(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert scored(capsys, runs, "skip", f"file={path}") == evaluated(runs, "skip", path)
    assert scored(capsys, runs, "keep", f"file={path}") == evaluated(runs, "keep", path, blank="keep")


@pytest.mark.parametrize("run", ["skip", "keep"])
def test_standard_input_is_read_as_a_file_of_text_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, runs: Path, run: str
) -> None:
    content = TEXT.replace("\n", "\r\n") + "the\rcat\u2028sat .\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode("utf-8-sig"))))
    piped = scored(capsys, runs, run)
    assert piped[0] == (25 if run == "skip" else 62)
    monkeypatch.setattr(sys, "stdin", io.StringIO(content))
    assert scored(capsys, runs, run) == piped


def test_blank_lines_are_counted_in_a_note_and_a_given_sentence_may_be_empty(
    capsys: pytest.CaptureFixture[str], runs: Path
) -> None:
    Score.parse("score", ["run=skip", f"runs={runs}", f"file={FOLDER / 'ubl.txt'}"]).execute()
    assert "note: blank lines skipped: 37\n" in capsys.readouterr().err
    assert scored(capsys, runs, "skip", "")[0] == 1


def test_nothing_is_noted_of_comments_where_there_are_none(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.conll"
    path.write_text("the\tDT\ncat\tNN\n\n", "utf-8")
    Score.parse("score", ["run=skip", f"runs={runs}", f"file={path}"]).execute()
    assert "skipped" not in capsys.readouterr().err


def test_the_lines_of_any_file_can_be_scored(
    capsys: pytest.CaptureFixture[str], runs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\nthe cat,x\n", "utf-8")
    assert scored(capsys, runs, "skip", f"file={path}", "input=raw")[0] == 2
    assert scored(capsys, runs, "skip", f"file={path}", "text=label")[0] == 1
    with pytest.raises(ConfigError, match="text: lines of text have no columns"):
        scored(capsys, runs, "skip", f"file={path}", "input=raw", "text=label")
