"""Scores by length of the row, by word and by label; confusions; the events on which the models disagree."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.breakdowns import (
    Confusions,
    Groups,
    Measure,
    confusions,
    groupings,
    label_scores,
    most_disputed,
)
from core.printable import one_line
from core.view.report.charts import Charts
from core.view.report.content import Chart, Grid, Part, Value, count, number
from core.view.report.material import DRAWN, ColumnRuns, Predicted

LABELS, PAIRS, EVENTS = 40, 10, 20  # the most labels, pairs of labels and events that are shown
SQUARES = 25  # labels on a side of a confusion matrix
LONGEST = 400  # characters of a text
MEASURES = {"right (%)": "correct answers (%)"}  # of events -> heading


def groups(column: ColumnRuns, charts: Charts) -> list[Part]:
    """How good the rows are on groups of events."""
    found = column.predicted
    if found is None or not found.measures:
        return []
    first = found.rows[next(iter(found.measures))][0]
    every = groupings(found.kind, found.task, first, found.corpus)
    return [_group_part(column, found, own, charts) for own in every if len(own.names) > 1]


def _group_part(column: ColumnRuns, found: Predicted, own: Groups, charts: Charts) -> Part:
    """One way to group the events: a chart and its numbers."""
    values = {name: own.means(measured.values).tolist() for name, measured in found.measures.items()}
    measured = next(iter(found.measures.values()))
    drawn = [name for name in column.best(DRAWN) if name in values]
    points = [
        {"row": one_line(name), "group": group, "y": value}
        for name in drawn
        for group, value in zip(own.names, values[name], strict=True)
    ]
    rows = [[_row(column, name), *map(number, means)] for name, means in values.items()]
    below = [[Value("events"), *map(count, own.sizes.tolist())]]
    what, by = MEASURES.get(measured.name, measured.name), _grouping(own.name, found, measured)
    caption = f"{what.capitalize()} by {by}"
    grid = Grid(caption, ["encoder", *own.names], rows, below, True)
    alt = f"{caption}; the numbers are in the table below."
    chart = Chart(caption, charts.groups(points, own.names, by, what), alt)
    return Part(f"By {by}", (), [chart], folded={"Numbers": [grid]})


def _grouping(name: str, found: Predicted, measured: Measure) -> str:
    """What the groups are by: an event that is a whole row is a text, others are in sentences."""
    unit = "text" if len(measured.values) == len(found.corpus.tokens.lengths) else "sentence"
    return name.replace("length of the row", f"{unit} length").replace("the row", f"the {unit}")


def _row(column: ColumnRuns, name: str) -> Value:
    label = column.labels[name]
    return Value(label, label)


def labels(column: ColumnRuns, charts: Charts) -> Part | None:
    """The F1 of each label; None where events have no labels."""
    found = column.predicted
    scores = label_scores(found.kind, found.corpus, found.rows) if found else None
    if scores is None or not scores.f1 or not scores.names:
        return None
    names, drawn = list(map(one_line, scores.names[:LABELS])), [n for n in column.best(DRAWN) if n in scores.f1]
    points = [
        {"row": one_line(row), "label": label, "y": value}
        for row in drawn
        for label, value in zip(names, scores.f1[row], strict=False)
    ]
    grid_rows = [
        [Value(label, label), count(scores.counts[i]), *(number(scores.f1[row][i]) for row in scores.f1)]
        for i, label in enumerate(names)
    ]
    grid = Grid(
        "F1 of each label (%)",
        ["label", "events", *(column.labels[row] for row in scores.f1)],
        grid_rows,
        sortable=True,
    )
    more = (
        [f"The {LABELS} most frequent of {len(scores.names):,} labels are shown."]
        if len(scores.names) > LABELS
        else []
    )
    chart = Chart(
        "F1 of each label",
        charts.labels(points, names, "F1 (%)"),
        "F1 of each label; the numbers are in the table below.",
    )
    text = ["The most frequent label comes first; F1 is the mean over seeds.", *more]
    return Part("By label", text, [chart], folded={"Numbers": [grid]})


def confused(column: ColumnRuns, charts: Charts) -> Part | None:
    """The confusion matrix of the row that is best on dev, and the most frequent confusions of each row."""
    found = column.predicted
    if found is None:
        return None
    counted = {name: confusions(found.kind, found.corpus, runs) for name, runs in found.rows.items()}
    known = {name: own for name, own in counted.items() if own}
    if not known:
        return None
    drawn = [name for name in column.best(DRAWN) if name in known]
    best = next(name for name in (*column.best(1), *drawn) if name in known)
    order = _frequent(known[best])
    chart = Chart(
        f"Confusion matrix of {column.labels[best]}",
        charts.heat(_squares(known[best], order), list(map(one_line, order))),
        f"Lines are true labels, columns predicted ones. {_pairs_text(known[best])}",
        half=True,
    )
    grids = [_pairs(column.labels[name], known[name]) for name in drawn]
    more = f" Of {len(order)} frequent labels." if len(order) == SQUARES else ""
    text = [f"In percent of the events with the true label of the line, over all seeds.{more}"]
    return Part("Confusions", text, [chart], folded={"The most frequent confusions of each row": grids})


def _frequent(own: Confusions) -> list[str]:
    """The most frequent labels."""
    sums: dict[str, int] = {}
    for (right, predicted), events in own.items():
        sums[right] = sums.get(right, 0) + events
        sums.setdefault(predicted, 0)
    return sorted(sums, key=lambda label: -sums[label])[:SQUARES]


def _squares(own: Confusions, order: Sequence[str]) -> list[dict[str, str | int | float]]:
    totals: dict[str, int] = {}
    for (right, _), events in own.items():
        totals[right] = totals.get(right, 0) + events
    return [
        {
            "right": one_line(a),
            "predicted": one_line(b),
            "events": own.get((a, b), 0),
            "share": own.get((a, b), 0) / max(1, totals.get(a, 0)),
        }
        for a in order
        for b in order
        if own.get((a, b))
    ]


def _wrong(own: Confusions) -> list[tuple[tuple[str, str], int]]:
    wrong = [(pair, events) for pair, events in own.items() if pair[0] != pair[1]]
    return sorted(wrong, key=lambda item: -item[1])[:PAIRS]


def _pairs_text(own: Confusions) -> str:
    texts = [f"{right} as {predicted} {events:,} times" for (right, predicted), events in _wrong(own)[:5]]
    return f"Most frequent confusions: {'; '.join(texts)}." if texts else "There are no confusions."


def _pairs(name: str, own: Confusions) -> Grid:
    total = sum(events for pair, events in own.items() if pair[0] != pair[1])
    rows = [
        [Value(right, right), Value(predicted, predicted), count(events), number(100 * events / total, 1)]
        for (right, predicted), events in _wrong(own)
    ]
    return Grid(
        name,
        ["true label", "predicted label", "events", "% of mistakes"],
        rows,
        sortable=True,
        left=frozenset({1}),
    )


def disputed(column: ColumnRuns) -> Part | None:
    """The events on which the rows disagree most, in context; None for one row, or where that is not known."""
    found = column.predicted
    if found is None or len(found.measures) < 2:
        return None
    names = [name for name in column.best(DRAWN) if name in found.measures]
    firsts = [found.rows[name][0] for name in names]
    answers = [arrays["label"] for arrays in firsts if "label" in arrays]
    events = most_disputed(
        [found.measures[name].values for name in names], answers if len(answers) == len(names) else [], EVENTS
    )
    if not len(events):
        return None
    right = found.kind.correct(firsts[0], found.corpus)
    given = [found.kind.confused(arrays, found.corpus, events) if right is not None else [] for arrays in firsts]
    truth = ["true label"] if right is not None else []
    header = ["row", "text", *truth, *(column.labels[name] for name in names)]
    separator = "" if found.task.tokens == "char" else " "
    rows = []
    for place, event in enumerate(events.tolist()):
        row, token = found.kind.place(found.corpus, event)
        context = _cut(found.kind.context(found.corpus, row, token, separator))
        line = [Value(f"{row + 1:,}", row), Value(context, context, "context")]
        if right is not None:
            answer = given[0][place][0]
            line += [Value(answer, answer), *(_answer(own[place]) for own in given)]
        else:
            line += [number(float(found.measures[name].values[event])) for name in names]
        rows.append(line)
    left = frozenset(range(1, len(header))) if right is not None else frozenset({1})
    what = (
        "Answers of the first seed" if right is not None else next(iter(found.measures.values())).name.capitalize()
    )
    grid = Grid(
        f"{what}; the scores of these events vary most between the rows", header, rows, sortable=True, left=left
    )
    text = ["A wrong answer is marked ✗."] if right is not None else []
    return Part("Where they disagree", text, grids=[grid])


def _answer(pair: tuple[str, str]) -> Value:
    right, predicted = pair
    return Value(predicted, predicted) if right == predicted else Value(f"{predicted} ✗", predicted, "wrong")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
