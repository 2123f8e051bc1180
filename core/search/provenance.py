"""What a run with searched options says about its search, and the searches of a folder of runs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config.changed import values_of
from core.config.schema import RUN_KEYS
from core.runs import store
from core.runs.result import Result
from core.search.points import DEFAULT
from core.search.study import Study, Tried

FACT = "search"  # the key of the facts of a record
NOT_COMPARED = set(RUN_KEYS) - {"tuned"}  # what does not tell whose options a run has


@dataclass(frozen=True)
class SavedTrial:
    """A trial, as the record of a run with the best options has it.

    Args:
        number: from 0, the trial of the default options.
        options: all searched options; those that the values of others switch off are left out.
        score: the metric on dev; NaN if the trial failed.
        length: the share of the training that it had; 1 is all of it.
        run: the id of its run; empty if it failed.
        error: why it failed, empty if it did not.
    """

    number: int
    options: dict[str, Any]
    score: float
    length: float
    run: str
    error: str


@dataclass(frozen=True)
class SavedSearch:
    """A search, from the records of the runs with its best options.

    Args:
        task: the task.
        data: the data set.
        encoder: the encoder.
        embedding: the embeddings.
        metric: what decided on dev.
        minimize: whether a lower value is better.
        engine: how trials were drawn: ``sobol`` or ``optuna``.
        seed: of the search.
        halving: whether most trials were shorter than the training.
        chosen: the number of the best trial.
        space: key -> its values in short.
        trials: all trials; with halving, one entry for each length that a trial had.
    """

    task: str
    data: str
    encoder: str
    embedding: str
    metric: str
    minimize: bool
    engine: str
    seed: int
    halving: bool
    chosen: int
    space: dict[str, str]
    trials: tuple[SavedTrial, ...]

    @property
    def draws(self) -> list[float]:
        """The scores of the drawn trials (all but the default), where they are independent; else none."""
        scores = [trial.score for trial in self.trials if trial.length == 1 and trial.number != DEFAULT]
        independent = self.engine == "sobol" and not self.halving
        return list(filter(math.isfinite, scores)) if independent else []


def provenance(study: Study) -> dict[str, Any]:
    """What the record of a run with the best options says about the search, as JSON data."""
    best, first = study.best, study.configs[0]
    defaults = values_of(first)
    keys = [dimension.key for dimension in study.space]
    facts = {
        "metric": study.metric,
        "minimize": study.minimize,
        "engine": study.options.engine,
        "seed": study.options.seed,
        "halving": study.is_halved,
        "chosen": best.trial.number if best else None,
        "space": {dimension.key: dimension.text for dimension in study.space},
        "trials": [_entry(tried, {key: defaults[key] for key in keys}) for tried in study.tried],
    }
    found: dict[str, Any] = json.loads(json.dumps(facts))
    return found


def _entry(tried: Tried, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": tried.trial.number,
        "options": {**(defaults if tried.trial.number == DEFAULT else {}), **tried.trial.options},
        "score": tried.score if math.isfinite(tried.score) else None,
        "length": tried.trial.length,
        "run": tried.run,
        "error": tried.error,
    }


def record(study: Study, results: Sequence[Result]) -> None:
    """Write into the records of the runs with the best options how these were found.

    Args:
        study: a search that is over.
        results: of the grid; those of other runs are left alone.

    Raises:
        StoreError: a record cannot be written.
    """
    if not (tuned := study.tuned):
        return
    facts, flat = {FACT: provenance(study)}, tuned[0].flat()
    for result in results:
        compared = flat.keys() - NOT_COMPARED - result.chosen.keys()
        if all(result.config.get(key) == flat[key] for key in compared):
            result.facts |= facts
            store.add_facts(result.path, facts)


def searches_of(results: Iterable[Result]) -> list[SavedSearch]:
    """The searches in the records of runs, each once."""
    found: dict[str, SavedSearch] = {}
    for result in results:
        if isinstance(facts := result.facts.get(FACT), dict):
            search = _read(result, facts)
            found.setdefault(repr(search), search)
    return list(found.values())


def saved_searches(root: Path) -> list[SavedSearch]:
    """The searches of a folder of runs, by the time of the runs with their best options."""
    return searches_of(store.all_runs(root)[0])


def searched_keys(result: Result) -> tuple[str, ...]:
    """The options of a run that a search has chosen from a space; empty where none did."""
    facts = result.facts.get(FACT)
    return tuple(facts.get("space", ())) if isinstance(facts, dict) else ()


def _read(result: Result, facts: Mapping[str, Any]) -> SavedSearch:
    trials = tuple(
        SavedTrial(**{**entry, "score": math.nan if entry["score"] is None else entry["score"]})
        for entry in facts["trials"]
    )
    own = {key: value for key, value in facts.items() if key != "trials"}
    return SavedSearch(result.task, result.data, result.encoder, result.embedding, **own, trials=trials)
