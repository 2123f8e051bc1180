"""A heat map of which inputs each prediction depends on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.neural.inspection.connectivity import Connectivity
from core.printable import counted
from core.types import Cell, Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.heat import Heat, draw_heat

STRONGEST = 3  # inputs per prediction in the first table


def connectivity_drawing(title: str, found: Connectivity, is_next: bool, notes: Sequence[str]) -> Drawing:
    """The shares of each row as colors.

    Args:
        title: above the picture.
        found: the gradients.
        is_next: whether the answers are the next tokens, not labels.
        notes: what the user should know.
    """
    shares = found.shares  # (I, J)
    answer = "next word" if is_next else "label"
    texts = [[f"{value:.0f}" if value >= 1 else "" for value in row] for row in shares.tolist()]
    names = [f"{number}. {name}" for number, name in enumerate(found.answers, start=1)]
    rows = names if len(set(found.answers)) < len(found.answers) else list(found.answers)
    titles = f"prediction: {answer}", "input", "% of the row"
    heat = Heat(shares, rows, found.inputs, *titles, limits=(0.0, 100.0), texts=texts)

    def draw(canvas: Canvas) -> None:
        draw_heat(canvas, canvas.figure.add_subplot(), heat)

    tables = [_strongest(found, answer), _all(found, answer)]
    size = f"{counted(len(found.answers), 'prediction')}, {counted(len(found.inputs), 'input')}"
    return Drawing(title, tables, draw, size, heat.size, notes=notes)


def _strongest(found: Connectivity, answer: str) -> Table:
    """The inputs that each prediction depends on most."""
    rows: list[tuple[Cell, ...]] = []
    for name, shares in zip(found.answers, found.shares, strict=True):
        order = np.argsort(-shares, kind="stable")[:STRONGEST].tolist()
        best = [f"{found.inputs[j]} {shares[j]:.0f} %" for j in order if shares[j] > 0]
        rows.append((name, *best, *[""] * (STRONGEST - len(best))))
    header = (answer, "first", "second", "third")
    return Table("the strongest inputs of each prediction", header, rows)


def _all(found: Connectivity, answer: str) -> Table:
    """One row per pair."""
    pairs: list[tuple[Cell, ...]] = [
        (i + 1, name, j + 1, found.inputs[j], float(found.norms[i, j]), float(found.shares[i, j]))
        for i, name in enumerate(found.answers)
        for j in range(len(found.inputs))
    ]
    return Table("all pairs", ("prediction", answer, "position", "input", "norm", "% of the row"), pairs)
