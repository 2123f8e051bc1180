"""The table of a benchmark while it runs: scores as they arrive, and below them the current runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from statistics import fmean
from textwrap import shorten
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from core.config import RunConfig
from core.config.search_options import row_label
from core.errors import SeqlabError
from core.experiment.benchmark_plan import PlannedRun
from core.experiment.observers import RESUMED, GridObserver
from core.printable import one_line
from core.runs.result import Result
from core.search.space import space_of
from core.view.layout import BORDER, cell
from core.view.progress_texts import clock, progress_texts, short_progress
from core.view.rows import Score, distinguishing_names, grouped

REFRESHES = 2  # per second; drawing takes time from the run that is timed
REASON = 32  # characters of the reason of a failure
FRAME = 10  # lines of a terminal that are not rows
LINES = 4  # the most current runs that have a line of their own


@dataclass(frozen=True)
class Current:
    """A run that takes place.

    Args:
        started: when it began, in seconds.
        facts: those of its last ``progress``.
        dev: its last score on dev, as text.
    """

    started: float
    facts: dict[str, Any] = field(default_factory=dict)
    dev: str = ""


@contextmanager
def live_table(
    planned: Sequence[PlannedRun], console: Console, wanted: bool, split: str = "test", jobs: int = 1
) -> Iterator[LiveTable | None]:
    """Show a table on the console while the grid runs, and remove it afterwards; ``wanted=False`` draws nothing.

    The scores are those on a split; ``jobs`` runs take place at a time.

    Yields:
        The observer for ``run_grid``; None if there is nothing to run, or no terminal to draw on.
    """
    if not wanted or not console.is_interactive or all(run.saved for run in planned):
        yield None
        return
    view = LiveTable(planned, console, split=split, jobs=jobs)
    to_terminal = sys.stdout.isatty()  # output to a file still goes to the file
    options: dict[str, Any] = {"refresh_per_second": REFRESHES, "transient": True, "redirect_stdout": to_terminal}
    with Live(view, console=console, **options) as display:
        yield view
        display.update(Text(""))  # Rich draws once more at the end, whatever the height of the terminal


class LiveTable(GridObserver):
    """What is known of each run, and how it is drawn; notes are printed on the console, above the table.

    Events arrive in one thread and are drawn in another, so each attribute is replaced as a whole.
    ``now`` is the clock, in seconds, and ``jobs`` the most runs at a time.
    """

    draws = True

    def __init__(
        self,
        planned: Sequence[PlannedRun],
        console: Console,
        now: Callable[[], float] = time.monotonic,
        split: str = "test",
        jobs: int = 1,
    ) -> None:
        self.configs = [plan.config for plan in planned]
        self.planned, self.console, self.now, self.split = planned, console, now, split
        self.scores = [self._score(plan.saved) if plan.saved else None for plan in planned]
        self.reasons: list[str | None] = [None] * len(planned)
        self.columns = [(c.data.name, c.task.name, str(c.task.load().primary)) for c in self.configs]
        self.rows = _names(planned)
        self.seconds: dict[tuple[str, ...], list[float]] = {}
        self.announced: set[str] = set()
        self.current: dict[int, Current] = {}  # by number
        self.started, self.jobs = now(), jobs

    def begin(self, number: int) -> None:
        """See ``GridObserver``."""
        self.current = {**self.current, number: Current(self.now())}

    def progress(self, **facts: Any) -> None:
        """See ``GridObserver``."""
        number = facts["number"]
        self.current = {**self.current, number: replace(self.current[number], facts=facts)}

    def epoch(self, **facts: Any) -> None:
        """See ``GridObserver``."""
        number = facts["number"]
        primary = self.columns[number][2]
        dev = f"dev {primary.replace('_', ' ')} {facts[primary]:,.2f}"
        self.current = {**self.current, number: replace(self.current[number], dev=dev)}

    def note(self, **facts: Any) -> None:
        """Print one line above the table, once even if many runs have the note; a run that resumes is named."""
        text = facts["text"]
        if facts.get("code") == RESUMED:
            text = f"{self._title(facts['number'])}: {text}"
        if text not in self.announced:
            self.announced.add(text)
            self.console.print(cell(one_line(f"note: {text}"), "dim"), soft_wrap=True)

    def done(self, number: int, result: Result) -> None:
        """See ``GridObserver``."""
        if not self.planned[number].saved:
            for key in self._similar(number):
                self.seconds.setdefault(key, []).append(result.cost["seconds"])
        self.scores[number] = self._score(result)
        self._end(number)

    def _score(self, result: Result) -> float:
        return result.score if self.split == "test" else result.metrics[self.split][result.primary]

    def failed(self, number: int, error: SeqlabError) -> None:
        """See ``GridObserver``."""
        self.reasons[number] = shorten(error.what, REASON, placeholder="…")
        self._end(number)

    def _end(self, number: int) -> None:
        self.current = {other: run for other, run in self.current.items() if other != number}

    def _similar(self, number: int) -> list[tuple[str, ...]]:
        """The groups of runs from which the time of a run is estimated, the most similar first."""
        data, task, _ = self.columns[number]
        return [(data, task, self.configs[number].encoder.name), (data, task), ()]

    def expected(self, number: int) -> float | None:
        """Expected seconds of a run: from similar runs of this grid, else as planned, else from any run."""
        same, *others = [fmean(s) if (s := self.seconds.get(key)) else None for key in self._similar(number)]
        return next((s for s in (same, self.planned[number].seconds, *others) if s is not None), None)

    def left(self) -> float | None:
        """Expected seconds until the end; None if they are unknown for some run."""
        missing = [i for i in range(len(self.configs)) if self.scores[i] is None and self.reasons[i] is None]
        times = [self._remaining(i) if i in self.current else self.expected(i) for i in missing]
        known = [seconds for seconds in times if seconds is not None]
        if len(known) < len(times):
            return None
        return max(sum(known) / self.jobs, max(known, default=0.0))  # no run is shared

    def _remaining(self, number: int) -> float | None:
        """Expected seconds of a current run from now on: as it reports, else from its expected time."""
        whole, run = self.expected(number), self.current[number]
        rest = None if whole is None else max(0.0, whole - (self.now() - run.started))
        return run.facts.get("left", rest)

    def __rich__(self) -> Group:
        """The table, and below it the progress of the grid and of the current run."""
        return Group(self._table(), self._below())

    def _table(self) -> Table:
        columns, names = list(dict.fromkeys(self.columns)), list(dict.fromkeys(self.rows))
        one, split = len({data for data, _, _ in columns}) == 1, "" if self.split == "test" else f"{self.split} "
        title = cell(columns[0][0], "bold") if one else None
        places = grouped(range(len(self.rows)), lambda number: (self.rows[number], self.columns[number]))
        shown = self._window(names)
        body = {
            column: [
                _heading(*column, one, split),
                *(self._cell(places.get((name, column), [])) for name in shown),
            ]
            for column in columns
        }
        first = [cell("encoder"), *map(cell, shown)]
        visible = self._visible(
            {column: max(map(_wide, body[column])) for column in columns}, max(map(_wide, first))
        )
        table = Table("encoder", title=title, title_justify="left")
        for column in visible:
            table.add_column(body[column][0], justify="right")
        for i, name in enumerate(first[1:], 1):
            table.add_row(name, *(body[column][i] for column in visible))
        if len(shown) < len(names):
            table.add_row(cell(f"and {len(names) - len(shown)} more", "dim"))
        if hidden := len(columns) - len(visible):
            table.caption, table.caption_justify = cell(f"and {hidden} more columns", "dim"), "left"
        return table

    def _visible(self, widths: dict[tuple[str, str, str], int], name: int) -> list[tuple[str, str, str]]:
        """The columns that fit on the terminal next to the names, that of the first current run first of all."""
        current = self.columns[min(self.current, default=0)]
        free, chosen = self.console.width - 1 - name - BORDER, set()
        for column in sorted(widths, key=lambda column: column != current):
            free -= widths[column] + BORDER
            if column == current or free >= 0:
                chosen.add(column)
        return [column for column in widths if column in chosen]

    def _window(self, names: list[str]) -> list[str]:
        """The rows that fit on the terminal, around that of the first current run."""
        height = max(3, self.console.height - FRAME - min(LINES, self.jobs) + 1)
        if len(names) <= height:
            return names
        index = names.index(self.rows[min(self.current, default=0)])
        first = min(max(0, index - height // 2), len(names) - height)
        return names[first : first + height]

    def _cell(self, numbers: Sequence[int]) -> Text:
        """The mean over the finished seeds, and the state of the others."""
        if not numbers:
            return Text("")
        done = [i for i in numbers if self.scores[i] is not None]
        scores, splits = (
            [self.scores[i] or 0.0 for i in done],
            [self.configs[i].data_options["split_seed"] for i in done],
        )
        failed = [r for i in numbers if (r := self.reasons[i]) is not None]
        text = Text()
        if scores:
            text.append(str(Score.of(scores, splits)))
            if len(scores) < len(numbers):
                text.append(f" ({len(scores)}/{len(numbers)})", "dim")
        if failed:
            text.append(f" {len(failed)} failed" if scores else f"failed: {one_line(failed[0])}", "red")
        running = [self.current[i] for i in numbers if i in self.current]
        if running:
            timed = self.configs[numbers[0]].budget.seconds is not None
            progress = short_progress(running[0].facts, timed) or "running"
            state = f"{len(running)} running" if len(running) > 1 else progress
            text.append(" " * bool(text.plain) + state, "bold yellow")
        return text if text.plain else Text("-", "dim")

    def _below(self) -> Table:
        grid = Table.grid(*(Column(no_wrap=True) for _ in range(3)), padding=(0, 2))
        done = sum(score is not None for score in self.scores)
        failed = sum(reason is not None for reason in self.reasons)
        left = "" if (seconds := self.left()) is None else f"  about {clock(seconds)} left"
        about = f"{done}/{len(self.configs)} runs" + (f", {failed} failed" if failed else "")
        about += f"  {clock(self.now() - self.started)} elapsed{left}"
        grid.add_row(cell("all"), _bar(done + failed, len(self.configs)), about)
        for number, run in list(self.current.items())[:LINES]:
            facts = run.facts
            timed = self.configs[number].budget.seconds is not None
            texts = progress_texts(facts, timed).values() if facts else (clock(self.now() - run.started),)
            line = "  ".join(part for part in (*texts, run.dev) if part)
            grid.add_row(cell(self._title(number)), _bar(facts.get("step", 0), facts.get("steps", 1)), cell(line))
        return grid

    def _title(self, number: int) -> str:
        return f"{self.columns[number][1]} {self.rows[number]}, seed {self.configs[number].run['seed']}"


def _names(planned: Sequence[PlannedRun]) -> list[str]:
    """The row of each run: its encoder, and the options that differ between runs of one column."""
    rows: dict[int, str] = {}
    numbers = range(len(planned))
    for column in grouped(numbers, lambda i: (planned[i].config.task.name, planned[i].config.data.name)).values():
        configs = [planned[i].config for i in column]
        names = distinguishing_names(list(map(_described, configs)))
        rows |= zip(column, names, strict=True)
    return [rows[i] for i in numbers]


def _described(config: RunConfig) -> tuple[str, str, dict[str, str], tuple[str, ...]]:
    """What distinguishes a run; the options that a search has chosen do not, since its row is named after it."""
    searched = tuple(d.key for d in space_of(config)) if config.run["tuned"] else ()
    label = row_label(config.encoder.name, config.run["tuned"])
    return label, "+".join(config.embeddings), config.flat(), searched


def _heading(data: str, task: str, primary: str, is_alone: bool, split: str) -> Text:
    """The heading of a column: the task and its metric, below the data where there are several data sets."""
    heading = f"{split}{task} {primary.replace('_', ' ')}"
    return cell(heading if is_alone else f"{one_line(data)}\n{heading}")


def _wide(text: Text) -> int:
    return max(map(cell_len, text.plain.split("\n")))


def _bar(done: float, of: float) -> ProgressBar:
    return ProgressBar(total=max(1, of), completed=done, width=16)
