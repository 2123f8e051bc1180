"""Beam search: the text with the highest score per length, of those that a beam of prefixes finds."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from core.data.vocab import END

NOWHERE = -1  # the place of a word that comes from none


class Decoding(Protocol):
    """What writes K texts for each of B rows, word by word."""

    def step(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """The log-probabilities of the next words, and where each text looks now.

        Args:
            words: int64 (B, K), the last word of each text; END before the first.

        Returns:
            (B, K, V), and int64 (B, K): a token of the row, -1 for none.
        """

    def select(self, rows: Tensor, texts: Tensor) -> None:
        """Go on with other texts: int64 (B',) of the rows and (B', K') of their texts."""


class Found(NamedTuple):
    """The best text of each row.

    Args:
        words: int64 (B, L), END beyond the last word.
        places: int64 (B, L), where each word was looked for, -1 beyond the last word.
        scores: (B,), the log-probability with END, divided by its length to the power of the penalty.
    """

    words: Tensor
    places: Tensor
    scores: Tensor


def beam_search(
    decoding: Decoding, limits: Tensor, beam: int, penalty: float, dtype: torch.dtype = torch.float32
) -> Found:
    """Search a text for each row; nothing depends on the other rows.

    A text of n words and END has the score log p / (n + 1) ** penalty. A row is finished when ``beam`` texts have
    ended, when no other text can have a higher score, or at its limit, where every text ends.

    Args:
        decoding: before the first word, with one text per row.
        limits: int64 (B,), the largest number of words of each row.
        beam: the number of texts that are continued.
        penalty: 0 prefers short texts, 1 compares the mean log-probability per word.
        dtype: of the log-probabilities.
    """
    count, device, found = len(limits), limits.device, _nothing(limits, dtype)
    rows, ended = torch.arange(count, device=device), torch.zeros(count, dtype=torch.int64, device=device)
    words, scores = torch.full((count, 1), END, device=device), torch.zeros(count, 1, dtype=dtype, device=device)
    texts = torch.zeros(2, count, 1, 0, dtype=torch.int64, device=device)  # words and places (2, B, K, t)
    while len(rows):
        step, most = texts.shape[-1], limits[rows]
        log_probs, places = decoding.step(words)  # (b, K, V), (b, K)
        top, parents, chosen = _best(scores[..., None] + log_probs, step >= most, 2 * beam)  # (b, C) each
        ends = (chosen == END) & (top > -torch.inf)
        ends[:, beam:] = False
        _keep_best(found, rows, texts, top.masked_fill(~ends, -torch.inf) / (step + 1) ** penalty, parents)
        scores, at = top.masked_fill(chosen == END, -torch.inf).topk(min(beam, top.shape[1]))  # (b, K)
        parents, words = parents.gather(1, at), chosen.gather(1, at)
        ended = ended + ends.sum(1)
        limit = scores[:, 0] / (most + 1) ** penalty  # no text that goes on can have a higher score
        open_rows = ((ended < beam) & (limit > found.scores[rows]) & (step < most)).nonzero()[:, 0]
        parents, words, scores = parents[open_rows], words[open_rows], scores[open_rows]
        decoding.select(open_rows, parents)
        before = texts[:, open_rows[:, None], parents]  # (2, b, K, t)
        new = torch.stack([words, places[open_rows[:, None], parents]])[..., None]  # (2, b, K, 1)
        texts, rows, ended = torch.cat([before, new], -1), rows[open_rows], ended[open_rows]
    longest = int((found.words != END).sum(1).max()) if found.words.numel() else 0
    return Found(found.words[:, :longest], found.places[:, :longest], found.scores)


def _nothing(limits: Tensor, dtype: torch.dtype) -> Found:
    """No text for any row yet."""
    shape, device = (len(limits), int(limits.max()) if len(limits) else 0), limits.device
    words, places = torch.full(shape, END, device=device), torch.full(shape, NOWHERE, device=device)
    return Found(words, places, torch.full(shape[:1], -torch.inf, dtype=dtype, device=device))


def _best(total: Tensor, is_last: Tensor, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """The best ways to go on: scores (b, K, V) -> scores, texts and words (b, C).

    Args:
        total: of each text with each word.
        is_last: bool (b,), rows in which only END may follow.
        most: C at most.
    """
    others = torch.arange(total.shape[-1], device=total.device) != END
    total = total.masked_fill(is_last[:, None, None] & others, -torch.inf)
    top, flat = total.flatten(1).topk(min(most, total[0].numel()))  # (b, C)
    return top, flat // total.shape[-1], flat % total.shape[-1]


def _keep_best(found: Found, rows: Tensor, texts: Tensor, scores: Tensor, parents: Tensor) -> None:
    """Keep the texts that end now and are the best of their rows so far; see ``beam_search``."""
    best, at = scores.max(1)  # (b,)
    better = (best > found.scores[rows]).nonzero()[:, 0]
    own = rows[better]
    words, places = texts[:, better, parents[better, at[better]]]  # (n, t) each
    found.scores[own] = best[better]
    found.words[own], found.places[own] = END, NOWHERE
    found.words[own, : words.shape[1]], found.places[own, : places.shape[1]] = words, places
