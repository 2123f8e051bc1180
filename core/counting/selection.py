"""Choosing on dev what the user left open in a counting model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from core.counting.base import CountHead
from core.data.corpus import Corpus
from core.errors import ConfigError
from core.model.context import Context

Options = dict[str, Any]
Build = Callable[[Options, Options], CountHead]  # (model options, head options) -> an unfitted head


def select(
    models: list[Options], heads: list[Options], build: Build, train: Corpus, dev: Corpus, context: Context
) -> tuple[Options, Options]:
    """Choose the model's options, with the first candidate of the head, and then the head's.

    Returns:
        The options with the best dev scores, the first of equal ones; a single candidate is not fitted.

    Raises:
        ConfigError: no candidate can be fitted.
    """
    quiet = replace(context, notify=lambda event, **facts: None)  # observers follow only the final fit
    steps, step = sum(len(candidates) for candidates in (models, heads) if len(candidates) > 1), count(1)

    def best(candidates: list[tuple[Options, Options]]) -> tuple[Options, Options]:
        if len(candidates) == 1:
            return candidates[0]
        scores, errors = dict[int, float](), list[ConfigError]()
        for i, candidate in enumerate(candidates):
            head, number = build(*candidate), next(step)
            try:
                head.fit(train, dev, quiet)
                scores[i] = context.score(head.predict(dev), dev)
            except ConfigError as error:  # such as too high an order
                errors.append(error)
            else:
                context.notify("progress", step=number, steps=steps)
        if not scores:
            raise errors[0]
        return candidates[max(scores, key=scores.__getitem__)]

    model, _ = best([(m, heads[0]) for m in models])
    return best([(model, h) for h in heads])
