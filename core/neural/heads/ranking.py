"""The rank of each right answer among all answers, without the scores of all events at once."""

from __future__ import annotations

import torch
from torch import Tensor

from core.neural.base import NeuralHead

CELLS = 1 << 22  # scores of events times answers that exist at a time


def rank_events(head: NeuralHead, states: Tensor, answers: Tensor, first: int, top: int = 0) -> dict[str, Tensor]:
    """The log-probability and the rank of right answers; see ``core.kinds.ranks``.

    Args:
        head: gives the log-probabilities of all answers.
        states: (N, H).
        answers: int64 (N,); one below ``first`` comes after all those that are ranked.
        first: the first answer that is ranked.
        top: how many likely answers of each event are wanted.

    Returns:
        ``word`` int32 (N,), the best answer, ``log_prob`` (N,), ``above`` and ``ties`` int32 (N,); with ``top``
        also ``top_words`` int32 (N, K) and ``top_log_probs`` (N, K).
    """
    size = max(1, CELLS // head.size)
    starts = range(0, max(1, len(states)), size)
    parts = [_rank(head, states[at : at + size], answers[at : at + size], first, top) for at in starts]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def _rank(head: NeuralHead, states: Tensor, answers: Tensor, first: int, top: int) -> dict[str, Tensor]:
    log_probs = head.log_probs(states)  # (n, V)
    own, ranked = log_probs.gather(1, answers[:, None]), log_probs[:, first:]  # (n, 1), (n, V - first)
    known = answers >= first
    above = torch.where(known, (ranked > own).sum(1), ranked.shape[1])
    ties = torch.where(known, (ranked == own).sum(1), 1)
    found = {
        "word": (ranked.argmax(1) + first).int(),
        "log_prob": own[:, 0],
        "above": above.int(),
        "ties": ties.int(),
    }
    if top:
        values, places = ranked.topk(min(top, ranked.shape[1]), 1)  # (n, K)
        found |= {"top_words": (places + first).int(), "top_log_probs": values}
    return found
