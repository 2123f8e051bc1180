"""``runs verify``: whether saved runs are as they were saved."""

from __future__ import annotations

from pathlib import Path

from core.printable import counted, echo


def execute(root: Path, run: str | None) -> int:
    """Print one line per run, and one per file that is not as it was saved.

    Args:
        root: the folder of the runs.
        run: the id or name of one of them; None for all.

    Returns:
        The exit status: 1 if a file is not as it was saved.
    """
    from core.runs import store, verify

    folders = verify.folders(root) if run is None else [store.find(root, run)]
    found = [verify.verify(folder) for folder in folders]
    for verified in found:
        name, size = verified.folder.name, f"{counted(verified.files, 'file')}, {counted(verified.bytes, 'byte')}"
        echo(f"{name}: {'changed' if verified.problems else 'as it was saved'} ({size})")
        for line in (*verified.problems, *(f"note: {note}" for note in verified.notes)):
            echo(f"  {line}")
    if not found:
        echo(f"there are no runs in {root}")
    stale = verify.stale_rows(root) if run is None else []
    if stale:
        names = ", ".join(stale)
        echo(f"{store.INDEX}: the record of {names} has been changed here; `seqlab runs index` rebuilds it")
    return int(any(verified.problems for verified in found) or bool(stale))
