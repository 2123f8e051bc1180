"""``probs run=ID context="in the"``: the likeliest next words, and how they come by their probabilities."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from core.cli.common import KEPT, console, kept_run, refuse, take
from core.config.options import Option

if TYPE_CHECKING:
    from core.runs.trained_model import TrainedModel
    from core.types import Int32s, Table

OWN = ("context", "n")
START = "<s>"


def verb(words: list[str]) -> None:
    """Print the ``n=10`` likeliest words after ``context=``; ``<s>`` as its first word is the start of a sentence.

    A model of counts also shows where each probability comes from. Any other reads the context from the start.
    """
    from core.view.plain_table import as_rich

    taken, rest = take(words, *KEPT, *OWN)
    refuse(rest, "probs", (*KEPT, *OWN))
    limit = Option("n", Annotated[int, Ge(1)], 10, "", "probs").check(taken.get("n", "10"), "probs.n")
    model = kept_run(taken, "probs")
    for table in tables(model, taken.get("context", ""), limit):
        console().print(as_rich(table))


def tables(model: TrainedModel, context: str, limit: int) -> list[Table]:
    """What is shown of a model and a context.

    Raises:
        ConfigError: the model does not predict next words.
    """
    import numpy as np

    from core.data.vocab import END

    language_model = model.language_model("probs")
    start, rest = context.split(" ")[0] == START, context
    if start:
        rest = context.removeprefix(START)[1:]
    row = model.corpus([rest])
    if unknown := sorted(set(row.words)):
        print(f"note: not in the vocabulary: {', '.join(unknown)}", file=sys.stderr)
    ids = row.closed.values[:-1]
    history = np.append(np.int32(END), ids) if start else ids
    if explained := language_model.explain_next(history.astype(np.int32), model.vocab.words, limit):
        return explained
    return [_likeliest(model, np.append(np.int32(END), ids)[None].astype(np.int32), limit)]


def _likeliest(model: TrainedModel, histories: Int32s, limit: int) -> Table:
    """The likeliest words alone, of any model."""
    import numpy as np

    from core.types import Table

    log_probs = model.language_model("probs").next_log_probs(histories)[0]
    best = np.argsort(-log_probs, kind="stable")[:limit]
    rows = [(model.vocab.words[i], f"{np.exp(log_probs[i]):.6f}") for i in best.tolist()]
    return Table("the likeliest next words", ("next word", "probability"), list(rows))
