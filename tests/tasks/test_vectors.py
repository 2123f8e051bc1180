"""The task vectors: word vectors are trained and saved without anything to score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import run_command

import core
from core.runs.trained_model import load

ROWS = ["the cat sat on the mat", "a dog ran to the cat", "the dog sat"] * 4
EVERY = {"embedding.sample": 0, "embedding.min_count": 4, "embedding.dim": 4, "quiet": "true"}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "text.txt").write_text("\n".join(ROWS))
    return tmp_path / "text.txt"


def test_vectors_are_trained_without_pairs_and_used_by_every_command(
    text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, out = f"runs={text.parent / 'runs'}", text.parent / "out.txt"
    options = ["name=mine", runs, *(f"{key}={value}" for key, value in EVERY.items())]
    done = run_command(capsys, "run", "task=vectors", "encoder=bag", f"data={text}", *options)
    assert done.code == 0 and "│ bag     │  9.00 │         36 │" in done.out
    done = run_command(capsys, "neighbors", "run=mine", runs, "cat", "n=3")
    assert done.code == 0 and len(done.out.split("\n")) == 8
    assert run_command(capsys, "export", "run=mine", runs, f"out={out}").code == 0
    words, vectors = load("mine", runs=text.parent / "runs").model.word_vectors()  # type: ignore[attr-defined] # of a Vectorizer
    assert words[:2] == ["the", "cat"] and out.read_text().startswith("9 4\nthe ")
    saved = np.loadtxt(out, skiprows=1, usecols=range(1, 5), dtype=np.float32)
    assert np.array_equal(saved, vectors)


def test_the_parameters_are_the_trained_vectors_also_below_an_encoder(text: Path) -> None:
    own = {**EVERY, "embedding.min_count": 1, "task": "lm", "encoder": "lstm", "encoder.hidden_size": 3}
    own |= {"train.epochs": 1, "embedding": "word2vec", "data": str(text), "runs": str(text.parent / "runs")}
    frozen = core.run(**own, **{"embedding.tune": False})
    assert frozen.facts["parameters"]["embedding"] == 9 * 4 + 2 * 4  # the words; the end and the unknown word
    assert frozen.cost["parameters"] == sum(frozen.facts["parameters"].values())
    tuned = core.run(**own)  # the table of the vocabulary has 11 rows
    assert tuned.facts["parameters"]["embedding"] == 11 * 4 + 2 * 4
