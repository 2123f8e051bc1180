"""Loss, gradients, pooling and options of the neural heads."""

from __future__ import annotations

import pytest
import torch
from neural_cases import WORDS, context, corpus, model, vocab

from core.data.vocab import FIRST
from core.errors import ConfigError
from core.model.runtime import Runtime
from core.neural.heads.classification import ClassificationHead
from core.neural.heads.language import LanguageHead
from core.neural.heads.tagging import TaggingHead
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM, BiLSTM

LENGTHS = torch.tensor([4, 0, 2])
POOLINGS = ("last", "mean", "max", "max+mean", "attention")
HEADS = [
    (LanguageHead, {}),
    (LanguageHead, {"tied": True}),
    (LanguageHead, {"tied": True, "dim": 5}),
    (LanguageHead, {"adaptive": [3, 8]}),
    (TaggingHead, {}),
    (TaggingHead, {"crf": True}),
    *((ClassificationHead, {"pooling": p}) for p in POOLINGS),
    (ClassificationHead, {"class_weights": [0.5, 1.0, 3.0]}),
    (ClassificationHead, {"binary": True, "size": 2}),
]


def head_of(make, options, encoder=LSTM):
    torch.manual_seed(0)
    options = dict(options)
    encoder, dim = encoder(3, make is LanguageHead, hidden_size=4).double(), options.pop("dim", 4)
    size = options.pop("size", WORDS if make is LanguageHead else 3)
    head = make(encoder, Random(vocab(WORDS), dim=dim).double(), size, **options).double()
    for name, weights in head.named_parameters():
        if "crf" in name:  # initially zeros
            torch.nn.init.normal_(weights)
    return head


def targets_of(make):
    if make is ClassificationHead:
        return torch.tensor([1, 0, -1])
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
    result = []
    for fill in (0.0, junk):
        states = states_of(head).detach().masked_fill(beyond[..., None], fill).requires_grad_()
        loss, count = head.loss(states, LENGTHS, targets)
        grads = torch.autograd.grad(loss, [states, *head.parameters()])
        result.append([loss, *grads])
        assert count == (targets >= 0).sum() and loss.isfinite()
    assert all(torch.equal(a, b) for a, b in zip(*result, strict=True))


@pytest.mark.parametrize(("make", "options"), HEADS)
def test_probabilities_of_the_answers_sum_to_one(make, options):
    head = head_of(make, options)
    states = states_of(head)
    seen = head.pool(states, LENGTHS) if make is ClassificationHead else states[:, 0]
    assert torch.allclose(head.log_probs(seen).exp().sum(-1), torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize("pooling", POOLINGS)
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
        "max+mean": lambda: torch.cat([torch.maximum(row[0], row[1]), (row[0] + row[1]) / 2]),
        "attention": lambda: (weights * row).sum(0),
    }[pooling]()
    assert torch.allclose(pooled[2], by_hand) and (pooled[1] == 0).all()


def test_auto_pooling_is_the_encoders_default():
    assert head_of(ClassificationHead, {}).pooling == LSTM.pooling


def test_last_of_a_bidirectional_encoder_joins_its_two_ends():
    encoder = BiLSTM(3, False, hidden_size=4)
    states = torch.randn(2, 5, 8)
    last = encoder.last(states, torch.tensor([3, 0]))
    assert torch.equal(last[0], torch.cat([states[0, 2, :4], states[0, 0, 4:]])) and (last[1] == 0).all()


def test_a_tied_head_owns_no_table_and_maps_states_of_another_size():
    head = head_of(LanguageHead, {"tied": True})
    assert list(dict(head.named_parameters())) == ["bias"]
    head = head_of(LanguageHead, {"tied": True, "dim": 5})
    assert {name: tuple(p.shape) for name, p in head.named_parameters()} == {
        "bias": (WORDS,),
        "resize.weight": (5, 4),
    }
    states = states_of(head)[:, 0]
    logits = (states @ head.resize.weight.T) @ head.shared[0].weight.T + head.bias
    assert torch.allclose(head.log_probs(states), logits.log_softmax(-1))


