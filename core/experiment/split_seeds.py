"""Runs of a grid over ``seed`` and ``data.split_seed`` that would repeat one another are left out."""

from __future__ import annotations

from collections.abc import Sequence

from core.config import RunConfig
from core.data.sources.base import SPLITS
from core.errors import SeqlabError
from core.experiment.seeds import trained_once
from core.runs import components

KEY = "data.split_seed"


def without_repeats(configs: Sequence[RunConfig]) -> tuple[list[RunConfig], list[str]]:
    """The runs without those that differ from another one by a seed that changes nothing; notes say why.

    Args:
        configs: the runs of a grid.
    """
    configs, once = trained_once(configs)
    if len({config.data_options["split_seed"] for config in configs}) < 2:
        return configs, once
    kept, notes, seen, reasons = [], dict[str, None](), set(), dict[str, str]()
    for config in configs:
        flat = config.flat() | {"seed": str(config.run["seed"])}
        rest = {key: text for key, text in flat.items() if key != KEY}
        data = str({key: text for key, text in rest.items() if key.startswith(("data", "task"))})
        if data not in reasons:
            reasons[data] = unchanged(config)
        if not reasons[data]:
            kept.append(config)
            continue
        notes[f"{KEY} changes nothing in {config.task.name} on {config.data.name}: {reasons[data]}"] = None
        if str(rest) not in seen:
            seen.add(str(rest))
            kept.append(config)
    return kept, [*once, *(f"{note}; only the first is run" for note in notes)]


def unchanged(config: RunConfig) -> str:
    """Why another split seed would give the same rows; empty where it would not, or where that is not known."""
    options, kind = config.data_options, config.kind
    try:
        spec = kind.token_spec(components.task(config))
        missing = [split for split in SPLITS if split not in components.source(config).splits()]
    except (SeqlabError, OSError):  # the run says what is wrong
        return ""
    if spec.running_text:
        return (
            "running text is not sampled, a missing split is its end" if missing else "running text is not sampled"
        )
    if options["limit"] is not None:
        return ""
    if spec.questions is not None:
        return "it asks the same questions of the whole training split"
    if missing or options["resplit"]:
        return ""
    return "it has train, dev and test (data.resplit=true cuts them again at random)"
