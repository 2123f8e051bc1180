"""The head of kind ``vector``: nothing is trained by it, the embedding's rows are what is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from core.data.vocab import FIRST, UNK
from core.errors import ConfigError, UnknownName, nearest
from core.neural.base import Embedding, NeuralHead
from core.types import Bools, Float32s

if TYPE_CHECKING:
    from core.neural.model import NeuralModel
    from core.runs.trained_model import Loaded

PIECE = 8192  # ids that are looked up at a time
MOST = 20_000  # words that a misspelled one is compared with


class VectorHead(NeuralHead):
    """Adds nothing to the vectors: what its embedding's ``fit`` makes of the text is the model."""


def look_up(model: NeuralModel, ids: npt.NDArray[Any]) -> tuple[Float32s, Bools]:
    """The vectors that a model's encoder reads, of any kind of task.

    Args:
        model: the model; open words were spelled to its embedding.
        ids: open ids, int (n,).

    Returns:
        float32 (n, D), and which words have a vector of their own, bool (n,).
    """
    embedding = model.network.embedding
    vectors = np.zeros((len(ids), embedding.output_size), dtype=np.float32)
    has = np.zeros(len(ids), dtype=bool)
    for at in range(0, len(ids), PIECE):
        with model.quiet():
            some = model.put(ids[at : at + PIECE].astype(np.int64))[None]  # (1, n)
            vectors[at : at + PIECE] = embedding(some)[0].float().cpu().numpy()
            has[at : at + PIECE] = embedding.has(some)[0].cpu().numpy()
    return vectors, has


def vectors_of(loaded: Loaded, asked: Sequence[str] = ()) -> tuple[list[str], Float32s, Float32s]:
    """The words of a kept run that have a vector of their own, and the vectors of those asked for.

    Args:
        loaded: the run, of any kind of task.
        asked: words; the embedding's other forms of a word count for those too.

    Returns:
        The words (N), of an embedding with a table all of it in its order, else those of training by falling
        frequency; their vectors (N, D); and those that were asked for (Q, D).

    Raises:
        ConfigError: the run has no vectors.
        UnknownName: a word that was asked for has none.
    """
    from core.neural.model import NeuralModel

    if not isinstance(loaded.model, NeuralModel):
        what = f"encoder={loaded.config.encoder.name} counts, so its words have no vectors"
        raise ConfigError(what, where="run", remedy="name a run with an embedding")
    words, vectors = _all(loaded.model)
    if not words:
        remedy = "name a run whose embedding has some"
        raise ConfigError("no word of this run has a vector of its own", where="run", remedy=remedy)
    own, has = _own(loaded.model, asked)
    for word, found in zip(asked, has.tolist(), strict=True):
        if not found:
            remedy = nearest(word, (other for other in words[:MOST] if other != word))
            raise UnknownName(f"'{word}' has no vector", where="run", remedy=remedy)
    return words, vectors, own


def _all(model: NeuralModel) -> tuple[list[str], Float32s]:
    """The words that have a vector of their own, and these: the whole table of an only embedding that has one."""
    parts = [part for part in model.network.embedding.modules() if isinstance(part, Embedding)]  # the joined first
    if len(parts) == 2 and (table := parts[1].whole()) is not None:
        return list(table[0]), table[1]
    vectors, has = look_up(model, np.arange(FIRST, model.vocab.size))
    return [model.vocab.words[i + FIRST] for i in np.flatnonzero(has).tolist()], vectors[has]


def _own(model: NeuralModel, asked: Sequence[str]) -> tuple[Float32s, Bools]:
    """The vectors of some words (Q, D), and which have one (Q,)."""
    vocab = model.vocab
    new = [word for word in dict.fromkeys(asked) if word not in vocab.ids]
    model.spell(new)
    ids = vocab.ids | {word: vocab.size + i for i, word in enumerate(new)}
    rows = np.array([ids[word] for word in asked], dtype=np.int64)
    vectors, has = look_up(model, rows)
    return vectors, has & (rows != UNK)
