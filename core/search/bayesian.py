"""Optuna's tree-structured Parzen estimator (Bergstra et al., 2011) as the source of trials."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.config.changed import values_of
from core.config.run_config import RunConfig
from core.config.search_options import SearchOptions
from core.errors import ConfigError
from core.runs import components
from core.search.points import DEFAULT, active
from core.search.space import Dimension
from core.search.study import Study, Trial, Tried

FOLDER = ".searches"  # in the folder of runs
STARTUP = 10  # trials at random, before the first one that follows from scores


def check_optuna() -> None:
    """Raise ConfigError where Optuna is not installed."""
    try:
        import optuna
    except ImportError as error:
        remedy = "install the extra: pip install -e '.[optuna]' in the checkout, or leave search.engine out"
        raise ConfigError("Optuna is not installed", where="search.engine", remedy=remedy) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)


class BayesianStudy(Study):
    """Trials one after the other, each drawn from the scores of those before it.

    The trials and their scores are in a database in the folder of runs, so that a killed search goes on. Optuna
    does not store the state of its sampler: each trial has a sampler of its own, whose seed depends on the seed of
    the search and the number of the trial.
    """

    def __init__(self, configs: Sequence[RunConfig], options: SearchOptions) -> None:
        super().__init__(configs, options)
        check_optuna()

    def ask(self) -> list[Trial]:
        """See ``Study``."""
        number = len(self.tried)
        return [self.draw(number)] if self.space and number < self.size else []

    def draw(self, number: int) -> Trial:
        """See ``Study``: a trial that the database has already is drawn from it."""
        if number == DEFAULT:
            return Trial(number, {})
        if number > len(self._stored):
            import optuna

            seed = int(np.random.SeedSequence([self.options.seed, number]).generate_state(1)[0])
            self.study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
            self.study.ask({dimension.key: _distribution(dimension) for dimension in self.space})
        drawn = self._stored[number - 1].params
        values = {d.key: _value(d, drawn[d.key]) for d in self.space}
        return Trial(number, active(values, self.space, values_of(self.configs[0])))

    def tell(self, tried: Sequence[Tried]) -> None:
        """See ``Study``."""
        super().tell(tried)
        for one in tried:
            number = one.trial.number - 1
            if one.trial.number != DEFAULT and not self._stored[number].state.is_finished():
                if math.isfinite(one.score):
                    self.study.tell(number, one.score)
                else:
                    from optuna.trial import TrialState

                    self.study.tell(number, state=TrialState.FAIL)

    @property
    def _stored(self) -> list[Any]:
        """The trials of the database, from number 1."""
        found: list[Any] = self.study.get_trials(deepcopy=False)
        return found

    @cached_property
    def study(self) -> Any:
        """Optuna's study, which is created or goes on."""
        import optuna
        from sqlalchemy import URL

        path = self.database
        path.parent.mkdir(parents=True, exist_ok=True)
        url = URL.create("sqlite", database=os.fspath(path)).render_as_string()
        directions = optuna.study.StudyDirection
        direction = directions.MINIMIZE if self.minimize else directions.MAXIMIZE
        storage = optuna.storages.RDBStorage(url)
        return optuna.create_study(storage=storage, study_name="seqlab", direction=direction, load_if_exists=True)

    @property
    def database(self) -> Path:
        """The file of the trials, named after what is searched, by which seed, and on which data."""
        config = self.configs[0]
        default = self.config(Trial(DEFAULT, {})).id(components.source(config).fingerprint())
        text = repr([default, self.options.seed, self.space])
        return Path(config.run["runs"]) / FOLDER / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.sqlite"


def _distribution(dimension: Dimension) -> Any:
    """The values of an option, as Optuna writes them; choices are numbered, since they may be lists."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.choices:
        return CategoricalDistribution(list(range(len(dimension.choices))))
    if dimension.is_whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def _value(dimension: Dimension, drawn: Any) -> Any:
    """The value of an option, from what Optuna has drawn."""
    if dimension.choices:
        return dimension.choices[drawn]
    return drawn if dimension.is_whole else dimension.rounded(drawn)
