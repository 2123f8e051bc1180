"""Small corpora, and the formula of every smoothing computed gram by gram with dictionaries."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
from context_cases import context_of

from core.data.corpus import Ragged
from plugins.encoders.ngram import NGram

START = "<s>"  # in the reference the start mark differs from END
SMOOTHINGS = (
    "mle",
    "laplace",
    "lidstone",
    "jelinek-mercer",
    "witten-bell",
    "absolute",
    "katz",
    "stupid-backoff",
    "kneser-ney",
    "modified-kneser-ney",
)


def ragged(rows):
    values = np.array([i for row in rows for i in [*row, 0]], dtype=np.int32)
    return Ragged(values, np.cumsum([0, *(len(row) + 1 for row in rows)]).astype(np.int64))


def random_rows(seed, rows, size=7):
    draw = np.random.default_rng(seed)
    return [[int(w) for w in draw.zipf(1.5, draw.integers(0, 9)) % (size - 1) + 1] for _ in range(rows)]


def quiet(**more):
    return context_of(lambda predictions, corpus: {"x": 0.0}, "x", **more)


def fitted(rows, size, dev=(), context=None, **options):
    model = NGram(size, **options)
    model.fit(ragged(rows), ragged(dev), context or quiet())
    return model


def events(rows):
    """Each symbol of each row with the symbols before it, the start mark included."""
    for row in rows:
        marked = [START, *row, 0]
        for i in range(1, len(marked)):
            yield marked[i], tuple(marked[:i])


def count(rows, order):
    raw = [Counter() for _ in range(order + 1)]
    for word, before in events(rows):
        for k in range(1, min(order, len(before) + 1) + 1):
            raw[k][(*before[len(before) - k + 1 :], word)] += 1
    return raw


class Reference:
    """P(word | history) as in the papers."""

    def __init__(self, rows, size, order, smoothing, *, delta=1.0, k=7, backoff=0.4, prune=(0,), weights=None):
        self.size, self.order, self.smoothing, self.k, self.backoff = size, order, smoothing, k, backoff
        self.delta = {"mle": 0.0, "laplace": 1.0}.get(smoothing, delta)
        self.weights = weights
        raw = count(rows, order)
        least = [0, *prune, *[prune[-1]] * (order - len(prune))]
        self.kept = {gram for k in range(1, order + 1) for gram, n in raw[k].items() if n > least[k]}
        self.counts = [Counter(c) for c in raw]
        if smoothing.endswith("kneser-ney"):
            for k in range(1, order):
                lefts = Counter(gram[1:] for gram in raw[k + 1])
                self.counts[k] = Counter({g: raw[k][g] if g[0] == START else lefts[g] for g in raw[k]})
        self.after = [defaultdict(dict) for _ in range(order + 1)]
        for k in range(1, order + 1):
            for gram, n in self.counts[k].items():
                self.after[k][gram[:-1]][gram[-1]] = n

    def n(self, k, times):
        return sum(c == times for c in self.counts[k].values())

    def discounts(self, k):
        n1, n2, n3, n4 = (self.n(k, i) for i in (1, 2, 3, 4))
        if self.smoothing != "modified-kneser-ney":
            return [n1 / (n1 + 2 * n2) if n1 and n2 else 0.5] * 3
        if n1 and n2 and n3:
            y = n1 / (n1 + 2 * n2)
            d = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
            if all(0 <= x <= i for i, x in enumerate(d, 1)):
                return d
        return [0.5, 1.0, 1.5]

    def ratio(self, k, r):
        if k == 1 or r > self.k or not self.n(k, r):
            return 1.0
        beyond = (self.k + 1) * self.n(k, self.k + 1) / self.n(k, 1) if self.n(k, 1) else math.nan
        if beyond == 1:
            return 1.0
        ratio = ((r + 1) * self.n(k, r + 1) / self.n(k, r) / r - beyond) / (1 - beyond)
        return ratio if 0 < ratio <= 1 else 1.0

    def prob(self, word, history):
        history = tuple(history)[max(0, len(history) - self.order + 1) :]
        k = len(history) + 1
        after = self.after[k].get(history, {})
        total = sum(after.values())
        if self.smoothing in ("mle", "laplace", "lidstone"):
            if not total and not self.delta:
                return 1 / self.size
            return (after.get(word, 0) + self.delta) / (total + self.delta * self.size)
        lower = 1 / self.size if not history else self.prob(word, history[1:])
        if self.smoothing == "stupid-backoff":
            return after[word] / total if (*history, word) in self.kept else self.backoff * lower
        if not after:
            return lower
        if self.smoothing == "katz":
            return self.katz(word, history, after, total, lower)
        shares = {w: self.share(k, n, after, total) for w, n in after.items() if (*history, w) in self.kept}
        return shares.get(word, 0.0) + (1 - sum(shares.values())) * lower

    def share(self, k, n, after, total):
        if self.smoothing == "witten-bell":
            return n / (total + len(after))
        if self.smoothing == "jelinek-mercer":
            return self.weights[k - 1][int(math.log2(total))] * n / total
        return (n - self.discounts(k)[min(n, 3) - 1]) / total

    def katz(self, word, history, after, total, lower):
        k = len(history) + 1
        if k == 1:
            unseen = self.size - len(after)
            return after.get(word, 1 / unseen if unseen else 0) / (total + (unseen > 0))
        own = {w: n * self.ratio(k, n) for w, n in after.items()}
        if sum(own.values()) > total - 1e-9:
            total += 1
        own = {w: n / total for w, n in own.items() if (*history, w) in self.kept}
        others = sum(self.prob(w, history[1:]) for w in range(self.size) if w not in own)
        if others < 1e-9:
            return own.get(word, 0.0) / sum(own.values())
        return own[word] if word in own else (1 - sum(own.values())) / others * lower


def expected(reference, rows):
    return [reference.prob(word, before) for word, before in events(rows)]


def grams_of(levels):
    """Every gram of each order as a tuple of ids, in the order of the trie."""
    found = [[(w,) for w in levels[0].words.tolist()]]
    for below, level in zip(levels, levels[1:], strict=False):
        owner = np.repeat(np.arange(len(below)), np.diff(below.children))
        found.append([found[-1][o] + (w,) for o, w in zip(owner.tolist(), level.words.tolist(), strict=True)])
    return found
