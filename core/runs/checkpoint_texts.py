"""What is said about a checkpoint: how far it is, and why a process cannot resume from it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

OPTIONS = ("device", "precision", "threads")  # which the user can set again; the others are versions and data


def place_text(header: Mapping[str, Any]) -> str:
    """When a checkpoint was saved and how far training was: ``of 2026-01-31 13:45: epoch 3 of 10, step 1,234``."""
    place, when = header["place"], time.strftime("%Y-%m-%d %H:%M", time.localtime(header["time"]))
    part = "" if header.get("part") == "training" else f"{header.get('part')}, "
    return f"of {when}: {part}{progress_text(place)}"


def progress_text(place: Mapping[str, int]) -> str:
    """How far training is: ``epoch 3 of 10, step 1,234``."""
    counts = [f"{name} {place[name]:,}{_of(place.get(f'{name}s'))}" for name in ("epoch", "step") if name in place]
    return ", ".join(counts)


def _of(total: int | None) -> str:
    return "" if total is None else f" of {total:,}"


def difference(saved: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[str, str] | None:
    """In what a checkpoint and this process differ, and what to do; None if they do not.

    Args:
        saved: what the process that saved it ran with.
        own: what this one runs with.
    """
    names = [name for name in {**own, **saved} if saved.get(name) != own.get(name)]
    if not names:
        return None
    changed = ", ".join(f"{name} was {saved.get(name)} and is now {own.get(name)}" for name in names)
    options = [f"{name}={saved.get(name)}" for name in names if name in OPTIONS]
    others = [name for name in names if name not in OPTIONS]
    before = f"run it with {' '.join(options)}" if options else "run it as before"
    before += f" and the {' and '.join(others)} of before" if options and others else ""
    what = f"this unfinished run cannot be resumed from its checkpoint: {changed}"
    return what, f"{before}, or start over with fresh=true"
