"""``probs run=ID context="in the"``: the likeliest next words, and how they come by their probabilities."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from core.cli.common import KEPT, console, kept_run, refuse, take
from core.config.options import Option
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.runs.trained_model import Loaded
    from core.types import Int32s, Table

OWN = ("context", "n")
START = "<s>"


def verb(words: list[str]) -> None:
    """Print the ``n=10`` likeliest words after ``context=``; ``<s>`` as its first word is the start of a sentence.

    A model of counts also shows where each probability comes from. Any other reads the context from the start.
    """
    from rich.table import Table as Shown

    taken, rest = take(words, *KEPT, *OWN)
    refuse(rest, "probs", (*KEPT, *OWN))
    limit = Option("n", Annotated[int, Ge(1)], 10, "", "probs").check(taken.get("n", "10"), "probs.n")
    model = kept_run(taken, "probs")
    for plain in tables(model, taken.get("context", ""), limit):
        table = Shown(title=plain.title, title_justify="left")
        for number, heading in enumerate(plain.header):
            table.add_column(heading, justify="right" if number else "left")
        for row in plain.rows:
            table.add_row(*map(str, row))
        console().print(table)


def tables(model: Loaded, context: str, limit: int) -> list[Table]:
    """What is shown of a model and a context.

    Raises:
        ConfigError: the model does not predict next words.
    """
    import numpy as np

    from core.counting.heads.language import LanguageCountHead
    from core.data.vocab import END

    if model.task.kind != "next":
        what = f"task={model.config.task.name} is of kind {model.task.kind}: it predicts no next word"
        raise ConfigError(what, where="run", remedy="name a run of kind next")
    start, rest = context.split(" ")[0] == START, context
    if start:
        rest = context.removeprefix(START)[1:]
    row = model.corpus([rest])
    if unknown := sorted(set(row.words)):
        print(f"note: not in the vocabulary: {', '.join(unknown)}", file=sys.stderr)
    ids = row.closed.values[:-1]
    head = getattr(model.model, "head", None)
    if isinstance(head, LanguageCountHead):
        history = np.append(np.int32(END), ids) if start else ids
        if found := head.model.explain(history.astype(np.int32), model.vocab.words, limit):
            return found
    return [_plain(model, np.append(np.int32(END), ids)[None].astype(np.int32), limit)]


def _plain(model: Loaded, histories: Int32s, limit: int) -> Table:
    """The likeliest words alone, of any model."""
    import numpy as np

    from core.types import Table

    log_probs = model.model.next_log_probs(histories)[0]  # type: ignore[attr-defined] # a model of kind `next` has it
    best = np.argsort(-log_probs, kind="stable")[:limit]
    rows = [(model.vocab.words[i], f"{np.exp(log_probs[i]):.6f}") for i in best.tolist()]
    return Table("the likeliest next words", ("next word", "probability"), list(rows))
