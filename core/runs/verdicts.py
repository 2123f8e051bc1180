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
from core.task import Task
from core.types import Arrays, Note

Key = tuple[int, int]  # split seed, seed
Rows = Mapping[str, Sequence[Result]]  # name of a row of the table -> its runs, one per split seed and seed
Compared = dict[str, dict[Key, Result]]  # name of a row -> key -> run

NO_SCORE, NOT_SAVED = "verdict.no_score", "verdict.not_saved"  # codes of rows that are left out
UNFINISHED, SPLITS = "verdict.unfinished", "verdict.splits"
SEEDS, UNREADABLE = "verdict.seeds", "verdict.unreadable"
CHANGED, TOO_FEW, UNKNOWN = "verdict.data", "verdict.too_few", "verdict.metric"  # codes where there is no verdict


def read_verdict(
    rows: Rows, split: str = "test", plugins: Sequence[str] = ()
) -> tuple[Verdict | None, list[Note]]:
    """Compare the rows of one column, whose runs were scored on the same events in each split of the data.

    Args:
        rows: the runs of each row; those with one ``data.split_seed`` have the same events.
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
        task, corpora = _rebuilt(compared, split, plugins)
    except Exception as error:  # also of a plugin: its scores are there, so the table is too
        return None, [*notes, _none(CHANGED, first, str(error))]
    compared, predictions, unread = _read(compared, split, corpora)
    notes += unread + _uneven(compared)
    if len(compared) < 2:
        return None, notes
    runs = [(key, run) for own in compared.values() for key, run in own.items()]
    fixed = [name for name, own in compared.items() if _fixed(own)]
    try:
        predicted, scores = [corpora[key[0]] for key, _ in runs], [_score(run, split) for _, run in runs]
        scored = score_rows(first.kind, task, predicted, predictions, scores, compared, fixed)
    except Exception as error:  # of a plugin
        return None, [*notes, _none(UNKNOWN, first, f"{first.primary} of parts of the rows: {error}")]
    if scored is None:
        what = f"{first.primary} cannot be computed again on parts of the rows"
        return None, [*notes, _none(UNKNOWN, first, what)]
    if len(scored.sums) < 2:
        return None, [*notes, _none(TOO_FEW, first, f"{split} has one {scored.unit} only")]
    return verdict(scored), notes


def _rebuilt(rows: Compared, split: str, plugins: Sequence[str]) -> tuple[Task, dict[int, Corpus]]:
    """The task, and what the runs of each split seed have predicted."""
    firsts: dict[int, Result] = {}
    for own in rows.values():
        for (split_seed, _), run in own.items():
            firsts.setdefault(split_seed, run)
    found = {split_seed: rebuild_split(run, split, plugins) for split_seed, run in sorted(firsts.items())}
    task = next(iter(found.values()))[0]
    return task, {split_seed: corpus for split_seed, (_, corpus) in found.items()}


def _uneven(rows: Compared) -> list[Note]:
    """A note on each row without runs on some of the splits: its mean is over other rows of the data."""
    every = sorted({split_seed for own in rows.values() for split_seed, _ in own})
    notes = []
    for name, own in rows.items():
        if missing := [seed for seed in every if seed not in {split_seed for split_seed, _ in own}]:
            seeds = ",".join(map(str, missing))
            text = f"{name} has no run with data.split_seed={seeds}: its mean is over fewer splits than others"
            remedy = "pairs are compared on the splits that both have"
            task = next(iter(own.values())).task
            notes.append(Note(SPLITS, f"{task}: {text}; {remedy}", {"row": name, "missing": missing}))
    return notes


def _none(code: str, run: Result, why: str) -> Note:
    return Note(code, f"no verdict on {run.task}: {why}")


def _read(rows: Compared, split: str, corpora: Mapping[int, Corpus]) -> tuple[Compared, list[Arrays], list[Note]]:
    """The rows whose predictions can be read, the predictions run by run, and notes on the others."""
    kept: Compared = {}
    predictions, notes = [], []
    for name, own in rows.items():
        try:
            arrays = [_predictions(run, split, corpora[key[0]]) for key, run in own.items()]
        except SeqlabError as error:
            notes.append(_left_out(UNREADABLE, name, list(own.values()), str(error)))
            continue
        kept[name] = own
        predictions += arrays
    return kept, predictions, notes


def _predictions(run: Result, split: str, corpus: Corpus) -> Arrays:
    return renumbered(run, read_predictions(run, split, corpus), corpus)


def _score(run: Result, split: str) -> float:
    return run.metrics[split][run.primary]


def _comparable(rows: Rows, split: str) -> tuple[Compared, list[Note]]:
    """The rows that can be compared; a note on each of the others."""
    compared: Compared = {}
    notes = []
    for name, runs in rows.items():
        own = _paired(runs)
        if any(run.status != "finished" for run in runs):
            notes.append(_left_out(UNFINISHED, name, runs, "it was interrupted"))
        elif not all(math.isfinite(_score(run, split)) for run in runs):
            notes.append(_left_out(NO_SCORE, name, runs, "it has no finite score"))
        elif any(run.config.get("save") == "none" or not run.folder for run in runs):
            notes.append(_left_out(NOT_SAVED, name, runs, "its predictions are not saved"))
        elif any(not _share_run(own, other) for other in compared.values()):
            several = len({key[0] for key in [*own, *(key for other in compared.values() for key in other)]}) > 1
            what = "split and seed" if several else "seed"
            notes.append(_left_out(SEEDS, name, runs, f"it has no {what} in common with other rows"))
        else:
            compared[name] = own
    return compared, notes


def _paired(runs: Sequence[Result]) -> dict[Key, Result]:
    """The runs that are compared: all, or one on each split if their models depend on no seed."""
    if any(run.seeded for run in runs):
        return {(run.split_seed, run.seed): run for run in runs}
    first = {run.split_seed: run for run in reversed(runs)}
    return {(run.split_seed, run.seed): run for run in runs if run is first[run.split_seed]}


def _left_out(code: str, name: str, runs: Sequence[Result], why: str) -> Note:
    return Note(code, f"{runs[0].task}: {name} is not compared: {why}", {"row": name})


def _share_run(first: Mapping[Key, Result], second: Mapping[Key, Result]) -> bool:
    if _fixed(first) or _fixed(second):
        return bool({key[0] for key in first} & {key[0] for key in second})
    return bool(first.keys() & second.keys())


def _fixed(runs: Mapping[Key, Result]) -> bool:
    """Whether one run on each split is that of all seeds, since its model depends on none."""
    one_each = len({split_seed for split_seed, _ in runs}) == len(runs)
    return one_each and not any(run.seeded for run in runs.values())
