"""The benchmark's table while the grid runs: what each cell says, the time left, and where it is not drawn."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from results import made
from rich.console import Console

from core import config
from core.errors import TrainingError
from core.experiment.benchmark_plan import PlannedRun, plan
from core.experiment.grid import run_grid
from core.experiment.observers import RESUMED, make_observers
from core.view.live import LiveTable, live_table

PAIRS = ["task=lm,pos", "encoder=ngram,window", "seed=1,2"]
SMALL = ["task=lm", "encoder=ngram", "encoder.order=1,2", "encoder.smoothing=witten-bell", "data.limit=50"]
STEP = {"step": 30, "steps": 100, "epoch": 3, "epochs": 10, "loss": 1.5, "tokens_per_second": 1e4, "left": 70.0}


class Watched:
    """A live table of the eight runs of ``PAIRS``, its clock, and what it looks like."""

    def __init__(self, *words: str, height: int = 40, seconds: float | None = None) -> None:
        self.cells = config.expand(words or PAIRS)
        self.time = 0.0
        self.out = io.StringIO()
        self.console = Console(force_terminal=True, file=self.out, width=120, height=height, color_system=None)
        planned = [PlannedRun(cell, None, seconds) for cell in self.cells]
        self.view = LiveTable(planned, self.console, lambda: self.time)

    def number(self, task: str, encoder: str, seed: int) -> int:
        wanted = (task, encoder, seed)
        return [(c.task.name, c.encoder.name, c.run["seed"]) for c in self.cells].index(wanted)

    def done(self, task: str, encoder: str, seed: int, score: float, seconds: float = 10.0) -> None:
        number = self.number(task, encoder, seed)
        self.view.begin(number)
        self.time += seconds
        self.view.done(number, SimpleNamespace(score=score, cost={"seconds": seconds}))  # type: ignore[arg-type] # all that is read

    def lines(self) -> list[str]:
        self.out.seek(self.out.truncate(0))
        self.console.print(self.view)
        return self.out.getvalue().splitlines()

    def row(self, name: str) -> list[str]:
        line = next(line for line in self.lines() if line.startswith(f"│ {name} "))
        return [cell.strip() for cell in line.strip("│").split("│")][1:]  # lm, pos


def test_a_cell_shows_the_mean_over_the_seeds_that_are_done() -> None:
    watched = Watched()
    assert watched.row("ngram") == ["-", "-"]
    watched.done("pos", "ngram", 1, 94.0)
    assert watched.row("ngram") == ["-", "94.00 (1/2)"] and watched.row("window") == ["-", "-"]
    watched.done("pos", "ngram", 2, 96.0)
    assert watched.row("ngram") == ["-", "95.00 ± 1.41"]


def test_a_run_that_resumes_is_named() -> None:
    watched = Watched()
    for seed in (1, 2, 2):
        watched.view.note(number=watched.number("lm", "ngram", seed), code=RESUMED, text="the run resumes")
    assert watched.out.getvalue().splitlines() == [f"note: lm ngram, seed {s}: the run resumes" for s in (1, 2)]


def test_the_epochs_of_a_budget_of_seconds_are_an_estimate() -> None:
    watched = Watched("task=pos", "encoder=window", "embedding=random", "budget=time:3s")
    watched.view.begin(0)
    watched.view.progress(number=0, **STEP)
    assert watched.row("window") == ["epoch 3 of about 10"]
    assert any("epoch 3 of about 10  loss 1.500" in line for line in watched.lines())


def test_the_cell_at_hand_shows_how_far_it_is_and_the_line_below_its_training() -> None:
    watched = Watched()
    watched.done("pos", "window", 1, 90.0)
    number = watched.number("pos", "window", 2)
    watched.view.begin(number)
    assert watched.row("window") == ["-", "90.00 (1/2) running"]
    watched.view.progress(number=number, **STEP)
    watched.view.epoch(number=number, epoch=3, loss=1.5, accuracy=88.125)
    assert watched.row("window") == ["-", "90.00 (1/2) epoch 3/10"]
    assert "pos window, seed 2" in watched.lines()[-1]
    for message in ("epoch 3/10", "loss 1.500", "10,000 tokens/s", "1:10 left", "dev accuracy 88.12"):
        assert message in watched.lines()[-1]


def test_options_tried_on_dev_are_trials() -> None:
    watched = Watched()
    number = watched.number("lm", "ngram", 1)
    watched.view.begin(number)
    watched.view.progress(number=number, step=2, steps=6)
    assert watched.row("ngram")[0] == "trial 2/6" and "choosing on dev  2 of 6" in watched.lines()[-1]


def test_a_failed_cell_says_shortly_why_and_does_not_hide_the_seeds_that_went_well() -> None:
    watched = Watched()
    number = watched.number("lm", "window", 1)
    watched.view.begin(number)
    watched.view.failed(number, TrainingError("step 7 (epoch 1) has loss nan and gradient norm nan"))
    assert watched.row("window")[0] == "failed: step 7 (epoch 1) has loss nan…"
    assert "0/8 runs, 1 failed" in watched.lines()[-1]
    watched.done("lm", "window", 2, 100.0)
    assert watched.row("window")[0] == "100.00 (1/2) 1 failed"


def test_the_time_left_follows_the_runs_that_are_done_and_the_run_at_hand() -> None:
    watched = Watched()
    assert watched.view.left() is None and "left" not in watched.lines()[-1]
    watched.done("lm", "ngram", 1, 200.0, seconds=10)
    assert watched.view.left() == 70  # seven more, as far as anything is known
    watched.done("lm", "window", 1, 200.0, seconds=100)
    assert watched.view.left() == 10 + 100 + 4 * 55  # lm has its like, pos only the mean of all
    watched.view.begin(watched.number("lm", "window", 2))
    watched.time += 30
    assert watched.view.left() == 10 + 70 + 4 * 55
    watched.view.progress(number=watched.number("lm", "window", 2), **STEP | {"left": 90.0})
    assert watched.view.left() == 10 + 90 + 4 * 55
    assert "2/8 runs  2:20 elapsed  about 5:20 left" in watched.lines()[-2]


def test_several_current_runs_have_a_line_each_and_share_the_time_left() -> None:
    watched = Watched(seconds=40.0)
    watched.view.jobs = 2
    first, second, third = (
        watched.number(*run) for run in (("pos", "ngram", 1), ("pos", "ngram", 2), ("lm", "window", 1))
    )
    for number in (first, second, third):
        watched.view.begin(number)
    watched.view.progress(number=third, **STEP)
    watched.view.epoch(number=third, epoch=3, perplexity=120.0)
    assert watched.row("ngram") == ["-", "2 running"] and watched.row("window") == ["epoch 3/10", "-"]
    *_, one, two, three = watched.lines()
    assert "pos ngram, seed 1" in one and "pos ngram, seed 2" in two and "lm window, seed 1" in three
    assert "epoch 3/10" in three and "dev perplexity 120.00" in three and "epoch" not in one + two
    assert watched.view.left() == (40 * 7 + 70) / 2
    watched.view.done(first, made(90.0, task="pos"))
    watched.view.failed(second, TrainingError("no"))
    assert watched.row("ngram") == ["-", "90.00 (1/2) 1 failed"] and list(watched.view.current) == [third]


def test_no_more_than_four_current_runs_have_a_line() -> None:
    watched = Watched()
    for number in range(8):
        watched.view.begin(number)
    assert sum(", seed " in line for line in watched.lines()) == 4


def test_what_the_plan_knows_comes_before_the_mean_of_others() -> None:
    watched = Watched(seconds=1000.0)
    watched.done("lm", "ngram", 1, 200.0, seconds=10)
    assert watched.view.left() == 10 + 6 * 1000


def test_rows_are_named_as_in_the_final_table() -> None:
    watched = Watched("task=lm", "encoder=ngram,window", "encoder.order=1,2")
    assert list(dict.fromkeys(watched.view.rows)) == ["ngram order=1", "ngram order=2", "window"]


def test_a_terminal_of_few_lines_shows_the_rows_around_the_run_at_hand() -> None:
    orders = [f"encoder.order={','.join(str(n) for n in range(1, 31))}"]
    watched = Watched("task=lm", "encoder=ngram", *orders, height=24)
    watched.view.begin(19)
    lines = watched.lines()
    assert len(lines) < 24 and any("order=20 " in line for line in lines) and "16 more" in "".join(lines)


def test_a_note_that_many_runs_make_is_told_once() -> None:
    watched = Watched()
    for _ in range(3):
        watched.view.note(text="no dev split")
    assert watched.out.getvalue().count("note: no dev split") == 1


def small(folder: Path, *words: str) -> tuple[list[PlannedRun], config.Grid]:
    cells = config.expand([*SMALL, f"runs={folder}", *words])
    return plan(cells), cells


def test_a_real_grid_fills_the_table_which_leaves_nothing_behind(tmp_path: Path) -> None:
    out = io.StringIO()
    console = Console(force_terminal=True, file=out, width=100, height=30)
    planned, cells = small(tmp_path)
    with live_table(planned, console, True) as view:
        outcome = run_grid(cells, view)
        assert view is not None
        assert view.scores == [result.score for result in outcome.results] and len(view.scores) == 2
        console.print(view)
    assert f"{outcome.results[1].score:,.2f}" in out.getvalue() and "2/2 runs" in out.getvalue()
    again, cells = small(tmp_path, "seed=1,2")
    with live_table(again, console, True) as view:
        assert [score is not None for score in view.scores] == [cell.saved is not None for cell in again]
        assert sum(score is not None for score in view.scores) == 2


def test_it_is_drawn_neither_unasked_nor_off_a_terminal_nor_when_all_is_kept(tmp_path: Path) -> None:
    terminal, file = Console(force_terminal=True, file=io.StringIO()), Console(file=io.StringIO())
    planned, cells = small(tmp_path)
    for console, wanted in ((terminal, False), (file, True)):
        with live_table(planned, console, wanted) as view:
            assert view is None
    run_grid(cells)
    with live_table(small(tmp_path)[0], terminal, True) as view:
        assert view is None
    assert terminal.file.getvalue() == file.file.getvalue() == ""  # type: ignore[attr-defined] # a StringIO


def test_observers_that_draw_are_left_out_beside_the_table() -> None:
    cell = config.expand(SMALL)[0]
    assert any(observer.draws for observer in make_observers(cell))
    assert not any(observer.draws for observer in make_observers(cell, terminal=False))


def on_a_terminal(folder: Path, *words: str) -> tuple[str, str]:
    """Standard output through a pipe and standard error on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    environment: dict[str, Any] = os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    command = [sys.executable, "-m", "core", "bench", *words]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65536):
            seen += part
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert process.stdout is not None
    out = process.stdout.read()
    assert process.wait(timeout=60) == 0
    return out, seen.decode()


