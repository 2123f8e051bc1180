"""``probs run=ID context="in the"``: the most likely next words, and how their probabilities arise."""

from __future__ import annotations

from typing import Any

from core.cli.console import print_table
from core.cli.shared_keys import ModelCommand, Positive
from core.printable import echo


class Probs(ModelCommand):
    """Print the most likely words after a context.

    An n-gram model also shows where each probability comes from. Any other model reads the context from the start.

    Args:
        context: the words before; `<s>` as the first one is the start of a sentence.
        n: how many words are shown.
    """

    def __init__(self, *, context: str = "", n: Positive = 10, **options: Any) -> None:
        super().__init__(**options)
        self.context, self.limit = context, n

    def execute(self) -> None:
        """Print the tables."""
        import numpy as np

        from core.data.vocab import END, START

        model, words = self.model.language_model("probs"), self.model.vocab.words
        first, _, rest = self.context.partition(" ")
        row = self.model.corpus([rest if first == START else self.context])
        if row.words:
            echo(f"note: not in the vocabulary: {', '.join(sorted(row.words))}", error=True)
        ids = np.append(np.int32(END), row.closed.values[:-1]).astype(np.int32)
        tables = model.explain_next(ids if first == START else ids[1:], words, self.limit)
        for table in tables:
            print_table(*table)
        if not tables:
            log_probs = model.next_log_probs(ids[None])[0]
            best = np.argsort(-log_probs, kind="stable")[: self.limit].tolist()
            rows = [(words[i], f"{np.exp(log_probs[i]):.6f}") for i in best]
            print_table("the most likely next words", ("next word", "probability"), rows)
