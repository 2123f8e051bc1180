"""The process of a worker: it loads plugins once and runs one config after the other."""

from __future__ import annotations

import io
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import connection
from signal import SIGTERM
from typing import TYPE_CHECKING, Any

from core import signals
from core.errors import ConfigError, UnexpectedError, explained
from core.experiment.environment import code_version
from core.experiment.executors.base import Job, Report, error_data
from core.experiment.observers import Forwarder, make_observers
from core.experiment.outcome import known_error
from core.registry import registry

if TYPE_CHECKING:
    from core.config import RunConfig

STOP = "stop"  # what ends a run as Ctrl-C does
EVERY = 0.2  # seconds between two reports of progress


class Reporter(Forwarder):
    """Reports the events of a run, but its end, which has a report of its own.

    Args:
        send: what sends a report.
    """

    def __init__(self, send: Callable[[Report], None]) -> None:
        self.send, self.next = send, 0.0

    def forward(self, event: str, facts: dict[str, Any]) -> None:
        """See ``Forwarder``; of progress, one of many is reported."""
        if event == "progress":
            if (now := time.monotonic()) < self.next:
                return
            self.next = now + EVERY
        if event != "end":
            self.send(Report("event", {"event": event, "facts": facts}))


class Lines(io.TextIOBase):
    """Standard output or error of a worker: each line is a report, since the parent draws on the terminal."""

    def __init__(self, send: Callable[[Report], None], error: bool) -> None:
        self.send, self.error, self.rest = send, error, ""

    def write(self, text: str) -> int:
        """Report the lines that are complete."""
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            self.send(Report("text", {"text": line, "error": self.error}))
        return len(text)

    def writable(self) -> bool:
        """See ``io.IOBase``."""
        return True


class Channel:
    """The connection to the parent, which several threads may use; no signal cuts a report.

    Args:
        to_parent: the connection.
    """

    def __init__(self, to_parent: connection.Connection) -> None:
        self.connection, self.lock = to_parent, threading.RLock()

    def send(self, report: Report) -> None:
        """Send a report."""
        content = pickle.dumps(report)
        with signals.delayed(), self.lock:
            self.connection.send_bytes(content)


def serve(
    to_parent: connection.Connection, control: connection.Connection, environment: Mapping[str, str]
) -> None:
    """Run the configs that the parent sends, until it closes the connection or a signal ends one of them.

    Args:
        to_parent: the connection.
        control: where the parent says ``STOP``; it ends this process when it is closed.
        environment: the variables of the parent.
    """
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C in the terminal reaches the parent, which stops its workers
    os.environ.clear()
    os.environ.update(environment)
    channel = Channel(to_parent)
    sys.stdout, sys.stderr = Lines(channel.send, False), Lines(channel.send, True)
    threading.Thread(target=_watch_parent, args=(control,), daemon=True).start()
    with signals.as_interrupts(), suppress(KeyboardInterrupt, EOFError, ConnectionError):
        while True:
            report = run_job(to_parent.recv(), channel.send)
            channel.send(report)
            if report.kind == "stopped":
                return


def _watch_parent(control: connection.Connection) -> None:
    """Do what the parent says; end at once if it has ended, since the same command may run again already."""
    with suppress(EOFError, OSError):
        while control.recv() == STOP:
            os.kill(os.getpid(), SIGTERM)
    os._exit(1)


def run_job(job: Job, send: Callable[[Report], None]) -> Report:
    """Run one config; returns the last report of it."""
    from core.experiment.runner import run_one

    try:
        config = _read(job)
    except Exception as raised:
        return Report("failed", {"error": error_data(explained(raised))})
    try:
        result = run_one(config, [*make_observers(config, terminal=False), Reporter(send)])
    except KeyboardInterrupt:
        return Report("stopped", {"result": None})
    except Exception as raised:
        return Report("failed", {"error": error_data(known_error(config, raised))})
    return Report("stopped" if result.status == "interrupted" else "done", {"result": result})


def _read(job: Job) -> RunConfig:
    """The config, once its plugins are loaded.

    Raises:
        ConfigError: this machine does not have the folder or a plugin's file.
        UnexpectedError: this machine has other code, or a plugin does not load here.
    """
    if code_version() != job.code:
        what = f"a worker has another version of the program ({code_version()}, not {job.code})"
        raise UnexpectedError(what, where="engine", remedy="install the same version on all machines")
    try:
        os.chdir(job.folder)
    except OSError as error:
        remedy = "work in a folder that all machines share"
        raise ConfigError("a worker has no such folder", where=job.folder, remedy=remedy) from error
    registered = registry()
    if registered.left_out != frozenset(job.left_out):
        registered.leave_out(job.left_out)
    failed = [plugin.error for name in job.plugins if (plugin := registered.load(name)).error]
    try:
        config: RunConfig = pickle.loads(job.config)
        return config
    except Exception as error:
        what = "; ".join(failed) or f"a worker cannot load a part of the run: {error}"
        raise UnexpectedError(what, where="engine", remedy="all machines need the same plugins") from error