@pytest.mark.parametrize("quiet", ["false", "true"])
def test_on_a_terminal_the_command_draws_the_table_unless_quiet(quiet: str, tmp_path: Path) -> None:
    out, seen = on_a_terminal(tmp_path, *SMALL, f"quiet={quiet}", "format=csv")
    assert ("0/2 runs" in seen) == (quiet == "false")
    assert out.startswith("data,encoder") and "\x1b" not in out
    assert "lm on toy: ngram" not in seen  # what the progress display would print


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_columns_that_do_not_fit_are_left_out_and_counted_but_not_that_of_the_current_run(width: int) -> None:
    watched = Watched("task=lm,pos,sentiment", "encoder=ngram,window")
    watched.console.width = width
    watched.view.begin(number=len(watched.cells) - 1)
    text = "\n".join(watched.lines())
    lines = [line for line in text.splitlines() if line[:1] in "┏┃│└"]
    task = watched.cells[-1].task.name
    assert any(f"{task} accuracy" in line for line in lines) and max(map(len, lines)) <= width
    assert ("more columns" in text) == (width < 70) and "…" not in "".join(lines)
    if width == 200:
        assert all(name in "".join(lines) for name in ("lm perplexity", "pos accuracy", "sentiment accuracy"))


def test_notes_and_names_cannot_control_the_terminal() -> None:
    watched = Watched()
    watched.view.note(text="\x1b[31mred\n[bold]x")
    assert "note: \\x1b[31mred\\n[bold]x" in watched.out.getvalue()
    watched.view.failed(0, TrainingError("no \x1b[31m"))
    assert any("\\x1b[31m" in line for line in watched.lines())


def test_the_scores_are_those_of_the_split_that_is_asked_for() -> None:
    watched = Watched()
    watched.view = LiveTable(watched.view.planned, watched.console, lambda: watched.time, split="dev")
    result = made(50.0, dev=60.0, task="lm")
    watched.view.done(watched.number("lm", "ngram", 1), result)
    assert watched.row("ngram")[0].startswith("60.00") and "dev lm perplexity" in "".join(watched.lines())
