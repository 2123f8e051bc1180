"""Which layer and which units a picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from core.errors import ConfigError

if TYPE_CHECKING:
    from core.neural.inspection.reading import Track
    from core.types import Int64s

Numbers = tuple[Annotated[int, Ge(0)], ...]
FIRST = ("c", "h")  # the parts of a state in the order in which one is chosen


def chosen_layer(tracks: Sequence[Track], layer: int | None, part: str | None) -> list[Track]:
    """The tracks of one layer, in each direction.

    Args:
        tracks: of all layers.
        layer: its number; None: the last one.
        part: which states or gates; None: the cells where there are some, and all gates.

    Raises:
        ConfigError: there is no such layer or part.
    """
    numbers = [track.layer.partition(",")[0] for track in tracks]  # "layer 2"
    name = numbers[-1] if layer is None else f"layer {layer}"
    found = [track for track, number in zip(tracks, numbers, strict=True) if number == name]
    if not found:
        remedy = "leave it out" if len(set(numbers)) == 1 else f"it has {', '.join(dict.fromkeys(numbers))}"
        raise ConfigError(f"the encoder has no {name}", where="layer", remedy=remedy)
    parts = dict.fromkeys(track.part for track in found)
    if part is None:
        part = next((one for one in FIRST if one in parts), None)
    elif part not in parts:
        raise ConfigError(f"there is no part '{part}'", where="part", remedy=f"choose from {', '.join(parts)}")
    return [track for track in found if part in (None, track.part)]


def chosen_units(tracks: Sequence[Track], units: Sequence[int], limit: int) -> Int64s:
    """The units that are named, else those that vary most in all tracks together, which have equal sizes.

    Raises:
        ConfigError: there is no such unit.
    """
    import numpy as np

    from core.neural.inspection.units import most_varying

    size = tracks[0].values.shape[1]
    if not units:
        return most_varying(np.stack([track.values for track in tracks]), limit)
    if max(units) >= size:
        what = f"there is no unit {max(units)}: {tracks[0].layer} has the units 0 to {size - 1}"
        raise ConfigError(what, where="units", remedy="name others, or none")
    return np.array(units)
