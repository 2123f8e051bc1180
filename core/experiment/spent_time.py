"""What a budget of seconds has bought, as facts of the record and as notes."""

from __future__ import annotations

from typing import Any

from core.config import RunConfig
from core.config.budget import BOUGHT, MACHINE, seconds_text
from core.model.interface import Model
from core.types import Note

TOLERANCE = 1.02  # a training that takes longer than so many times its budget exceeds it


def time_facts(config: RunConfig, model: Model, used: float) -> dict[str, Any]:
    """What the record says about a budget of seconds; empty without one.

    Args:
        config: the run.
        model: its model, trained.
        used: the seconds of its training.
    """
    seconds = config.budget.seconds
    return {} if seconds is None else {"budget": {"seconds": seconds, "used": used, **_bought(model)}}


def time_notes(config: RunConfig, model: Model, used: float) -> list[Note]:
    """What a budget of seconds has bought, and that it buys something else elsewhere; empty without one.

    Args:
        config, model, used: see ``time_facts``.
    """
    seconds, bought = config.budget.seconds, _bought(model)
    if seconds is None:
        return []
    text = f"training took {used:,.1f} s of the budget of {seconds_text(seconds)}"
    if bought:
        text += f": {bought['steps']:,} steps, {bought['epochs']:,.2f} epochs"
    if used > TOLERANCE * seconds:
        text += f"; it was exceeded, since {_what_lasted(config, bought)}"
    elif not bought:
        text += f": {config.encoder.name} was complete by then"
    machine = "what a budget of seconds buys depends on the machine and its load, so scores differ from run to run"
    return [Note(BOUGHT, text, {"seconds": seconds, "used": used, **bought}), Note(MACHINE, machine)]


def _what_lasted(config: RunConfig, bought: dict[str, Any]) -> str:
    """What does not stop at the end of the budget."""
    if not bought:
        return f"{config.encoder.name} has no early end"
    return "a step, an evaluation of dev and what an embedding learns before are completed"


def _bought(model: Model) -> dict[str, Any]:
    found: dict[str, Any] = model.facts().get("budget", {})
    return found
