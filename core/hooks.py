"""Every hook on one page: the whole plugin surface.

A plugin is a module (or an object) with functions marked ``@hookimpl`` and named as below. Each is called with
``register`` and calls it once per thing to register::

    from core import hookimpl

    @hookimpl
    def register_encoders(register):
        register("mean", "my_package.model:RunningMean", sees="left", help="running mean of the vectors so far")

``target`` is ``"module:Class"``, so that ``list`` imports nothing heavy, or the class itself in a notebook.
"""

from __future__ import annotations

from typing import Literal, Protocol

import pluggy

PROJECT = "seqlab"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Target = str | type
Family = Literal["neural", "counting", "model"]
Sees = Literal["left", "both", "either"]


class RegisterEncoder(Protocol):
    """The ``register`` argument of ``register_encoders``."""

    def __call__(
        self,
        name: str,
        target: Target,
        *,
        help: str,
        sees: Sees | None = None,
        family: Family = "neural",
        kinds: tuple[str, ...] | None = None,
    ) -> None:
        """Register an encoder.

        Args:
            name: what follows ``encoder=``.
            target: a ``core.neural.base.Encoder``, ``core.counting.base.CountModel`` or
                ``core.model.interface.Model``.
            help: one line for ``list``.
            sees: ``left`` (the past only), ``both`` (past and future), or ``either`` (``causal`` decides); only
                a whole model may leave it out, which is ``both``.
            family: the contract that the target implements.
            kinds: the kinds of task that it runs; None for all that read rows. A whole model must name them.
        """


class Register(Protocol):
    """The ``register`` argument of the hooks that need no more than a name, a target and a line of help."""

    def __call__(self, name: str, target: Target, *, help: str) -> None:
        """Register one thing under a name, with one line of help."""


class RegisterFormat(Protocol):
    """What ``register_formats`` is given."""

    def __call__(self, name: str, target: Target, *, endings: tuple[str, ...], help: str) -> None:
        """Register a format of data files (a ``core.data.sources.formats.Format``).

        Args:
            name: what follows ``data.format=``.
            target: the class.
            endings: of the names of its files, such as ``(".conllu",)``; compressed files have another after it.
            help: one line for ``list``.
        """


class RegisterTask(Protocol):
    """The ``register`` argument of ``register_tasks``."""

    def __call__(self, name: str, target: Target, *, kind: str, help: str) -> None:
        """Register a task (a ``core.task.Task``); ``kind`` says what it predicts."""


class RegisterKind(Protocol):
    """The ``register`` argument of ``register_kinds``."""

    def __call__(self, name: str, target: Target, *, help: str) -> None:
        """Register a kind of task (a ``core.kinds.base.Kind``), with one line of help."""


class Hooks:
    """The hooks; a plugin defines those that it needs."""

    @hookspec
    def register_kinds(self, register: RegisterKind) -> None:
        """Kinds of task: ``core.kinds.base.Kind``."""

    @hookspec
    def register_encoders(self, register: RegisterEncoder) -> None:
        """Encoders, of a family each: ``Encoder``, ``CountModel`` or ``Model`` (see ``RegisterEncoder``)."""

    @hookspec
    def register_embeddings(self, register: Register) -> None:
        """Embeddings: ``core.neural.base.Embedding``."""

    @hookspec
    def register_tasks(self, register: RegisterTask) -> None:
        """Tasks: ``core.task.Task``."""

    @hookspec
    def register_datasets(self, register: Register) -> None:
        """Data sets: ``core.data.sources.base.Source``."""

    @hookspec
    def register_formats(self, register: RegisterFormat) -> None:
        """Formats of data files: ``core.data.sources.formats.Format``."""

    @hookspec
    def register_observers(self, register: Register) -> None:
        """Observers of a run: ``core.experiment.observers.Observer``."""

    @hookspec
    def register_presets(self, register: Register) -> None:
        """Presets: ``target`` is ``"package:folder/file.yaml"``, a YAML file in the package."""

    @hookspec
    def register_grids(self, register: Register) -> None:
        """Grids for ``bench``: ``config=grids/NAME.yaml`` is the YAML file of ``target``, as for presets."""

    @hookspec
    def register_commands(self, register: Register) -> None:
        """Commands of the command line: ``core.cli.command.Command``."""

    @hookspec
    def register_pictures(self, register: Register) -> None:
        """Pictures of the command ``plot``: ``core.cli.pictures.picture.Picture``."""


SECTIONS: dict[str, str] = {
    "kind": "register_kinds",
    "encoder": "register_encoders",
    "embedding": "register_embeddings",
    "task": "register_tasks",
    "data": "register_datasets",
    "format": "register_formats",
    "observer": "register_observers",
    "preset": "register_presets",
    "grid": "register_grids",
    "command": "register_commands",
    "picture": "register_pictures",
}
