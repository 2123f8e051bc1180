"""Saved arrays of the counting heads that point outside are refused when they are loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.counting import checks
from core.errors import StoreError
from core.runs import checksums
from core.runs.trained_model import load

FILES = {
    "pos": ("tags.conll", "the DT\ncats NN\nsleep VB\n\na DT\nDog NN\n\nsleep NN\n\n" * 10),
    "sentiment": ("films.tsv", "text\tlabel\n" + "the cats sleep\tgood\na dog barks\tbad\n" * 10),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each head."""
    folder, runs = tmp_path_factory.mktemp("heads"), {}
    for task, (name, text) in FILES.items():
        (folder / name).write_text(text)
        how = {"data": str(folder / name), "runs": str(folder / "runs"), "quiet": True, "encoder.order": 2}
        runs[task] = core.run(task=task, encoder="ngram", **how).path
    return runs


def at(value: Any) -> Callable[[Any], Any]:
    def put(array: Any) -> Any:
        array.reshape(-1)[-1] = value
        return array

    return put


def shorter(array: Any) -> Any:
    return array[:-1]


FAULTS = {
    "a word of a pair": ("pos", "words.rows", at(10**6), r"words\.rows has 1000000"),
    "a tag of a pair": ("pos", "words.tags", at(-1), r"words\.tags has -1"),
    "a count of a pair": ("pos", "words.counts", at(-1), r"words\.counts has -1"),
    "pairs of two lengths": ("pos", "words.rows", shorter, r"words\.rows is of shape"),
    "counts of floats": ("pos", "words.counts", lambda a: a * 1.5, r"words\.counts has values of type float64"),
    "suffixes twice": ("pos", "words.suffixes", lambda a: np.append(a[:-1], a[1]), "distinct suffixes"),
    "a suffix too few": ("pos", "words.suffixes", shorter, r"words\.probs is of shape"),
    "a probability that is none": ("pos", "words.probs", at(np.nan), r"words\.probs has a number"),
    "states of another size": ("pos", "states.counts", lambda a: a[:, :-1], r"states\.counts is of shape"),
    "a negative state count": ("pos", "states.counts", at(-4), r"states\.counts has -4"),
    "a word as a state": ("pos", "states.lexical", lambda a: np.append(a, 10**6), r"states\.lexical has 1000000"),
    "a transition": ("pos", "tags.words.2", at(999), r"words\.2 has 999"),
    "a class too few": ("sentiment", "counts", shorter, r"counts is of shape"),
    "a negative class": ("sentiment", "counts", at(-1), r"counts has -1"),
    "a word of a class": ("sentiment", "rows.0.words.2", at(10**6), r"words\.2 has 1000000"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_array_that_points_outside_is_named(name: str, saved: dict[str, Path]) -> None:
    task, file, change, message = FAULTS[name]
    path = saved[task] / "model" / f"{file}.npy"
    content = path.read_bytes()
    try:
        np.save(path, change(np.load(path).copy()))
        checksums.write(saved[task])  # as somebody would who meant to
        with pytest.raises(StoreError, match=rf"the counts cannot be read \(.*{message}"):
            load(saved[task])
    finally:
        path.write_bytes(content)
        checksums.write(saved[task])
    assert load(saved[task]).predict(["the cats"])


@pytest.mark.parametrize("block", [1, 2, 1 << 22])
def test_blocks_do_not_change_what_is_found(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "BLOCK", block)
    good = np.array([0, 1, 1, 4])
    checks.check_integers("x", good, (4,), 0, 5, rising=True)
    checks.check_integers("x", np.zeros((0, 3), dtype=np.int64), (None, 3), 0, 1)
    for array in (good[::-1], good + 1, good - 1, good[:3], good.astype(np.uint8), good.astype(object)):
        with pytest.raises(ValueError, match="^x "):
            checks.check_integers("x", array, (4,), 0, 5, rising=True)
    checks.check_floats("y", np.array([-np.inf, 0.5]), (None,), most=1)
    for bad in (np.array([np.nan]), np.array([2.0]), np.array([[0.0]]), np.array([1])):
        with pytest.raises(ValueError, match="^y "):
            checks.check_floats("y", bad, (None,), most=1)
