"""How far a run is, as text."""

from __future__ import annotations

from typing import Any

from core.config.budget import parse_budget


def is_timed(budget: str | None) -> bool:
    """Whether a budget ends a training after a number of seconds, so that its epochs are only estimated."""
    return parse_budget(None if budget in (None, "none") else budget).seconds is not None


def epoch_text(epoch: int, epochs: int, timed: bool = False) -> str:
    """``epoch 2/6``; where the number of epochs is an estimate, ``epoch 2 of about 7``."""
    return f"epoch {epoch} of about {max(epoch, epochs)}" if timed else f"epoch {epoch}/{epochs}"


def short_progress(facts: dict[str, Any], timed: bool = False) -> str:
    """How far a run is, in short; a counting model has no epochs, but options that it tries on dev."""
    if not facts:
        return ""
    if "epoch" in facts:
        return epoch_text(facts["epoch"], facts["epochs"], timed)
    return f"trial {facts['step']}/{facts['steps']}"


def progress_texts(facts: dict[str, Any], timed: bool = False) -> dict[str, str]:
    """``description`` and ``about``, the texts next to the bar, from the facts of ``Observer.progress``.

    ``timed``: see ``is_timed``.
    """
    if "loss" not in facts:
        return {"description": "choosing on dev", "about": f"{facts['step']} of {facts['steps']}"}
    speed, left = f"{facts['tokens_per_second']:,.0f} tokens/s", clock(facts["left"])
    return {
        "description": short_progress(facts, timed),
        "about": f"loss {facts['loss']:.3f}  {speed}  {left} left",
    }


def clock(seconds: float) -> str:
    """Seconds as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
