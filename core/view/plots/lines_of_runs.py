"""Which saved runs make one line of a picture, what it is called, and whether lines may be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from core.runs.result import Result
from core.view.rows import described, distinguishing_options, grouped, run_key
from core.view.split_level import KEY

Options = Mapping[str, str]


def line_options(results: Sequence[Result], but: Collection[str] = ()) -> dict[str, dict[str, str]]:
    """``run_key`` -> what distinguishes the line of a run: task, data, encoder, and the options that differ.

    Runs that differ only in their seeds, or in the seed by which the data was split, are of one line. What no
    two runs differ in is left out, except for the encoder where nothing else is left.

    Args:
        results: the runs of the picture.
        but: keys that make no lines, such as that of the axis.
    """
    found: dict[str, dict[str, str]] = {}
    for own in grouped(results, lambda run: (run.task, run.data)).values():
        rows = distinguishing_options([described(run) for run in own], (KEY, *but))
        for run, options in zip(own, rows, strict=True):
            found[run_key(run)] = {"task": run.task, "data": run.data} | options
    for key in ("task", "data"):
        if key in but or len({options[key] for options in found.values()}) == 1:
            for options in found.values():
                del options[key]
    return found


def line_name(options: Options) -> str:
    """``lstm hidden_size=200``, with the task and the data in front where these differ."""
    plain = ("task", "data", "encoder", "embedding")
    values = [value if key in plain else f"{key}={value}" for key, value in options.items()]
    return " ".join(values)


def about(results: Sequence[Result]) -> str:
    """The task and the data of the runs, as a title has them: ``lm on ptb``."""
    names = list(dict.fromkeys(f"{run.task} on {data_name(run.data)}" for run in results))
    return "; ".join(names) if len(names) < 3 else f"{len(names)} tasks and data sets"


def data_name(data: str) -> str:
    """The name of a data set: of a path, the last part."""
    return PurePath(data).name or data


def differing_events(results: Sequence[Result], split: str) -> bool:
    """Whether some runs on the same data are scored on different events, so that scores do not compare."""
    known: dict[tuple[str, str, int], set[str]] = {}
    for run in results:
        if split in run.fingerprints:
            known.setdefault((run.task, run.data, run.split_seed), set()).add(run.fingerprints[split])
    return any(len(prints) > 1 for prints in known.values())


def marks(results: Sequence[Result]) -> str:
    """What is said of a line behind its name: that one of its runs was interrupted."""
    return "" if all(run.status == "finished" for run in results) else " (interrupted)"
