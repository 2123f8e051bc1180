"""The posterior probabilities of the tags that each token can have, by the forward-backward algorithm."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from core.counting.hmm.transitions import Lattice, Transitions, advance, choices_of
from core.counting.hmm.viterbi import SPAN, bounds_of, width_of
from core.types import Float64s, Int64s


def tag_posteriors(lattice: Lattice, transitions: Transitions) -> tuple[Int64s, Int64s, Float64s]:
    """P(tag of a token | the whole row), summed over all tag sequences of the row (Baum et al., 1970).

    Args:
        lattice: the tags that each token can have.
        transitions: over END and the tags.

    Returns:
        For each tag that a token can have: the token, int64 (M,), the tag, a code from 1, int64 (M,), and the
        natural log of its probability, float64 (M,).
    """
    moves = transitions.table(lattice)
    counts = np.diff(lattice.starts)[lattice.forms]  # (N,)
    places = np.concatenate([[0], np.cumsum(counts)])  # where the tags of each token begin
    parts = (lattice.forms, lattice.starts, lattice.tags, lattice.emissions, moves.index, moves.log_probs)
    log_probs = _posteriors(lattice.offsets, places, parts, transitions.size, transitions.base, SPAN)
    tokens = np.repeat(np.arange(len(counts)), counts)
    which = np.arange(len(tokens)) - places[tokens] + lattice.starts[lattice.forms[tokens]]
    return tokens, lattice.tags[which], np.asarray(log_probs)


def _log_sum(values: Any) -> Any:
    """The log of the sum of exponentials."""
    peak = values.max()
    if np.isneginf(peak):
        return peak
    return peak + np.log(np.exp(values - peak).sum())


def _forward(span: Any, first: int, scores: Any, codes: Any, parts: Any, size: int, base: int) -> Any:
    """The log sums over the paths to each state, and its code, before each token of a span and after the last.

    Returns flat scores and codes, and where those before each token begin.
    """
    forms, starts, tags, emissions, index, table = parts
    begins = np.zeros(span[1] - span[0] + 2, dtype=np.int64)
    begins[1] = len(scores)
    for t in range(span[0], span[1]):
        begins[t - span[0] + 2] = begins[t - span[0] + 1] + width_of(forms, starts, t, size, first)
    all_scores, all_codes = np.empty(begins[-1]), np.empty(begins[-1], dtype=np.int64)
    all_scores[: begins[1]], all_codes[: begins[1]] = scores, codes
    for t in range(span[0], span[1]):
        own = slice(starts[forms[t]], starts[forms[t] + 1])
        drop, choices, emitted = choices_of(forms, starts, t - size, first), tags[own], emissions[own]
        at = t - span[0]
        scores, codes = all_scores[begins[at] : begins[at + 1]], all_codes[begins[at] : begins[at + 1]]
        rest, into = len(scores) // drop, begins[at + 1]
        for r in range(rest):
            for c in range(len(choices)):
                sums = scores[r::rest].copy()
                for k in range(drop):
                    sums[k] += table[index[codes[r + k * rest]], choices[c]]
                all_scores[into + r * len(choices) + c] = _log_sum(sums) + emitted[c]
        all_codes[into : begins[at + 2]] = advance(codes, drop, choices, base, len(index))
    return all_scores, all_codes, begins


def _backward(t: int, first: int, after: Any, codes: Any, parts: Any, size: int) -> Any:
    """The log sums over the rests of the paths from each state before the token at ``t``, of these codes."""
    forms, starts, tags, emissions, index, table = parts
    own = slice(starts[forms[t]], starts[forms[t] + 1])
    choices, emitted = tags[own], emissions[own]
    rest = len(codes) // choices_of(forms, starts, t - size, first)
    before, sums = np.empty(len(codes)), np.empty(len(choices))
    for s in range(len(codes)):
        line = index[codes[s]]
        for c in range(len(choices)):
            sums[c] = table[line, choices[c]] + emitted[c] + after[s % rest * len(choices) + c]
        before[s] = _log_sum(sums)
    return before


def _posteriors(offsets: Any, places: Any, parts: Any, size: int, base: int, tokens: int) -> Any:
    """The log-probability of each tag of each token, normalised, in spans as ``viterbi`` reads a row."""
    forms, starts, _, _, index, table = parts
    answer = np.full(places[-1], -np.inf)
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        begins, stored = bounds_of(forms, starts, first, last, tokens, size)
        all_scores, all_codes = np.zeros(stored[-1]), np.zeros(stored[-1], dtype=np.int64)
        for number in range(len(begins) - 1):
            own, span = slice(stored[number], stored[number + 1]), (begins[number], begins[number + 1])
            scores, codes, at = _forward(span, first, all_scores[own], all_codes[own], parts, size, base)
            after = slice(stored[number + 1], stored[number + 2])
            all_scores[after], all_codes[after] = scores[at[-2] :], codes[at[-2] :]
        beta = np.zeros(0)
        for number in range(len(begins) - 1, -1, -1):
            begin, end = begins[number], min(last, begins[number] + tokens)
            own = slice(stored[number], stored[number + 1])
            scores, codes, at = _forward((begin, end), first, all_scores[own], all_codes[own], parts, size, base)
            if end == last:
                beta = np.array([table[index[code], 0] for code in codes[at[-2] :]])
            for t in range(end - 1, begin - 1, -1):
                here = slice(at[t - begin + 1], at[t - begin + 2])
                count = places[t + 1] - places[t]
                joint = scores[here] + beta
                for c in range(count):
                    answer[places[t] + c] = _log_sum(joint[c::count])
                answer[places[t] : places[t + 1]] -= _log_sum(answer[places[t] : places[t + 1]])
                beta = _backward(t, first, beta, codes[at[t - begin] : at[t - begin + 1]], parts, size)
    return answer


_log_sum = numba.njit(cache=True)(_log_sum)
_forward = numba.njit(cache=True)(_forward)
_backward = numba.njit(cache=True)(_backward)
_posteriors = numba.njit(cache=True)(_posteriors)
