"""``score run=ID``: what a language model says of sentences from arguments, ``file=`` or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from core.data.lines import lines
from core.verbs.common import KEPT, kept_run, refuse_keys, take

if TYPE_CHECKING:
    from core.loaded import Loaded, Score

BATCH = 1000  # sentences that are read before they are scored
OWN = ("file", "sort")
HEADING = "log-probability\tperplexity\ttokens\tunknown\tsentence"


def verb(words: list[str]) -> None:
    """Print a line a sentence: natural log-probability, perplexity a token, tokens, unknown words, the sentence.

    ``sort=true`` puts the likeliest sentence first. The heading and the totals go to standard error, so that
    standard output is a table. Each sentence is scored alone, also by a model of running text.
    """
    taken, sentences = take(words, *KEPT, *OWN)
    refuse_keys(sentences, "score", (*KEPT, *OWN))
    from core.options import Option

    ranked = Option("sort", bool, False, "", "score").check(taken.get("sort", "false"), "score.sort")
    model = kept_run(taken, "score")
    scored = _scored(model, iter(sentences) if sentences else lines(taken.get("file")))
    normalized = getattr(model.model, "normalized", True)
    rows = sorted(scored, key=lambda row: -row[1].log_prob) if ranked else scored
    _totals([_show(text, score, normalized) for text, score in rows], normalized)


def _scored(model: Loaded, texts: Iterator[str]) -> Iterator[tuple[str, Score]]:
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
    from core.loaded import Score

    sums = Score(*(sum(row[i] for row in scores) for i in range(3)))  # type: ignore[arg-type] # one float and two ints
    print(
        f"{len(scores):,} sentences, {sums.tokens:,} tokens, {sums.unknown:,} of them unknown:"
        f" log-probability {sums.log_prob:.4f}, perplexity {_perplexity(sums, normalized)}",
        file=sys.stderr,
    )
