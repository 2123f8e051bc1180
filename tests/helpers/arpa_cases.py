"""For the tests of ARPA files: a small file, models of random text, and a reader that scores gram by gram."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from context_cases import context_of

from core.data.corpus import Ragged
from core.data.vocab import SPECIALS
from plugins.encoders.ngram import NGram

SMALL = r"""\data\
ngram 1=5
ngram 2=4
ngram 3=2

\1-grams:
-1.5	<unk>
-99	<s>	-0.3
-0.8	</s>
-0.6	b	-0.1
-0.4	a	-2e-1

\2-grams:
-0.2	b a	-0.05
-0.25	<s> b	-0.15
-0.5	a </s>
-0.35	<s> a	0

\3-grams:
-0.1	<s> b a
-0.15	b a </s>

\end\
"""
MODELS = {
    "mkn": {"order": 3, "smoothing": "modified-kneser-ney"},
    "unigrams": {"order": 1, "smoothing": "modified-kneser-ney"},
    "long": {"order": 7, "smoothing": "witten-bell"},
    "pruned": {"order": 4, "smoothing": "kneser-ney", "prune": [0, 1, 1, 2]},
    "katz": {"order": 3, "smoothing": "katz"},
    "mle": {"order": 2, "smoothing": "mle"},
}
WORDS = [*SPECIALS, "the", "Grüße", "日本", "a-b", "1.5", "\\", "e"]


def written(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "model.arpa"
    path.write_bytes(text.encode())
    return path


def program(name: str) -> str | None:
    """One of KenLM's programs, on PATH or in KENLM_BIN; None if it is not installed."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("KENLM_BIN", ""), os.environ.get("PATH", "")]))


def random_rows(seed: int, rows: int, size: int = len(WORDS), longest: int = 9) -> list[list[int]]:
    """Rows of ids from 1, few of them frequent; some are empty."""
    draw = np.random.default_rng(seed)
    return [[int(w) for w in draw.zipf(1.5, draw.integers(0, longest)) % (size - 1) + 1] for _ in range(rows)]


def ragged(rows: list[list[int]]) -> Ragged:
    values = np.array([i for row in rows for i in [*row, 0]], dtype=np.int32)
    return Ragged(values, np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64))


def trained(seed: int = 1, rows: int = 200, **options) -> NGram:
    model = NGram(len(WORDS), **options)
    context = context_of(lambda predictions, corpus: {"x": 0.0}, "x")
    model.fit(ragged(random_rows(seed, rows)), ragged(random_rows(seed + 1, 40)), context)
    return model


def sentence(row: list[int]) -> str:
    return " ".join(WORDS[i] for i in row)


class ReferenceArpa:
    """An ARPA file as dictionaries, and Katz's recursion over them, in log10."""

    def __init__(self, path: Path) -> None:
        self.grams: dict[tuple[str, ...], tuple[float, float]] = {}
        order = 0
        for line in path.read_text("utf-8").split("\n"):
            if line.endswith("-grams:"):
                order = int(line[1:].partition("-")[0])
            elif order and line and line != "\\end\\":
                fields = line.split()
                backoff = float(fields[order + 1]) if len(fields) > order + 1 else 0.0
                self.grams[tuple(fields[1 : order + 1])] = float(fields[0]), backoff
        self.order = order

    def score(self, word: str, history: tuple[str, ...]) -> tuple[float, int]:
        """The log-probability of a word and the length of its longest known gram."""
        history = history[max(0, len(history) - self.order + 1) :]
        if (*history, word) in self.grams:
            return self.grams[(*history, word)][0], len(history) + 1
        below, length = self.score(word, history[1:])
        return below + self.grams.get(history, (0.0, 0.0))[1], length

    def sentence(self, words: list[str], bos: bool = True, eos: bool = True) -> list[tuple[float, int, bool]]:
        known = [word if (word,) in self.grams else "<unk>" for word in words]
        whole = [*["<s>"] * bos, *known, *["</s>"] * eos]
        places = range(int(bos), len(whole))
        return [(*self.score(whole[i], tuple(whole[:i])), whole[i] == "<unk>") for i in places]
