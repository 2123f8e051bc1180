"""``score run=ID``: what probability a language model gives to sentences from arguments, ``file=`` or stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from core.cli.shared_keys import SentencesCommand
from core.data.lines import lines

if TYPE_CHECKING:
    from core.runs.trained_model import Score as SentenceScore
    from core.runs.trained_model import TrainedModel

BATCH = 1000  # sentences that are read before they are scored
HEADING = "log-probability\tperplexity\ttokens\tunknown\tsentence"


class Score(SentencesCommand):
    """Print one line per sentence: natural log-probability, perplexity per token, tokens, unknown words, sentence.

    The heading and the totals go to standard error, so that standard output is a table. The totals have two
    perplexities where some words are unknown: of the known tokens alone, and of all. Each sentence is scored
    alone, also by a model of running text.

    Args:
        sentences: what is scored; none reads the file or standard input.
        sort: print the most likely sentence first.
    """

    def __init__(self, *sentences: str, sort: bool = False, **options: Any) -> None:
        super().__init__(*sentences, **options)
        self.sort = sort

    def execute(self) -> None:
        """Print the scores and the totals."""
        model = self.load_model()
        scored = _scored(model, iter(self.sentences) if self.sentences else lines(self.file))
        normalized = model.model.normalized
        rows = sorted(scored, key=lambda row: -row[1].log_prob) if self.sort else scored
        _totals([_show(text, score, normalized) for text, score in rows], normalized)


def _scored(model: TrainedModel, texts: Iterator[str]) -> Iterator[tuple[str, SentenceScore]]:
    """Each sentence with its score."""
    heading = HEADING  # printed once something could be scored, so that an error is printed alone
    while batch := list(islice(texts, 1 if sys.stdin.isatty() else BATCH)):
        scores = model.score(batch)
        if heading:
            print(heading, file=sys.stderr)
        heading = ""
        yield from zip(batch, scores, strict=True)
        sys.stdout.flush()


def _show(text: str, score: SentenceScore, normalized: bool) -> SentenceScore:
    perplexity = _perplexity(score, normalized)
    print(f"{score.log_prob:.4f}\t{perplexity}\t{score.tokens}\t{score.unknown}\t{text}")
    return score


def _perplexity(score: SentenceScore, normalized: bool) -> str:
    return f"{score.perplexity:.2f}" if normalized and score.tokens else "-"


def _totals(scores: list[SentenceScore], normalized: bool) -> None:
    from core.runs.trained_model import Score as SentenceScore

    total = SentenceScore(*(sum(row[i] for row in scores) for i in range(4)))  # type: ignore[arg-type] # floats and ints
    known = SentenceScore(total.known_log_prob, total.tokens - total.unknown, 0, total.known_log_prob)
    text = f", perplexity of the {known.tokens:,} known {_perplexity(known, normalized)}"
    text = text if 0 < total.unknown < total.tokens else ""
    print(
        f"{len(scores):,} sentences, {total.tokens:,} tokens, {total.unknown:,} of them unknown:"
        f" log-probability {total.log_prob:.4f}{text}, perplexity {_perplexity(total, normalized)}",
        file=sys.stderr,
    )
