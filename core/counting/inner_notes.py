"""The notes of the count models inside a head: they are about the head's symbols, rarely about the user's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.counting.base import SHORT_ROWS
from core.model.context import Context


class InnerNotes:
    """Collects the notes of inner models, and reports what all of them say about the user's rows.

    That is only ``SHORT_ROWS``; the smoothing of a model that the user does not see is a fact of the record.

    Args:
        context: that of the head, whose observers get the report.
    """

    def __init__(self, context: Context) -> None:
        self.context, self.short = context, list[Mapping[str, Any] | None]()  # of each model that reads rows

    def of_model(self, reads_rows: bool = True) -> Context:
        """The context of one more model; ``reads_rows``: its rows are as long as the user's."""
        number = len(self.short)
        if reads_rows:
            self.short.append(None)

        def notify(event: str, **facts: Any) -> None:
            if event != "note":
                self.context.notify(event, **facts)
            elif reads_rows and facts.get("code") == SHORT_ROWS:
                self.short[number] = facts

        return replace(self.context, notify=notify)

    def report(self) -> None:
        """Notify, once, that every row is too short: as the model with the longest rows says it."""
        found = [facts for facts in self.short if facts is not None]
        if found and len(found) == len(self.short):
            self.context.notify(
                "note", **max(found, key=lambda facts: int(facts.get("values", {}).get("order", 0)))
            )
