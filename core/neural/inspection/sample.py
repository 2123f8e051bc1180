"""Rows of a split for a look inside a network: few, short, and the same each time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.data.batching import Examples
from core.data.corpus import Corpus
from core.data.vocab import END
from core.errors import ConfigError
from core.model.interface import Model
from core.neural.model import NeuralModel
from core.types import Array, Int64s

BATCH = 64  # rows that are read together


class Window(NamedTuple):
    """A padded batch of rows, or of parts of a running text.

    Args:
        ids: int64 (B, T), open token ids, END beyond the length of a row.
        lengths: int64 (B,), 1 to T.
        targets: the answers, (B, T), or (B, ...) where each row has one; see ``Examples``.
        places: int64 (B, T), where in the tokens of the corpus each token that is read is; -1 where nowhere.
        per_row: whether each row has one answer.
    """

    ids: Int64s
    lengths: Int64s
    targets: Array
    places: Int64s
    per_row: bool


def neural(model: Model, purpose: str) -> NeuralModel:
    """A model as a network that reads rows; ConfigError where it is not one."""
    if isinstance(model, NeuralModel) and model.kind.reads_rows:
        return model
    what = f"{purpose} needs a network that reads rows, and this run has none"
    raise ConfigError(what, where="run", remedy="name a run with a neural encoder, such as encoder=lstm")


def windows(model: NeuralModel, corpus: Corpus, rows: int, width: int, seed: int = 0) -> list[Window]:
    """A random sample of rows in batches.

    Args:
        model: its kind says what is read, and whether rows are one running text.
        corpus: the split.
        rows: the largest number of rows.
        width: the largest number of tokens per row; the rest of a longer row is left out. Running text is cut into
            parts of so many tokens, each read from the initial state.
        seed: of the sample.
    """
    examples = model.kind.examples(corpus)
    starts, lengths = examples.starts, np.minimum(examples.lengths, width)
    if getattr(model, "stream", False):
        starts = np.arange(0, len(examples.inputs), width)
        lengths = np.minimum(width, len(examples.inputs) - starts)
    chosen = np.flatnonzero(lengths > 0)
    if len(chosen) > rows:
        chosen = np.random.default_rng(seed).choice(chosen, rows, replace=False)
    chosen = chosen[np.argsort(lengths[chosen], kind="stable")]
    shift = 1 if model.kind.language_model else 0  # a language model reads the token before the one it predicts
    parts = [chosen[at : at + BATCH] for at in range(0, len(chosen), BATCH)]
    return [_window(examples, starts[part], lengths[part], part, shift) for part in parts]


def _window(examples: Examples, starts: Int64s, lengths: Int64s, rows: Int64s, shift: int) -> Window:
    steps = np.arange(int(lengths.max()))
    inside = steps < lengths[:, None]  # (B, T)
    index = np.where(inside, starts[:, None] + steps, 0)
    ids = np.where(inside, examples.inputs[index], END).astype(np.int64)
    places = np.where(inside, index - shift, -1)  # the END before the first row is at -1
    if examples.per_row:
        return Window(ids, lengths, examples.answers[rows], places, per_row=True)
    return Window(ids, lengths, np.where(inside, examples.answers[index], -1), places, per_row=False)


def spelled(corpus: Corpus, part: Window) -> list[str]:
    """The tokens of the first row of a window, as they are written."""
    return corpus.spell(part.ids[0, : part.lengths[0]].astype(np.int32))
