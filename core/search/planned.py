"""The plan of the runs of a grid with its searches: the trials, and the runs that follow them."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.experiment.benchmark_plan import PlannedRun, plan
from core.search.search import Searched
from core.search.study import Study


@dataclass(frozen=True)
class SearchPlan:
    """What will be run.

    Args:
        runs: those that the table shows: with the default options and, of each search, with the best options.
        trials: those of the searches, which run first.
    """

    runs: list[PlannedRun]
    trials: list[PlannedRun] = field(default_factory=list)


def plan_search(found: Searched) -> SearchPlan:
    """Look up what is saved, and estimate the time of the rest; one look at the folder of runs for all.

    The best options are not known yet: their runs are estimated as those with the default options. The trials of
    halving differ in length, and those of Optuna follow from scores, so their time is not estimated.
    """
    searches = [study for study in found.studies if study.space]
    known = [study.config(trial) for study in searches if _is_known(study) for trial in study.ask()]
    others = [study for study in searches if not _is_known(study)]
    runs = found.expected
    planned = plan([*runs, *known])
    unknown = [PlannedRun(study.configs[0], None, None) for study in others for _ in range(study.size)]
    return SearchPlan(planned[: len(runs)], planned[len(runs) :] + unknown)


def _is_known(study: Study) -> bool:
    """Whether all trials of a search are known before any of them has run."""
    return study.options.engine == "sobol" and not study.options.halving
