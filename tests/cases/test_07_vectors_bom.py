"""A byte order mark before the header of a file of vectors."""

from __future__ import annotations

from pathlib import Path

import core
from core.runs.trained_model import load

CASE = Path(__file__).with_name("07-vectors-bom")


def test_the_mark_is_skipped(tmp_path: Path) -> None:
    file = {"embedding": "file", "embedding.path": str(CASE / "bom.txt"), "runs": str(tmp_path)}
    run = core.run(
        task="pos", encoder="lstm", data=str(CASE / "plain.conllu"), quiet=True, **file, **{"train.epochs": 1}
    )
    words, vectors = load(run.folder).model.word_vectors()  # type: ignore[attr-defined] # of a Vectorizer
    assert words == ["the", "a", "cats"] and vectors.shape == (3, 3)
