"""The checkpoints of a run, in a folder beside that of the run: the last two of each part, written and renamed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from core.data import leftovers
from core.data.atomic import RECORD, remove_folder, temporary_folder
from core.errors import StoreError
from core.model.checkpoint import Checkpoints, Part, State
from core.runs import checkpoint_file
from core.runs.checkpoint_file import Damaged
from core.runs.checkpoint_texts import difference, place_text
from core.signals import delayed

UNFINISHED = ".unfinished"  # what the name of the folder ends in, after the id of the run
NAME = re.compile(r"(\d{1,9})\.([\w.+-]+)")  # of the folder of one checkpoint: its number and the part of the run
KEPT = 2  # checkpoints of each part
SHARE = 0.01  # of the time that the checkpoints at the ends of epochs may take
LEAST = 0.01  # seconds that the first one is expected to take
WAIT = 2.0  # seconds in which a killed process, which has the lock, comes to its end
SYNC = 30.0  # seconds after which a checkpoint waits until it is on the disk


class Keeper(Protocol):
    """What a run keeps in its checkpoints besides the state of its parts."""

    def state(self) -> State:
        """What is saved."""

    def resume(self, state: State) -> None:
        """Resume from what ``state`` returned in an earlier process."""


class RunCheckpoints(Checkpoints):
    """The checkpoints of one run; they do nothing until they are opened.

    Args:
        folder: where they are, ``runs/ID.unfinished``; it is created by the first one.
        about: what ``seqlab runs`` shows of the run.
        needs: what must be equal in the process that resumes, by name; it is asked for only if it is needed.
        keeper: what else is saved.
        notify: see ``core.model.context.Context``.
        minutes: see ``CheckpointOptions``; None: none are saved.
        fresh: start from the beginning although there are some.
    """

    def __init__(
        self,
        folder: Path,
        about: Mapping[str, Any],
        needs: Callable[[], Mapping[str, Any]],
        keeper: Keeper,
        notify: Callable[..., None],
        *,
        minutes: float | None,
        fresh: bool,
    ) -> None:
        self.folder, self.about, self.keeper, self.notify = folder, about, keeper, notify
        self.ask, self.minutes, self.fresh = needs, minutes, fresh
        self.needs: Mapping[str, Any] | None = None
        self.descriptor: int | None = None
        self.is_claimed = self.is_taken = self.has_failed = False
        self.usable: dict[str, list[int]] = {}  # the checkpoints of each part that this process may resume from
        self.number = 0  # of the newest one
        self.on_disk, self.synced = 0, time.monotonic()  # the last one that is certainly on the disk, and when
        self.opened: dict[str, State] = {}  # what has been read and not been asked for yet

    def open(self) -> None:
        """Find the newest checkpoint and resume from it, unless there is none.

        Raises:
            StoreError: it belongs to a process that ran in another way.
        """
        if not self.folder.is_dir() or not self._claim():
            return
        found = sorted(generations(self.folder))
        self.number = found[-1][0] if found else 0
        for number, part in () if self.fresh else found:
            self.usable.setdefault(part, []).append(number)
        for number, part in () if self.fresh else reversed(found):
            if (loaded := self._read(number, part)) is not None:
                header, state = loaded
                self.keeper.resume(state["run"])
                self.opened[part] = state["part"]
                text = f"the run resumes from its checkpoint {place_text(header)} (fresh=true starts over)"
                self._tell("resumed", text)
                return
        if found and not self.fresh:
            self._tell("lost", "no checkpoint of this run can be read, so it starts over")

    def part(self, name: str) -> Part:
        """See ``Checkpoints.part``."""
        return StoredPart(self, name)

    def close(self) -> None:
        """Let other processes resume from the checkpoints."""
        if self.descriptor is not None:
            os.close(self.descriptor)
        self.descriptor, self.is_claimed = None, False

    def remove(self) -> None:
        """Remove the checkpoints of a run that is saved; failing to do so is not an error."""
        if self.is_claimed:
            with suppress(OSError):
                _remove_all(self.folder)
        self.close()

    def read_part(self, part: str) -> State | None:
        """The state of a part in its newest checkpoint, None if there is none."""
        if part in self.opened:
            return self.opened.pop(part)
        for number in reversed(self.usable.get(part, [])):
            if (loaded := self._read(number, part)) is not None:
                state: State = loaded[1]["part"]
                return state
        return None

    def write_part(self, part: str, state: State, place: Mapping[str, int]) -> None:
        """Save a part and remove its older checkpoints; failing to do so is a note."""
        from safetensors import SafetensorError

        try:
            if self._claim():
                self._write(part, {"part": state, "run": self.keeper.state()}, place)
                self.has_failed = False
        except (OSError, SafetensorError, TypeError, ValueError, RuntimeError, MemoryError) as error:
            if not self.has_failed:
                reason = f"cannot hold {error}" if isinstance(error, TypeError) else f"is not saved ({error})"
                self._tell("not_saved", f"a checkpoint {reason}; training continues, and the previous one is kept")
            self.has_failed = True

    def remove_part(self, part: str) -> None:
        """Remove the checkpoints of a part; failing to do so is not an error."""
        self.usable.pop(part, None)
        if self.is_claimed:
            self._remove_old()

    def _claim(self) -> bool:
        """Lock the folder for this process, once it is needed; False if another one trains the same run."""
        if self.is_claimed and not self.folder.is_dir():  # somebody has removed it
            self.close()
        if self.is_claimed or self.is_taken:
            return self.is_claimed
        end = time.monotonic() + WAIT
        while not self.is_claimed:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                self.descriptor = leftovers.lock(self.folder)
                self.is_claimed = self.descriptor is None or _is_at(self.descriptor, self.folder)
                if not self.is_claimed:
                    self.close()
            except (BlockingIOError, FileNotFoundError):  # the second: the other process removes it, being done
                if time.monotonic() > end:
                    self.is_taken = True
                    self._tell(
                        "taken", "another process trains the same run now, so this one saves no checkpoints"
                    )
                    break
                time.sleep(0.05)
        return self.is_claimed

    def _read(self, number: int, part: str) -> tuple[dict[str, Any], State] | None:
        """A checkpoint, None if it is damaged, which is noted; StoreError if it does not fit this process."""
        folder = self.folder / f"{number}.{part}"
        try:
            header, state = checkpoint_file.read(folder)
            parts = state["part"], state["run"], header["needs"], header["place"], header["time"]
            if not all(isinstance(value, dict) for value in parts[:-1]):
                raise Damaged("it holds something else")
        except (Damaged, KeyError, TypeError) as error:
            self._tell("damaged", f"{folder} is damaged ({error}) and is not used")
            self.usable[part].remove(number)
            return None
        self.needs = self.needs or self.ask()
        if text := difference(header["needs"], self.needs):
            what, remedy = text
            raise StoreError(what, where=str(self.folder), remedy=remedy, code="checkpoint.differs")
        return header, state

    def _write(self, part: str, state: State, place: Mapping[str, int]) -> None:
        self.needs = self.needs or self.ask()
        header = {"about": self.about, "needs": self.needs, "part": part, "place": place, "time": time.time()}
        number, now = self.number + 1, time.monotonic()
        sync = now - self.synced >= SYNC
        with temporary_folder(self.folder) as new:
            checkpoint_file.write(new, header, state, sync)
            os.replace(new, self.folder / f"{number}.{part}")
            if sync:
                checkpoint_file.sync_path(self.folder)
        self.number = number
        self.usable[part] = [*self.usable.get(part, []), number][-KEPT:]
        if sync:
            self.on_disk, self.synced = number, now
        self._remove_old()

    def _remove_old(self) -> None:
        """Remove the checkpoints that are not used any more, but not the last one that is surely on the disk."""
        used = {number for numbers in self.usable.values() for number in numbers}
        for number, part in generations(self.folder):
            if number not in used and (number != self.on_disk or part not in self.usable):
                with suppress(OSError):
                    remove_folder(self.folder / f"{number}.{part}")

    def _tell(self, code: str, text: str) -> None:
        self.notify("note", code=f"checkpoint.{code}", text=text)


class StoredPart(Part):
    """The checkpoints of one part of a run.

    Args:
        run: those of the run.
        name: of the part.
    """

    def __init__(self, run: RunCheckpoints, name: str) -> None:
        self.run, self.name = run, name
        self.saved, self.seconds = time.monotonic(), LEAST  # when the last one was saved, and how long that took

    def restore(self) -> State | None:
        """See ``Part.restore``."""
        return self.run.read_part(self.name)

    def due(self, epoch_ended: bool = False) -> bool:
        """See ``Part.due``."""
        if self.run.minutes is None:
            return False
        waited = time.monotonic() - self.saved
        return waited >= 60 * self.run.minutes or epoch_ended and waited * SHARE >= self.seconds

    def save(self, state: State, place: Mapping[str, int]) -> None:
        """See ``Part.save``."""
        if not self.is_whole or self.run.minutes is None:
            return
        start = time.monotonic()
        with delayed():
            self.run.write_part(self.name, state, place)
            self.saved = time.monotonic()
            self.seconds = self.saved - start

    def finish(self) -> None:
        """See ``Part.finish``."""
        self.run.remove_part(self.name)


def _is_at(descriptor: int, folder: Path) -> bool:
    """Whether an open folder is the one of this name: another process may have removed it in between."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    return False


def remove_outdated(run: Path) -> None:
    """Remove the checkpoints of a saved run that are older than its record: their removal was killed."""
    folder = run.with_name(run.name + UNFINISHED)
    with suppress(OSError):
        if folder.stat().st_mtime > (run / RECORD).stat().st_mtime:
            return
        descriptor = leftovers.lock(folder)
        try:
            _remove_all(folder)
        finally:
            if descriptor is not None:
                os.close(descriptor)


def generations(folder: Path) -> Iterator[tuple[int, str]]:
    """The numbers and parts of the checkpoints in a folder."""
    for path in folder.iterdir():
        if match := NAME.fullmatch(path.name):
            yield int(match[1]), match[2]


def _remove_all(folder: Path) -> None:
    """Remove a folder of checkpoints; if others have put files there, only the checkpoints are removed."""
    names = [path.name for path in folder.iterdir()]
    if all(NAME.fullmatch(name) or leftovers.NAME.fullmatch(name) for name in names):
        remove_folder(folder)
        return
    for number, part in generations(folder):
        remove_folder(folder / f"{number}.{part}")
