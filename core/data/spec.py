"""What a task needs of its data; the data layer knows nothing else of a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.types import Question


@dataclass(frozen=True)
class TokenSpec:
    """How rows become ids.

    Args:
        tokens: how raw text becomes tokens: ``space``, ``char`` or ``words``.
        min_count: rarer training words count as unknown.
        vocab_size: the largest number of ids, ``</s>`` and ``<unk>`` included; None for no bound.
        labels: what has a label: each ``token``, or each ``row``, which may have a ``number`` or a ``set`` of
            labels instead; or nothing. ``text``: the label of a row is a text, cut into tokens as the row is, with
            a vocabulary of its own under the same limits.
        running_text: whether the rows are one text in order: splits are cut from its end, ``<s>`` is reserved.
        scheme: of labels that mark spans, the scheme that they are converted to: ``auto`` (that of training),
            ``bio``, ``iob1`` or ``bioes``; empty for other labels.
        questions: the events of a task that has its own; only the training split is read then.
        separator: what separates the labels of a ``set`` that is read as text.
        marks: whether each row has two marked spans (``core.data.spans``), whose marks are ``hidden`` from its
            tokens, or ``tokens`` themselves.
    """

    tokens: str = "space"
    min_count: int = 1
    vocab_size: int | None = None
    labels: Literal["token", "row", "number", "set", "text"] | None = None
    running_text: bool = False
    scheme: str = ""
    questions: tuple[Question, ...] | None = None
    separator: str = "|"
    marks: Literal["hidden", "tokens"] | None = None
