"""New text from any language model: words drawn one after the other from its distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from annotated_types import Ge, Gt, Le

from core.config.options import options_of
from core.data.vocab import END, UNK
from core.errors import UnknownName, nearest
from core.model.interface import LanguageModel
from core.types import Floats, Int32s

BATCH = 128  # samples that are drawn together


class Sampling:
    """How words are drawn: first the temperature, then ``top_k``, then ``top_p`` of what is left.

    The unknown word is left out of every distribution, unless nothing else has any probability.

    Args:
        n: how many samples.
        temperature: divides the log-probabilities; below 1 the likely words gain, above 1 the rare ones.
        top_k: draw among so many likeliest words only (Fan et al., 2018); 1 always takes the likeliest.
        top_p: draw among the fewest words that together have this probability (Holtzman et al., 2020).
        seed: seeds the draws; the first samples are the same whatever ``n``.
        length: at most so many new tokens a sample, ends of rows included.
        rows: a sample goes on through so many ends of rows; none: as far as ``length``.
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


def sampling(given: Mapping[str, Any]) -> Sampling:
    """Checked options of sampling.

    Args:
        given: name -> value, or its text.

    Raises:
        ConfigError: a name that does not exist, or a value that does not fit.
    """
    known = options_of(Sampling)
    for name in given:
        if name not in known:
            raise UnknownName(f"there is no option '{name}'", where="generate", remedy=nearest(name, known))
    return Sampling(**{name: known[name].check(value, f"generate.{name}") for name, value in given.items()})


def generate(model: LanguageModel, prompt: Int32s, how: Sampling) -> list[Int32s]:
    """Draw samples that go on from a prompt.

    A model of running text (``stream``) reads on past the end of a row; for any other each row is new.

    Args:
        model: any language model.
        prompt: int32 (T,), ids of the row so far (open ones where the model was told their words); END is
            put before it.
        how: how words are drawn.

    Returns:
        For each sample its new ids, END between rows; the last END that it may have is left out.
    """
    draws = np.random.default_rng(how.seed).random((how.n, how.length))
    blocks = [_block(model, prompt, draws[at : at + BATCH], how) for at in range(0, how.n, BATCH)]
    return [sample for block in blocks for sample in block]


def _block(model: LanguageModel, prompt: Int32s, draws: npt.NDArray[np.float64], how: Sampling) -> list[Int32s]:
    """Some samples at once; one that is over is filled with END."""
    reader, ids = _Reader(model), np.full(draws.shape, END, dtype=np.int32)
    ends, rows = np.zeros(len(draws), dtype=int), how.rows or how.length + 1
    news = np.tile(np.append(np.int32(END), prompt), (len(draws), 1))
    for step in range(draws.shape[1]):
        chosen = draw(distribution(reader.read(news), how), draws[:, step])  # (B,)
        going = ends < rows
        ids[going, step] = chosen[going]
        ends += going & (chosen == END)
        if (ends >= rows).all():
            break
        news = ids[:, step : step + 1]  # (B, 1)
        reader.restart |= bool((news[ends < rows] == END).any())
    return [row[: np.argmax(np.append(np.cumsum(row == END) == rows, True))] for row in ids]


class _Reader:
    """Reads histories further: by the model's state where it carries one, else all of them each time.

    ``restart`` says that some row of the batch has begun again, each at its own time, so that there is no one
    state to start from.
    """

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.restart = model, False
        self.histories: Int32s | None = None
        self.carry: Any = None

    def read(self, tokens: Int32s) -> Floats:
        """The distributions after more tokens, int32 (B, t): (B, vocab.size)."""
        histories = tokens if self.histories is None else np.concatenate([self.histories, tokens], 1)
        self.histories = histories
        if self.restart and not self.model.stream:
            return self.model.next_log_probs(histories)
        log_probs, self.carry = self.model.advance(histories, tokens, self.carry)
        return log_probs


def distribution(log_probs: Floats, how: Sampling) -> npt.NDArray[np.float64]:
    """What words are drawn from.

    Args:
        log_probs: (B, V), the model's natural logs.
        how: temperature, ``top_k`` and ``top_p``.

    Returns:
        float64 (B, V), rows sum to 1.
    """
    scores = log_probs.astype(np.float64)
    known = scores.copy()
    known[:, UNK] = -np.inf
    scores = np.where(np.isfinite(known.max(1))[:, None], known, scores)
    scores -= scores.max(1, keepdims=True)  # before the division, which may overflow
    probs = np.exp(scores / how.temperature)
    if how.top_k is not None or how.top_p is not None:
        probs = _likeliest(probs, how.top_k, how.top_p)
    return np.asarray(probs / probs.sum(1, keepdims=True), dtype=np.float64)


def _likeliest(probs: Floats, top_k: int | None, top_p: float | None) -> Floats:
    """Probabilities with all but the likeliest words at zero; of equal ones the lower ids stay."""
    order = np.argsort(-probs, axis=1, kind="stable")
    falling = np.take_along_axis(probs, order, 1)
    if top_k is not None:
        falling[:, top_k:] = 0.0
    if top_p is not None and top_p < 1:
        sums = np.cumsum(falling, 1)
        before = np.pad(sums[:, :-1], ((0, 0), (1, 0)))  # what the likelier words have already
        falling[before >= top_p * sums[:, -1:]] = 0.0
    kept = np.zeros_like(probs)
    np.put_along_axis(kept, order, falling, 1)
    return kept


def draw(probs: npt.NDArray[np.float64], draws: npt.NDArray[np.float64]) -> Int32s:
    """One word a row by the inverse of the cumulative distribution.

    Args:
        probs: (B, V), rows sum to 1.
        draws: (B,), uniform in [0, 1).

    Returns:
        int32 (B,); never a word of probability 0.
    """
    sums = np.cumsum(probs, 1)
    sums /= sums[:, -1:]  # the last is exactly 1, above every draw
    return np.asarray((sums <= draws[:, None]).sum(1), dtype=np.int32)
