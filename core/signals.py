"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is trained is saved; the exit status names the signal."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
BY_SIGNAL = 128  # added to the number of a signal in the exit status of what it ends
REPEATED = (
    1.0  # seconds in which a signal that comes again is the same: `timeout` sends it to a process and its group
)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, told from a ``KeyboardInterrupt`` that a plugin raises."""


class Terminated(Interrupted):
    """SIGTERM or SIGHUP: whatever handles Ctrl-C handles it too."""

    def __init__(self, number: int) -> None:
        super().__init__(f"terminated by {signal.Signals(number).name}")


_received: list[tuple[int, float]] = []  # the signals of this command that were not Ctrl-C, with their times
_postponed: list[int] | None = None  # the signals that have come since they are postponed; None: they are not
_own: dict[int, Any] = {}  # the signals that raise these exceptions, and their handlers before


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Within this, Ctrl-C, SIGTERM and SIGHUP raise these exceptions, unless they are ignored or handled."""
    _received.clear()
    resume()
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
        defaults = (signal.SIG_DFL, signal.default_int_handler)
        _own.update({number: handler for number, handler in handlers.items() if handler in defaults})
    for number in _own:
        signal.signal(number, _interrupt if number == signal.SIGINT else _terminate)
    try:
        yield
    finally:
        for number, handler in _own.items():
            signal.signal(number, handler)
        _own.clear()


def is_interrupt(error: BaseException) -> bool:
    """Whether an exception is Ctrl-C or a signal, and not raised by a plugin as if it were."""
    expected = Interrupted if signal.SIGINT in _own else KeyboardInterrupt
    return isinstance(error, expected)


def message(error: BaseException) -> str:
    """What an interrupted command prints; ``error`` may be what another exception has been raised from."""
    error = error.__cause__ if isinstance(error.__cause__, KeyboardInterrupt) else error
    text = str(error) if isinstance(error, Terminated) else "interrupted"
    return " ".join([text, *getattr(error, "__notes__", ())])


def exit_status(status: int) -> int:
    """The exit status of a command that ends with ``status``, if no signal but Ctrl-C has ended it."""
    return BY_SIGNAL + _received[-1][0] if status and _received else status


def postpone() -> None:
    """From now on signals interrupt nothing: several processes must stop at the same step (``postponed``)."""
    global _postponed
    _postponed = []


def postponed() -> bool:
    """Whether a signal has come since ``postpone``."""
    return bool(_postponed)


def resume() -> bool:
    """The end of ``postpone``; returns whether a signal has come."""
    global _postponed
    came, _postponed = postponed(), None
    return came


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _postponed is not None:
        _postponed.append(number)
        return
    raise Interrupted


def _terminate(number: int, frame: FrameType | None) -> None:
    last = _received[-1] if _received else (0, 0.0)
    _received.append((number, time.monotonic()))
    if _postponed is not None:
        _postponed.append(number)
    elif not _is_repeated(number, *last):
        raise Terminated(number)


def _is_repeated(number: int, earlier: int, when: float) -> bool:
    """Whether a signal is the same one as an earlier one; a Ctrl-C never is."""
    return number in ENDING and number == earlier and time.monotonic() - when < REPEATED


@contextmanager
def delayed() -> Iterator[None]:
    """Delay Ctrl-C, SIGTERM and SIGHUP until the block is done, so that trained models are saved.

    A second one is not delayed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[tuple[int, float]] = []

    def delay(number: int, frame: FrameType | None) -> None:
        if not pressed:
            pressed.append((number, time.monotonic()))
        elif not _is_repeated(number, *pressed[0]):
            previous[number](number, frame)

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    previous: dict[int, Any] = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in previous:
        signal.signal(number, delay)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    for number, _ in pressed:
        previous[number](number, None)
