"""Task ``langid``."""

from __future__ import annotations

from pathlib import Path

import core
from core.testing import check_task

SMALL = {"quiet": True, "data.rows": 300}


def test_the_task_keeps_the_contract() -> None:
    check_task("langid")


def test_characters_are_the_tokens_and_the_ceiling_of_the_data_holds_for_them(tmp_path: Path) -> None:
    options = {"encoder.smoothing": "witten-bell", "head.bag": 0.5, "head.unknown": "score"}
    result = core.run(task="langid", encoder="ngram", runs=str(tmp_path), **SMALL, **options)
    assert (result.config["task.tokens"], result.config["encoder.order"], result.data) == (
        "char",
        "5",
        "toy-languages",
    )
    assert 60 < result.score <= result.baselines["ceiling"]["accuracy"] < 100
    lowered = core.run(
        task="langid", encoder="ngram", runs=str(tmp_path), **SMALL, **options, **{"data.lower": True}
    )
    assert lowered.baselines["ceiling"] == {}  # other text is another truth


def test_any_script_is_predicted(tmp_path: Path) -> None:
    options = {"encoder.channels": 20, "train.epochs": 3}
    result = core.run(task="langid", encoder="cnn", runs=str(tmp_path), **SMALL, **options)
    from core.runs.trained_model import load

    answers = load(result.folder).predict(["天地人", "θελο", "aldan", "", "\U0001f600 e\u0301"])
    assert answers[:2] == ["minwa", "thelo"] and len(answers) == 5
    assert result.config["encoder.widths"] == "[3,4,5]"
