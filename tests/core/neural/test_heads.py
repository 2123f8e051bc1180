from __future__ import annotations

import pytest
import torch
from neural_cases import WORDS, vocab

from core.errors import ConfigError
from core.neural.classification import ClassificationHead
from core.neural.language import LanguageHead
from core.neural.tagging import TaggingHead
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM, BiLSTM

LENGTHS = torch.tensor([4, 0, 2])
HEADS = [
    (LanguageHead, {}),
    (LanguageHead, {"tied": True}),
    (TaggingHead, {}),
    *((ClassificationHead, {"pooling": p}) for p in ("last", "mean", "max", "attention")),
]


def head_of(make, options, encoder=LSTM):
    torch.manual_seed(0)
    encoder = encoder(3, make is LanguageHead, hidden_size=4).double()
    size = WORDS if make is LanguageHead else 3
    return make(encoder, Random(vocab(WORDS), dim=4).double(), size, **options).double()


def targets_of(make):
    if make is ClassificationHead:
        return torch.tensor([2, 0, -1])
    return torch.tensor([[1, 0, -1, 2], [-1, -1, -1, -1], [0, 2, -1, -1]])


def states_of(head):
    torch.manual_seed(3)
    return torch.randn(3, 4, 4, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(("make", "options"), HEADS)
def test_the_loss_has_the_gradients_of_finite_differences(make, options):
    head = head_of(make, options)
    weights = list(head.parameters())

    def loss(states, *_):
        return head.loss(states, LENGTHS, targets_of(make))[0]

    assert torch.autograd.gradcheck(loss, (states_of(head), *weights))


@pytest.mark.parametrize(("make", "options"), HEADS)
@pytest.mark.parametrize("junk", [float("nan"), 1e9])
def test_cells_beyond_the_length_change_neither_loss_nor_gradient(make, options, junk):
    head, targets = head_of(make, options), targets_of(make)
    beyond = torch.arange(4) >= LENGTHS[:, None]
    found = []
    for fill in (0.0, junk):
        states = states_of(head).detach().masked_fill(beyond[..., None], fill).requires_grad_()
        loss, count = head.loss(states, LENGTHS, targets)
        grads = torch.autograd.grad(loss, [states, *head.parameters()])
        found.append([loss, *grads])
        assert count == (targets >= 0).sum() and loss.isfinite()
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize(("make", "options"), HEADS)
def test_probabilities_of_the_answers_sum_to_one(make, options):
    head = head_of(make, options)
    assert torch.allclose(head.log_probs(states_of(head)[:, 0]).exp().sum(-1), torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_pooling_is_the_mean_the_maximum_or_the_last_state_of_the_row(pooling):
    head = head_of(ClassificationHead, {"pooling": pooling})
    states = states_of(head)
    pooled = head.pool(states, LENGTHS)
    row = states[2, :2]
    weights = (row @ head.score.weight[0]).softmax(0)[:, None] if pooling == "attention" else None
    by_hand = {
        "last": lambda: row[-1],
        "mean": lambda: (row[0] + row[1]) / 2,
        "max": lambda: torch.maximum(row[0], row[1]),
        "attention": lambda: (weights * row).sum(0),
    }[pooling]()
    assert torch.allclose(pooled[2], by_hand) and (pooled[1] == 0).all()


def test_auto_pooling_is_what_the_encoder_names():
    assert head_of(ClassificationHead, {}).pooling == LSTM.pooling


def test_last_of_a_two_way_encoder_joins_its_two_ends():
    encoder = BiLSTM(3, False, hidden_size=4)
    states = torch.randn(2, 5, 8)
    last = encoder.last(states, torch.tensor([3, 0]))
    assert torch.equal(last[0], torch.cat([states[0, 2, :4], states[0, 0, 4:]])) and (last[1] == 0).all()


def test_a_tied_head_owns_no_table_and_refuses_other_sizes():
    head = head_of(LanguageHead, {"tied": True})
    assert list(dict(head.named_parameters())) == ["bias"]
    with pytest.raises(ConfigError, match="head.tied"):
        LanguageHead(LSTM(3, True, hidden_size=5), Random(vocab(WORDS), dim=4), WORDS, tied=True)


@pytest.mark.parametrize(("make", "options"), HEADS[:2])
def test_a_language_head_predicts_the_log_probability_of_each_target(make, options):
    head, targets = head_of(make, options), targets_of(make)
    states = states_of(head).detach()
    found = torch.from_numpy(head.predict(states, LENGTHS, targets)["log_prob"])
    every = head.log_probs(states.reshape(12, 4)).reshape(3, 4, -1)
    wanted = every.gather(2, targets.clamp(min=0)[..., None])[..., 0].masked_fill(targets < 0, 0.0)
    assert torch.allclose(found, wanted)
