"""Which labels are taken for which: a heat map of the labels that are confused most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.evaluation.breakdowns import Confusions
from core.printable import counted
from core.types import Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.heat import Heat, draw_heat

Values = Literal["counts", "shares"]


def confusion_drawing(found: Confusions, title: str, values: Values, most: int) -> Drawing:
    """The confusion matrix.

    Args:
        found: right and predicted label -> events.
        title: whose they are.
        values: what is written into the squares.
        most: the most labels: those with the most mistakes.
    """
    names = confused_labels(found, most)
    every = {label for pair in found for label in pair}
    totals = Counter[str]()
    for (right, _), events in found.items():
        totals[right] += events
    counts = np.array([[found.get((a, b), 0) for b in names] for a in names], dtype=np.float64)  # (L, L)
    sums = np.array([totals[name] for name in names], dtype=np.float64)[:, None]
    shares = np.divide(100 * counts, sums, out=np.full_like(counts, np.nan), where=sums > 0)
    pairs = zip(counts.tolist(), shares.tolist(), strict=True)
    texts = [[_text(count, share, values) for count, share in zip(*line, strict=True)] for line in pairs]
    titles = ("true label", "predicted label", "% of the true label")
    heat = Heat(shares, names, names, *titles, limits=(0, 100), texts=texts, spread=True)
    rows = [(a, b, found[a, b], 100 * found[a, b] / totals[a]) for a in names for b in names if found.get((a, b))]

    def draw(canvas: Canvas) -> None:
        draw_heat(canvas, canvas.figure.add_subplot(), heat)

    correct, total = sum(events for (a, b), events in found.items() if a == b), sum(found.values())
    return Drawing(
        title=title,
        caption=_caption(heat, len(every), values),
        tables=[Table(title, ("true label", "predicted label", "events", "% of the true label"), list(rows))],
        draw=draw,
        about=f"{counted(len(names), 'label')}, {counted(total, 'event')}",
        size=heat.size,
        description=f"{correct:,} of {total:,} events are right. Most frequent confusions: {_worst(found)}.",
    )


def confused_labels(found: Confusions, most: int) -> list[str]:
    """At most ``most`` labels, those with the most mistakes; the most frequent ones come first.

    A mistake counts for its true and for its predicted label.
    """
    wrong, frequent = Counter[str](), Counter[str]()
    for (right, predicted), events in found.items():
        frequent[right] += events
        frequent[predicted] += 0
        for label in (right, predicted) if right != predicted else ():
            wrong[label] += events
    kept = sorted(frequent, key=lambda label: (-wrong[label], -frequent[label]))[:most]
    return sorted(kept, key=lambda label: -frequent[label])


def _text(count: float, share: float, values: Values) -> str:
    """What is written into a square; nothing into an empty one."""
    if not count:
        return ""
    return f"{count:.0f}" if values == "counts" else f"{share:.0f}" if share >= 0.5 else "<1"


def _caption(heat: Heat, every: int, values: Values) -> str:
    parts = []
    if len(heat.rows) < every:
        parts.append(f"the {len(heat.rows)} of {every:,} labels with the most mistakes")
    if heat.has_texts:
        parts.append("numbers: events" if values == "counts" else "numbers: % of the line")
    return "; ".join(parts)


def _worst(found: Confusions) -> str:
    wrong: Sequence[tuple[tuple[str, str], int]] = sorted(
        ((pair, events) for pair, events in found.items() if pair[0] != pair[1]), key=lambda item: -item[1]
    )
    return (
        "; ".join(f"{right} as {predicted} {events:,} times" for (right, predicted), events in wrong[:5]) or "none"
    )
