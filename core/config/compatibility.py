"""Which encoder runs which task: decided from the registry, before anything is imported."""

from __future__ import annotations

from core.errors import ConfigError
from core.registry import Registry, Spec


def refusal(task: Spec, encoder: Spec, found: Registry) -> ConfigError | None:
    """Why a task does not let an encoder in; None if it does.

    A task of kind ``next`` refuses an encoder that sees both sides: it would see the answer.

    Args:
        task: the task.
        encoder: the encoder.
        found: names the encoders to use instead.
    """
    kind = task.extra["kind"]
    if kind == "vector" and kind not in encoder.extra["kinds"]:
        what = f"task={task.name} judges the vectors of words alone, and {encoder.name} is made to read sentences"
    elif kind not in encoder.extra["kinds"]:
        kinds = ", ".join(encoder.extra["kinds"])
        what = f"{encoder.name} does not run task={task.name}, which is of kind {kind} (it runs {kinds})"
    elif kind == "next" and encoder.extra["sees"] == "both":
        what = f"task={task.name} predicts each next token, and {encoder.name} reads both sides, so it would"
        what += " see the answer"
    else:
        return None
    names = let_in(task, found)
    remedy = "use " + " or ".join(names) + " instead" if names else "no encoder that is registered runs it"
    return ConfigError(what, where=encoder.where, remedy=remedy)


def let_in(task: Spec, found: Registry) -> list[str]:
    """The names of the encoders that a task lets in, sorted.

    Args:
        task: the task.
        found: where encoders are looked up.
    """
    kind = task.extra["kind"]
    return [
        name
        for name, spec in found.specs("encoder").items()
        if kind in spec.extra["kinds"] and not (kind == "next" and spec.extra["sees"] == "both")
    ]
