"""A row of a file of vectors whose word has spaces, as GloVe 840B has some."""

from __future__ import annotations

from pathlib import Path

import core
from core.runs.trained_model import load

CASE = Path(__file__).with_name("05-vectors-with-spaces")


def test_the_last_fields_are_the_vector_and_the_rest_is_the_word(tmp_path: Path) -> None:
    file = {"embedding": "file", "embedding.path": str(CASE / "spacetok.txt"), "runs": str(tmp_path)}
    short = {"data": str(CASE / "plain.conllu"), "train.epochs": 1, "quiet": True}
    run = core.run(task="pos", encoder="lstm", **short, **file)
    assert "spacetok.txt: 1 of its words have spaces, such as '. . .'" in map(str, run.notes)
    words, vectors = load(run.folder).model.word_vectors()  # type: ignore[attr-defined] # of a Vectorizer
    assert (
        words == ["the", ". . .", "cats"]
        and abs(vectors - [[0.1, 0.2, 0.3], [0.3, 0.1, 0.2], [0.5, 0.1, 0.1]]).max() < 1e-6
    )
    limited = core.run(task="pos", encoder="lstm", **short, **file, **{"embedding.limit": 1})
    assert load(limited.folder).model.word_vectors()[0] == ["the"]  # type: ignore[attr-defined] # of a Vectorizer
