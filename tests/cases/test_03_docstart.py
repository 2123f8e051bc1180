"""Document marks are not sentences."""

from __future__ import annotations

from pathlib import Path

from cases import CASES, labels, train


def test_document_marks_are_skipped_with_a_note(tmp_path: Path) -> None:
    result = train("pos", CASES / "03-docstart" / "doc.conll", tmp_path)
    assert labels(result) == {"NNP", "VBZ"}
    notes = [note.text for note in result.notes if note.code == "source.skipped"]
    assert notes == ["train: document marks (-DOCSTART-) skipped: 2"]
