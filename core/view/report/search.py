"""The trials of the searches whose best options the runs have: their scores in order, and their options."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from core.evaluation.expected_best import expected_best
from core.printable import counted, one_line
from core.runs.keys import number as as_number
from core.search.provenance import SavedSearch, SavedTrial, searches_of
from core.view.report.charts import Charts
from core.view.report.content import Chart, Grid, Part, Value, number
from core.view.report.material import DRAWN, ColumnRuns

MOST = 60  # trials whose options are shown
EXPECTED = (
    "The expected best of n trials and its standard deviation (Dodge et al., 2019) are of the drawn trials, "
    "where these are independent of one another."
)


def search(column: ColumnRuns, charts: Charts) -> Part | None:
    """The trials of each row that a search has tuned; None where there are none."""
    every = {name: searches_of(column.rows[name]) for name in column.best(DRAWN)}
    found = {name: searches[0] for name, searches in every.items() if searches and searches[0].trials}
    if not found:
        return None
    points = [point for name, own in found.items() for point in _points(name, own)]
    expected = [point for name, own in found.items() for point in _expected(name, own)]
    metric = f"{column.metric} on dev"
    shown = [Chart(f"Trials: {metric}", charts.trials(points, "trial", metric), "One mark per trial.", True)]
    text = ["Trial 0 has the default options. Only the best on dev is evaluated on test, with every seed."]
    if expected:
        ends = {point["row"]: point["y"] for point in expected}
        alt = f"Expected of all trials: {'; '.join(f'{row} {y:,.2f}' for row, y in ends.items())}."
        shown.append(Chart("Expected best of n trials", charts.curves(expected, "trials", metric), alt, True))
        text.append(EXPECTED)
    folded = {}
    for name, own in found.items():
        shown += list(_options(name, own, charts))
        folded[f"Trials of {name}"] = [_grid(own, metric)]
    return Part("Search", text, shown, folded=folded)


def _whole(search: SavedSearch) -> list[SavedTrial]:
    """The trials with the whole training and a finite score, by number."""
    known = [trial for trial in search.trials if trial.length == 1 and math.isfinite(trial.score)]
    return sorted(known, key=lambda trial: trial.number)


def _points(name: str, search: SavedSearch) -> Iterator[dict[str, Any]]:
    for trial in _whole(search):
        yield {"row": one_line(name), "x": trial.number, "y": trial.score}


def _expected(name: str, search: SavedSearch) -> Iterator[dict[str, Any]]:
    """The expected best of n drawn trials; nothing where trials depend on the scores of others."""
    if len(search.draws) < 2:
        return
    found = expected_best(search.draws, search.minimize)
    for n, mean, low, high in zip(*(own.tolist() for own in found), strict=True):
        yield {"row": one_line(name), "x": n, "y": mean, "low": low, "high": high}


def _options(name: str, search: SavedSearch, charts: Charts) -> Iterator[Chart]:
    """A line per trial over the options of the space, each from its lowest to its highest value."""
    trials, keys = _whole(search), list(search.space)
    if len(trials) < 2 or len(keys) < 2:
        return
    chosen = sorted(trials, key=lambda trial: trial.score, reverse=not search.minimize)[:MOST]
    places = {key: _places([trial.options.get(key) for trial in chosen]) for key in keys}
    lines = [
        {
            "trial": trial.number,
            "key": one_line(key),
            "place": places[key][line],
            "value": one_line(trial.options.get(key, "–")),
            "score": trial.score,
            "goodness": 1 - line / max(1, len(chosen) - 1),
        }
        for line, trial in enumerate(chosen)
        for key in keys
    ]
    alt = f"Options of {counted(len(chosen), 'trial')} of {name}, darker if better; the numbers are in the table."
    spec = charts.parallel(lines, list(map(one_line, keys)))
    yield Chart(f"Options of the trials of {charts.label(name)}, darker if better", spec, alt)


def _places(values: Sequence[Any]) -> list[float | None]:
    """Where each value is between the lowest (0) and the highest (1): numbers by size, other values in order."""
    known = list(dict.fromkeys(str(value) for value in values if value is not None))
    numbers = {text: as_number(text) for text in known}
    if None not in numbers.values():
        known.sort(key=lambda text: numbers[text] or 0.0)
    last = max(1, len(known) - 1)
    return [None if value is None else known.index(str(value)) / last for value in values]


def _grid(search: SavedSearch, metric: str) -> Grid:
    keys = list(search.space)
    rows = [
        [
            Value(f"{trial.number}{' (chosen)' if trial.number == search.chosen else ''}", trial.number),
            number(trial.score),
            Value(f"{trial.length:g}", trial.length),
            *(_option(trial.options.get(key)) for key in keys),
        ]
        for trial in search.trials[:MOST]
    ]
    caption = f"The first {len(rows)} of {counted(len(search.trials), 'trial')}"
    return Grid(caption, ["trial", metric, "length", *keys], rows, sortable=True)


def _option(value: Any) -> Value:
    text = "–" if value is None else str(value)
    return Value(text, as_number(text) if value is not None else None)
