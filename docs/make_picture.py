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
COMMAND = "$ python -m core bench config=grids/toy.yaml"
PANELS = {"pos accuracy": True, "sentiment accuracy": True, "lm perplexity": False}  # whether more is better
COLORS = {
    "counting": "#d55e00",
    "whole model": "#cc79a7",
    "sees left": "#0072b2",
    "sees both": "#009e73",
    "sees either": "#777777",
}
FAMILIES = {"counting": "counting", "model": "whole model"}  # the others by what they see
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 300, 330, 48, 34, 44, 8  # of a panel, in pixels
LETTER, LINE = 6.2, 12  # the size of a letter of a label
SPEEDS = (3e4, 1e5, 3e5, 1e6)  # numbers on the axis
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
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    style = 'font-family="sans-serif" font-size="11" fill="#222222"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


class Scales:
    """Where scores and speeds are in a panel, in pixels: speeds logarithmic, the best score at the top."""

    def __init__(self, left: float, scores: list[float], speeds: list[float], up: bool) -> None:
        self.x0, self.x1, self.y0, self.y1 = left + LEFT, left + WIDTH - 6, HEIGHT - BOTTOM, TOP
        self.slow, self.fast, self.up = math.log(min(speeds) / 2), math.log(max(speeds) * 1.5), up
        space = max(scores) - min(scores)
        below, above = (0.05, 0.1) if up else (0.1, 0.05)  # space for labels beyond the best score
        self.low, self.high = min(scores) - below * space, max(scores) + above * space

    def x(self, speed: float) -> float:
        """The place of a speed."""
        return self.x0 + (math.log(speed) - self.slow) / (self.fast - self.slow) * (self.x1 - self.x0)

    def y(self, score: float) -> float:
        """The place of a score."""
        share = (score - self.low) / (self.high - self.low)
        return self.y0 + (share if self.up else 1 - share) * (self.y1 - self.y0)

    def axes(self, heading: str) -> Iterator[str]:
        """The axes with their numbers."""
        x0, x1, y0, y1 = self.x0, self.x1, self.y0, self.y1
        yield f'<text x="{x0}" y="{y1 - 14}" font-weight="bold">{escape(heading)}</text>'
        yield f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#222222"/>'
        for tick in _ticks(self.low, self.high):
            yield f'<path d="M{x0 - 4} {self.y(tick):.1f}h4" stroke="#222222"/>'
            yield f'<text x="{x0 - 6}" y="{self.y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for speed in (speed for speed in SPEEDS if self.slow <= math.log(speed) <= self.fast):
            yield f'<path d="M{self.x(speed):.1f} {y0}v4" stroke="#222222"/>'
            yield f'<text x="{self.x(speed):.1f}" y="{y0 + 16}" text-anchor="middle">{speed / 1000:,.0f}k</text>'
        yield f'<text x="{(x0 + x1) / 2}" y="{y0 + 32}" text-anchor="middle">training tokens per second</text>'


def _panel(rows: dict[str, dict[str, str]], heading: str, left: int) -> Iterator[str]:
    """One task: a dot per encoder, and the ceiling as a line."""
    scores = {name: float(row[heading].split()[0]) for name, row in rows.items() if row[heading][:1].isdigit()}
    speeds = {name: _speed(rows[name]["tokens/s"]) for name in scores if rows[name]["tokens/s"]}
    shown = [scores[name] for name in (*speeds, "ceiling")]
    at = Scales(left, shown, list(speeds.values()), PANELS[heading])
    yield from at.axes(heading)
    top = at.y(scores["ceiling"])
    yield f'<path d="M{at.x0} {top:.1f}H{at.x1}" stroke="#aaaaaa" stroke-dasharray="4 3"/>'
    yield f'<text x="{at.x1}" y="{top - 4:.1f}" text-anchor="end" fill="#888888">ceiling</text>'
    edges = [(at.x0, 0, at.x0 + 1, at.y0), (at.x1, 0, math.inf, at.y0), (at.x0, 0, at.x1, at.y1)]
    dots = [Dot(name, at.x(speed), at.y(scores[name])) for name, speed in speeds.items()]
    yield from _dots(dots, [*edges, (at.x0, top - 1, at.x1, top + 1)])


def _dots(dots: list[Dot], lines: list[tuple[float, ...]]) -> Iterator[str]:
    """Dots with labels where these hide no line, no dot and no other label."""
    taken = lines + [(dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5) for dot in dots]
    for name, x, y in sorted(dots, key=lambda dot: (dot.y, dot.name)):
        width = LETTER * len(name)
        right, left, middle = x + 7, x - 7 - width, x - width / 2
        steps = (-12, 12, -24, 24, -36, 36)
        places = [(right, y), (left, y), *((at, y + step) for step in steps for at in (middle, right, left))]
        boxes = [(at, line - LINE / 2, at + width, line + LINE / 2) for at, line in places]
        free = [box for box in boxes if not any(_overlap(box, other) for other in taken)]
        box = (free or boxes)[0]
        taken.append(box)
        color = COLORS[_group(name)]
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>'
        yield f'<text x="{box[0]:.1f}" y="{box[1] + 10:.1f}" fill="{color}">{escape(name)}</text>'


def _group(encoder: str) -> str:
    """What the color of an encoder says."""
    extra = registry().get("encoder", encoder).extra
    return FAMILIES.get(extra["family"], f"sees {extra['sees']}")


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two scores."""
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 50, 100) if (high - low) / step <= 7)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _speed(text: str) -> float:
    number, unit = SPEED.fullmatch(text).groups()  # type: ignore[union-attr] # always matches
    return float(number) * {"": 1, "k": 1e3, "M": 1e6}[unit]


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
