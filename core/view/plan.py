"""The plan of a benchmark, before it runs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from core.experiment.benchmark_plan import PlannedRun


def show_plan(planned: Sequence[PlannedRun], notes: Sequence[str], console: Console) -> None:
    """Print cells by task, data and encoder: kept, to run, and the time that the rest may take.

    Args:
        planned: the cells.
        notes: pairs that were left out, and why.
        console: where to print.
    """
    groups: dict[tuple[str, str, str], list[PlannedRun]] = {}
    for cell in planned:
        groups.setdefault((cell.config.task.name, cell.config.data.name, cell.config.encoder.name), []).append(
            cell
        )
    table = Table(title="plan", title_justify="left")
    for heading in ("task", "data", "encoder", "runs", "kept", "time"):
        table.add_column(heading, justify="right" if heading in ("runs", "kept", "time") else "left")
    for key, cells in groups.items():
        kept = sum(cell.saved is not None for cell in cells)
        table.add_row(*key, str(len(cells)), str(kept), _time(cells))
    console.print(table)
    for note in notes:
        console.print(note, style="dim", soft_wrap=True)
    console.print(f"{len(planned)} runs, {sum(c.saved is None for c in planned)} to do, time: {_time(planned)}")


def _time(cells: Sequence[PlannedRun]) -> str:
    """The estimate for several cells; a question mark where nothing like one of them has run."""
    open_cells = [cell for cell in cells if cell.saved is None]
    if not open_cells:
        return "-"
    known = [cell.seconds for cell in open_cells if cell.seconds is not None]
    text = f"{sum(known) / 60:.1f} min" if known else ""
    return " + ".join(part for part in (text, "?" if len(known) < len(open_cells) else "") if part)
