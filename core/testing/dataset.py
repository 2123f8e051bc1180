"""The checks of a data set (see ``core.testing.check_dataset``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.label_columns import COLUMNS, to_numbers
from core.data.sources.base import SPANS, SPLITS, Source
from core.kinds.base import Kind
from core.registry import Spec
from core.testing.kinds import own_kinds
from core.testing.no_code_execution import record_execution

if TYPE_CHECKING:
    import pyarrow as pa

STRING = ("string", "large_string")
LIST = ("list<item: string>", "list<element: string>", "large_list<item: large_string>")
TYPES = {"text": STRING, "tokens": LIST, "label": STRING, "labels": LIST, SPANS: LIST}


def check_source(spec: Spec, options: dict[str, Any]) -> tuple[str, ...]:
    """Splits, columns, repeatable, nothing executed, an oracle that answers every event.

    Returns:
        The kinds of task whose columns the data have.

    Raises:
        AssertionError: a rule is broken.
    """
    with record_execution() as executed:
        source: Source = spec.load()(**options)
        tables = {split: _read(source, split) for split in _splits(source)}
    assert not executed, f"executed: reading the data ran {'; '.join(dict.fromkeys(executed))}"
    for split, table in tables.items():
        _check_columns(table, split)
        _check_oracle(source, table, split)
    _check_repeatable(spec, options, source, tables)
    return tuple(kind.name for kind in own_kinds() if _has_labels(kind, source, tables["train"]))


def _has_labels(kind: Kind, source: Source, table: pa.Table) -> bool:
    """Whether the data has what a kind needs.

    Any label per row would pass as a set or as a text: of a set its truth decides, and labels are texts if most of
    them have a space.
    """
    columns = table.column_names
    if kind.labels is None or not any(name in columns for name in COLUMNS[kind.labels]):
        return kind.labels is None
    is_set = source.oracle("set", "test", "both") is not None or not {"tokens", "label"} & set(columns)
    if kind.labels == "number":
        return bool(np.isfinite(to_numbers(table.column("label").to_pylist())).all())
    if kind.labels in ("row", "text") and not is_set:
        spaced = [" " in label for label in table.column("label").to_pylist()]
        return (2 * sum(spaced) > len(spaced)) == (kind.labels == "text")
    return is_set == (kind.labels == "set")


def _splits(source: Source) -> tuple[str, ...]:
    splits = tuple(source.splits())
    unknown = [split for split in splits if split not in SPLITS]
    assert not unknown, f"splits: {unknown[0]!r} is not one of {', '.join(SPLITS)}"
    assert "train" in splits, f"splits: there is no train, only {splits}"
    assert len(set(splits)) == len(splits), f"splits: one of them occurs twice: {splits}"
    return splits


def _read(source: Source, split: str) -> pa.Table:
    import pyarrow as pa

    batches = list(source.batches(split))
    assert batches, f"columns: {split} has no batch"
    wrong = [type(batch).__name__ for batch in batches if not isinstance(batch, pa.RecordBatch)]
    assert not wrong, f"columns: batches gives {wrong[0]}, not pyarrow.RecordBatch"
    return pa.Table.from_batches(batches)


def _check_columns(table: pa.Table, split: str) -> None:
    import pyarrow.compute as pc

    names = table.column_names
    assert {"text", "tokens"} & set(names), f"columns: {split} has neither text nor tokens, only {names}"
    assert table.num_rows, f"columns: {split} has no rows"
    for name in set(names) & set(TYPES):
        column, kind = table.column(name), str(table.schema.field(name).type)
        assert kind in TYPES[name], f"columns: {name} of {split} is {kind}, not {TYPES[name][0]}"
        assert not column.null_count, f"columns: {name} of {split} has nulls"
    for column in {"labels", SPANS} & set(names) if "tokens" in names else ():
        tokens, labels = (pc.list_value_length(table.column(name)) for name in ("tokens", column))
        assert tokens.equals(labels), f"columns: {split} has rows with more or fewer {column} than tokens"


def _check_oracle(source: Source, table: pa.Table, split: str) -> None:
    """An oracle answers each event: tokens (and ends of rows), or rows."""
    import pyarrow.compute as pc

    rows, known = table.num_rows, "tokens" in table.column_names
    tokens = pc.sum(pc.list_value_length(table.column("tokens"))).as_py() if known else 0
    by_row = {"row": rows, "number": rows, "set": rows}
    counts = {
        "text": tokens + rows,
        "item": tokens + rows,
        "token": tokens,
        SPANS: tokens,
        "word": tokens,
        **by_row,
    }
    if split == "train":  # these take long, and no ceiling of train is shown
        del counts["word"], counts["item"]
    for truth, events in counts.items():
        for sees in ("left", "both"):
            best = source.oracle(truth, split, sees)
            if best is None:
                continue
            scored = truth in ("text", "item", "word")
            answers = best["log_prob" if scored else "number" if truth == "number" else "label"]
            message = f"oracle: {len(answers)} answers about {truth} to {events} events in {split}"
            assert len(answers) == events, message
            if scored:
                assert all(value <= 1e-9 for value in answers), "oracle: a log-probability is above 0"


def _check_repeatable(spec: Spec, options: dict[str, Any], source: Source, tables: dict[str, pa.Table]) -> None:
    again: Source = spec.load()(**options)
    for split, table in tables.items():
        assert _read(source, split).equals(table), f"repeatable: {split} has other rows when it is read again"
        assert _read(again, split).equals(table), (
            f"repeatable: another source of the same options has other rows in {split}"
        )
    same = again.fingerprint() == source.fingerprint()
    assert same, "repeatable: two sources of the same options have different fingerprints, so neither is cached"
