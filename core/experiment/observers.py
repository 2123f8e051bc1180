"""Observers of a run: the progress display and loggers. An observer that fails never stops a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.errors import SeqlabError
from core.printable import echo
from core.types import Note

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.runs.result import Result


RESUMED = "checkpoint.resumed"  # the code of the note that says from where a run was resumed; the last one is kept


class Observer:
    """Is notified of the events of a run; every method is optional.

    The events of a run are ``start``, then any number of ``progress``, ``epoch`` and ``note``, then ``end``. An
    observer with ``draws = True`` writes to the terminal; a benchmark with a table of its own leaves it out.
    """

    draws = False
    announced: Collection[str] = ()  # the notes that earlier runs of the grid have written to the terminal

    def start(self, **facts: Any) -> None:
        """A run starts: ``id``, ``title``, ``config`` (dotted keys), ``runs`` (the folder of runs)."""

    def progress(self, **facts: Any) -> None:
        """A training step: ``step steps epoch epochs loss tokens tokens_per_second left`` (seconds)."""

    def epoch(self, **facts: Any) -> None:
        """A row of the learning curve: ``epoch step loss dev_loss seconds tokens_per_second``, the dev metrics."""

    def note(self, **facts: Any) -> None:
        """Something that the user should know: ``text``, and for programs a ``code`` and ``values``."""

    def state(self) -> Any:
        """What a checkpoint of the run holds of this observer; None: nothing.

        Nested dictionaries, lists and tuples of numbers, strings, None and arrays.
        """
        return None

    def resume(self, state: Any) -> None:
        """After ``start``: another process resumes the run, from the checkpoint that holds this ``state``."""

    def end(self, **facts: Any) -> None:
        """The run is over: ``status`` (``finished``, ``interrupted``, ``failed``); ``result`` if it was saved."""


class GridObserver(Observer):
    """Is notified of the runs of a grid, and of each config; a config whose run is saved has no run events.

    Several runs may take place at a time: their events also have the ``number`` of the config (from 0). A config
    whose process was lost may begin twice.
    """

    def begin(self, number: int) -> None:
        """The config of this number (from 0) starts."""

    def done(self, number: int, result: Result) -> None:
        """The config has a result."""

    def failed(self, number: int, error: SeqlabError) -> None:
        """The config has failed."""


class ObserverGroup:
    """Notifies several observers and removes one that raises; ``notes`` has all notes so far."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self.observers, self.notes = list(observers), list[Note]()
        self.expected: list[Note] = []  # notes of an earlier process of the run, which this one gives again

    def tell(self, notes: Iterable[Note]) -> None:
        """Notify of each note."""
        for note in notes:
            self.notify("note", text=note.text, code=note.code, values=dict(note.values))

    def notify(self, event: str, **facts: Any) -> None:
        """Call the method named ``event`` of each observer."""
        if event == "note":
            code, values = str(facts.get("code", "model")), facts.get("values") or {}
            note = Note(code, str(facts["text"]), values)
            if note in self.expected:
                self.expected.remove(note)
            else:
                self.notes.append(note)
        for observer in list(self.observers):
            self._call(observer, event, **facts)

    def state(self) -> list[tuple[str, Any]]:
        """The class and the state of each observer that has one."""
        states = [(_name(observer), self._call(observer, "state")) for observer in list(self.observers)]
        return [(name, state) for name, state in states if state is not None]

    def resume(self, states: Sequence[tuple[str, Any]], notes: Sequence[Note]) -> None:
        """Resume from what an earlier process saved: the states of its observers and its notes."""
        given = self.notes
        self.notes = [note for note in notes if note.code != RESUMED]
        self.expected = list(self.notes)
        for note in given:  # in this process, before it was known that it resumes
            if note in self.expected:
                self.expected.remove(note)
            else:
                self.notes.append(note)
        left = list(states)
        for observer in list(self.observers):
            own = next((entry for entry in left if entry[0] == _name(observer)), None)
            if own is not None:
                left.remove(own)
                self._call(observer, "resume", own[1])

    def _call(self, observer: Observer, method: str, *arguments: Any, **facts: Any) -> Any:
        """Call a method of an observer, which is removed if it raises."""
        try:
            return getattr(observer, method)(*arguments, **facts)
        except (Exception, SystemExit) as error:
            self.observers.remove(observer)
            _warn(type(observer).__name__, method, error)
            return None


class Forwarder(Observer):
    """Passes every event of a run on to ``forward``, which subclasses define."""

    def forward(self, event: str, facts: dict[str, Any]) -> None:
        """Receive one event, ``start`` to ``end``, with its facts."""
        raise NotImplementedError

    def start(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.forward("start", facts)

    def progress(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.forward("progress", facts)

    def epoch(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.forward("epoch", facts)

    def note(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.forward("note", facts)

    def end(self, **facts: Any) -> None:
        """See ``Observer``."""
        self.forward("end", facts)


class Numbered(Forwarder):
    """Passes the events of one run on to those who observe the grid, with the number of its config.

    Args:
        group: who observes the grid.
        number: of the config.
    """

    def __init__(self, group: ObserverGroup, number: int) -> None:
        self.group, self.number = group, number

    def forward(self, event: str, facts: dict[str, Any]) -> None:
        """See ``Forwarder``."""
        self.group.notify(event, **facts | {"number": self.number})


def make_observers(config: RunConfig, terminal: bool = True) -> list[Observer]:
    """The observers that ``observer=`` names; one that fails is left out with a warning.

    Args:
        config: what is run; ``quiet=true`` leaves out the observers that write to the terminal.
        terminal: whether to include the observers that write to the terminal.

    Raises:
        SeqlabError: an observer needs something, such as a library.
    """
    terminal = terminal and not config.run["quiet"]
    observers = []
    for name, choice in config.observers.items():
        cls = choice.load()
        if getattr(cls, "draws", False) and not terminal:
            continue
        try:
            observers.append(cls(**choice.options))
        except SeqlabError:
            raise
        except (Exception, SystemExit) as error:
            _warn(name, "construction", error)
    return observers


def _name(observer: Observer) -> str:
    return f"{type(observer).__module__}.{type(observer).__qualname__}"


def _warn(name: str, event: str, error: BaseException) -> None:
    with suppress(OSError):  # standard error may be closed
        text = f"{type(error).__name__}: {error}"
        echo(f"warning: observer {name} failed at {event} and is left out: {text}", error=True)
