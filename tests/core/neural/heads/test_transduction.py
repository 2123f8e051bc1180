"""The head of kind ``transduce``: loss, smoothing, outputs, copies."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from neural_cases import WORDS, vocab

from core.data.vocab import END, UNK
from core.neural.heads.transduction import TransductionHead
from plugins.embeddings.random import Random
from plugins.encoders.bag import Bag
from plugins.encoders.cnn import CNN
from plugins.encoders.recurrent import LSTM, BiLSTM
from plugins.encoders.window import Window

LENGTHS = torch.tensor([4, 0, 2])
TARGETS = torch.tensor([[2, 5, 1, 0], [0, -1, -1, -1], [6, 0, -1, -1]])
OPTIONS = [
    {},
    {"tied": True},
    {"input_feeding": True, "attention": "additive"},
    {"attention": "none"},
    {"attention": "dot", "hidden_size": 4},
]


def head_of(encoder=None, size=8, **options):
    torch.manual_seed(0)
    encoder = encoder or LSTM(3, False, hidden_size=4)
    options = {"hidden_size": 5, "embedding_size": 3, "beam": 3} | options
    return TransductionHead(encoder, Random(vocab(WORDS), dim=3), size, **options).double()


def states_of(width=4, rows=3, steps=4):
    torch.manual_seed(3)
    return torch.randn(rows, steps, width, dtype=torch.float64)


def log_probs(head, row):
    """The log-probability of each word of a target, by the definition of the network word by word."""
    memory, state = head.begin(states_of()[row : row + 1, : max(1, int(LENGTHS[row]))], LENGTHS[row : row + 1])
    before, found = END, []
    for word in [word for word in TARGETS[row].tolist() if word >= 0]:
        outputs, _, state = head.decoder.step(memory, state, head.decoder.words(torch.tensor([[before]])))
        found.append(float(head.log_probs(outputs)[0, 0, word]))
        before = word
    return found


@pytest.mark.parametrize("options", OPTIONS)
def test_the_loss_is_that_of_each_word_given_those_before_it(options):
    head = head_of(**options)
    total, count = head.loss(states_of(), LENGTHS, TARGETS)
    by_row = [log_probs(head, row) for row in range(3)]
    assert int(count) == sum(map(len, by_row)) == 7
    assert float(total) == pytest.approx(-sum(map(sum, by_row)))
    predicted = head.predict(states_of(), LENGTHS, TARGETS)["log_prob"]
    assert predicted == pytest.approx([sum(row) for row in by_row])


@pytest.mark.parametrize("options", OPTIONS)
def test_the_loss_has_the_gradients_of_finite_differences(options):
    head, states = head_of(size=7, **options), states_of().requires_grad_()
    weights = list(head.parameters())

    def loss(states, *weights):
        return head.loss(states, LENGTHS, TARGETS)[0]

    assert torch.autograd.gradcheck(loss, (states, *weights), fast_mode=True)


def test_label_smoothing_is_that_of_torch():
    head = head_of(label_smoothing=0.2)
    total, _ = head.train().loss(states_of(), LENGTHS, TARGETS)
    outputs, _ = head.decoder.read(*head.begin(states_of(), LENGTHS), TARGETS)
    scored = TARGETS >= 0
    logits = torch.nn.functional.linear(outputs[scored], *head.table)
    expected = torch.nn.functional.cross_entropy(logits, TARGETS[scored], label_smoothing=0.2, reduction="sum")
    torch.testing.assert_close(total, expected)
    plain, _ = head.eval().loss(states_of(), LENGTHS, TARGETS)  # the loss on dev is the likelihood
    torch.testing.assert_close(plain, torch.nn.functional.cross_entropy(logits, TARGETS[scored], reduction="sum"))


def test_outputs_are_at_most_as_long_as_asked_and_places_are_tokens_of_the_row():
    head = head_of(max_length=3)
    with torch.no_grad():
        head.bias[END] = -9
        arrays = head.predict(states_of(), LENGTHS)
    assert arrays["output"].shape == (3, 3) and (arrays["output"] != END).all()
    assert arrays["output"].dtype == arrays["aligned"].dtype == np.int32
    assert (arrays["aligned"] < LENGTHS.numpy()[:, None]).all()
    assert arrays["aligned"].min(1).tolist() == [
        pytest.approx(arrays["aligned"][0].min()),
        -1,
        arrays["aligned"][2].min(),
    ]
    assert "log_prob" not in arrays
    assert head_of().predict(states_of(), LENGTHS)["output"].shape[1] <= 2 * 4 + 10


def test_an_unknown_word_is_aligned_to_the_token_with_the_largest_weight():
    head = head_of(beam=1, max_length=2)
    with torch.no_grad():
        head.bias[UNK] = 99
        arrays = head.predict(states_of(), LENGTHS)
        weights = head.attention(states_of(), LENGTHS, torch.tensor([[UNK, UNK]] * 3))
    assert (arrays["output"] == UNK).all()
    assert arrays["aligned"][[0, 2]].tolist() == weights.argmax(-1)[[0, 2]].tolist()


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize("options", OPTIONS)
def test_a_row_does_not_depend_on_the_batch(options, beam):
    head, states, lengths = (
        head_of(**options, beam=beam, length_penalty=0.6),
        states_of(4, 6, 9),
        torch.tensor([9, 1, 0, 4, 4, 2]),
    )
    together = head.predict(states, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = head.predict(states[row : row + 1, : max(1, length)], lengths[row : row + 1])
        for name, array in alone.items():
            width = array.shape[1]
            assert together[name][row, :width].tolist() == array[0].tolist()
            assert (together[name][row, width:] == (END if name == "output" else -1)).all()


def test_a_long_row_in_pieces_is_the_row():
    head, states = head_of(), states_of()[:1]
    whole = head.predict(states, LENGTHS[:1], TARGETS[:1])
    pieces = head.predict_pieces([states[:, :3], states[:, 3:]], TARGETS[:1])
    assert all(np.array_equal(whole[name], pieces[name]) for name in whole)


@pytest.mark.parametrize("make", [Bag, CNN, Window, LSTM, BiLSTM])
@pytest.mark.parametrize("causal", [False])
def test_any_encoder_starts_the_decoder(make, causal):
    encoder = make(3, causal)
    head, inputs = head_of(encoder), torch.randn(3, 4, 3)
    states, _ = encoder(inputs, LENGTHS)
    loss, _ = head.float().loss(states, LENGTHS, TARGETS)
    loss.backward()
    assert torch.isfinite(loss) and head.decoder.first.weight.grad.abs().sum() > 0
