"""Contract checks for plugin authors: one call in their own tests, the same that the built-in plugins pass.

::

    from core.testing import check_encoder

    def test_mean_keeps_the_contract():
        check_encoder("mean")

A plugin in a single file is named with it: ``check_encoder("mean", plugin="mean.py")``.
Each check also requires that the module with the hooks imports nothing heavy, and that every option is documented.
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
from core.families import FAMILIES
from core.hooks import SECTIONS
from core.kinds import find_kind
from core.registry import Spec, registry
from core.testing.import_cost import check_light
from core.testing.kinds import own_kinds

__all__ = ["check_dataset", "check_embedding", "check_encoder", "check_observer", "check_task"]

LETTERS, SPANS = tuple("ABCD"), ("B-X", "I-X", "B-Y", "I-Y", "O")  # labels of synthetic rows
Place = str | Path  # ``FILE.py`` or ``package.module``


def check_encoder(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered encoder keeps the contract of its family, and runs every kind of task it claims.

    Args:
        name: the name in ``encoder=NAME``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options for the checks; small sizes are faster.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    spec = _find(plugin, "encoder", name)
    kinds = [kind for kind in own_kinds() if not (kind.reads_around and _reads_jointly(spec))]
    tasks = [own[0] for kind in kinds if not kind.incompatibility(kind.name, spec) and (own := _tasks(kind.name))]
    _check_family(spec, tasks, options)
    arguments = {f"encoder.{key}": value for key, value in options.items()}
    for task in tasks:
        _check_run(task=task, encoder=name, **_small(spec), **arguments)


def _reads_jointly(encoder: Spec) -> bool:
    """Whether an encoder can only read both sides at once, so that each of its states has read its own word."""
    return encoder.extra["sees"] == "both" and "left_to_right" not in vars(encoder.load())


def _check_family(spec: Spec, tasks: Sequence[str], options: dict[str, Any]) -> None:
    """The contract of an encoder's family; ``tasks`` has one task of each kind that it runs."""
    traits = FAMILIES[spec.extra["family"]]
    if traits.whole:
        from core.testing.model import check_whole_model

        for task in tasks:
            check_whole_model(spec, task, options)
    elif "train" in traits.sections:
        from core.testing.neural import check_neural_encoder

        check_neural_encoder(spec, options)
    else:
        from core.testing.counting import SIZE, check_count_model
        from core.testing.space import check_space

        check_count_model(spec.load(), options)
        check_space(spec, lambda drawn: spec.load()(SIZE, **{**options, **drawn}))


