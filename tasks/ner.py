"""Named entities: the spans of tokens that name a person, a place, ..., with their types."""

from __future__ import annotations

from typing import Any, ClassVar

from core.evaluation.span_task import SpanTask


class NamedEntities(SpanTask):
    """Names in a text and their types; scored by the F1 of whole names."""

    # names are seldom in train, but they are spelled as names are
    defaults: ClassVar[dict[str, Any]] = {"embedding": "random+affix", "head.crf": True}
