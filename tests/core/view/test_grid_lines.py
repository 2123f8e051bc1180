"""The lines of a grid whose runs take place at the same time, where there is no table to draw."""

from __future__ import annotations

import pytest
from trial_cases import expanded

from core.cli.shared_keys import show_interruption
from core.experiment.observers import RESUMED
from core.experiment.outcome import Outcome
from core.view.grid_lines import GridLines


def test_each_run_says_once_that_it_resumes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = GridLines(expanded(seed="1,2"))
    for number in (1, 1, 0):
        lines.note(number=number, code=RESUMED, text="the run resumes from its checkpoint")
    lines.note(number=0, code="data.few_rows", text="other notes are shown with the results")
    expected = [
        f"note: pos on toy: bag, random, seed {seed}: the run resumes from its checkpoint" for seed in (2, 1)
    ]
    assert capsys.readouterr().err.splitlines() == expected


@pytest.mark.parametrize(("seed", "more"), [("1,2", (", seed 1", ", seed 2")), ("1", ("", ""))])
def test_interrupted_runs_are_named_with_their_seeds_where_there_are_several(
    seed: str, more: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    encoders = "bag" if "," in seed else "bag,window"
    show_interruption(Outcome(interrupted=0, others=[1]), expanded(encoder=encoders, seed=seed))
    names = ("bag", "bag") if "," in seed else ("bag", "window")
    runs = "; ".join(f"pos on toy: {name}, random{end}" for name, end in zip(names, more, strict=True))
    assert f"interrupted in runs 1, 2 of 2 ({runs}); finished and saved: none" in capsys.readouterr().err
