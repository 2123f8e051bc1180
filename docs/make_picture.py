"""Draw docs/encoders.svg, the score of each encoder against its speed, from the table of the README.

python docs/make_picture.py
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from core.registry import registry

PICTURE = Path(__file__).with_name("encoders.svg")
README = Path(__file__).parents[1] / "README.md"
COMMAND = "$ python -m core bench task=pos,sentiment,lm"
PANELS = {"pos accuracy": True, "sentiment accuracy": True, "lm perplexity": False}  # whether more is better
COLORS = {"counting": "#d55e00", "sees left": "#0072b2", "sees both": "#009e73", "sees either": "#777777"}
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 300, 330, 48, 34, 44, 8  # of a panel, in pixels
LETTER, LINE = 6.2, 12  # the size of a letter of a label
SPEED = re.compile(r"([\d.]+)([kM]?)")


class Dot(NamedTuple):
    """An encoder in a panel, in pixels."""

    name: str
    x: float
    y: float


def table() -> dict[str, dict[str, str]]:
    """Row -> heading -> value of the table in the README."""
    block = README.read_text("utf-8").partition(COMMAND)[2].partition("```")[0]
    heads = [line.split("┃")[1:-1] for line in block.splitlines() if line.startswith("┃")]
    header = [" ".join(" ".join(parts).split()) for parts in zip(*heads, strict=True)]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in block.splitlines() if line[:1] == "│"]
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def picture() -> str:
    """The picture as SVG."""
    rows = table()
    parts = [part for i, heading in enumerate(PANELS) for part in _panel(rows, heading, i * WIDTH)]
    width, height = WIDTH * len(PANELS) + GAP, HEIGHT + 24
    parts += [
        f'<circle cx="{LEFT + 8 + i * 170}" cy="{height - 12}" r="4" fill="{color}"/>'
        f'<text x="{LEFT + 18 + i * 170}" y="{height - 8}">{group}</text>'
        for i, (group, color) in enumerate(COLORS.items())
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    )
    style = (
        ' font-family="sans-serif" font-size="11" fill="#222222">\n<rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head + style, *parts, "</svg>"]) + "\n"


def _panel(rows: dict[str, dict[str, str]], heading: str, left: int) -> Iterator[str]:
    """One task: a dot per encoder, and the ceiling as a line."""
    up = PANELS[heading]
    scores = {name: float(row[heading].split()[0]) for name, row in rows.items() if row[heading][:1].isdigit()}
    encoders = {name: _speed(rows[name]["tokens/s"]) for name in scores if rows[name]["tokens/s"]}
    shown = [scores[name] for name in (*encoders, "ceiling")]
    low, high = min(shown), max(shown)
    below, above = (0.05, 0.1) if up else (0.1, 0.05)  # space for labels beyond the best score
    low, high = low - below * (high - low), high + above * (high - low)
    x0, x1, y0, y1 = left + LEFT, left + WIDTH - 6, HEIGHT - BOTTOM, TOP
    slow, fast = math.log(min(encoders.values()) / 2), math.log(max(encoders.values()) * 1.5)

    def x(speed: float) -> float:
        return x0 + (math.log(speed) - slow) / (fast - slow) * (x1 - x0)

    def y(score: float) -> float:
        share = (score - low) / (high - low)
        return y0 + (share if up else 1 - share) * (y1 - y0)

    yield f'<text x="{x0}" y="{TOP - 14}" font-weight="bold">{escape(heading)}</text>'
    yield f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#222222"/>'
    for tick in _ticks(low, high):
        yield f'<path d="M{x0 - 4} {y(tick):.1f}h4" stroke="#222222"/>'
        yield f'<text x="{x0 - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
    for speed in (3e4, 1e5, 3e5, 1e6):
        if slow <= math.log(speed) <= fast:
            yield f'<path d="M{x(speed):.1f} {y0}v4" stroke="#222222"/>'
            yield f'<text x="{x(speed):.1f}" y="{y0 + 16}" text-anchor="middle">{speed / 1000:,.0f}k</text>'
    yield f'<text x="{(x0 + x1) / 2}" y="{y0 + 32}" text-anchor="middle">training tokens per second</text>'
    top = y(scores["ceiling"])
    yield f'<path d="M{x0} {top:.1f}H{x1}" stroke="#aaaaaa" stroke-dasharray="4 3"/>'
    yield f'<text x="{x1}" y="{top - 4:.1f}" text-anchor="end" fill="#888888">ceiling</text>'
    dots = [Dot(name, x(speed), y(scores[name])) for name, speed in encoders.items()]
    yield from _dots(
        dots, [(x0, 0, x0 + 1, y0), (x0, top - 1, x1, top + 1), (x1, 0, math.inf, y0), (x0, 0, x1, y1)]
    )


def _dots(dots: list[Dot], lines: list[tuple[float, ...]]) -> Iterator[str]:
    """Dots with labels where these hide no line, no dot and no other label."""
    taken = lines + [(dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5) for dot in dots]
    for name, x, y in sorted(dots, key=lambda dot: (dot.y, dot.name)):
        width = LETTER * len(name)
        places = [(x + 7, y), (x - 7 - width, y)]
        places += [
            (at, y + step) for step in (-12, 12, -24, 24, -36, 36) for at in (x - width / 2, x + 7, x - 7 - width)
        ]
        boxes = [(at, middle - LINE / 2, at + width, middle + LINE / 2) for at, middle in places]
        free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
        box = (free or boxes)[0]
        taken.append(box)
        color = COLORS[_group(name)]
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>'
        yield f'<text x="{box[0]:.1f}" y="{box[1] + 10:.1f}" fill="{color}">{escape(name)}</text>'


def _group(encoder: str) -> str:
    """What the color of an encoder says."""
    extra = registry().get("encoder", encoder).extra
    return "counting" if extra["family"] == "counting" else f"sees {extra['sees']}"


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two scores."""
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50, 100) if (high - low) / step <= 7)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _speed(text: str) -> float:
    number, unit = SPEED.fullmatch(text).groups()  # type: ignore[union-attr]
    return float(number) * {"": 1, "k": 1e3, "M": 1e6}[unit]


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
