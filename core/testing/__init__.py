"""Contract checks for plugin authors: one call in their own test, the same that the built-ins pass.

::

    from core.testing import check_encoder

    def test_mean_keeps_the_contract():
        check_encoder("mean")
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

from core.errors import PluginError
from core.registry import Spec, registry

Options = dict[str, Any]


def check_encoder(name: str, **options: Any) -> None:
    """Check that a registered encoder keeps the contract of its family, and runs every kind of task it claims.

    Args:
        name: what follows ``encoder=``.
        options: constructor options to check it with; small ones are quicker.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    spec = registry().get("encoder", name)
    check_options(spec)
    if spec.extra["family"] == "counting":
        from core.testing.counting import check_count_model

        check_count_model(spec.load(), options)
    else:
        from core.testing.neural import check_neural_encoder

        check_neural_encoder(spec, options)
    for kind in spec.extra["kinds"]:
        if not (kind == "next" and spec.extra["sees"] == "both"):
            check_runs(spec, kind, options)


def check_embedding(name: str, **options: Any) -> None:
    """Check that a registered embedding keeps its contract.

    Args:
        name: what follows ``embedding=``.
        options: constructor options to check it with; small ones are quicker.

    Raises:
        AssertionError: it does not; the message names the rule.
    """
    from core.testing.embedding import check_embedding as check

    spec = registry().get("embedding", name)
    check_options(spec)
    check(spec, options)


def check_options(spec: Spec) -> None:
    """Every option is keyword-only, annotated, and documented in the class docstring.

    Raises:
        AssertionError: one is not.
    """
    from core.options import options_of

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
    from core import run

    found = registry()
    tasks = [t for t in found.names("task") if found.get("task", t).extra["kind"] == kind]
    assert tasks, f"runs: no task of kind {kind} is registered"
    with tempfile.TemporaryDirectory() as runs:
        words = {f"encoder.{key}": value for key, value in options.items()}
        if spec.extra["family"] == "neural":
            words["train.epochs"] = 1
        small = {"data.limit": 100, "quiet": True, "runs": runs, "fresh": True}
        result = run(task=tasks[0], encoder=spec.name, data="toy", **small, **words)
        assert math.isfinite(result.score), f"runs: {tasks[0]} on toy gives {result.score}"
        assert Path(result.folder, "run.json").is_file(), "runs: the record was not kept"
