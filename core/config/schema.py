"""The keys that a pair of encoder and task has: the options of everything that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Le, Lt

from core.config.options import Option, options_of
from core.errors import ConfigError, UnknownName, nearest
from core.kinds import find_kind
from core.registry import Spec
from core.registry.loading import import_target

if TYPE_CHECKING:
    from core.kinds.base import Kind

TRAINER = "core.neural.trainer:Trainer"
VECTORS = "core.neural.concat_embedding:ConcatEmbedding"
DATA_OPTIONS = "core.data.options:DataOptions"
SECTIONS = ("task", "data", "embedding", "encoder", "head", "train", "observer")
JOINED = ("embedding", "observer")  # the sections of which ``+`` joins several

Schema = dict[str, Option]


class RunOptions:
    """The words of the run: how it is done, and how it is called.

    Args:
        seed: seeds every random draw of the run; a comma makes a run for each.
        device: auto, cpu, cuda, cuda:1 or mps.
        precision: of the neural family's arithmetic; auto takes bf16 where the device is quick at it.
        threads: CPU threads; auto suits the task.
        runs: the folder that runs are kept in.
        name: what the run is called, to find it again.
        quiet: show no progress.
        save: all, or none to keep the numbers alone.
        fresh: run again even if the same run is kept.
        data_dir: where a data set that is known by name is looked for first, in a folder of that name.
    """

    def __init__(
        self,
        *,
        seed: Annotated[int, Ge(0), Lt(2**63)] = 1,
        device: str = "auto",
        precision: Literal["auto", "fp32", "bf16"] = "auto",
        threads: Annotated[int, Ge(1), Le(256)] | Literal["auto"] = "auto",
        runs: str = "runs",
        name: str | None = None,
        quiet: bool = False,
        save: Literal["all", "none"] = "all",
        fresh: bool = False,
        data_dir: str | None = None,
    ) -> None: ...


RUN_WORDS = tuple(options_of(RunOptions))


@dataclass(frozen=True)
class Choice:
    """One thing that was chosen by name.

    Args:
        name: the name; for data that is no registered set, the path as it was written.
        spec: what the registry knows, None for such data.
        options: its options, complete.
        target: for such data, the path or the object from Python.
    """

    name: str
    spec: Spec | None
    options: dict[str, Any] = field(default_factory=dict)
    target: Any = None

    @property
    def extra(self) -> dict[str, Any]:
        """What its hook was told beside name and target, such as ``sees``."""
        return dict(self.spec.extra) if self.spec else {}

    def load(self) -> Any:
        """Its class."""
        if self.spec:
            return self.spec.load()
        from core.data.sources import source_class

        return source_class(self.target)


@dataclass(frozen=True)
class Parts:
    """What was chosen for one cell, by name.

    Args:
        task: the task.
        data: the data.
        encoder: the encoder.
        embeddings: the joined embeddings by name; none for the counting family.
        observers: who watches, by name.
    """

    task: Choice
    data: Choice
    encoder: Choice
    embeddings: dict[str, Choice]
    observers: dict[str, Choice] = field(default_factory=dict)

    def joined(self, section: str) -> dict[str, Choice]:
        """What ``+`` joined in a section of ``JOINED``."""
        return self.embeddings if section == "embedding" else self.observers

    @property
    def kind(self) -> Kind:
        """What the task predicts."""
        return find_kind(self.task.extra["kind"])

    @property
    def family(self) -> str:
        """``neural`` or ``counting``."""
        return str(self.encoder.extra["family"])


def data_option_names() -> tuple[str, ...]:
    """The names of core's own ``data.*`` options, which every source shares."""
    return tuple(options_of(import_target(DATA_OPTIONS, "data"), "data"))


def schema_of(parts: Parts) -> Schema:
    """Every key of one cell with its option; a part's option is ``embedding.PART.KEY``."""
    found: Schema = dict(options_of(RunOptions))

    def add(prefix: str, target: Callable[..., Any], where: str) -> None:
        found.update({f"{prefix}.{name}": option for name, option in options_of(target, where).items()})

    for section in ("task", "data", "encoder"):
        choice: Choice = getattr(parts, section)
        add(section, choice.load(), f"{section}={choice.name}")
    add("data", import_target(DATA_OPTIONS, "data"), "data")
    add("head", parts.kind.import_class("heads", parts.family), f"head of kind {parts.kind.name}")
    if parts.family == "neural":
        if parts.kind.reads_rows:  # else the embedding's fit is all the training there is
            add("train", import_target(TRAINER, "train"), "train")
        add("embedding", import_target(VECTORS, "embedding"), "embedding")
        for name, choice in parts.embeddings.items():
            add(f"embedding.{name}", choice.load(), f"embedding={name}")
    for name, choice in parts.observers.items():
        add(f"observer.{name}", choice.load(), f"observer={name}")
    return found


def find_key(key: str, schema: Schema, parts: Parts) -> str | ConfigError:
    """The full form of a key, or the error that says why this cell has no such key.

    Args:
        key: a dotted key as the user writes it; ``embedding.KEY`` means the one part that has it, and so with
            ``observer.KEY``.
        schema: the cell's keys.
        parts: the cell's choices.
    """
    section = key.partition(".")[0]
    if section in ("train", "embedding") and parts.family == "counting":
        what = f"{parts.encoder.name} counts: it has no {'training loop' if section == 'train' else 'embedding'}"
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
    """The full keys that a short one may stand for: one for each of the joined things that has the option."""
    section, _, name = key.partition(".")
    return [
        owner
        for part in (parts.joined(section) if section in JOINED else ())
        if (owner := f"{section}.{part}.{name}") in schema
    ]


def _unknown(key: str, section: str, schema: Schema, parts: Parts) -> UnknownName:
    known = [name for name in schema if name.startswith(f"{section}.")]
    known = [name.partition(".")[2] for name in known]
    if section in JOINED and len(parts.joined(section)) == 1:
        known = [name.rpartition(".")[2] for name in known]
    chosen = {
        "task": parts.task.name,
        "data": parts.data.name,
        "encoder": parts.encoder.name,
        "embedding": "+".join(parts.embeddings),
        "observer": "+".join(parts.observers),
        "head": f"of kind {parts.kind.name}, {parts.family}",
    }.get(section)
    owner = f"{section} ({chosen})" if chosen else section
    return UnknownName(f"{owner} has no such option", where=key, remedy=nearest(key.partition(".")[2], known))
