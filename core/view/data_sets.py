"""What several data sets say together: in the lines below the tables of ``bench``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.evaluation.metric_names import in_words
from core.evaluation.verdicts.data_sets import LEAST, Ranking, pairs_with_differences, rank
from core.evaluation.verdicts.verdict import Verdict
from core.view.bench_table import BenchTable, Column
from core.view.rows import Score

Found = tuple[Verdict, dict[str, Score], Column]  # of one data set


def data_set_lines(tables: Sequence[BenchTable]) -> list[str]:
    """For each task with verdicts on several data sets: ranks from 5 data sets on, else where a row is better."""
    ranked, found = rankings(tables), []
    for title, (names, parts) in _by_task(tables).items():
        found += _ranked(title, ranked[title]) if title in ranked else _counted(title, names, parts)
    return found


def rankings(tables: Sequence[BenchTable]) -> dict[str, Ranking]:
    """The task and metric -> the mean ranks of the rows, for each task with verdicts on 5 data sets or more."""
    found = {}
    for title, (names, parts) in _by_task(tables).items():
        if len(parts) >= LEAST:
            scores = [
                [(-1 if column.minimize else 1) * own[name].mean for name in names] for _, own, column in parts
            ]
            found[title] = rank(names, np.array(scores))
    return found


def _by_task(tables: Sequence[BenchTable]) -> dict[str, tuple[list[str], list[Found]]]:
    """The task and metric -> the rows that all its data sets have, and what was found on each of several."""
    by_task: dict[str, list[Found]] = {}
    for table in tables:
        for index, column in enumerate(table.columns):
            verdict = table.verdict(index)
            if verdict is not None and column.split == "test":
                scores = {name: own[index] for name, own in table.rows.items()}
                title = f"{column.name} {in_words(column.metric)}"
                by_task.setdefault(title, []).append((verdict, scores, column))
    found = {}
    for title, parts in by_task.items():
        names = [name for name in parts[0][0].names if all(name in verdict.names for verdict, _, _ in parts)]
        if len(parts) > 1 and len(names) > 1:
            found[title] = names, parts
    return found


def _ranked(title: str, ranking: Ranking) -> list[str]:
    """The mean ranks as a critical difference diagram: rows with a common bar are not separated."""
    difference = f"critical difference {ranking.critical_difference:.2f}"
    head = (
        f"{title} over {ranking.data_sets} data sets, mean ranks (Friedman's p = {ranking.p:.3f}; {difference}):"
    )
    return [head, *_diagram(ranking)]


def _diagram(ranking: Ranking) -> list[str]:
    """One line per row: its mean rank, its bars, its name."""
    groups = ranking.groups()
    lines = []
    for name, mean in zip(ranking.names, ranking.ranks, strict=True):
        bars = "".join("|" if name in group else " " for group in groups)
        lines.append(f"  {mean:.2f} {bars} {name}".rstrip())
    return lines


def _counted(title: str, names: Sequence[str], parts: Sequence[Found]) -> list[str]:
    """On how many data sets one row is better than another, at least."""
    counts = pairs_with_differences([verdict for verdict, _, _ in parts], names)
    start = f"{title} over {len(parts)} data sets"
    if not counts:
        return [f"{start}: no row is certain to be better than another on one of them."]
    lines = []
    for better in names:
        won = {worse: count for (first, worse), count in counts.items() if first == better}
        texts = [f"{worse} on {_number(count, len(parts))}" for worse, count in won.items()]
        lines += [f"{start}: {better} is better than {', than '.join(texts)}."] if texts else []
    return lines


def _number(count: int, total: int) -> str:
    return f"all {total}" if count == total else f"at least {count}"
