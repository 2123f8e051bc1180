"""The verdict on saved runs of one column: their predictions become sums over rows, which are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.data.corpus import Corpus
from core.errors import SeqlabError
from core.evaluation.verdicts.column import score_rows
from core.evaluation.verdicts.verdict import Verdict, verdict
from core.runs.predictions import read_predictions, rebuild_split, renumbered
from core.runs.result import Result
from core.types import Arrays, Note

Rows = Mapping[str, Sequence[Result]]  # name of a row of the table -> its runs, one per seed
Compared = dict[str, dict[int, Result]]  # name of a row -> seed -> run

NO_SCORE, NOT_SAVED = "verdict.no_score", "verdict.not_saved"  # codes of rows that are left out
UNFINISHED = "verdict.unfinished"
SEEDS, UNREADABLE = "verdict.seeds", "verdict.unreadable"
CHANGED, TOO_FEW, UNKNOWN = "verdict.data", "verdict.too_few", "verdict.metric"  # codes where there is no verdict


def read_verdict(
    rows: Rows, split: str = "test", plugins: Sequence[str] = ()
) -> tuple[Verdict | None, list[Note]]:
    """Compare the rows of one column, whose runs were all scored on the same events.

    Args:
        rows: the runs of each row.
        split: ``dev`` or ``test``.
        plugins: files or modules of plugins that the runs need.

    Returns:
        The verdict, None where there is none; and notes on rows that are not compared, or why there is no verdict.
    """
    compared, notes = _comparable(rows, split)
    if len(compared) < 2:
        return None, notes
    first = next(iter(next(iter(compared.values())).values()))
    try:
        task, corpus = rebuild_split(first, split, plugins)
    except Exception as error:  # also of a plugin: its scores are there, so the table is too
        return None, [*notes, _none(CHANGED, first, str(error))]
    compared, predictions, unread = _read(compared, split, corpus)
    notes += unread
    if len(compared) < 2:
        return None, notes
    scores = [_score(run, split) for own in compared.values() for run in own.values()]
    fixed = [name for name, own in compared.items() if _fixed(own)]
    try:
        scored = score_rows(first.kind, task, corpus, predictions, scores, compared, fixed)
    except Exception as error:  # of a plugin
        return None, [*notes, _none(UNKNOWN, first, f"{first.primary} of parts of the rows: {error}")]
    if scored is None:
        what = f"{first.primary} cannot be computed again on parts of the rows"
        return None, [*notes, _none(UNKNOWN, first, what)]
    if len(scored.sums) < 2:
        return None, [*notes, _none(TOO_FEW, first, f"{split} has one {scored.unit} only")]
    return verdict(scored), notes


def _none(code: str, run: Result, why: str) -> Note:
    return Note(code, f"no verdict on {run.task}: {why}")


def _read(rows: Compared, split: str, corpus: Corpus) -> tuple[Compared, list[Arrays], list[Note]]:
    """The rows whose predictions can be read, the predictions run by run, and notes on the others."""
    kept: Compared = {}
    predictions, notes = [], []
    for name, own in rows.items():
        try:
            arrays = [renumbered(run, read_predictions(run, split, corpus), corpus) for run in own.values()]
        except SeqlabError as error:
            notes.append(_left_out(UNREADABLE, name, list(own.values()), str(error)))
            continue
        kept[name] = own
        predictions += arrays
    return kept, predictions, notes


def _score(run: Result, split: str) -> float:
    return run.metrics[split][run.primary]


def _comparable(rows: Rows, split: str) -> tuple[Compared, list[Note]]:
    """The rows that can be compared; a note on each of the others."""
    compared: Compared = {}
    notes = []
    for name, runs in rows.items():
        own = {run.seed: run for run in runs}
        if any(run.status != "finished" for run in runs):
            notes.append(_left_out(UNFINISHED, name, runs, "it was interrupted"))
        elif not all(math.isfinite(_score(run, split)) for run in runs):
            notes.append(_left_out(NO_SCORE, name, runs, "it has no finite score"))
        elif any(run.config.get("save") == "none" or not run.folder for run in runs):
            notes.append(_left_out(NOT_SAVED, name, runs, "its predictions are not saved"))
        elif any(not _share_seed(own, other) for other in compared.values()):
            notes.append(_left_out(SEEDS, name, runs, "it has no seed in common with other rows"))
        else:
            compared[name] = own
    return compared, notes


def _left_out(code: str, name: str, runs: Sequence[Result], why: str) -> Note:
    return Note(code, f"{runs[0].task}: {name} is not compared: {why}", {"row": name})


def _share_seed(first: Mapping[int, Result], second: Mapping[int, Result]) -> bool:
    return bool(first.keys() & second.keys()) or _fixed(first) or _fixed(second)


def _fixed(runs: Mapping[int, Result]) -> bool:
    """Whether one run stands for all seeds, since its model depends on none."""
    return len(runs) == 1 and not any(run.seeded for run in runs.values())
