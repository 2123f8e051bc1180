"""Every registered embedding keeps the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.registry import registry
from core.testing import check_embedding
from plugins.embeddings.random import Random

VECTORS = "the 1 2 3\ncat 0.5 0 1\nCats 4 4 4\nNASA 0 0 1\n中文 7 7 7\n"
VARIANTS = [
    ("affix", {"features": "hashed", "buckets": 64, "min_count": 1}),
    ("affix", {"join": "concat", "dim": 3}),
    ("char", {"network": "bilstm", "hidden_size": 4, "min_count": 1}),
    ("char", {"widths": [1, 2, 5], "channels": 3, "longest": 6}),
    ("file", {"tune": False, "normalize": True}),
    ("word2vec", {"model": "cbow", "output": "hierarchical", "tune": True, "dim": 3}),
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def options(name: str, tmp_path: Path) -> dict[str, Any]:
    if name == "word2vec":
        return {"min_count": 1}
    if name != "file":
        return {}
    path = tmp_path / "vectors.txt"
    path.write_text(VECTORS, encoding="utf-8")
    return {"path": str(path)}


@pytest.mark.parametrize("name", registry().names("embedding"))
def test_every_registered_embedding_keeps_the_contract(name: str, tmp_path: Path) -> None:
    check_embedding(name, **options(name, tmp_path))


@pytest.mark.parametrize(("name", "more"), VARIANTS, ids=lambda value: str(value))
def test_variants_of_embeddings_keep_the_contract(name: str, more: dict[str, Any], tmp_path: Path) -> None:
    check_embedding(name, **options(name, tmp_path), **more)


class Forgetful(Random):
    """Fits something that its weights do not hold."""

    def fit(self, *args: Any) -> None:
        self.shift = 1.0

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return super().forward(ids) + getattr(self, "shift", 0.0)


class Crowded(Random):
    """Lets the words of a batch look at each other."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        vectors = super().forward(ids)
        return vectors - vectors.mean(1, keepdim=True) if ids.shape[1] else vectors


class Idle(Random):
    """Has a parameter that nothing reaches."""

    def __init__(self, vocab: Any, **given: Any) -> None:
        super().__init__(vocab, **given)
        self.idle = torch.nn.Parameter(torch.ones(1))


class Numbered(Random):
    """Gives an open word a vector by its number."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.embedding(ids % self.vocab.size, self.weight)


class Remembering(Random):
    """Stores the open words of a call, which those of another thread replace."""

    def prepare(self, words: Any) -> int:
        self.words = list(words)
        return len(self.words)

    def forward(self, ids: torch.Tensor, prepared: int | None = None) -> torch.Tensor:
        return super().forward(ids)


class Shared(Random):
    """Returns what it changes at the next call."""

    def __init__(self, vocab: Any, **given: Any) -> None:
        super().__init__(vocab, **given)
        self.register_buffer("lengths", torch.zeros(100, 1), persistent=False)

    def prepare(self, words: Any) -> torch.Tensor:
        for number, word in enumerate(words):
            self.lengths[number] = len(word) % 7
        return self.lengths

    def forward(self, ids: torch.Tensor, prepared: torch.Tensor | None = None) -> torch.Tensor:
        beyond = ids >= self.vocab.size
        extra = 0.0 if prepared is None else prepared[(ids - self.vocab.size).clamp(min=0)] * beyond[..., None]
        return super().forward(ids) + extra


class Counting(Random):
    """Depends in training on how often it was called, which its weights do not hold."""

    calls = 0

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        self.calls += int(self.training)
        return super().forward(ids) * (1 + self.calls if self.training else 1)


class Outdated(Random):
    """Has the earlier contract, whose ``spell`` is not called."""

    def spell(self, words: Any) -> None:
        self.words = list(words)


BROKEN = [
    (Forgetful, "saving"),
    (Crowded, "batch mates|open words"),
    (Idle, "gradients"),
    (Numbered, "open words"),
    (Remembering, "concurrency: prepare or forward sets words"),
    (Shared, "concurrency: what prepare returned changed"),
    (Counting, "resuming: .* keep all that it depends on in the state_dict"),
    (Outdated, "contract: Outdated.spell is not called: prepare"),
]


@pytest.mark.parametrize(("broken", "rule"), BROKEN)
def test_a_broken_embedding_is_caught(broken: type, rule: str) -> None:
    from types import SimpleNamespace

    from core.testing import embedding

    with pytest.raises(AssertionError, match=rule):
        embedding.check_embedding(SimpleNamespace(load=lambda: broken), {})
