"""Checks of saved arrays: compiled code reads and writes where they point, without looking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.types import Array

BLOCK = 1 << 22  # values checked at a time, which bounds the memory


def check_integers(
    name: str, array: Array, shape: Sequence[int | None], low: int, high: int, rising: bool = False
) -> None:
    """Refuse an array that is not of whole numbers in a range.

    Args:
        name: of the array, for errors.
        array: as it was read.
        shape: the size of each dimension; None: any.
        low: the smallest number that it may have.
        high: the number above the largest one.
        rising: whether no number (of an array of one dimension) may be smaller than the one before it.

    Raises:
        ValueError: it is something else.
    """
    _check_shape(name, array, "i", shape)
    flat = array.reshape(-1)
    for at in range(0, flat.size, BLOCK):
        part = flat[at : at + BLOCK + 1]  # one more, to compare neighbours
        least, most = int(part.min()), int(part.max())
        if least < low or most >= high:
            raise ValueError(f"{name} has {least if least < low else most}, outside {low} to {high - 1}")
        if rising and (part[1:] < part[:-1]).any():
            raise ValueError(f"{name} does not rise")


def check_floats(name: str, array: Array, shape: Sequence[int | None], most: float = np.inf) -> None:
    """Refuse an array that is not of floats, or has NaN or a number above ``most``; see ``check_integers``.

    Raises:
        ValueError: it is something else.
    """
    _check_shape(name, array, "f", shape)
    flat = array.reshape(-1)
    for at in range(0, flat.size, BLOCK):
        if not (flat[at : at + BLOCK] <= most).all():
            raise ValueError(f"{name} has a number that is not one, or above {most}")


def _check_shape(name: str, array: Array, kind: str, shape: Sequence[int | None]) -> None:
    if array.dtype.kind != kind:
        raise ValueError(f"{name} has values of type {array.dtype}")
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, size) for wanted, size in zip(shape, array.shape, strict=True)
    )
    if not fits:
        expected = " x ".join("any" if size is None else f"{size:,}" for size in shape)
        raise ValueError(f"{name} is of shape {array.shape}, expected {expected}")
