"""The keys of a run: the options of everything that it consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le, Lt

from core.config.budget import AsBudget
from core.config.options import Option, options_of
from core.errors import ConfigError, UnknownName, closest, nearest
from core.families import FAMILIES, Traits
from core.kinds import find_kind
from core.registry import Spec
from core.registry.loading import import_target

if TYPE_CHECKING:
    from core.kinds.base import Kind

TRAINER = "core.neural.trainer:Trainer"
CHECKPOINT = "core.model.checkpoint:CheckpointOptions"
PREDICT = "core.model.prediction:PredictOptions"
CONCAT_EMBEDDING = "core.neural.concat_embedding:ConcatEmbedding"
DATA_OPTIONS = "core.data.options:DataOptions"
SECTIONS = ("task", "data", "embedding", "encoder", "head", "train", "predict", "observer")
# sections that only some families have -> what such a family has
BY_FAMILY = {"embedding": "embedding", "head": "head", "train": "training loop", "predict": "limit of tokens"}
MISSPELLED = "key.misspelled"  # the code of an unknown key that resembles a known one

Schema = dict[str, Option]


class RunOptions:
    """The keys of the run itself: how it is executed, named and saved.

    Args:
        seed: seed of all random numbers of the run; several seeds, separated by commas, make one run per seed.
        budget: what each encoder may spend: parameters:1M (its sizes are solved), time:60s (of training) or
            trials:20 (of a search), joined by + (docs/concepts.md, "Equal budgets"); none: no limit.
        device: auto, cpu, cuda, cuda:1 or mps; auto takes a GPU if there is one.
        precision: number format of neural models; auto takes bf16 on a GPU that supports it, else fp32.
        threads: number of CPU threads, of each process (docs/processes.md); auto chooses it by the task.
        runs: folder in which runs are saved.
        name: a name under which the saved run can be found again.
        quiet: whether the progress display is off.
        save: all saves model, predictions and results; none saves the results only.
        test: false neither predicts nor scores the test split, as in the trials of a search.
        tuned: which search has chosen the options, as the search writes it; none: they were not searched.
        fresh: whether to run again although the same run is saved.
        data_dir: folder that is searched first for the files of a named data set, in a subfolder of its name.
    """

    def __init__(
        self,
        *,
        seed: Annotated[int, Ge(0), Lt(2**63)] = 1,
        budget: Annotated[str | None, AsBudget()] = None,
        device: str = "auto",
        precision: Literal["auto", "fp32", "bf16"] = "auto",
        threads: Annotated[int, Ge(1), Le(256)] | Literal["auto"] = "auto",
        runs: str = "runs",
        name: str | None = None,
        quiet: bool = False,
        save: Literal["all", "none"] = "all",
        test: bool = True,
        tuned: str | None = None,
        fresh: bool = False,
        data_dir: str | None = None,
    ) -> None: ...


RUN_KEYS = tuple(options_of(RunOptions))


@dataclass(frozen=True)
class Choice:
    """One thing that is chosen by name.

    Args:
        name: the name; for data that is not registered, the path as the user writes it.
        spec: what the registry knows; None for data that is not registered.
        options: its options, complete.
        target: for data that is not registered, the path or the object from Python.
    """

    name: str
    spec: Spec | None
    options: dict[str, Any] = field(default_factory=dict)
    target: Any = None

    @property
    def extra(self) -> dict[str, Any]:
        """The further arguments of its registration, such as ``sees``."""
        return dict(self.spec.extra) if self.spec else {}

    def load(self) -> Any:
        """Its class."""
        if self.spec:
            return self.spec.load()
        from core.data.sources import source_class

        return source_class(self.target)


@dataclass(frozen=True)
class Parts:
    """What one run chooses by name; embeddings (of the neural family) and observers are by name.

    Observers are not part of what is run, so they are never recorded.
    """

    task: Choice
    data: Choice
    encoder: Choice
    embeddings: dict[str, Choice] = field(default_factory=dict)
    observers: dict[str, Choice] = field(default_factory=dict, compare=False)

    def joined(self, section: str) -> dict[str, Choice]:
        """What ``+`` joins in a section; empty for the sections that join nothing."""
        return {"embedding": self.embeddings, "observer": self.observers}.get(section, {})

    @cached_property
    def kind(self) -> Kind:
        """What the task predicts."""
        return find_kind(self.task.extra["kind"])

    @property
    def family(self) -> str:
        """A key of ``core.families.FAMILIES``."""
        return str(self.encoder.extra["family"])

    @property
    def traits(self) -> Traits:
        """What core does with the encoders of its family."""
        return FAMILIES[self.family]

    @property
    def head_class(self) -> Any:
        """The class of the head; None where the family has no heads."""
        return self.kind.import_class("heads", self.family) if "head" in self.traits.sections else None


def data_option_names() -> tuple[str, ...]:
    """The names of core's own ``data.*`` options, which every source shares."""
    return tuple(options_of(import_target(DATA_OPTIONS, "data"), "data"))


