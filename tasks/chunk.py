"""Chunking: the phrases of a sentence that do not overlap (noun phrases, verb groups, ...)."""

from __future__ import annotations

from typing import Any, ClassVar

from core.evaluation.span_task import SpanTask


class Chunking(SpanTask):
    """Phrases that do not overlap, and their types; scored by the F1 of whole phrases."""

    defaults: ClassVar[dict[str, Any]] = {"embedding": "random+affix", "head.crf": True}