def check_embedding(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered embedding keeps its contract.

    Args:
        name: the name in ``embedding=NAME``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options for the checks; small sizes are faster.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.embedding import check_embedding as check

    check(_find(plugin, "embedding", name), options)


def check_task(
    name: str,
    *,
    labels: Sequence[str] | None = None,
    perfect: float | None = None,
    plugin: Place | None = None,
    **options: Any,
) -> None:
    """Check that a registered task turns rows into a corpus and scores perfect, shuffled and random predictions.

    A task that evaluates word vectors scores synthetic vectors and those of a run.

    Args:
        name: the name in ``task=NAME``.
        labels: the labels of the synthetic rows, where the task needs certain ones; by default letters, or
            ``B-X I-X B-Y I-Y O`` for a task whose labels have a scheme of spans.
        perfect: the score of perfect predictions; by default 100 percent, or the minimum of a metric to minimize.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options for the checks.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.task import check_answers, check_metrics, write_rows, write_text

    spec = _find(plugin, "task", name)
    kind, encoder = find_kind(spec.extra["kind"]), _an_encoder(spec)
    arguments = {f"task.{key}": value for key, value in options.items()}
    with tempfile.TemporaryDirectory() as folder:
        if kind.reads_rows:
            labels = labels or (SPANS if spec.load()(**options).scheme else LETTERS)
            check_metrics(spec, labels, perfect, options)
            write_rows(kind, labels, Path(folder))
            arguments |= _small(encoder)
        else:
            check_answers(spec, options)
            write_text(spec, options, Path(folder))
            arguments |= {"embedding": "random"}  # the text is too short to train vectors on
        _check_run(task=name, encoder=encoder.name, data=folder, **arguments)


def check_dataset(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered data set gives the same rows every time, in columns that tasks know.

    Args:
        name: the name or path in ``data=NAME``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options for the checks; few rows are faster.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.data.sources import is_there, source_class
    from core.testing.dataset import check_source

    if name not in registry().specs("data") and is_there(name):
        source: Any = source_class(name)
        spec = Spec("data", name, partial(source, name), "", "", "")
    else:
        spec = _find(plugin, "data", name)
    arguments = {f"data.{key}": value for key, value in options.items()}
    for kind in check_source(spec, options):
        tasks = _tasks(kind)
        assert tasks, f"runs: no task of kind {kind} is registered"
        encoder = _an_encoder(registry().get("task", tasks[0]))
        _check_run(task=tasks[0], encoder=encoder.name, data=name, **_small(encoder), **arguments)


def check_observer(name: str, *, plugin: Place | None = None, **options: Any) -> None:
    """Check that a registered observer accepts every event of a run, also next to one that raises.

    Args:
        name: the name in ``observer=NAME``.
        plugin: the file or module that registers it, where it is not installed.
        options: constructor options for the checks; relative paths start in a temporary folder.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.observer import check_observer as check

    with redirect_stderr(StringIO()):
        check(_find(plugin, "observer", name), options)


def _find(plugin: Place | None, section: str, name: str) -> Spec:
    """A registered part whose hooks import nothing heavy and whose options are documented.

    Raises:
        AssertionError: they do or are not, or the plugin cannot be loaded.
        UnknownName: nothing is registered under this name.
    """
    from core.config.options import options_of

    error = registry().load(str(plugin)).error if plugin is not None else ""
    assert not error, f"plugin: {error}"
    try:
        spec = registry().get(section, name)
    except UnknownName as unknown:
        register = SECTIONS[section].removesuffix("s")  # core.register_encoder and others
        remedy = f'register it first: core.{register}("{name}", ...), or name its plugin: plugin="FILE.py"'
        raise UnknownName(unknown.what, where=unknown.where, remedy=f"{unknown.remedy}; {remedy}") from None
    check_light(spec)
    try:
        known = options_of(spec.load(), spec.where)
    except PluginError as problem:
        raise AssertionError(f"options: {problem}") from problem
    for option in known.values():
        assert option.help, f"options: {spec.where} does not document {option.name} in its docstring's Args"
    return spec


def _tasks(kind: str) -> list[str]:
    """The tasks of a kind; those whose labels have a scheme, which other data do not have, come last."""
    specs = [spec for spec in registry().specs("task").values() if spec.extra["kind"] == kind]
    return [spec.name for spec in sorted(specs, key=lambda spec: bool(spec.load().scheme))]


def _an_encoder(task: Spec) -> Spec:
    """An encoder that runs a task, one without epochs if possible."""
    from core.config.compatibility import compatible_encoders

    specs = [registry().get("encoder", name) for name in compatible_encoders(task, registry())]
    assert specs, f"runs: no registered encoder runs {task.where}"
    return min(specs, key=_trains)


def _trains(encoder: Spec) -> bool:
    """Whether an encoder trains in epochs."""
    return "train" in FAMILIES[encoder.extra["family"]].sections


def _small(encoder: Spec) -> dict[str, Any]:
    return {"data.limit": 100} | ({"train.epochs": 1} if _trains(encoder) else {})


def _check_run(**arguments: Any) -> None:
    """A run ends with a finite score and saves its record."""
    from core import run

    with tempfile.TemporaryDirectory() as runs:
        result = run(quiet=True, fresh=True, runs=runs, **arguments)
        assert math.isfinite(result.score), (
            f"runs: {arguments['task']} on {arguments['data']} scores {result.score}"
        )
        assert Path(result.folder, "run.json").is_file(), "runs: the record was not saved"
