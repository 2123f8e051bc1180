"""From which words of a text each word of an output comes, as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ConfigError
from core.types import Float32s, Table
from core.view.plots.drawing import Canvas, Drawing
from core.view.plots.heat import Heat, draw_heat


def attention_drawing(source: Sequence[str], output: Sequence[str], weights: Float32s, title: str) -> Drawing:
    """The attention of one output.

    Args:
        source: the T_in tokens of the row.
        output: the T_out tokens of the output.
        weights: (T_out, T_in), how much each token of the output attends to each of the row.
        title: whose they are.

    Raises:
        ConfigError: the text, or the output, is empty.
    """
    if not weights.size:
        raise ConfigError("there is no word to attend to", where="plot", remedy="give a text with words")
    heat = Heat(weights, output, source, "output", "text", "weight", limits=(0.0, 1.0))
    rows = [
        (number, word, place, other, float(weight))
        for number, (word, line) in enumerate(zip(output, weights.tolist(), strict=True), start=1)
        for place, (other, weight) in enumerate(zip(source, line, strict=True), start=1)
    ]
    best = [source[int(line.argmax())] for line in weights]

    def draw(canvas: Canvas) -> None:
        draw_heat(canvas, canvas.figure.add_subplot(), heat)

    pairs = ", ".join(f"{word} from {other}" for word, other in zip(output, best, strict=True))
    header = ("output position", "output", "text position", "text", "weight")
    return Drawing(
        title=title,
        tables=[Table(title, header, list(rows))],
        draw=draw,
        about=f"{len(output)} x {len(source)} words",
        size=heat.size,
        description=f"The word with the most weight of each word of the output: {pairs}.",
    )
