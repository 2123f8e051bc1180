"""The notes of several runs, each once, and whose it is where others have it not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.runs.result import Result

OF_RUNS = ("score.", "training.")  # codes of notes that differ by run; their numbers differ by seed


def note_lines(rows: Mapping[str, Sequence[Result]], announced: Collection[str] = ()) -> list[str]:
    """One line per note.

    Args:
        rows: name of the row -> its runs, one per seed.
        announced: texts that are on the screen already.

    Returns:
        A note of some of several rows starts with their names. Of the notes of one kind that the seeds of a row
        have, each with its own numbers, the first is shown with their number.
    """
    owners: dict[str, list[str]] = {}  # text -> rows
    for name, runs in rows.items():
        for text in _texts(runs, announced):
            owners.setdefault(text, []).append(name)
    lines = []
    for text, names in owners.items():
        whose = "" if len(names) == len(rows) else f"{', '.join(names)}: "
        lines.append(f"note: {whose}{text}")
    return lines


def score_notes(rows: Mapping[str, Sequence[Result]], codes: tuple[str, ...]) -> list[str]:
    """The texts of the notes whose code starts with one of ``codes``, each after the name of its row."""
    return [f"{name}: {text}" for name, runs in rows.items() for text in _texts(runs, (), codes)]


def _texts(runs: Sequence[Result], announced: Collection[str], codes: tuple[str, ...] = ("",)) -> list[str]:
    """The texts of a row's notes with some codes, in order."""
    groups: dict[str, list[str]] = {}  # the text, or the code of a note with the numbers of its run
    for run in runs:
        for note in (note for note in run.notes if note.code.startswith(codes)):
            groups.setdefault(note.code if note.code.startswith(OF_RUNS) else note.text, []).append(note.text)
    texts = []
    for key, found in groups.items():
        several = key.startswith(OF_RUNS) and len(runs) > 1
        if not set(found) <= set(announced):
            texts.append(f"{found[0]} ({len(found)} of {len(runs)} seeds)" if several else found[0])
    return texts
