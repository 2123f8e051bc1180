"""``score run=ID``: what probability a language model gives to sentences from arguments, ``file=`` or stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from core.cli.rows import DataRows, own_keys
from core.cli.shared_keys import SentencesCommand
from core.data.sources import formats
from core.printable import counted, echo

if TYPE_CHECKING:
    from core.runs.sentence_scores import Score as SentenceScore

BATCH = 1000  # sentences that are read before they are scored


class Score(SentencesCommand):
    """Print one line per sentence: natural log-probability, perplexity per token, tokens, unknown words, sentence.

    The heading and the totals go to standard error, so that standard output is a table. The totals have two
    perplexities where some words are unknown: of the known tokens alone, and of all. Each sentence is scored
    alone, also by a model of running text. A file is read as `evaluate` reads it, without blank lines unless the
    run has data.blank=keep.

    Args:
        sentences: what is scored; none reads the file or standard input.
        sort: print the most likely sentence first.
        input: of the file: raw (its lines), or a format such as conllu, columns, tsv, csv or jsonl; auto: as the
            run's data.format says, else by its ending and its first lines.
        text: the column of the text in a file with columns; none: as in training, or guessed.
    """

    def __init__(
        self, *sentences: str, sort: bool = False, input: str = "auto", text: str | None = None, **options: Any
    ) -> None:
        super().__init__(*sentences, **options)
        self.sort, self.input, self.text = sort, input, text

    def execute(self) -> None:
        """Print the scores and the totals."""
        scores: list[SentenceScore] = []
        self.notes: list[str] = []
        for text, score in (
            sorted(self._scored(), key=lambda row: -row[1].log_prob) if self.sort else self._scored()
        ):
            columns = f"{score.log_prob:.4f}", self._perplexity(score), score.tokens, score.unknown, text
            echo(*columns, separator="\t")
            scores.append(score)
        self._print_totals(scores)
        for note in self.notes:
            echo(f"note: {note}", error=True)

    def _scored(self) -> Iterator[tuple[str, SentenceScore]]:
        """Each sentence with its score."""
        model, rows = self.model, self._rows()
        heading = "log-probability\tperplexity\ttokens\tunknown\tsentence\n"
        while batch := list(islice(rows, 1 if sys.stdin.isatty() else BATCH)):
            scores = model.score(batch)
            sys.stderr.write(heading)  # once something could be scored, so that an error is printed alone
            heading = ""
            texts = (row if isinstance(row, str) else " ".join(row) for row in batch)
            yield from zip(texts, scores, strict=True)
            sys.stdout.flush()

    def _rows(self) -> Iterator[str | list[str]]:
        """The sentences, and what the user should know about their reading."""
        if self.sentences:
            yield from self.sentences
            return
        with own_keys():
            name = {"auto": None, "raw": formats.PLAIN}.get(self.input, self.input)
            rows = DataRows(self.file, self.input, self.text, self.own_options(name))
        yield from rows
        self.notes += rows.notes

    def _perplexity(self, score: SentenceScore) -> str:
        return f"{score.perplexity:.2f}" if self.model.model.normalized and score.tokens else "-"

    def _print_totals(self, scores: list[SentenceScore]) -> None:
        from core.runs.sentence_scores import Score as SentenceScore

        total = SentenceScore(*(sum(row[i] for row in scores) for i in range(4)))  # type: ignore[arg-type] # floats and ints
        known = SentenceScore(total.known_log_prob, total.tokens - total.unknown, 0, total.known_log_prob)
        text = f", perplexity of the {known.tokens:,} known {self._perplexity(known)}"
        sentences, tokens = counted(len(scores), "sentence"), counted(total.tokens, "token")
        counts = f"{sentences}, {tokens}, {total.unknown:,} of them unknown"
        text = f"log-probability {total.log_prob:.4f}{text if 0 < total.unknown < total.tokens else ''}"
        echo(f"{counts}: {text}, perplexity {self._perplexity(total)}", error=True)
