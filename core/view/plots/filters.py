"""What the filters of a convolution respond to: the n-grams with the highest activation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.model.interface import FilterActivation
from core.printable import counted
from core.types import Cell, Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.style import COLORS, SMALL, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, LINE, HEAD = 2, 0.21, 0.42  # panels side by side; the height of an n-gram and of a heading in inches
LONGEST = 44  # letters of an n-gram


@dataclass
class Filter:
    """A filter.

    Args:
        width: the number of tokens that it sees.
        number: of it, among the filters of this width.
        rows: the rows in which it is among the strongest.
        labels: the labels of these rows.
        spans: n-gram -> its activation, and the rows in which the filter responds to it most.
    """

    width: int
    number: int
    rows: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    spans: dict[str, tuple[float, int]] = field(default_factory=dict)

    def add(self, span: str, activation: float, label: str | None) -> None:
        """Count a row."""
        highest, rows = self.spans.get(span, (activation, 0))
        self.rows += 1
        self.spans[span] = max(highest, activation), rows + 1
        if label is not None:
            self.labels[label] += 1

    def strongest(self, top: int) -> list[tuple[str, float, int]]:
        """The n-grams with the highest activations: span, activation, rows."""
        found = [(span, highest, rows) for span, (highest, rows) in self.spans.items()]
        return sorted(found, key=lambda item: (-item[1], item[0]))[:top]

    @property
    def title(self) -> str:
        """Its name, in how many rows it is strong, and their most frequent label."""
        text = f"filter {self.number} of width {self.width}: {counted(self.rows, 'row')}"
        if self.labels:
            (label, rows) = self.labels.most_common(1)[0]
            text += f", {100 * rows / self.rows:.0f} % labelled {label}"
        return text


def collect(
    rows: Sequence[Sequence[FilterActivation]], words: Sequence[Sequence[str]], labels: Sequence[str] | None
) -> list[Filter]:
    """The filters that are strong in some rows, those of the most rows first.

    Args:
        rows: the strongest filters of each row.
        words: the tokens of each row.
        labels: the label of each row; None where rows have none.
    """
    found: dict[tuple[int, int], Filter] = {}
    for number, (row, tokens) in enumerate(zip(rows, words, strict=True)):
        for one in row:
            own = found.setdefault((one.width, one.filter), Filter(one.width, one.filter))
            own.add(" ".join(tokens[one.start : one.end]), one.activation, labels[number] if labels else None)
    return sorted(found.values(), key=lambda own: (-own.rows, own.width, own.number))


def filters_drawing(found: Sequence[Filter], title: str, number: int, n: int, top: int) -> Drawing:
    """The filters that are strong in the most rows, with the n-grams that they respond to.

    Args:
        found: the filters in order.
        title: whose they are.
        number: of the rows that were read.
        n: the most filters that are drawn.
        top: the most n-grams per filter.
    """
    shown = list(found[:n])
    lines = -(-len(shown) // COLUMNS)

    def draw(canvas: Canvas) -> None:
        all_axes = canvas.figure.subplots(lines, min(COLUMNS, len(shown)), squeeze=False).ravel()
        for place, axes in enumerate(all_axes):
            axes.set_axis_off()
            if place < len(shown):
                _draw(canvas, axes, shown[place], top)

    rows: list[tuple[Cell, ...]] = [
        (own.width, own.number, own.rows, span, activation, times)
        for own in shown
        for span, activation, times in own.strongest(top)
    ]
    header = ("width", "filter", "rows", "n-gram", "activation", "rows of the n-gram")
    caption = (
        f"n-grams with the highest activation, and in how many of {number:,} rows a filter is among the strongest"
    )
    return Drawing(
        title=title,
        caption=caption,
        tables=[Table(title, header, rows)],
        draw=draw,
        about=f"{counted(len(shown), 'filter')} of {len(found):,}, {counted(number, 'row')}",
        size=(WIDTH, 0.7 + lines * (HEAD + LINE * top)),
        description=" ".join(f"{own.title}: {_spans(own, top)}." for own in shown),
    )


def _spans(own: Filter, top: int) -> str:
    return ", ".join(span for span, _, _ in own.strongest(top))


def _draw(canvas: Canvas, axes: Axes, own: Filter, top: int) -> None:
    """A bar per n-gram, as long as its activation, with the n-gram on it."""
    spans = own.strongest(top)
    highest = max((activation for _, activation, _ in spans), default=0.0)
    axes.set_title(canvas.text(own.title, 55), loc="left", fontsize=SMALL, fontweight="bold")
    axes.set_xlim(0, 1)
    axes.set_ylim(top - 0.5, -0.5)
    for place, (span, activation, _) in enumerate(spans):
        share = max(0.0, activation / highest) if highest > 0 else 0.0
        axes.barh(place, 0.86 * share, 0.84, color=COLORS[0], alpha=0.22, linewidth=0)
        axes.text(0.01, place, canvas.text(span, LONGEST), va="center", fontsize=SMALL)
        axes.text(1.0, place, f"{activation:.2f}", va="center", ha="right", fontsize=SMALL)