def test_an_embedding_without_a_table_cannot_be_tied():
    bare = Random(vocab(WORDS), dim=4)
    bare.weight = None
    with pytest.raises(ConfigError, match="head.tied"):
        LanguageHead(LSTM(3, True, hidden_size=4), bare, WORDS, tied=True)


@pytest.mark.parametrize(("make", "options"), [case for case in HEADS if case[0] is LanguageHead])
def test_a_language_head_predicts_the_log_probability_of_each_target(make, options):
    head, targets = head_of(make, options), targets_of(make)
    states = states_of(head).detach()
    result = torch.from_numpy(head.predict(states, LENGTHS, targets)["log_prob"])
    every = head.log_probs(states.reshape(12, 4)).reshape(3, 4, -1)
    expected = every.gather(2, targets.clamp(min=0)[..., None])[..., 0].masked_fill(targets < 0, 0.0)
    assert torch.allclose(result, expected)


def test_one_sigmoid_is_the_softmax_of_zero_and_its_logit():
    head = head_of(ClassificationHead, {"binary": True, "size": 2})
    pooled = torch.randn(7, 4, dtype=torch.float64) * 100
    z = head.linear(pooled)
    assert z.shape == (7, 1)
    assert torch.allclose(head.log_probs(pooled), torch.cat([torch.zeros_like(z), z], 1).log_softmax(-1))


@pytest.mark.parametrize("size", [1, 3])
def test_binary_with_other_than_two_classes_is_an_error(size):
    with pytest.raises(ConfigError, match=rf"head.binary: .* {size}.*head.binary=false"):
        head_of(ClassificationHead, {"binary": True, "size": size})


@pytest.mark.parametrize("options", [{"pooling": "mean"}, {"pooling": "mean", "binary": True, "size": 2}])
def test_class_weights_multiply_the_loss_of_each_row(options):
    plain, weights = head_of(ClassificationHead, options), [0.25, 3.0, 1.0][: options.get("size", 3)]
    weighted = head_of(ClassificationHead, {**options, "class_weights": weights})
    states, by_hand = states_of(plain), 0.0
    for row, label in enumerate([1, 0]):
        targets = torch.full((3,), -1)
        targets[row] = label
        by_hand += weights[label] * plain.loss(states, LENGTHS, targets)[0]
    loss, count = weighted.loss(states, LENGTHS, torch.tensor([1, 0, -1]))
    assert torch.allclose(loss, by_hand) and count == 2


def test_balanced_weights_give_every_class_the_same_weight_in_training():
    head = head_of(ClassificationHead, {"class_weights": "balanced"})
    targets = torch.tensor([0, 0, 0, 0, 0, 1, -1, 1, 2])
    head.prepare(targets)
    assert torch.allclose(head.weights, torch.tensor([8 / 15, 8 / 6, 8 / 3], dtype=torch.float64))
    scored = targets[targets >= 0]
    assert torch.allclose(head.weights[scored].mean(), torch.ones((), dtype=torch.float64))


def test_a_wrong_number_of_class_weights_is_an_error():
    with pytest.raises(ConfigError, match="head.class_weights: there are 2 weights for 3 classes"):
        head_of(ClassificationHead, {"class_weights": [1.0, 2.0]})


def test_balanced_weights_are_counted_in_training_and_saved_with_the_model(tmp_path):
    options = {"head": {"class_weights": "balanced"}}
    network, data = model("sequence", **options), corpus("sequence", 60)
    network.fit(data, corpus("sequence", 20, seed=1), context())
    counts = torch.from_numpy(data.targets.values[::2] - FIRST).bincount().float()
    assert torch.allclose(network.network.head.weights, 60 / (3 * counts))
    other = model("sequence", seed=5, **options)
    network.save(tmp_path), other.restore(tmp_path, Runtime())
    assert torch.equal(other.network.head.weights, network.network.head.weights)
