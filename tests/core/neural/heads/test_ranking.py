"""Ranks of events in blocks against NumPy on all scores at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from neural_cases import WORDS, vocab

from core.data.vocab import FIRST, UNK
from core.kinds.ranks import rank
from core.neural.base import Encoder
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.heads import ranking
from core.neural.heads.cloze import ClozeHead
from core.neural.heads.item import ItemHead


class States(Encoder):
    output_size = 3

    def __init__(self) -> None:
        super().__init__(3, True)


def head_of(make: type) -> ClozeHead | ItemHead:
    torch.manual_seed(0)
    return make(States(), ConcatEmbedding(vocab(WORDS), {}), WORDS)


@pytest.mark.parametrize("cells", [1, 40, 1 << 22])
@pytest.mark.parametrize(("make", "first"), [(ClozeHead, UNK), (ItemHead, FIRST)])
def test_blocks_give_the_ranks_of_all_scores(
    make: type, first: int, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "CELLS", cells)
    head = head_of(make)
    states, targets = torch.randn(4, 5, 3), torch.randint(first, WORDS, (4, 5))
    targets[1, 2:] = -1
    with torch.no_grad():
        found = head.predict(states, torch.tensor([5, 2, 5, 5]), targets)
        log_probs = head.log_probs(states.flatten(0, 1)).numpy()
    gold = targets.flatten().numpy()
    above, ties = rank(log_probs[:, first:], np.maximum(gold - first, 0))
    scored = gold >= 0
    assert found["above"].ravel()[scored].tolist() == above[scored].tolist()
    assert found["ties"].ravel()[scored].tolist() == ties[scored].tolist()
    expected = log_probs[np.arange(20), np.maximum(gold, 0)][scored]
    assert found["log_prob"].ravel()[scored] == pytest.approx(expected, abs=1e-6)
    assert not found["log_prob"].ravel()[~scored].any()
    if make is ClozeHead:
        assert found["word"].ravel()[scored].tolist() == (log_probs[:, first:].argmax(1) + first)[scored].tolist()


def test_an_unknown_item_comes_after_all_items() -> None:
    head, targets = head_of(ItemHead), torch.tensor([[UNK, FIRST]])
    with torch.no_grad():
        found = head.predict(torch.randn(1, 2, 3), torch.tensor([2]), targets)
    assert found["above"][0, 0] == WORDS - FIRST and found["ties"][0, 0] == 1


def test_the_end_of_a_row_is_never_a_word() -> None:
    head = head_of(ClozeHead)
    states = torch.randn(4, 3)
    assert torch.isneginf(head.log_probs(states)[:, 0]).all()
    assert torch.allclose(head.log_probs(states).exp().sum(1), torch.ones(4))
    loss, count = head.loss(states[None], torch.tensor([4]), torch.tensor([[2, 3, -1, 1]]))
    loss.backward()
    assert count == 3 and all(torch.isfinite(p.grad).all() for p in head.parameters())


def test_likely_words_come_in_order_and_pieces_are_the_whole_row() -> None:
    head, states, targets = head_of(ClozeHead), torch.randn(1, 6, 3), torch.randint(1, WORDS, (1, 6))
    with torch.no_grad():
        whole = head.predict(states, torch.tensor([6]), targets, probabilities=True)
        parts = head.predict_pieces(torch.split(states, 4, 1), targets, probabilities=True)
    assert whole["top_words"].shape == (1, 6, WORDS - 1)
    assert (np.diff(whole["top_log_probs"]) <= 0).all()
    assert np.exp(whole["top_log_probs"]).sum(-1) == pytest.approx(np.ones((1, 6)))
    assert all(np.allclose(whole[name], parts[name]) for name in whole)
    assert (whole["top_words"][..., 0] == whole["word"]).all()
