"""The axes of pictures: linear or logarithmic, with few round ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.errors import ConfigError
from core.view.pareto import WIDE

if TYPE_CHECKING:
    from matplotlib.axis import Axis

LogAxes = Literal["auto", "none", "x", "y", "xy"]  # what the option ``log`` takes
TICKS = 6  # the most of an axis


def scale(axis: Axis, values: Sequence[float], log: bool = False, whole: bool = False) -> None:
    """Set the scale and the ticks of an axis.

    Args:
        axis: such as ``axes.xaxis``.
        values: what is drawn along it.
        log: whether it is logarithmic.
        whole: whether its values are whole numbers.

    Raises:
        ConfigError: a value on a logarithmic axis is not positive.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    name = "x" if axis is axis.axes.xaxis else "y"
    low, high = min(values, default=0.0), max(values, default=1.0)
    locator: Any = MaxNLocator(TICKS, integer=whole)
    if log:
        if low <= 0:
            what = f"a logarithmic axis has no place for {low:g}"
            raise ConfigError(what, where="log", remedy=f"leave {name} out of log=")
        (axis.axes.set_xscale if name == "x" else axis.axes.set_yscale)("log")
        low, high = low / max(1.05, (high / low) ** 0.05), high * max(1.05, (high / low) ** 0.05)
        (axis.axes.set_xlim if name == "x" else axis.axes.set_ylim)(low, high)
        locator = FixedLocator(log_ticks(low, high, TICKS))
        axis.set_minor_locator(NullLocator())
    elif whole and low == high:
        (axis.axes.set_xlim if name == "x" else axis.axes.set_ylim)(low - 1, high + 1)
    axis.set_major_locator(locator)
    axis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))


def number_text(value: float) -> str:
    """A number as ticks show it: 20,000, 1.5M, 0.25."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.10g}M"
    return f"{value:,.10g}".replace("-", "−")


def is_wide(values: Sequence[float]) -> bool:
    """Whether positive values differ by so much that their axis is logarithmic of itself."""
    return bool(values) and min(values) > 0 and max(values) / min(values) > WIDE


def finite_values(values: Sequence[float]) -> list[float]:
    """The values that an axis can show."""
    return [value for value in values if math.isfinite(value)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Two to ``most`` round numbers on a logarithmic axis."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    for parts in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        found = [float(at) for at in LogLocator(subs=parts).tick_values(low, high) if low <= at <= high]
        if len(found) <= most:
            break
    if len(found) < 2:
        found = [float(at) for at in MaxNLocator(most - 2).tick_values(low, high) if low <= at <= high]
    return found[:: -(-len(found) // most)] if found else []
