"""The table of a benchmark while it runs: it fills up cell by cell, with the run at hand below."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import fmean, stdev
from textwrap import shorten
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from core.errors import SeqlabError
from core.experiment.benchmark_plan import PlannedRun
from core.experiment.observers import GridObserver
from core.runs.result import Result
from core.view.bench_table import Cell
from core.view.run_table import told_apart

REFRESHES = 2  # a second; drawing takes time from the run that is being timed
REASON = 32  # characters of a reason in a cell
FRAME = 10  # lines of a terminal that are not rows


@contextmanager
def live_table(planned: Sequence[PlannedRun], console: Console, wanted: bool) -> Iterator[LiveTable | None]:
    """A table that is on the terminal while the grid runs, and gone after it.

    Args:
        planned: the cells.
        console: where it stands.
        wanted: False for none.

    Yields:
        What ``run_grid`` reports; None where there is nothing to run, or no terminal to draw on.
    """
    if not wanted or not console.is_interactive or all(cell.saved for cell in planned):
        yield None
        return
    view = LiveTable(planned, console)
    to_terminal = sys.stdout.isatty()  # what is printed to a file goes on into the file
    with Live(
        view, console=console, refresh_per_second=REFRESHES, transient=True, redirect_stdout=to_terminal
    ) as display:
        yield view
        display.update(Text(""))  # Rich draws once more at the end, without regard to the terminal's height


class LiveTable(GridObserver):
    """What is known of each cell, and how it is drawn.

    It is drawn from another thread than it is told from, so each fact is put in place whole.

    Args:
        planned: the cells.
        console: where notes are printed, above the table.
        now: the clock, in seconds.
    """

    draws = True

    def __init__(
        self, planned: Sequence[PlannedRun], console: Console, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.cells = [plan.config for plan in planned]
        self.planned, self.console, self.now = planned, console, now
        self.scores = [plan.saved.score if plan.saved else None for plan in planned]
        self.reasons: list[str | None] = [None] * len(planned)
        self.columns = [(c.data.name, c.task.name, str(c.task.load().primary)) for c in self.cells]
        self.rows = _names(planned)
        self.took: dict[tuple[str, ...], list[float]] = {}
        self.told: set[str] = set()
        self.current: int | None = None
        self.facts: dict[str, Any] = {}
        self.dev = ""
        self.started = self.begun = now()

    def begin(self, number: int) -> None:
        """See ``GridObserver``."""
        self.facts, self.dev, self.begun, self.current = {}, "", self.now(), number

    def progress(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.facts = facts

    def epoch(self, **facts: Any) -> None:
        """See ``Observer``."""
        assert self.current is not None
        primary = self.columns[self.current][2]
        self.dev = f"dev {primary.replace('_', ' ')} {facts[primary]:,.2f}"

    def note(self, **facts: Any) -> None:
        """One line above the table; what many runs say is said once."""
        if facts["text"] not in self.told:
            self.told.add(facts["text"])
            self.console.print(f"note: {facts['text']}", style="dim", soft_wrap=True)

    def done(self, number: int, result: Result) -> None:
        """See ``GridObserver``."""
        if not self.planned[number].saved:
            for like in self._likes(number):
                self.took.setdefault(like, []).append(result.cost["seconds"])
        self.scores[number], self.current = result.score, None

    def failed(self, number: int, error: SeqlabError) -> None:
        """See ``GridObserver``."""
        self.reasons[number], self.current = shorten(error.what, REASON, placeholder="…"), None

    def _likes(self, number: int) -> list[tuple[str, ...]]:
        """What a cell's time is expected from, the closest first."""
        data, task, _ = self.columns[number]
        return [(data, task, self.cells[number].encoder.name), (data, task), ()]

    def expected(self, number: int) -> float | None:
        """Seconds of a cell: from its like in this grid, else as planned, else from any of this grid."""
        same, *others = [fmean(self.took[like]) if like in self.took else None for like in self._likes(number)]
        return next((s for s in (same, self.planned[number].seconds, *others) if s is not None), None)

    def left(self) -> float | None:
        """Seconds that the rest may take; None where nothing like some cell has run."""
        running = self.current
        waiting = [i for i in range(len(self.cells)) if self._waits(i)]
        times = [self.expected(i) for i in waiting]
        if running is not None:
            whole, own = self.expected(running), self.facts.get("left")
            rest = whole if whole is None else max(0.0, whole - (self.now() - self.begun))
            times.append(rest if own is None else own)
        return None if None in times else sum(t for t in times if t is not None)

    def _waits(self, number: int) -> bool:
        return self.scores[number] is None and self.reasons[number] is None and number != self.current

    def __rich__(self) -> Group:
        """The table, and below it the grid's progress and the run's."""
        return Group(self._table(), self._below())

    def _table(self) -> Table:
        columns, names = list(dict.fromkeys(self.columns)), list(dict.fromkeys(self.rows))
        one = len({data for data, _, _ in columns}) == 1
        table = Table(title=columns[0][0] if one else None, title_justify="left", title_style="bold")
        table.add_column("encoder")
        for data, task, primary in columns:
            heading = f"{task} {primary.replace('_', ' ')}"
            table.add_column(heading if one else f"{data}\n{heading}", justify="right")
        places: dict[tuple[str, Any], list[int]] = {}
        for number, place in enumerate(zip(self.rows, self.columns, strict=True)):
            places.setdefault(place, []).append(number)
        for name in (shown := self._window(names)):
            table.add_row(name, *(self._cell(places.get((name, column), [])) for column in columns))
        if len(shown) < len(names):
            table.add_row(f"and {len(names) - len(shown)} more", style="dim")
        return table

    def _window(self, names: list[str]) -> list[str]:
        """The rows that the terminal has lines for, those around the run at hand."""
        room = max(3, self.console.height - FRAME)
        if len(names) <= room:
            return names
        at = names.index(self.rows[self.current or 0])
        first = min(max(0, at - room // 2), len(names) - room)
        return names[first : first + room]

    def _cell(self, numbers: Sequence[int]) -> Text:
        """The mean over the seeds that are done, and what is not done."""
        if not numbers:
            return Text("")
        scores = [s for i in numbers if (s := self.scores[i]) is not None]
        failed = [r for i in numbers if (r := self.reasons[i]) is not None]
        running = self.current in numbers
        text = Text()
        if scores:
            text.append(str(Cell(fmean(scores), stdev(scores) if len(scores) > 1 else None, len(scores))))
            if len(scores) < len(numbers):
                text.append(f" ({len(scores)}/{len(numbers)})", "dim")
        if failed:
            text.append(f" {len(failed)} failed" if scores else f"failed: {failed[0]}", "red")
        if running:
            text.append(" " * bool(text.plain) + (_where(self.facts) or "running"), "bold yellow")
        return text if text.plain else Text("-", "dim")

    def _below(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        for _ in range(3):
            grid.add_column(no_wrap=True)
        done = sum(score is not None for score in self.scores)
        failed = sum(reason is not None for reason in self.reasons)
        left, gone = self.left(), clock(self.now() - self.started)
        about = f"{done}/{len(self.cells)} runs" + (f", {failed} failed" if failed else "") + f"  {gone} gone"
        about += "" if left is None else f"  about {clock(left)} left"
        grid.add_row("all", _bar(done + failed, len(self.cells)), about)
        if (number := self.current) is not None:
            cell, facts = self.cells[number], self.facts
            title = f"{self.columns[number][1]} {self.rows[number]}, seed {cell.run['seed']}"
            told = described(facts) if facts else {"description": "", "about": clock(self.now() - self.begun)}
            line = "  ".join(part for part in (*told.values(), self.dev) if part)
            grid.add_row(title, _bar(facts.get("step", 0), facts.get("steps", 1)), line)
        return grid


def _names(planned: Sequence[PlannedRun]) -> list[str]:
    """The row of each cell: its encoder, and what else is set differently for cells that share a column."""
    names = [""] * len(planned)
    for column in {(plan.config.task.name, plan.config.data.name) for plan in planned}:
        here = [(i, c.config) for i, c in enumerate(planned) if (c.config.task.name, c.config.data.name) == column]
        told = told_apart([(c.encoder.name, "+".join(c.embeddings), c.flat(), ()) for _, c in here])
        for (i, _), name in zip(here, told, strict=True):
            names[i] = name
    return names


def _bar(done: float, of: float) -> ProgressBar:
    return ProgressBar(total=max(1, of), completed=done, width=16)


def _where(facts: dict[str, Any]) -> str:
    """How far a run is, in two words."""
    if not facts:
        return ""
    if "epoch" in facts:
        return f"epoch {facts['epoch']}/{facts['epochs']}"
    return f"trial {facts['step']}/{facts['steps']}"


def described(facts: dict[str, Any]) -> dict[str, str]:
    """``description`` and ``about``, the texts beside a bar, of a progress event.

    A counting model has no epochs: its steps are the options that it tries on dev.

    Args:
        facts: of ``Observer.progress``.
    """
    if "loss" not in facts:
        return {"description": "choosing on dev", "about": f"{facts['step']} of {facts['steps']}"}
    speed, left = f"{facts['tokens_per_second']:,.0f} tokens/s", clock(facts["left"])
    return {"description": _where(facts), "about": f"loss {facts['loss']:.3f}  {speed}  {left} left"}


def clock(seconds: float) -> str:
    """Seconds as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
