"""seqlab compares sequence encoders on tasks: how good, at what cost, and is the difference real.

``PUBLIC`` lists the public interface: within a major version its names and signatures stay, and only additions are
made. Everything else may change at any time.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from core.hooks import hookimpl
from core.registry.interactive import (
    register_dataset,
    register_embedding,
    register_encoder,
    register_observer,
    register_task,
)

if TYPE_CHECKING:
    from core.runs.result import Result
    from core.runs.trained_model import load

# Threads that spin while they wait make two-thread runs many times slower on a busy machine; threads that sleep at
# once halve its speed on an idle one. A short spin costs little in both cases.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
# NumPy's own threads (OpenBLAS) always spin, and its products here are small; torch has threads of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = [
    "hookimpl",
    "load",
    "register_dataset",
    "register_embedding",
    "register_encoder",
    "register_observer",
    "register_task",
    "run",
]

PUBLIC: dict[str, tuple[str, ...]] = {  # module -> names
    "core": tuple(__all__),
    "core.runs.result": ("Result",),
    "core.runs.trained_model": ("TrainedModel",),
    "core.errors": (
        "SeqlabError",
        "ConfigError",
        "UnknownName",
        "DataError",
        "PluginError",
        "TrainingError",
        "StoreError",
        "nearest",
    ),
    "core.cli.command": ("Command",),
    "core.printable": ("echo", "printable"),
    "core.hooks": ("Hooks", "RegisterKind", "RegisterEncoder", "RegisterFormat", "RegisterTask", "Register"),
    "core.model.context": ("Context",),
    "core.model.checkpoint": ("Checkpoints", "Part"),
    "core.model.runtime": ("Runtime",),
    "core.kinds.base": ("Kind",),
    "core.types": ("Table", "Note", "Question"),
    "core.model.interface": ("FilterActivation",),
    "core.neural.base": ("Encoder", "Embedding", "NeuralHead"),
    "core.neural.inspection.layers": ("Inspectable", "LayerStates", "LayerWeights"),
    "core.neural.ops.collation": ("distinct", "to_device"),
    "core.neural.ops.masking": ("inside", "cleared", "reversal", "reversed_rows"),
    "core.counting.base": ("CountModel", "CountHead"),
    "core.task": ("Task",),
    "core.row_sums": ("RowSums", "RowStatistic", "per_row", "label_counts", "pseudo_values"),
    "core.evaluation.metrics": (
        "perplexity",
        "bits",
        "accuracy",
        "per_label",
        "confusion",
        "macro_f1",
        "whole_rows",
    ),
    "core.evaluation.report_tables": ("label_table", "confusion_table"),
    "core.data.sources.base": ("Source",),
    "core.data.sources.blocks": ("Block",),
    "core.data.sources.formats": ("Format", "Labels"),
    "core.data.vocab": ("Vocab",),
    "core.data.batching": ("Examples",),
    "core.data.corpus": ("Ragged", "Corpus"),
    "core.experiment.observers": ("Observer",),
    "core.testing": ("check_encoder", "check_embedding", "check_task", "check_dataset", "check_observer"),
}


def run(**overrides: Any) -> Result:
    """Train and score one encoder on one task, as ``seqlab run`` does.

    Args:
        overrides: those of the command line; dotted keys in a dictionary: ``**{"encoder.hidden_size": 200}``.
            ``data`` may also be a ``datasets.DatasetDict``.

    Returns:
        The record; ``core.load(result.folder)`` is the trained model. With ``budget=trials:N`` it is that of the
        best options.

    Raises:
        core.errors.SeqlabError: the error that the command line would print.
    """
    from core.config import expand
    from core.errors import ConfigError
    from core.experiment.observers import make_observers
    from core.experiment.runner import run_one

    configs = expand(overrides)
    if len(configs) != 1:
        raise ConfigError(f"these overrides describe {len(configs)} runs", remedy="call run once for each")
    if configs[0].budget.trials:
        from core.search.search import tuned_result

        return tuned_result(configs, configs.search)
    return run_one(configs[0], make_observers(configs[0]))


def __getattr__(name: str) -> Any:
    if name == "load":  # imports numpy, which `list` does not need
        from core.runs.trained_model import load

        return load
    raise AttributeError(f"module 'core' has no attribute '{name}'")
