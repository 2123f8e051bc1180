"""``probs run=ID context="in the"``: the most likely next words, and how their probabilities arise."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from core.cli.console import print_table
from core.cli.shared_keys import ModelCommand

if TYPE_CHECKING:
    from core.model.interface import LanguageModel
    from core.runs.trained_model import TrainedModel
    from core.types import Int32s, Table

START = "<s>"


class Probs(ModelCommand):
    """Print the most likely words after a context.

    An n-gram model also shows where each probability comes from. Any other model reads the context from the start.

    Args:
        context: the words before; `<s>` as the first one is the start of a sentence.
        n: how many words are shown.
    """

    def __init__(self, *, context: str = "", n: Annotated[int, Ge(1)] = 10, **options: Any) -> None:
        super().__init__(**options)
        self.context, self.limit = context, n

    def execute(self) -> None:
        """Print the tables."""
        for table in tables(self.load_model(), self.context, self.limit):
            print_table(table.title, table.header, table.rows)


def tables(model: TrainedModel, context: str, limit: int) -> list[Table]:
    """What is shown for a model and a context.

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
    return [_most_likely(language_model, np.append(np.int32(END), ids).astype(np.int32), model.vocab.words, limit)]


def _most_likely(model: LanguageModel, history: Int32s, words: Sequence[str], limit: int) -> Table:
    """The most likely words alone, for any model."""
    import numpy as np

    from core.types import Table

    log_probs = model.next_log_probs(history[None])[0]
    best = np.argsort(-log_probs, kind="stable")[:limit]
    rows = [(words[i], f"{np.exp(log_probs[i]):.6f}") for i in best.tolist()]
    return Table("the most likely next words", ("next word", "probability"), list(rows))
