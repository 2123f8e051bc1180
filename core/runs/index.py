"""The index of a folder of runs: one SQLite file with the records, for fast lists and for other programs.

It is never needed for truth. Each row has the stamp of the record that it was made from: a record with another
stamp is read again, a row without a folder goes. Where the file cannot be read or written, the folders are read.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from core.data.atomic import RECORD
from core.errors import StoreError
from core.runs.index_rows import SCHEMA, TABLES, Stamp, rows_of
from core.runs.result import Result

FILE = "index.sqlite"
JOURNAL = f"{FILE}-journal"
LEAST = 100  # runs from which on a folder gets an index by itself; fewer are read as fast without
WAIT = 2.0  # seconds to wait for another process that writes
APPLICATION, VERSION = 0x5E91AB01, 1  # in the header of the file: whose it is, and the version of its tables
MARK, HEADER = b"SQLite format 3\0", 100  # how the file begins, and the bytes of its header
PLACE_OF_VERSION, PLACE_OF_APPLICATION = slice(60, 64), slice(68, 72)  # in the header
NEWER, FOREIGN = "index.newer", "index.other"  # codes of a file that is left alone
UNSOUND = "it has other tables"
DAMAGE = {  # what a damaged file gives, other than a locked or read-only one
    sqlite3.SQLITE_ERROR,  # a table is missing
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
}

Stamps = Mapping[str, Stamp]  # by the name of the folder of a run
Records = Mapping[str, tuple[Result, str]]  # likewise: the run, and the text of its record


def stamps(root: Path) -> dict[str, Stamp]:
    """The folders with a record, in no order; hidden ones are left out."""
    found = {}
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            with suppress(OSError):
                record = os.stat(os.path.join(entry.path, RECORD))
                saved = os.stat(entry.path).st_mtime_ns
                found[entry.name] = Stamp(record.st_mtime_ns, record.st_size, record.st_ino, saved)
    return found


def read(root: Path, current: Stamps) -> dict[str, str]:
    """The records that the index has and that have not changed since, as JSON by folder.

    Args:
        root: the folder of runs.
        current: the records that there are.

    Raises:
        StoreError: the file is of a newer version or of another program, and is left alone.
    """
    if _state(root) != "current":
        return {}
    try:
        with _opened(root, "ro") as database:
            if not _is_sound(database):
                return {}
            rows = database.execute("SELECT folder, written, size, inode, saved, record FROM runs")
            return {name: record for name, *stamp, record in rows if current.get(name) == tuple(stamp)}
    except (sqlite3.Error, OSError, ValueError):  # damaged or locked: the folders are read
        return {}


def write(root: Path, new: Records, current: Stamps) -> None:
    """Bring the index up to date, as far as that is possible: a failure is not an error.

    A folder of few runs without an index stays without.

    Args:
        root: the folder of runs.
        new: the runs that were read from their folders.
        current: the stamps of these and of the runs that were read from the index; other rows are removed.

    Raises:
        StoreError: the file is of a newer version or of another program, and is left alone.
    """
    state = _state(root)
    if state == "none" and len(current) < LEAST:
        return
    new = {name: run for name, run in new.items() if name.isprintable()}  # others are not text that SQLite holds
    with suppress(sqlite3.Error, OSError, ValueError):
        if state == "old":
            _remove(root)
        try:
            _update(root, new, current)
        except sqlite3.DatabaseError as error:
            if error.args != (UNSOUND,) and getattr(error, "sqlite_errorcode", 0) & 0xFF not in DAMAGE:
                raise
            _remove(root)
            _update(root, new, current)


def rebuild(root: Path, new: Records, current: Stamps) -> None:
    """Rebuild the index, whatever the number of runs.

    Raises:
        StoreError: the file is of a newer version or of another program, or it cannot be written.
    """
    _state(root)
    try:
        _remove(root)
        _update(root, new, current)
    except (sqlite3.Error, OSError, ValueError) as error:
        what = f"the index cannot be written ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(root / FILE), remedy="all commands work without it") from error


def _remove(root: Path) -> None:
    """Remove the index, with the journal of a process that was killed."""
    for name in (JOURNAL, FILE):
        (root / name).unlink(missing_ok=True)


def _update(root: Path, new: Records, current: Stamps) -> None:
    """Write the new rows, and remove those without a folder, in one transaction."""
    with _opened(root, "rwc") as database:
        if not new and _version(database) and _folders(database) <= current.keys():
            return
        database.execute("BEGIN IMMEDIATE")
        if _version(database) and not _is_sound(database):
            raise sqlite3.DatabaseError(UNSOUND)
        if not _version(database):
            for statement in SCHEMA.values():
                database.execute(statement)
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {VERSION}")
        known = _folders(database)
        old = [(name,) for name in known if name in new or name not in current]
        for table in TABLES:
            database.executemany(f"DELETE FROM {table} WHERE folder = ?", old)
        for name, (result, record) in new.items():
            for table, rows in rows_of(name, result, current[name], record).items():
                marks = ", ".join("?" * len(TABLES[table]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        database.execute("COMMIT")


def _version(database: sqlite3.Connection) -> int:
    """The version of the tables; 0: there are none."""
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _is_sound(database: sqlite3.Connection) -> bool:
    """Whether the tables are those that this version writes, and writing to them does nothing else."""
    triggers = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").fetchall()
    tables = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    return not triggers and SCHEMA.items() <= tables.items()


def _folders(database: sqlite3.Connection) -> set[str]:
    """The folders of the runs in the index."""
    return {name for (name,) in database.execute("SELECT folder FROM runs")}


@contextmanager
def _opened(root: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """A connection to the index of a folder: ``ro`` only reads, ``rwc`` writes and creates."""
    address = f"{(root / FILE).absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=WAIT, isolation_level=None)) as database:
        database.execute("PRAGMA trusted_schema = OFF")  # the file may come from anyone
        yield database


def _state(root: Path) -> Literal["none", "old", "current"]:
    """Whether there is an index, and of an earlier version or of this one, whole or damaged.

    Raises:
        StoreError: it is of a newer version or of another program.
    """
    path = root / FILE
    remedy = f"the folders are read without it; move it away, and `seqlab runs index runs={root}` writes one"
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            raise StoreError("this is not an index of runs", where=str(path), remedy=remedy, code=FOREIGN)
        with path.open("rb") as file:
            header = file.read(HEADER)
    except FileNotFoundError:
        return "none"
    except OSError:
        return "current"  # it cannot be read now
    if not header:  # a process was killed before it had written anything
        return "none"
    if not header.startswith(MARK) or header[PLACE_OF_APPLICATION] != APPLICATION.to_bytes(4, "big"):
        raise StoreError("this is not an index of runs", where=str(path), remedy=remedy, code=FOREIGN)
    version = int.from_bytes(header[PLACE_OF_VERSION], "big")
    if version > VERSION:
        remedy = "the folders are read without it; update seqlab"
        raise StoreError("a newer version wrote this index", where=str(path), remedy=remedy, code=NEWER)
    return "current" if version == VERSION else "old"
