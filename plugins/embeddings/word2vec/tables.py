"""The arrays that training reads and updates, and the view of a thread on them by address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.types import Float32s, Int64s
from plugins.embeddings.word2vec.huffman import Tree, huffman
from plugins.embeddings.word2vec.native import kernels
from plugins.embeddings.word2vec.native.plan import GROUP, PIECE, Plan, curve
from plugins.embeddings.word2vec.native.simd import BYTES, LANES
from plugins.embeddings.word2vec.sampling import alias_table, keep_chances, noise_weights, whole
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.text import Text

ROWS = 4096  # vectors initialised at a time


def aligned_rows(count: int, size: int) -> Float32s:
    """Zeros (count, size) with rows aligned to cache lines; size is a multiple of ``LANES``."""
    raw = np.zeros(count * size + LANES, dtype=np.float32)
    start = -raw.ctypes.data % BYTES // 4
    return raw[start : start + count * size].reshape(count, size)


@dataclass(eq=False)
class Tables:
    """The arrays that all threads share.

    Args:
        text: the text to train on.
        chosen: int64 (V,), the code of each word.
        settings: the settings.
        seed: the seed of the initial vectors.

    Raises:
        DataError: the text contains invalid codes.
    """

    text: Text
    chosen: Int64s
    settings: Settings
    seed: int

    def __post_init__(self) -> None:
        size, dim = len(self.chosen), self.settings.dim
        self.text.check()
        counts = self.text.counts[self.chosen]
        self.known = np.full(len(self.text.counts), -1, dtype=np.int32)
        self.known[self.chosen] = np.arange(size, dtype=np.int32)
        self.keep = whole(keep_chances(counts, self.settings.sample, self.settings.subsampling))
        self.accept, self.alias = alias_table(noise_weights(counts))
        self.tree = Tree(*(np.zeros(1, dtype) for dtype in (np.int64, np.int32, np.float32)))
        if self.settings.output == "hierarchical":
            self.tree = huffman(counts, GROUP)
        self.inputs, self.outputs = (aligned_rows(size + 1, -(-dim // LANES) * LANES) for _ in range(2))
        random = np.random.default_rng(self.seed)
        for at in range(0, size, ROWS):  # in parts, to avoid a second table in memory
            start = random.random((min(ROWS, size - at), dim), dtype=np.float32)
            self.inputs[at : at + ROWS][: len(start), :dim] = (start - 0.5) / dim

    @property
    def vectors(self) -> Float32s:
        """float32 (V, dim)."""
        return self.inputs[: len(self.chosen), : self.settings.dim]

    @property
    def outputs_of_words(self) -> Float32s:
        """float32 (V, dim), without the spare row."""
        return self.outputs[: len(self.chosen), : self.settings.dim]

    @property
    def basis(self) -> str:
        """What the rows of ``outputs`` belong to: ``words``, or the hash of the tree with these inner nodes."""
        if self.settings.output != "hierarchical":
            return "words"
        state = hashlib.blake2b("\n".join(self.words).encode("utf-8", "surrogatepass"), digest_size=16)
        for array in self.tree:
            state.update(array.data)
        return state.hexdigest()

    @property
    def words(self) -> list[str]:
        """The words that get vectors, by descending frequency (V)."""
        return [self.text.words[code] for code in self.chosen.tolist()]

    def view(self) -> View:
        """A view for one more thread."""
        return View(self)


class View:
    """The plan of one thread, and its own arrays.

    Args:
        tables: the arrays that it shares with the other threads.
    """

    def __init__(self, tables: Tables) -> None:
        settings, size = tables.settings, len(tables.chosen)
        negative = settings.negative if settings.output == "negative" else 0
        padded, slots = -(-(1 + negative) // GROUP) * GROUP, PIECE + 2 * settings.window
        signs = np.zeros(padded, dtype=np.float32)
        signs[: negative + 1] = -1
        signs[0] = 1
        self.state = np.zeros(1, dtype=np.uint64)
        own: dict[str, Any] = {
            "words": np.zeros(slots, dtype=np.int32),
            "rows": np.full(slots * padded if negative else 1, size, dtype=np.int32),
            "signs": signs,
            "around": np.zeros(2 * settings.window, dtype=np.int64),
            "targets": np.zeros(GROUP, dtype=np.int64),
            "scores": np.zeros((2 * settings.window, GROUP), dtype=np.float32),
            "hidden": aligned_rows(3, tables.inputs.shape[1]),
            "chances": np.zeros(size if settings.output == "softmax" else 1, dtype=np.float32),
            "table": curve(),
            "state": self.state,
        }
        shared = ("known", "keep", "accept", "alias", "inputs", "outputs")
        self.arrays = {"text": tables.text.values} | {name: getattr(tables, name) for name in shared}
        self.arrays |= tables.tree._asdict() | own  # must live as long as the plan
        total = settings.epochs * len(tables.text.values)
        self.plan = Plan(
            size=size,
            width=4 * tables.inputs.shape[1],
            negative=negative,
            padded=padded,
            window=settings.window,
            full=settings.output == "softmax",
            cbow=settings.model == "cbow",
            share=settings.divide,
            start=settings.rate,
            slope=max(0.0, settings.rate - settings.min_alpha) / max(1, total),
            end=min(settings.rate, settings.min_alpha),
            **{name: array.ctypes.data for name, array in self.arrays.items()},
        )

    def train(self, pieces: Int64s, done: int) -> tuple[float, int]:
        """Train on pieces of the text with random numbers that continue from ``state``; see ``kernels.train``."""
        loss, predictions = kernels.train(self.plan, pieces, done)
        return float(loss), int(predictions)
