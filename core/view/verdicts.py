"""Verdicts in tables: a column of letters and ranks, what programs read of a row, the lines below a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from core.evaluation.verdicts.sentences import about, sentences
from core.evaluation.verdicts.verdict import Verdict
from core.runs.result import Result
from core.runs.verdicts import read_verdict
from core.types import Note
from core.view.layout import cell

HEADING = "group rank"  # of the column of letters and ranks
FIELDS = (
    "letters",
    "first rank",
    "last rank",
    "behind best",
    "behind low",
    "behind high",
    "p",
)  # of a row, in CSV


def column_verdict(
    rows: Mapping[str, Sequence[Result]], split: str, plugins: Sequence[str]
) -> tuple[Verdict | None, list[Note]]:
    """The verdict on the runs of a column, None where fewer than two rows have some; notes on what is left out."""
    given = {name: runs for name, runs in rows.items() if runs}
    return read_verdict(given, split, plugins) if len(given) > 1 else (None, [])


def group_text(verdict: Verdict | None, row: str) -> str:
    """The letters of a row, and the ranks that it may have: ``ab 1-3``."""
    if verdict is None or row not in verdict.names:
        return ""
    place = verdict.names.index(row)
    first, last = verdict.ranks[place]
    return f"{verdict.letters[place]} {first}" + (f"-{last}" if last > first else "")


def with_letters(score: str | Text, group: str) -> Text:
    """A score with the letters out of ``group_text``, where there is no column for them."""
    text, letters = score if isinstance(score, Text) else cell(score), group.partition(" ")[0]
    return Text.assemble(text, f" {letters}") if letters else text


def fields(verdict: Verdict, row: str) -> list[str | float]:
    """The values of ``FIELDS`` of a row; blank where it is not compared, or is the best and has no difference."""
    if row not in verdict.names:
        return [""] * len(FIELDS)
    place = verdict.names.index(row)
    values: list[str | float] = [verdict.letters[place], *verdict.ranks[place]]
    behind = [pair for pair in verdict.pairs if (pair.first, pair.second) == (verdict.names[0], row)]
    return values + ([behind[0].difference, behind[0].low, behind[0].high, behind[0].p] if behind else [""] * 4)


def row_json(verdict: Verdict | None, row: str) -> dict[str, Any]:
    """The letters and ranks of a row as JSON data; empty where it is not compared."""
    return {} if verdict is None else verdict.rows_json().get(row, {})


def bold_rows(verdict: Verdict | None) -> set[str]:
    """The best row, if it is separated from every other one."""
    return {verdict.winner} if verdict is not None and verdict.winner is not None else set()


def lines(verdicts: Mapping[str, Verdict]) -> list[str]:
    """What verdicts say: one line per heading of a column, and what they are about."""
    found = [f"{heading}: {' '.join(sentences(verdict))}" for heading, verdict in verdicts.items()]
    return [*found, *about(list(verdicts.values()))]