def schema_of(parts: Parts) -> Schema:
    """Every key of one run with its option; that of a joined part is ``embedding.PART.KEY``."""
    schema: Schema = dict(options_of(RunOptions))

    def add(prefix: str, target: Any, where: str) -> None:
        schema.update({f"{prefix}.{name}": option for name, option in options_of(target, where).items()})

    for choice, section in ((parts.task, "task"), (parts.data, "data"), (parts.encoder, "encoder")):
        add(section, choice.load(), f"{section}={choice.name}")
    add("data", import_target(DATA_OPTIONS, "data"), "data")
    if parts.head_class:
        add("head", parts.head_class, f"head of kind {parts.kind.name}")
    for section, target in {"train": TRAINER, "predict": PREDICT, "embedding": CONCAT_EMBEDDING}.items():
        # where no rows are read, the embedding's fit is all the training there is
        if section in parts.traits.sections and (parts.kind.reads_rows or section == "embedding"):
            add(section, import_target(target, section), section)
    if "train" in parts.traits.sections:
        add("train", import_target(CHECKPOINT, "train"), "train")
    for section in ("embedding", "observer"):
        for name, choice in parts.joined(section).items():
            add(f"{section}.{name}", choice.load(), f"{section}={name}")
    return schema


def find_key(key: str, schema: Schema, parts: Parts) -> str | ConfigError:
    """The full form of a key, or the error that says why this run has no such key.

    ``embedding.KEY`` and ``observer.KEY`` mean the one joined part that has the option.
    """
    section = key.partition(".")[0]
    if section in BY_FAMILY and section not in parts.traits.sections:
        what = f"{parts.encoder.name} is a {parts.traits.noun}: it has no {BY_FAMILY[section]}"
        return ConfigError(what, where=key, remedy=f"leave {key} out, or choose a neural encoder")
    if key in schema:
        return key
    owners = owners_of(key, schema, parts)
    if len(owners) == 1:
        return owners[0]
    if owners:
        return ConfigError(f"several {section}s have it", where=key, remedy="write " + " or ".join(owners))
    return _unknown(key, section, schema, parts)


def owners_of(key: str, schema: Schema, parts: Parts) -> list[str]:
    """The full keys that a short one may mean: one per joined part that has the option."""
    section, _, name = key.partition(".")
    return [full for part in parts.joined(section) if (full := f"{section}.{part}.{name}") in schema]


def _unknown(key: str, section: str, schema: Schema, parts: Parts) -> UnknownName:
    known = [name.partition(".")[2] for name in schema if name.startswith(f"{section}.")]
    if len(parts.joined(section)) == 1:
        known = [name.rpartition(".")[2] for name in known]
    named = {"task": parts.task, "data": parts.data, "encoder": parts.encoder}
    chosen = named[section].name if section in named else "+".join(parts.joined(section))
    if section == "head":
        chosen = f"of kind {parts.kind.name}, {parts.family}"
    owner, name = f"{section} ({chosen})" if chosen else section, key.partition(".")[2]
    code = MISSPELLED if closest(name, known) else ""
    return UnknownName(f"{owner} has no such option", where=key, remedy=nearest(name, known), code=code)
