"""``run``: train and score one pair, or each cell of a grid in turn."""

from __future__ import annotations

import sys

from core import config
from core.errors import SeqlabError
from core.result import Result
from core.verbs.common import console


def verb(words: list[str]) -> int:
    """Run every cell, print one table at the end; a cell that fails does not stop the others."""
    cells = config.expand(words)
    for note in cells.notes:
        print(f"note: {note}", file=sys.stderr)
    from core.runner import run_one, title
    from core.view.table import show
    from core.watch import observers

    results: list[Result] = []
    status = 0
    for cell in cells:
        try:
            results.append(run_one(cell, observers(cell)))
        except SeqlabError as error:
            if len(cells) == 1:
                raise
            print(f"error: {title(cell)}: {error}", file=sys.stderr)
            status = 1
        except KeyboardInterrupt:
            status = 130
            break
        if results and results[-1].status == "interrupted":
            status = 130
            break
    if results:
        show(results, console())
    if status == 130:
        print("interrupted", file=sys.stderr)
    return status
