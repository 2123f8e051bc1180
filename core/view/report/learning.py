"""Learning curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from core.printable import one_line
from core.runs.result import Result
from core.view.report.charts import Charts
from core.view.report.content import Chart, Part
from core.view.report.material import DRAWN, ColumnRuns

MOST = 150  # points of a line


def learning(column: ColumnRuns, charts: Charts) -> Part | None:
    """The score on dev and the loss by epoch; None where no model trains in epochs."""
    names = [name for name in column.best(DRAWN) if any(run.curve for run in column.rows[name])]
    shown = []
    for key, title in ((column.column.metric, f"{column.metric} on dev"), ("loss", "training loss (nats)")):
        found = [point for name in names for point in _line(name, column.rows[name], key)]
        if not found:
            continue
        last = {point["row"]: point for point in found}
        ends = [f"{row} {point['y']:,.2f} in epoch {point['x']}" for row, point in last.items()]
        alt = f"At the end: {'; '.join(ends)}."
        shown.append(Chart(f"{title[0].upper()}{title[1:]}", charts.curves(found, "epoch", title), alt, True))
    if not shown:
        return None
    text = [
        "The line is the mean over seeds, the band their range. An epoch that some seeds did not reach is the "
        "mean of the others."
    ]
    return Part("Learning curves", text, shown)


def _line(name: str, runs: Sequence[Result], key: str) -> list[dict[str, float | str]]:
    """Mean and range per epoch over the runs of a row; of long curves some epochs, the last one included."""
    by_epoch: dict[int, list[float]] = {}
    for run in runs:
        for place, row in enumerate(run.curve, start=1):
            value = row.get(key)
            if isinstance(value, int | float) and math.isfinite(value):
                by_epoch.setdefault(int(row.get("epoch", place)), []).append(float(value))
    epochs = sorted(by_epoch)
    step = max(1, math.ceil(len(epochs) / MOST))
    kept = sorted({*epochs[::step], *epochs[-1:]})
    return [
        {"row": one_line(name), "x": x, "y": fmean(by_epoch[x]), "low": min(by_epoch[x]), "high": max(by_epoch[x])}
        for x in kept
    ]
