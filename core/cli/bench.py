"""``bench``: plan a grid of encoders and tasks, run what is missing, print one table a data set."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from core import config
from core.cli.common import console, take
from core.errors import ConfigError, UnknownName, nearest

if TYPE_CHECKING:
    from core.experiment.grid import Outcome
    from core.runs.result import Result


def verb(words: list[str]) -> int:
    """Fill the table of encoders against tasks; ``dry_run=true`` stops at the plan."""
    taken, rest = take(words, "dry_run", "format", "sort")
    cells = config.expand(rest)
    _check(taken, cells)
    from core.experiment.benchmark_plan import plan
    from core.view.plan import show_plan

    planned, screen = plan(cells), console(error=True)
    show_plan(planned, cells.notes, screen)
    if taken.get("dry_run") == "true":
        return 0
    from core.experiment.grid import run_grid
    from core.view.live import live_table

    quiet = any(cell.run["quiet"] for cell in cells)
    with live_table(planned, screen, sys.stderr.isatty() and not quiet) as view:
        outcome = run_grid(cells, view)
    _show(outcome, taken.get("format", "table"), taken.get("sort"))
    if outcome.interrupted:
        print("interrupted; the same command goes on where it stopped", file=sys.stderr)
    return outcome.status


def _check(taken: Mapping[str, str], cells: Sequence[config.Config]) -> None:
    """Refuse a wrong format, column or truth value before anything runs."""
    from core.view.bench_table import COSTS
    from core.view.formats import FORMATS

    forms, form = ["table", *FORMATS], taken.get("format", "table")
    if form not in forms:
        raise UnknownName(f"there is no format '{form}'", where="format", remedy=nearest(form, forms))
    columns, sort = ["encoder", *dict.fromkeys(c.task.name for c in cells), *COSTS], taken.get("sort", "encoder")
    if sort not in columns:
        raise UnknownName(f"there is no column '{sort}'", where="sort", remedy=nearest(sort, columns))
    if (dry := taken.get("dry_run", "false")) not in ("true", "false"):
        raise ConfigError(f"'{dry}' is not true or false", where="dry_run", remedy="write dry_run=true")


def _show(outcome: Outcome, form: str, sort: str | None) -> None:
    """Print a table a data set; beside it what was noted, and why cells failed where the table does not say it."""
    from core.experiment.runner import title
    from core.view.bench_table import matrices, sort_rows
    from core.view.formats import show, texts
    from core.view.run_table import replaced

    made = matrices(outcome.results, outcome.failures)
    if sort:
        for matrix in made:
            sort_rows(matrix, sort)
    if form == "table":
        for matrix in made:
            show(matrix, console())
    else:
        for text in texts(made, form):
            print(text)
        for failure in outcome.failures:
            print(f"error: {title(failure.config)}: {failure.error}", file=sys.stderr)
    for text in [*_ceilings(outcome.results), *replaced(outcome.results)]:
        print(f"note: {text}", file=sys.stderr)


def _ceilings(results: Sequence[Result]) -> Iterator[str]:
    """What is to be said of ceilings: the tables show them, and no other note."""
    from core.evaluation.baselines import BEATEN, NONE

    for result in results:
        for note in result.notes:
            if BEATEN in note:
                yield f"{result.task} {result.encoder}: {note}"
    yield from dict.fromkeys(f"{r.task}: {note}" for r in results for note in r.notes if note.startswith(NONE))
