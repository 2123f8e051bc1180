"""Which of the saved runs a command is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import StoreError, UnknownName, nearest
from core.runs import keys, store
from core.runs.result import Result


def read_runs(roots: Sequence[str], names: Sequence[str] = ()) -> tuple[list[Result], list[StoreError]]:
    """Saved runs, each once, and the errors of those that cannot be read.

    Args:
        roots: folders of runs; or runs, by ID, name or folder.
        names: the IDs or names of runs in the first folder; empty for all runs of all folders.

    Raises:
        StoreError: there is no such run or folder.
    """
    found: dict[Path, Result] = {}
    broken: list[StoreError] = []
    for name in names:
        folder = store.find(Path(roots[0]), name)
        found[folder.resolve()] = store.read(folder)
    for root in () if names else roots:
        path = Path(root)
        if path.is_dir() and not (path / store.RECORD).is_file():
            results, errors = store.all_runs(path)
            broken += errors
        else:
            results = [store.read(store.find(Path("runs"), root))]
        found |= {result.path.resolve(): result for result in results}
    return list(found.values()), broken


def filtered(
    results: Sequence[Result], filters: Mapping[str, Sequence[str]], where: str | None, place: str
) -> list[Result]:
    """The runs that pass the filters.

    Args:
        results: the runs.
        filters: a key of ``core.runs.keys`` -> the values that pass; empty for all.
        where: conditions, see ``core.runs.conditions``; None for none.
        place: where the runs are, for errors.

    Raises:
        UnknownName: no run has a value, or a key.
        ConfigError: a condition is not understood.
    """
    chosen = list(results)
    for key, names in filters.items():
        known = {str(keys.value(result, key)) for result in results}
        for name in names:
            if name not in known:
                raise UnknownName(f"no run in {place} has {key}={name}", where=key, remedy=nearest(name, known))
        chosen = [result for result in chosen if not names or keys.value(result, key) in names]
    return chosen if where is None else keys.where(chosen, where)
