"""The families of encoders and in what they differ; nothing else compares the name of a family."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import LESS_MEMORY


@dataclass(frozen=True)
class Traits:
    """What core does with the encoders of one family.

    Args:
        noun: what one of them is, in messages.
        sections: the sections of options of a run with it, besides those that every run has.
        less_memory: what needs less memory.
        whole: whether it is a ``core.model.interface.Model``: no head, and so the kinds of task must be named.
        on_devices: whether it runs on the device of ``device=``; else on the CPU.
        reads_rows: whether it reads both sides of a token, whatever its encoder ``sees``.
        exact: whether its results depend neither on the seed nor on the number of threads.
        shared: whether several processes train one model together; else process 0 trains it alone.
    """

    noun: str
    sections: tuple[str, ...]
    less_memory: str
    whole: bool = False
    on_devices: bool = False
    reads_rows: bool = False
    exact: bool = False
    shared: bool = False


FAMILIES: dict[str, Traits] = {
    "neural": Traits(
        "neural encoder", ("embedding", "head", "train", "predict"), LESS_MEMORY, on_devices=True, shared=True
    ),
    "counting": Traits(
        "counting model",
        ("head",),
        "lower encoder.order, encoder.memory, task.vocab_size or data.limit",
        reads_rows=True,
        exact=True,
    ),
    "model": Traits(
        "whole model", (), "lower data.limit, or change its options (describe encoder=NAME)", whole=True
    ),
}
