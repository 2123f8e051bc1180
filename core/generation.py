"""Text generation from any language model: words drawn one after the other from its distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le

from core.config.options import options_of
from core.data.vocab import END, UNK
from core.errors import UnknownName, nearest
from core.model.interface import LanguageModel
from core.types import Float64s, Floats, Int32s

BATCH = 128  # samples that are drawn together


class Sampling:
    """How words are drawn: the temperature is applied first, then ``top_k``, then ``top_p``.

    The unknown word is left out of every distribution, unless no other word has any probability.

    Args:
        n: the number of samples.
        temperature: divides the log-probabilities; below 1 favours likely words, above 1 rare ones.
        top_k: draw only from this many most likely words (Fan et al., 2018); 1 always takes the most likely.
        top_p: draw from the fewest words that together have this probability (Holtzman et al., 2020).
        seed: seeds the draws; the first samples do not depend on ``n``.
        length: the maximum number of new tokens per sample, including ends of rows.
        rows: the number of row ends after which a sample stops; none: only ``length`` limits it.
    """

    def __init__(
        self,
        *,
        n: Annotated[int, Ge(1)] = 1,
        temperature: Annotated[float, Gt(0)] = 1.0,
        top_k: Annotated[int, Ge(1)] | None = None,
        top_p: Annotated[float, Gt(0), Le(1)] | None = None,
        seed: Annotated[int, Ge(0)] = 1,
        length: Annotated[int, Ge(1)] = 50,
        rows: Annotated[int, Ge(1)] | None = 1,
    ) -> None:
        self.n, self.temperature, self.top_k, self.top_p = n, temperature, top_k, top_p
        self.seed, self.length, self.rows = seed, length, rows


def sampling(options: Mapping[str, Any]) -> Sampling:
    """Check options of sampling, each a name with its value or the value's text.

    Raises:
        ConfigError: a name does not exist, or a value does not fit.
    """
    known = options_of(Sampling)
    for name in options:
        if name not in known:
            raise UnknownName(f"there is no option '{name}'", where="generate", remedy=nearest(name, known))
    return Sampling(**{name: known[name].check(value, f"generate.{name}") for name, value in options.items()})


def generate(model: LanguageModel, prompt: Int32s, how: Sampling, prepared: Any = None) -> list[Int32s]:
    """Draw samples that continue a prompt.

    A model of running text (``stream``) continues past the end of a row; for any other each row is independent.

    Args:
        model: any language model.
        prompt: int32 (T,), ids of the row so far, without END in front.
        how: how words are drawn.
        prepared: what ``model.prepare`` returned for the open words of the prompt; without it all ids are closed.

    Returns:
        The new ids of each sample, with END between rows but not after the last.
    """
    draws = np.random.default_rng(how.seed).random((how.n, how.length))
    parts = [draws[at : at + BATCH] for at in range(0, how.n, BATCH)]
    blocks = [_block(_Reader(model, prepared), prompt, part, how) for part in parts]
    return [sample for block in blocks for sample in block]


def _block(reader: _Reader, prompt: Int32s, draws: Float64s, how: Sampling) -> list[Int32s]:
    """Draw some samples at once; a finished one is filled with END."""
    ids = np.full(draws.shape, END, dtype=np.int32)
    ends, rows = np.zeros(len(draws), dtype=int), how.rows or how.length + 1
    tokens = np.tile(np.append(np.int32(END), prompt), (len(draws), 1))  # (B, 1 + T)
    for step in range(draws.shape[1]):
        chosen = draw(distribution(reader.read(tokens), how), draws[:, step])  # (B,)
        unfinished = ends < rows
        ids[unfinished, step] = chosen[unfinished]
        ends += unfinished & (chosen == END)
        if (ends >= rows).all():
            break
        tokens = ids[:, step : step + 1]  # (B, 1)
        reader.restarted |= bool((tokens[ends < rows] == END).any())
    return [row[: np.argmax(np.append(np.cumsum(row == END) == rows, True))] for row in ids]


class _Reader:
    """Extends histories by the model's carried state if there is one, else by reading them in full each time.

    ``restarted`` means that some rows of the batch have started again, at different times, so that the batch has
    no common state to continue from.
    """

    def __init__(self, model: LanguageModel, prepared: Any) -> None:
        self.model, self.prepared, self.restarted = model, prepared, False
        self.histories: Int32s | None = None
        self.carry: Any = None

    def read(self, tokens: Int32s) -> Floats:
        """The distributions after more tokens, int32 (B, t): (B, vocab.size)."""
        histories = tokens if self.histories is None else np.concatenate([self.histories, tokens], 1)
        self.histories = histories
        if self.restarted and not self.model.stream:
            return self.model.next_log_probs(histories, self.prepared)
        log_probs, self.carry = self.model.advance(histories, tokens, self.carry, self.prepared)
        return log_probs


def distribution(log_probs: Floats, how: Sampling) -> Float64s:
    """The distribution that words are drawn from: natural logs (B, V) -> float64 (B, V), rows sum to 1."""
    scores = log_probs.astype(np.float64)
    known = scores.copy()
    known[:, UNK] = -np.inf
    scores = np.where(np.isfinite(known.max(1))[:, None], known, scores)
    scores -= scores.max(1, keepdims=True)  # before the division, which may overflow
    probs = np.exp(scores / how.temperature)
    if how.top_k is not None or how.top_p is not None:
        probs = _most_likely(probs, how.top_k, how.top_p)
    return np.asarray(probs / probs.sum(1, keepdims=True), dtype=np.float64)


def _most_likely(probs: Floats, top_k: int | None, top_p: float | None) -> Floats:
    """Probabilities with all but the most likely words at zero; of equal ones the lower ids stay."""
    order = np.argsort(-probs, axis=1, kind="stable")
    falling = np.take_along_axis(probs, order, 1)
    if top_k is not None:
        falling[:, top_k:] = 0.0
    if top_p is not None and top_p < 1:
        sums = np.cumsum(falling, 1)
        before = np.pad(sums[:, :-1], ((0, 0), (1, 0)))  # the probability of all more likely words
        falling[before >= top_p * sums[:, -1:]] = 0.0
    result = np.zeros_like(probs)
    np.put_along_axis(result, order, falling, 1)
    return result


def draw(probs: Float64s, draws: Float64s) -> Int32s:
    """Draw one word per row by the inverse of the cumulative distribution, never one of probability 0.

    probs (B, V), rows sum to 1; draws (B,), uniform in [0, 1) -> int32 (B,).
    """
    sums = np.cumsum(probs, 1)
    sums /= sums[:, -1:]  # the last is exactly 1, above every draw
    return np.asarray((sums <= draws[:, None]).sum(1), dtype=np.int32)
