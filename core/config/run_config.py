"""The configuration of one run: complete, checked, as text and as a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from core.config.budget import Budget, parse_budget
from core.config.options import options_of
from core.config.overrides import render
from core.config.schema import CHECKPOINT, PREDICT, RUN_KEYS, Choice, Parts, data_option_names
from core.registry import Spec
from core.registry.loading import import_target
from core.registry.source_hash import source_text


@dataclass(frozen=True, kw_only=True)
class RunConfig(Parts):
    """The configuration of one run, complete and checked: its parts with their options, and more.

    Args:
        embedding_options: the options of the join (``core.neural.concat_embedding:ConcatEmbedding``).
        head: the options of the head.
        train: the options of the trainer; of the neural family only, as those of prediction.
        predict: the options of prediction.
        data_options: core's own options of data (``core.data.options:DataOptions``).
        run: the keys of the run itself (``core.config.schema.RunOptions``).
        given: the keys that the user gives.
        plugins: the values of ``plugin=``; recorded, never loaded from a config.
        solved: the sizes that a budget of parameters has set, by full key.
    """

    embedding_options: dict[str, Any]
    head: dict[str, Any]
    train: dict[str, Any]
    predict: dict[str, Any]
    data_options: dict[str, Any]
    run: dict[str, Any]
    given: tuple[str, ...] = field(default=(), compare=False)
    plugins: tuple[str, ...] = field(default=(), compare=False)
    solved: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def budget(self) -> Budget:
        """What the encoder may spend."""
        return parse_budget(self.run["budget"])

    def specs(self, section: str = "") -> list[Spec]:
        """What the registry knows of encoder, embeddings, task and data, or of one of these sections.

        A plugin's kind and head are what its task consists of too.
        """
        chosen = (self.encoder, *self.embeddings.values(), self.task, self.data)
        found = [choice.spec for choice in chosen if choice.spec]
        if self.task.spec:
            found += [replace(self.task.spec, target=target) for target in self._foreign()]
        return [spec for spec in found if section in ("", spec.section)]

    def _foreign(self) -> list[type]:
        """The classes of the kind and of its head, where they are a plugin's; core's code is compared whole."""
        classes = (type(self.kind), self.head_class)
        return [target for target in classes if target and not target.__module__.startswith("core.")]

    @property
    def seeded(self) -> bool:
        """Whether what is learned depends on the seed of the run."""
        if not self.traits.whole:
            return not self.traits.exact
        ask = getattr(self.encoder.load(), "is_seeded", None)  # a class without it is refused later
        return ask is None or bool(ask(self.encoder.options))

    def flat(self) -> dict[str, str]:
        """Key -> value as text; ``expand`` of these arguments gives this configuration."""
        flat: dict[str, Any] = {"task": self.task.name} | _under("task", self.task.options)
        flat |= {"data": self.data.name} | _under("data", self.data.options | self.data_options)
        flat |= {"encoder": self.encoder.name} | _under("encoder", self.encoder.options)
        if self.embeddings:
            flat |= {"embedding": "+".join(self.embeddings)} | _under("embedding", self.embedding_options)
            for name, choice in self.embeddings.items():
                flat |= _under(f"embedding.{name}", choice.options)
        flat |= (
            _under("head", self.head) | _under("train", self.train) | _under("predict", self.predict) | self.run
        )
        if self.plugins:
            flat["plugin"] = list(self.plugins)
        return {key: render(value) for key, value in flat.items()}

    def id(self, fingerprint: str | None = None) -> str:
        """A hash of what is run, not of how (device, threads, folders, checkpoints): 12 hexadecimal digits.

        How rows are read in prediction belongs to it where it is not the default, and the budget of the run where
        there is one; the number of trials does not. So do ``test=false`` and ``tuned``.

        Args:
            fingerprint: the hash of the data's content.
        """
        usual = options_of(import_target(PREDICT, "predict"))
        how = [*RUN_KEYS, "plugin", *(f"predict.{k}" for k, v in self.predict.items() if v == usual[k].default)]
        how += [f"train.{name}" for name in options_of(import_target(CHECKPOINT, "train"))]
        what = {key: text for key, text in self.flat().items() if key not in how}
        what["seed"] = render(self.run["seed"])
        what |= {"budget": self.budget.of_run} if self.budget.of_run else {}
        what |= {
            key: render(self.run[key])
            for key, usual in (("test", True), ("tuned", None))
            if self.run[key] != usual
        }
        plugins = [self.task, self.data, self.encoder, *self.embeddings.values()]
        classes = [*(choice.load() for choice in plugins if choice.spec), *self._foreign()]
        sources = f"[{', '.join(_json_text(source_text(target)) for target in classes)}]"
        read = [c.load().fingerprint(c.options) for c in (*self.embeddings.values(), self.task)]
        encoded = [json.dumps(part, sort_keys=True) for part in (what, fingerprint, read)]
        text = f"[{encoded[0]}, {sources}, {encoded[1]}, {encoded[2]}]"
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def _json_text(text: str) -> str:
    """A text as JSON: of the sources of plugins, which a grid asks for in every run."""
    return json.dumps(text)


def _under(prefix: str, options: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{name}": value for name, value in options.items()}


def build_config(
    parts: Parts, values: dict[str, Any], given: tuple[str, ...], plugins: tuple[str, ...]
) -> RunConfig:
    """Group the values of a run (full key -> checked value) by what they belong to."""
    grouped: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        grouped.setdefault(section, {})[name] = value

    def below(prefix: str) -> dict[str, Any]:
        return grouped.get(prefix, {})

    def filled(choices: dict[str, Choice], section: str) -> dict[str, Choice]:
        return {n: replace(choice, options=below(f"{section}.{n}")) for n, choice in choices.items()}

    data, core_names = below("data"), data_option_names()
    return RunConfig(
        task=replace(parts.task, options=below("task")),
        data=replace(parts.data, options={k: v for k, v in data.items() if k not in core_names}),
        encoder=replace(parts.encoder, options=below("encoder")),
        embeddings=filled(parts.embeddings, "embedding"),
        embedding_options=below("embedding"),
        head=below("head"),
        train=below("train"),
        predict=below("predict"),
        data_options={k: v for k, v in data.items() if k in core_names},
        run={key: values[key] for key in RUN_KEYS},
        observers=filled(parts.observers, "observer"),
        given=given,
        plugins=plugins,
    )
