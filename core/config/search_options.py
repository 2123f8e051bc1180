"""The options of ``budget=trials:N``: how a search draws the trials."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_types import Ge, Lt

from core.config.options import options_of
from core.config.overrides import Override
from core.errors import ConfigError, UnknownName, nearest
from core.printable import counted

SECTION = "search"
BUDGET = "budget=trials:20"


class SearchOptions:
    """How ``budget=trials:N`` looks for the best options on dev (docs/search.md).

    Args:
        seed: seed of the search and of the training of its trials; a trial depends on it and on its number only.
        halving: train all trials for a ninth of the steps, the best third of them for a third, and the best third
            of these to the end; the trial of the default options is always trained to the end.
        engine: sobol draws scrambled Sobol points, all trials at once; optuna draws each trial from the scores of
            those before it (tree-structured Parzen estimator; it is installed separately).
    """

    def __init__(
        self,
        *,
        seed: Annotated[int, Ge(0), Lt(2**31)] = 1,
        halving: bool = False,
        engine: Literal["sobol", "optuna"] = "sobol",
    ) -> None:
        self.seed, self.halving, self.engine = seed, halving, engine
        if halving and engine == "optuna":
            what = "each trial of optuna depends on the scores of whole trials"
            raise ConfigError(what, where="search.halving", remedy="leave one of the two out")


def pop_search(layers: Sequence[dict[str, Override]]) -> dict[str, Any]:
    """What ``search.KEY=VALUE`` sets in layers, the last one wins; the keys are removed.

    Raises:
        ConfigError: a value that does not fit, or several values.
        UnknownName: there is no such option.
    """
    options, values = options_of(SearchOptions, SECTION), dict[str, Any]()
    for layer in layers:
        for key in [key for key in layer if key.partition(".")[0] == SECTION]:
            item, name = layer.pop(key), key.partition(".")[2]
            if name not in options:
                raise UnknownName(f"{SECTION} has no such option", where=item.where, remedy=nearest(name, options))
            if len(item.values) > 1:
                raise ConfigError("a search has one value here", where=item.where, remedy="give one")
            values[name] = options[name].check(item.values[0], item.where)
    return values


def search_options(given: Mapping[str, Any], is_searched: bool) -> SearchOptions:
    """The options of a search; ConfigError where some are given and nothing is searched."""
    if given and not is_searched:
        raise ConfigError("there is no search", where=SECTION, remedy=f"write {BUDGET}, or leave {SECTION}. out")
    return SearchOptions(**given)


def tuned_text(trials: int, options: SearchOptions, number: int) -> str:
    """What the key ``tuned`` of a run says of the search that has chosen its options."""
    parts = [f"trials:{trials}", f"seed:{options.seed}", f"number:{number}"]
    parts += ["halving"] if options.halving else []
    return "+".join(parts + ([options.engine] if options.engine != "sobol" else []))


def row_label(encoder: str, tuned: str | None) -> str:
    """The name of an encoder in a table: ``bilstm (tuned, 20 trials)`` where its options were searched."""
    trials = re.match(r"trials:(\d+)", tuned or "")
    if trials is None:
        return encoder
    others = [part for part in str(tuned).split("+") if ":" not in part]
    return f"{encoder} ({', '.join(['tuned', counted(int(trials[1]), 'trial'), *others])})"
