"""The files of a linear model: arrays without pickle, words and characters as JSON; checked when they are read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.counting.checks import check_floats
from core.data.regular import open_regular, read_text
from core.errors import StoreError
from core.types import Array, Arrays, Float32s
from plugins.models.linear.classifier import Weights
from plugins.models.linear.features import Features, Lengths

ARRAYS, WORDS = "model.npz", "model.json"
LIMIT = 2 << 30  # bytes of the words
LARGEST = float(np.finfo(np.float32).max)


def save(folder: Path, features: Features, weights: Weights, idf: Float32s) -> None:
    """Write a fitted model into a folder."""
    learned: Arrays = {"coefficients": weights.coefficients, "intercepts": weights.intercepts, "idf": idf}
    np.savez(folder / ARRAYS, **learned, **features.arrays())  # type: ignore[arg-type] # as its keywords are typed
    about = features.about() | {"scale": weights.scale, "centre": weights.centre}
    (folder / WORDS).write_text(json.dumps(about), "utf-8")


def read(folder: Path, lengths: Lengths, height: int) -> tuple[Features, Weights, Float32s]:
    """Read what ``save`` wrote, for a model with these options and so many rows of weights.

    Raises:
        StoreError: a file is missing or damaged, or is of a model with other options.
    """
    try:
        with open_regular(folder / ARRAYS) as file, np.load(file, allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        about = json.loads(read_text(folder / WORDS, LIMIT))
        features = Features.read(lengths, about, arrays)
        width = sum(features.sizes)
        for name, shape in {"coefficients": (height, width), "intercepts": (height,), "idf": (width,)}.items():
            _check(name, arrays[name], shape)
        scale, centre = float(about["scale"]), float(about.get("centre", 0.0))  # older runs have no centre
        if not 0 < scale < LARGEST or not abs(centre) < np.inf:
            raise ValueError(f"scale is {scale}, centre {centre}")
        return features, Weights(arrays["coefficients"], arrays["intercepts"], scale, centre), arrays["idf"]
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        what = f"the model cannot be read ({error})"
        raise StoreError(what, where=str(folder), remedy="train the run again") from error


def _check(name: str, array: Array, shape: tuple[int, ...]) -> None:
    check_floats(name, array, shape, LARGEST)
    if array.dtype != np.float32 or np.isneginf(array).any():
        raise ValueError(f"{name} has values of type {array.dtype}, or infinite ones")
