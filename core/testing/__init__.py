"""Contract checks for plugin authors: one call in their own test, the same that the built-ins pass.

::

    from core.testing import check_encoder

    def test_mean_keeps_the_contract():
        check_encoder("mean")

What stands in one file is named with it: ``check_encoder("mean", plugin="mean.py")``.
Each also checks that the module with the hooks imports nothing heavy, and that every option is documented.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from core.errors import PluginError, UnknownName
from core.hooks import SECTIONS
from core.kinds import find_kind
from core.registry import Spec, registry
from core.testing.import_cost import check_light

__all__ = ["check_dataset", "check_embedding", "check_encoder", "check_observer", "check_task"]

Options = dict[str, Any]
Place = str | Path  # ``FILE.py`` or ``package.module``


def check_encoder(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered encoder keeps the contract of its family, and runs every kind of task it claims.

    Args:
        name: what follows ``encoder=``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options to check it with; small ones are quicker.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    spec = checked("encoder", name, plugin)
    if spec.extra["family"] == "counting":
        from core.testing.counting import check_count_model

        check_count_model(spec.load(), options)
    else:
        from core.testing.neural import check_neural_encoder

        check_neural_encoder(spec, options)
    for name in registry().names("kind"):
        kind = find_kind(name)
        if kind.reads_rows and not kind.incompatibility(name, spec) and _tasks(name):
            check_runs(spec, name, options)


def check_embedding(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered embedding keeps its contract.

    Args:
        name: what follows ``embedding=``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options to check it with; small ones are quicker.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.embedding import check_embedding as check

    check(checked("embedding", name, plugin), options)


def check_task(
    name: str,
    *,
    labels: Sequence[str] = ("A", "B", "C", "D"),
    perfect: float | None = None,
    plugin: Place | None = None,
    **options: Any,
) -> None:
    """Check that a registered task turns rows into a corpus and scores it: perfect, shuffled and random answers.

    A task that evaluates word vectors is asked its questions, and scores synthetic vectors and those of a run.

    Args:
        name: what follows ``task=``.
        labels: the labels of the made-up rows, where the task needs certain ones (``("B-X", "I-X", "O")``).
        perfect: what perfect predictions score; none for 100 percent, or the least there is of what is minimized.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options to check it with.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.task import check_metrics, write_rows
    from core.testing.vector import check_answers, write_text

    spec = checked("task", name, plugin)
    kind, encoder = find_kind(spec.extra["kind"]), _an_encoder(spec)
    if kind.reads_rows:
        check_metrics(spec, labels, perfect, options)
    else:
        check_answers(spec, options)
    with tempfile.TemporaryDirectory() as folder:
        overrides = {f"task.{key}": value for key, value in options.items()}
        if kind.reads_rows:
            overrides |= write_rows(kind, labels, Path(folder)) | _small(encoder)
        else:
            overrides |= write_text(spec, options, Path(folder))
        _check_run(task=name, encoder=encoder.name, runs=str(Path(folder, "runs")), **overrides)


def check_dataset(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered data set gives the same rows every time, in columns that tasks know.

    Args:
        name: what follows ``data=``: a name, or a path.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options to check it with; few rows are quicker.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.dataset import check_source

    found = registry()
    kinds = check_source(_files(name) if _is_path(name) else checked("data", name, plugin), options)
    overrides = {f"data.{key}": value for key, value in options.items()}
    with tempfile.TemporaryDirectory() as runs:
        for task in (_a_task(kind) for kind in kinds):
            encoder = _an_encoder(found.get("task", task))
            _check_run(task=task, encoder=encoder.name, data=name, runs=runs, **_small(encoder), **overrides)


def check_observer(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered observer takes every event of a run, and goes on beside one that raises.

    Args:
        name: what follows ``observer=``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options to check it with. Relative paths begin in a folder that is removed.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.observer import check_observer as check

    with redirect_stderr(StringIO()):
        check(checked("observer", name, plugin), options)


def checked(section: str, name: str, plugin: Place | None = None) -> Spec:
    """A registered thing whose hooks are light and whose options are documented.

    Raises:
        AssertionError: they are not, or its plugin does not load.
        UnknownName: nothing is registered under this name.
    """
    error = registry().load(str(plugin)).error if plugin is not None else ""
    assert not error, f"plugin: {error}"
    try:
        spec = registry().get(section, name)
    except UnknownName as unknown:
        register = SECTIONS[section].removesuffix("s")  # core.register_encoder and its sisters
        remedy = f'register it first: core.{register}("{name}", ...), or name what does: plugin="FILE.py"'
        raise UnknownName(unknown.what, where=unknown.where, remedy=f"{unknown.remedy}; {remedy}") from None
    check_light(spec)
    check_options(spec)
    return spec


def _is_path(name: str) -> bool:
    from core.data.sources import is_there

    return name not in registry().specs("data") and is_there(name)


def _files(name: str) -> Spec:
    """Files, as if they were registered."""
    from core.data.sources import source_class

    read: Any = source_class(name)
    return Spec("data", name, partial(read, name), "", "", "")


def check_options(spec: Spec) -> None:
    """Every option is keyword-only, annotated, and documented in the class docstring.

    Raises:
        AssertionError: one is not.
    """
    from core.config.options import options_of

    try:
        listed = options_of(spec.load(), spec.where)
    except PluginError as error:
        raise AssertionError(f"options: {error}") from error
    for option in listed.values():
        assert option.help, f"options: {spec.where} does not document {option.name} in its docstring's Args"


def check_runs(spec: Spec, kind: str, options: Options) -> None:
    """A task of the kind runs from data to record on a few rows of the ``toy`` data, with finite figures.

    Raises:
        AssertionError: it does not.
    """
    overrides = {f"encoder.{key}": value for key, value in options.items()}
    with tempfile.TemporaryDirectory() as runs:
        _check_run(task=_a_task(kind), encoder=spec.name, data="toy", runs=runs, **_small(spec), **overrides)


def _a_task(kind: str) -> str:
    tasks = _tasks(kind)
    assert tasks, f"runs: no task of kind {kind} is registered"
    return tasks[0]


def _tasks(kind: str) -> list[str]:
    return [name for name, spec in registry().specs("task").items() if spec.extra["kind"] == kind]


def _an_encoder(task: Spec) -> Spec:
    """An encoder that a task lets in, one that counts if there is one: it needs no epochs."""
    from core.config.compatibility import compatible_encoders

    specs = [registry().get("encoder", name) for name in compatible_encoders(task, registry())]
    assert specs, f"runs: no encoder that is registered runs {task.where}"
    return min(specs, key=lambda spec: spec.extra["family"] != "counting")


def _small(encoder: Spec) -> dict[str, Any]:
    return {"data.limit": 100} | ({"train.epochs": 1} if encoder.extra["family"] == "neural" else {})


def _check_run(**overrides: Any) -> None:
    from core import run

    result = run(quiet=True, fresh=True, **overrides)
    assert math.isfinite(result.score), f"runs: {overrides['task']} on {overrides['data']} gives {result.score}"
    assert Path(result.folder, "run.json").is_file(), "runs: the record was not kept"
