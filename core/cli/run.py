"""``run``: train and score one pair, or each cell of a grid in turn."""

from __future__ import annotations

import sys

from core import config
from core.cli.common import console, take
from core.errors import ConfigError


def verb(words: list[str]) -> int:
    """Run every cell and print one table a task; a cell that fails does not stop the others."""
    taken, words = take(words, "report")
    if taken.get("report", "full") != "full":
        raise ConfigError(
            f"'{taken['report']}' is not full", where="report", remedy="write report=full, or leave it out"
        )
    cells = config.expand(words)
    for note in cells.notes:
        print(f"note: {note}", file=sys.stderr)
    from core.cli.report import show as show_report
    from core.experiment.grid import run_grid
    from core.experiment.runner import title
    from core.view.run_table import show

    outcome = run_grid(cells)
    if len(cells) == 1 and outcome.failures:
        raise outcome.failures[0].error
    for failure in outcome.failures:
        print(f"error: {title(failure.config)}: {failure.error}", file=sys.stderr)
    if outcome.results:
        one_screen = sys.stdout.isatty() and sys.stderr.isatty()
        show(outcome.results, console(), outcome.announced if one_screen else ())
    for result in outcome.results if taken else ():
        show_report(result, "test", cells[0].plugins)
    if outcome.interrupted:
        print("interrupted", file=sys.stderr)
    return outcome.status
