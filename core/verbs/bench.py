"""``bench``: plan a grid of encoders and tasks, run what is missing, print one table a data set."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core import config
from core.errors import ConfigError, UnknownName, nearest
from core.verbs.common import console, take

if TYPE_CHECKING:
    from core.result import Result


def verb(words: list[str]) -> int:
    """Fill the table of encoders against tasks; ``dry_run=true`` stops at the plan."""
    taken, rest = take(words, "dry_run", "format", "sort")
    form = taken.get("format", "table")
    cells = config.expand(rest)
    from core.bench import plan
    from core.view.matrix import COSTS, FORMATS, matrices, show, sort_rows
    from core.view.plan import show_plan

    if form != "table" and form not in FORMATS:
        remedy = nearest(form, ["table", *FORMATS])
        raise UnknownName(f"there is no format '{form}'", where="format", remedy=remedy)
    if "sort" in taken:
        known = ["encoder", *dict.fromkeys(c.task.name for c in cells), *COSTS]
        if taken["sort"] not in known:
            raise UnknownName(
                f"there is no column '{taken['sort']}'", where="sort", remedy=nearest(taken["sort"], known)
            )
    if taken.get("dry_run", "false") not in ("true", "false"):
        raise ConfigError(
            f"'{taken['dry_run']}' is not true or false", where="dry_run", remedy="write dry_run=true"
        )
    planned, screen = plan(cells), console(error=True)
    show_plan(planned, cells.notes, screen)
    if taken.get("dry_run") == "true":
        return 0
    from core.grid import run_cells
    from core.view.live import live_table

    quiet = any(cell.run["quiet"] for cell in cells)
    with live_table(planned, screen, sys.stderr.isatty() and not quiet) as view:
        outcome = run_cells(cells, view)
    for matrix in matrices(outcome.results, outcome.failures):
        if "sort" in taken:
            sort_rows(matrix, taken["sort"])
        if form == "table":
            show(matrix, console())
        else:
            print(FORMATS[form](matrix))
    for text in _ceilings(outcome.results):
        print(f"note: {text}", file=sys.stderr)
    if outcome.interrupted:
        print("interrupted; the same command goes on where it stopped", file=sys.stderr)
    return outcome.status


def _ceilings(results: Sequence[Result]) -> Iterator[str]:
    """What is to be said of ceilings: the tables show them, and no other note."""
    from core.baselines import BEATEN, NONE

    for result in results:
        for note in result.notes:
            if BEATEN in note:
                yield f"{result.task} {result.encoder}: {note}"
    yield from dict.fromkeys(f"{r.task}: {note}" for r in results for note in r.notes if note.startswith(NONE))
