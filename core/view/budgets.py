"""What the tables say about budgets."""

from __future__ import annotations

from collections.abc import Sequence

from core.config.budget import parse_budget
from core.runs.result import Result

NONE = "none"


def budget_of(runs: Sequence[Result]) -> str:
    """The budget that several runs share, as the user writes it; empty where they have none, or several."""
    found = _budgets(runs)
    return found.pop() if len(found) == 1 and NONE not in found else ""


def budget_text(runs: Sequence[Result]) -> str:
    """The budget of the runs of a table: ``budget: 1M parameters``; empty where it has none or several.

    Where an encoder has several, the names of the rows say them; those that no budget limits are named here.
    """
    found = _budgets(runs) - {NONE}
    names = dict.fromkeys(run.encoder for run in runs)
    by_encoder = {name: _budgets([run for run in runs if run.encoder == name]) for name in names}
    if len(found) != 1 or any(len(budgets) > 1 for budgets in by_encoder.values()):
        return ""
    free = [encoder for encoder, budgets in by_encoder.items() if NONE in budgets]
    but = f" (not {', '.join(free)})" if free else ""
    return f"budget: {parse_budget(found.pop()).words}{but}"


def _budgets(runs: Sequence[Result]) -> set[str]:
    return {str(run.config.get("budget", NONE)) for run in runs}
