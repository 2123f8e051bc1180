"""``score run=ID``: what a language model says of sentences from arguments, ``file=`` or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from core.cli.common import KEPT, check_input, kept_run, refuse_keys, take
from core.data.lines import lines

if TYPE_CHECKING:
    from core.runs.trained_model import Score, TrainedModel

BATCH = 1000  # sentences that are read before they are scored
OWN = ("file", "sort")
HEADING = "log-probability\tperplexity\ttokens\tunknown\tsentence"


def verb(words: list[str]) -> None:
    """Print a line a sentence: natural log-probability, perplexity a token, tokens, unknown words, the sentence.

    ``sort=true`` puts the likeliest sentence first. The heading and the totals go to standard error, so that
    standard output is a table. The totals have two perplexities where some words are unknown: of the known tokens
    alone, and of all. Each sentence is scored alone, also by a model of running text.
    """
    taken, sentences = take(words, *KEPT, *OWN)
    refuse_keys(sentences, "score", (*KEPT, *OWN))
    check_input(taken, sentences)
    from core.config.options import Option

    ranked = Option("sort", bool, False, "", "score").check(taken.get("sort", "false"), "score.sort")
    model = kept_run(taken, "score")
    scored = _scored(model, iter(sentences) if sentences else lines(taken.get("file")))
    normalized = model.model.normalized
    rows = sorted(scored, key=lambda row: -row[1].log_prob) if ranked else scored
    _totals([_show(text, score, normalized) for text, score in rows], normalized)


def _scored(model: TrainedModel, texts: Iterator[str]) -> Iterator[tuple[str, Score]]:
    """Each sentence with its score."""
    heading = HEADING  # told once something could be scored, so that an error stands alone
    while batch := list(islice(texts, 1 if sys.stdin.isatty() else BATCH)):
        scores = model.score(batch)
        if heading:
            print(heading, file=sys.stderr)
        heading = ""
        yield from zip(batch, scores, strict=True)
        sys.stdout.flush()


def _show(text: str, score: Score, normalized: bool) -> Score:
    perplexity = _perplexity(score, normalized)
    print(f"{score.log_prob:.4f}\t{perplexity}\t{score.tokens}\t{score.unknown}\t{text}")
    return score


def _perplexity(score: Score, normalized: bool) -> str:
    return f"{score.perplexity:.2f}" if normalized and score.tokens else "-"


def _totals(scores: list[Score], normalized: bool) -> None:
    from core.runs.trained_model import Score

    whole = Score(*(sum(row[i] for row in scores) for i in range(4)))  # type: ignore[arg-type] # floats and ints
    known = Score(whole.known_log_prob, whole.tokens - whole.unknown, 0, whole.known_log_prob)
    told = f", perplexity of the {known.tokens:,} known {_perplexity(known, normalized)}"
    told = told if 0 < whole.unknown < whole.tokens else ""
    print(
        f"{len(scores):,} sentences, {whole.tokens:,} tokens, {whole.unknown:,} of them unknown:"
        f" log-probability {whole.log_prob:.4f}{told}, perplexity {_perplexity(whole, normalized)}",
        file=sys.stderr,
    )
