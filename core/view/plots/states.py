"""Heat maps of units over a text: states, and gates with how often they saturate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.neural.inspection.reading import Saturation, Track
from core.printable import counted
from core.types import Cell, Int64s, Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.heat import Heat, draw_heat

if TYPE_CHECKING:
    from core.runs.followed_property import Answer, Followed

ROW = 0.2  # the height of a unit, in inches
LIMIT = 1.0  # the largest state of a layer with tanh


def units_drawing(
    title: str,
    tokens: Sequence[str],
    tracks: Sequence[Track],
    units: Sequence[Int64s],
    tables: Sequence[Table],
    notes: Sequence[str],
    gates: bool = False,
) -> Drawing:
    """A heat map per track, one under the other.

    Args:
        title: above the picture.
        tokens: the T tokens of the text.
        tracks: what is drawn, each (T, H).
        units: which units of each, in order.
        tables: numbers beside those that are drawn.
        notes: what the user should know.
        gates: whether the values are gates, from 0 to 1.
    """
    heats = [_heat(tokens, track, own, gates) for track, own in zip(tracks, units, strict=True)]
    heights = [1.2 + ROW * len(own) for own in units]

    def draw(canvas: Canvas) -> None:
        grid = canvas.figure.subplots(len(heats), 1, squeeze=False, height_ratios=heights)
        for number, (axes, heat, track) in enumerate(zip(grid[:, 0], heats, tracks, strict=True)):
            draw_heat(canvas, axes, heat)
            axes.set_title(f"{track.layer}, {'gate ' if gates else ''}{track.part}", loc="left")
            if number < len(heats) - 1:
                axes.set_xticklabels([])

    drawn = _values(tokens, tracks, units)
    count = sum(map(len, units))
    about = f"{counted(count, 'unit')} over {counted(len(tokens), 'token')}"
    longest = min(18, max(map(len, tokens)))
    size = (heats[0].size[0], 0.6 + 0.08 * longest + sum(heights))
    return Drawing(title, [*tables, drawn], draw, about, size, notes=notes)


def _heat(tokens: Sequence[str], track: Track, units: Int64s, gates: bool) -> Heat:
    values = track.values[:, units].T  # (n, T)
    names = [str(unit) for unit in units.tolist()]
    if gates:
        return Heat(values, names, tokens, row_title="unit", value_title="open", limits=(0.0, 1.0))
    most = float(np.abs(values).max(initial=0.0))
    limit = LIMIT if most <= LIMIT else most
    return Heat(
        values, names, tokens, row_title="unit", value_title="state", diverging=True, limits=(-limit, limit)
    )


def _values(tokens: Sequence[str], tracks: Sequence[Track], units: Sequence[Int64s]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (track.layer, track.part, unit, position + 1, token, float(track.values[position, unit]))
        for track, own in zip(tracks, units, strict=True)
        for unit in own.tolist()
        for position, token in enumerate(tokens)
    ]
    return Table("the values that are drawn", ("layer", "part", "unit", "position", "token", "value"), rows)


def saturation_table(found: Sequence[Saturation], tokens: int) -> Table:
    """How often the gates of each layer are nearly open or nearly closed."""
    rows: list[tuple[Cell, ...]] = [(one.layer, one.gate, one.mean, one.high, one.low) for one in found]
    title = f"gates over {counted(tokens, 'token')} of dev and all units"
    return Table(title, ("layer", "gate", "mean", "% above 0.9", "% below 0.1"), rows)


def _rule(answer: Answer) -> str:
    """The unit, and what its value says: ``h[7] < -0.21``."""
    unit, sign, threshold = f"{answer.part}[{answer.unit}]", answer.found.sign, answer.found.threshold
    if threshold is None:
        return f"{unit} {'rises' if sign > 0 else 'falls'}"
    return f"{unit} {'>' if sign > 0 else '<'} {sign * threshold:.2f}"


def property_table(found: Followed) -> Table:
    """The unit that follows a property best, found on dev and graded on test, and the controls."""
    dev, test = found.tokens
    score = "correlation" if found.is_number else "AUC"
    title = f"the unit of {found.searched:,} that follows '{found.name}' best: found on {dev:,} tokens of dev, "
    header: tuple[str, ...] = ("network", "layer", "unit", f"dev {score}", f"test {score}")
    rows: list[tuple[Cell, ...]] = []
    for one in found.answers:
        row: tuple[Cell, ...] = (one.name, one.layer, _rule(one), one.found.score, one.graded.score)
        if one.graded.f1 is not None and one.graded.always is not None:
            row += (one.graded.f1, one.graded.always)
        rows.append(row)
    if not found.is_number:
        header += ("test F1", "F1 of always yes")
    return Table(title + f"graded on {test:,} of test", header, rows)
