"""The notes of several runs, each once, and whose it is where others have it not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.evaluation.verdicts.seeds import LEAST
from core.printable import counted
from core.runs.result import Result
from core.types import Note

STREAM = "stream"  # the history of a model for which all rows are one running text
FEW_ROWS = 1_000  # of train; with fewer the seeds of a network differ by whole points
OF_RUNS = ("score.", "training.")  # codes of notes that differ by run; their numbers differ by seed
OF_SPLITS = ("split.", "rows.", "labels.")  # of notes about the data; their numbers differ by data.split_seed


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


def few_rows(results: Sequence[Result]) -> list[Note]:
    """One note per data set with few training rows and few seeds, which make scores uncertain.

    Only models that train in epochs are counted; the others hardly depend on a seed.
    """
    notes = []
    for data in dict.fromkeys(run.data for run in results):
        runs = [run for run in results if run.data == data and run.curve and run.history != STREAM]
        rows = min((run.events["train"]["rows"] for run in runs), default=FEW_ROWS)
        seeds = len({(run.split_seed, run.seed) for run in runs})
        if rows < FEW_ROWS and seeds < LEAST:
            hint = "so scores depend much on the seed: give seed=" + ",".join(map(str, range(1, LEAST + 1)))
            text = f"{data}: train has {counted(rows, 'row')}, {hint}"
            notes.append(Note("data.few_rows", text, {"data": data, "rows": rows, "seeds": seeds}))
    return notes


def without_seeds(rows: Mapping[str, Sequence[Result]]) -> list[str]:
    """A line that names the rows whose models depend on no seed, where other rows of the table have several.

    Args:
        rows: name of the row -> its runs.
    """
    fixed = [name for name, runs in rows.items() if runs and not any(run.seeded for run in runs)]
    several = any(len({run.seed for run in runs}) > 1 for name, runs in rows.items() if name not in fixed)
    if not fixed or not several:
        return []
    does = "do not depend on the seed: each is" if len(fixed) > 1 else "does not depend on the seed: it is"
    splits = any(len({run.split_seed for run in rows[name]}) > 1 for name in fixed)
    once = "once per split, so there is no deviation over seeds" if splits else "once, so there is no deviation"
    return [f"{', '.join(fixed)} {does} trained {once}"]


def _texts(runs: Sequence[Result], announced: Collection[str], codes: tuple[str, ...] = ("",)) -> list[str]:
    """The texts of a row's notes with some codes, in order."""
    groups: dict[str, list[str]] = {}
    for run in runs:
        for note in (note for note in run.notes if note.code.startswith(codes)):
            groups.setdefault(_group(note), []).append(note.text)
    texts = []
    for key, found in groups.items():
        if set(found) <= set(announced):
            continue
        several = len(runs) > 1 if key.startswith(OF_RUNS) else len(set(found)) > 1
        which = "seeds" if key.startswith(OF_RUNS) and len({run.seed for run in runs}) == len(runs) else "runs"
        texts.append(f"{found[0]} ({len(found)} of {len(runs)} {which})" if several else found[0])
    return texts


def _group(note: Note) -> str:
    """What the notes of a row have in common of which one is shown: the code if numbers differ, else the text."""
    if note.code.startswith(OF_SPLITS):
        return f"{note.code} {note.values.get('split', '')}"
    return note.code if note.code.startswith(OF_RUNS) else note.text
