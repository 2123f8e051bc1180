"""How far a run is, as text."""

from __future__ import annotations

from typing import Any


def short_progress(facts: dict[str, Any]) -> str:
    """How far a run is, in short; a counting model has no epochs, but options that it tries on dev."""
    if not facts:
        return ""
    if "epoch" in facts:
        return f"epoch {facts['epoch']}/{facts['epochs']}"
    return f"trial {facts['step']}/{facts['steps']}"


def progress_texts(facts: dict[str, Any]) -> dict[str, str]:
    """``description`` and ``about``, the texts next to the bar, from the facts of ``Observer.progress``."""
    if "loss" not in facts:
        return {"description": "choosing on dev", "about": f"{facts['step']} of {facts['steps']}"}
    speed, left = f"{facts['tokens_per_second']:,.0f} tokens/s", clock(facts["left"])
    return {"description": short_progress(facts), "about": f"loss {facts['loss']:.3f}  {speed}  {left} left"}


def clock(seconds: float) -> str:
    """Seconds as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
