"""The norm of d loss_t / d input_(t-k) against k, before and after training, and what explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.neural.inspection.flow import Flow
from core.printable import counted
from core.types import Cell, Table
from core.view.plots.axes import scale
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.style import COLORS, HEIGHT, SMALL, WIDTH, color, mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DASHED = (0, (4, 2))  # before training
BESIDE = {"spectral radius of W_h": "radius", "mean forget gate": "kept"}  # title -> field of ``Flow``
NAME = 26  # letters of the name of a line


class RunFlow(NamedTuple):
    """The gradients of a run.

    Args:
        name: of the run, in the key.
        before: with the initial weights.
        after: with the trained ones.
    """

    name: str
    before: Flow
    after: Flow

    @property
    def stages(self) -> tuple[tuple[str, Flow], tuple[str, Flow]]:
        """Both with their names."""
        return ("before", self.before), ("after", self.after)


def gradients_drawing(title: str, runs: Sequence[RunFlow]) -> Drawing:
    """All runs on one pair of axes, solid after and dashed before training; W_h and the forget gate beside it."""
    tables = [_radii(runs), _gates(runs), _norms(runs)]

    def draw(canvas: Canvas) -> None:
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=(2.3, 1))
        axes = canvas.figure.add_subplot(grid[:, 0])
        for number, run in enumerate(runs):
            _draw_lines(axes, canvas, number, run)
        scale(axes.xaxis, shown_steps(runs), whole=True)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("k, tokens back from the loss")
        axes.set_ylabel("norm of d loss(t) / d input(t - k)")
        _key(axes)
        for row, (name, field) in enumerate(BESIDE.items()):
            _draw_pairs(canvas.figure.add_subplot(grid[row, 1]), runs, name, field)

    about = f"{counted(len(runs), 'run')}, before and after training"
    return Drawing(title, [table for table in tables if table.rows], draw, about, (WIDTH, HEIGHT), _words(runs))


def shown_steps(runs: Sequence[RunFlow]) -> list[int]:
    """The k that are shown: from 0 on, and before 0 where a loss depends on later inputs."""
    norms = [flow.norms for run in runs for _, flow in run.stages]
    reach = norms[0].reach
    ahead = any((one.sums[: one.reach] > 0).any() for one in norms)
    steps = range(-reach if ahead else 0, reach + 1)
    return [k for k in steps if any(one.counts[k + reach] for one in norms)]


def _draw_lines(axes: Axes, canvas: Canvas, number: int, run: RunFlow) -> None:
    for stage, flow in run.stages:
        steps = shown_steps([run])
        y = [flow.norms.at(k) or math.nan for k in steps]  # 0 has no place on a logarithmic axis
        name = canvas.text(run.name, NAME) if stage == "after" else "_"
        style = "solid" if stage == "after" else DASHED
        axes.plot(steps, y, color=color(number), linestyle=style, label=name)


def _key(axes: Axes) -> None:
    """One entry per run, and what dashes mean."""
    from matplotlib.lines import Line2D

    handles, names = axes.get_legend_handles_labels()
    grey = COLORS[6]
    handles += [Line2D([], [], color=grey), Line2D([], [], color=grey, linestyle=DASHED)]
    axes.legend(handles, [*names, "after training", "before training"], loc="best")


def _draw_pairs(axes: Axes, runs: Sequence[RunFlow], title: str, field: str) -> None:
    """Before -> after of one number per run."""
    axes.set_title(title)
    axes.set_xlim(-0.4, 1.4)
    axes.set_xticks([0, 1], ["before", "after"])
    found = [(n, [getattr(flow, field) for _, flow in run.stages]) for n, run in enumerate(runs)]
    for number, pair in found:
        if None not in pair:
            axes.plot([0, 1], pair, color=color(number), marker=mark(number))
    if all(None in pair for _, pair in found):
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", fontsize=SMALL)
        axes.set_yticks([])
    elif field == "kept":
        axes.set_ylim(0, 1)
    else:
        axes.set_ylim(bottom=0)


def _norms(runs: Sequence[RunFlow]) -> Table:
    """One row per k, two columns per run."""
    header = ["k", *(f"{run.name} {stage}" for run in runs for stage, _ in run.stages), "pairs"]
    rows: list[tuple[Cell, ...]] = []
    for k in shown_steps(runs):
        pairs = min(int(run.after.norms.counts[k + run.after.norms.reach]) for run in runs)
        rows.append((k, *(flow.norms.at(k) for run in runs for _, flow in run.stages), pairs))
    return Table("norm of d loss(t) / d input(t - k), the mean over pairs", tuple(header), rows)


def _radii(runs: Sequence[RunFlow]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for run in runs:
        pairs = zip(run.before.radii, run.after.radii, strict=True)
        rows += [(run.name, old.layer, _matrix(old.matrix), old.radius, new.radius) for old, new in pairs]
    return Table("spectral radius of the recurrent matrices", ("run", "layer", "matrix", "before", "after"), rows)


def _matrix(name: str) -> str:
    return f"W_h of {name}" if name != "h" else "W_h"


def _gates(runs: Sequence[RunFlow]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for run in runs:
        pairs = zip(run.before.gates, run.after.gates, strict=True)
        rows += [(run.name, old.layer, old.gate, old.mean, new.mean) for old, new in pairs]
    return Table("mean of the gates", ("run", "layer", "gate", "before", "after"), rows)


def _words(runs: Sequence[RunFlow]) -> str:
    """The picture in words."""
    texts = []
    for run in runs:
        norms = run.after.norms
        far = max(k for k in range(norms.reach + 1) if norms.counts[k + norms.reach])
        ratio = norms.at(far) / norms.at(0) if norms.at(0) else np.nan
        texts.append(f"{run.name}: after training the norm at k = {far} is {ratio:.2g} times that at k = 0")
    return "; ".join(texts)
