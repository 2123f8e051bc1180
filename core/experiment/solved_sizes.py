"""``budget=parameters:1M``: the sizes of a run, solved for its data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from core.config import RunConfig
from core.config.budget import FREE, KEY, SIZES, count_text
from core.config.changed import unseeded, values_of, with_values
from core.config.sizes import Sizes, open_sizes, sizes_of
from core.data import id_cache
from core.data.options import DataOptions
from core.data.prepare import Data, prepare_cached
from core.errors import ConfigError, SeqlabError
from core.experiment.size_search import TOLERANCE, SizeSearch
from core.runs import components
from core.task import Task
from core.types import Note

_known: dict[str, tuple[Sizes, int]] = {}  # what this process has solved

UNREACHABLE = "budget.parameters"  # the code of the error that no sizes come near the budget


def with_solved_sizes(config: RunConfig, task: Task, data: Data) -> tuple[RunConfig, list[Note]]:
    """A run with the sizes by which it has as many parameters as its budget says, and a note with them.

    All trained values count: those of the embedding, the encoder and the head, and the word vectors that the run
    trains; frozen vectors of a file do not. A run without a budget of parameters, or without parameters, stays as
    it is.

    Args:
        config: the run.
        task: its task.
        data: what it is trained on.

    Raises:
        ConfigError: the nearest number of parameters is more than 2 % away.
    """
    target = config.budget.parameters
    if target is None:
        return config, []
    from core.neural.parameter_count import unchanged_random_numbers

    key = _key(config, data)
    if key not in _known:
        with unchanged_random_numbers():
            _known[key] = _solve(config, task, data, target)
    sizes, count = _known[key]
    if not sizes and not count:
        text = f"{config.encoder.name} on {config.task.name} trains no parameters, whatever the budget"
        return config, [Note(FREE, text)]
    if abs(count - target) > TOLERANCE * target:
        raise _unreachable(config, target, count, sizes)
    text = f"{count:,} parameters with {_text(sizes) if sizes else 'the given sizes'}"
    note = Note(SIZES, text, {"parameters": count, "budget": target, "sizes": sizes})
    return replace(with_values(config, sizes), solved=sizes), [note]


def _solve(config: RunConfig, task: Task, data: Data, target: int) -> tuple[Sizes, int]:
    """The nearest sizes, without those that do not matter, and their number of parameters."""
    options, values = open_sizes(config), values_of(config)
    search = SizeSearch(_counter(config, task, data), options, {key: values[key] for key in options}, target)
    sizes, count = search.run()
    return {key: size for key, size in sizes.items() if key in search.options}, count


def _key(config: RunConfig, data: Data) -> str:
    """A hash of everything that the sizes depend on: seeds do not matter."""
    run_id = replace(config, run={**config.run, "seed": 0}).id()
    digest = hashlib.sha256(json.dumps([run_id, list(open_sizes(config))]).encode())
    for vocab in filter(None, (data.vocab, data.labels)):
        digest.update("\n".join(vocab.words).encode("utf-8", "surrogatepass") + vocab.counts.tobytes())
    return f"{digest.hexdigest()} {len(data.splits['train'].tokens.values)}"


def check_sizes(configs: Sequence[RunConfig]) -> None:
    """Solve the sizes of all runs of a grid before the first one trains; seeds do not matter.

    Raises:
        ConfigError: a budget is not within reach.
    """
    limited = {unseeded(config): config for config in configs if config.budget.parameters is not None}
    for config in limited.values():
        try:
            with_solved_sizes(config, *_read(config))
        except SeqlabError as error:  # of another one, the run says what is wrong
            if error.code == UNREACHABLE:
                raise


def _read(config: RunConfig) -> tuple[Task, Data]:
    """The task and the data of a run."""
    task, source = components.task(config), components.source(config)
    spec, options = config.kind.token_spec(task), DataOptions(**config.data_options)
    return task, prepare_cached(source, spec, options, id_cache.key(source.fingerprint(), spec, options))


def _counter(config: RunConfig, task: Task, data: Data) -> Callable[[Sizes], int]:
    """What counts the parameters of a run with other sizes."""
    from core.neural.model import NeuralModel
    from core.neural.parameter_count import count_parameters

    train = data.splits["train"]
    if config.kind.reads_rows:  # options of the head depend on the rows
        chosen = config.head_class.choose(config.head, config.kind.examples(train).lengths)
        config = replace(config, head={**config.head, **chosen})

    def count(sizes: Sizes) -> int:
        model = cast(NeuralModel, components.model(with_values(config, sizes), task, data.vocab, data.labels))
        return count_parameters(model, train)

    return count


def _unreachable(config: RunConfig, target: int, count: int, sizes: Sizes) -> ConfigError:
    """Why no sizes come near the budget, and the nearest number of parameters."""
    what = f"{config.encoder.name} on {config.task.name} cannot have {count_text(target)} parameters within 2 %"
    nearest = f"the nearest number is {count:,}"
    if sizes:
        nearest = f"scaled together, its sizes come nearest with {count:,} ({_text(sizes)})"
    elif given := sizes_of(config):
        nearest += f", since {', '.join(given)} {'is' if len(given) == 1 else 'are'} set"
    else:
        nearest += ", since no option of it is a size"
    remedy = f"set {KEY}=parameters:{count}"
    remedy += ", or lower task.vocab_size" if sizes and count > target else ""
    values = {"parameters": target, "nearest": count, "sizes": sizes}
    return ConfigError(f"{what}: {nearest}", where=KEY, remedy=remedy, code=UNREACHABLE, values=values)


def _text(sizes: Sizes) -> str:
    return " ".join(f"{key}={size}" for key, size in sizes.items())
