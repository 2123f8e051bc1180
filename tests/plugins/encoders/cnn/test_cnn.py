from __future__ import annotations

import pytest
import torch

from core.neural.ops.masking import inside
from core.testing import check_encoder
from plugins.encoders.cnn import CNN

LENGTHS = torch.tensor([9, 0, 1, 5])
FORMS = [
    {"widths": (2, 3, 4)},
    {"widths": (1,), "activation": "tanh"},
    {"widths": (2,), "num_layers": 2, "activation": "gelu"},
    {"widths": (3, 2), "num_layers": 3, "dilated": True, "residual": True},
    {"widths": (3,), "num_layers": 3, "dilated": True, "residual": True, "activation": "gated"},
]
EQUATIONS = {
    "relu": lambda a: a.clamp(min=0),
    "tanh": torch.tanh,
    "gelu": lambda a: a * (1 + torch.erf(a / 2**0.5)) / 2,
    "gated": lambda a: a[: len(a) // 2] * torch.sigmoid(a[len(a) // 2 :]),
}
forms = pytest.mark.parametrize("options", FORMS)
ways = pytest.mark.parametrize("causal", [True, False])


def make(causal, **options):
    torch.manual_seed(0)
    return CNN(2, causal, **{"channels": 3, **options}).double()


def inputs_of(seed=1):
    return torch.randn(4, 9, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def by_loops(encoder, row, causal, widths, num_layers=1, activation="relu", residual=False, dilated=False):
    """The states of one row, token by token and filter by filter: (T, H)."""
    for number in range(num_layers):
        layer, step, found = encoder.layers[number], 2**number if dilated else 1, []
        for t in range(len(row)):
            parts = []
            for linear, width in zip(layer.filters, widths, strict=True):
                first = t - (width - 1) * step if causal else t - width // 2 * step
                total = linear.bias
                for i in range(width):
                    if 0 <= first + i * step < len(row):
                        columns = linear.weight[:, i * row.shape[1] : (i + 1) * row.shape[1]]
                        total = total + columns @ row[first + i * step]
                parts.append(EQUATIONS[activation](total))
            state = torch.cat(parts)
            found.append(state + encoder.skips[number](row[t]) if residual else state)
        row = torch.stack(found)
    return row


@forms
def test_cnn_keeps_the_contract(options):
    check_encoder("cnn", channels=8, **options)


@ways
@forms
def test_states_equal_a_convolution_by_loops(causal, options):
    encoder, inputs = make(causal, **options), inputs_of()
    states, _ = encoder(inputs, LENGTHS)
    assert states.shape == (4, 9, encoder.output_size)
    for row, length in enumerate(LENGTHS.tolist()):
        if length:
            expected = by_loops(encoder, inputs[row, :length], causal, **options)
            assert torch.allclose(states[row, :length], expected)


@ways
@forms
def test_a_shifted_input_shifts_its_output(causal, options):
    encoder = make(causal, **options)
    inputs = torch.zeros(1, 60, 2).double()
    inputs[:, 20:29] = inputs_of()[:1]
    shifted, full = inputs.roll(4, 1), torch.tensor([60])
    near, far = encoder(inputs, full)[0], encoder(shifted, full)[0]
    assert torch.allclose(near.roll(4, 1)[:, 20:44], far[:, 20:44])
    assert not torch.allclose(near[:, 20:44], far[:, 20:44])


@ways
@forms
@pytest.mark.parametrize("junk", [float("nan"), 1e9])
def test_the_maximum_over_a_row_does_not_depend_on_padding(causal, options, junk):
    encoder, inputs = make(causal, **options), inputs_of()
    mask = inside(LENGTHS, 9)[..., None]

    def top(values, steps):
        states = encoder(values, LENGTHS)[0]
        return states.masked_fill(~inside(LENGTHS, steps)[..., None], -torch.inf).amax(1)

    longer = torch.cat([inputs.masked_fill(~mask, junk), torch.full((4, 3, 2), junk).double()], 1)
    assert torch.allclose(top(inputs, 9), top(longer, 12))


@pytest.mark.parametrize("sizes", [[1] * 9, [2, 3, 4], [5, 4]])
@forms
def test_chunks_with_carry_equal_the_whole(options, sizes):
    encoder, inputs = make(True, **options), inputs_of()
    whole, _ = encoder(inputs, torch.full((4,), 9))
    carry, parts = None, []
    for chunk in inputs.split(sizes, 1):
        states, carry = encoder(chunk, torch.full((4,), chunk.shape[1]), carry)
        parts.append(states)
    assert torch.allclose(torch.cat(parts, 1), whole)


@pytest.mark.parametrize(
    ("causal", "options", "seen"),
    [
        (True, {"widths": (3,), "num_layers": 5, "dilated": True, "residual": True}, (-62, 0)),
        (True, {"widths": (3,), "num_layers": 3}, (-6, 0)),
        (True, {"widths": (2, 4)}, (-3, 0)),
        (False, {"widths": (3,), "num_layers": 3, "dilated": True}, (-7, 7)),
        (False, {"widths": (4,)}, (-2, 1)),
        (False, {"widths": (2,), "num_layers": 2}, (-2, 0)),
    ],
)
def test_a_state_sees_as_many_tokens_as_widths_and_dilations_allow(causal, options, seen):
    encoder, inputs = make(causal, activation="tanh", **options), torch.zeros(1, 140, 2).double().requires_grad_()
    states, _ = encoder(inputs, torch.tensor([140]))
    states[0, 70].sum().backward()
    reached = inputs.grad[0].ne(0).any(-1).nonzero().flatten() - 70
    assert (int(reached.min()), int(reached.max())) == seen


@ways
@forms
def test_gradients_are_those_of_finite_differences(causal, options):
    encoder = make(causal, **{**options, "activation": options.get("activation", "tanh")})
    arguments = (inputs_of()[:, :5].requires_grad_(), *encoder.parameters())
    lengths = torch.tensor([5, 0, 1, 3])
    mask = inside(lengths, 5)[..., None]
    assert torch.autograd.gradcheck(lambda x, *_: encoder(x, lengths)[0] * mask, arguments)


def test_a_centred_filter_is_explained_by_its_planted_ngram():
    encoder, words = CNN(4, False, widths=(2, 3), channels=2), torch.eye(4)
    with torch.no_grad():
        for linear in encoder.layers[0].filters:
            linear.weight.zero_()
            linear.bias.zero_()
        encoder.layers[0].filters[1].weight[1] = words[[2, 0, 3]].flatten()  # "c a d", the second of width 3
        encoder.layers[0].filters[0].weight[0] = words[[0, 1]].flatten() / 2  # "a b", the first of width 2
    rows = torch.tensor([[0, 1, 2, 0, 3, 1, 1], [2, 2, 1, 0, 3, 0, 1], [0, 0, 0, 0, 0, 0, 0]])
    found = encoder.explain(words[rows], torch.tensor([7, 2, 0]), top=2)
    assert found[0] == [(3, 1, 2, 5, 3.0), (2, 0, 0, 2, 1.0)]
    assert found[1][0] == (3, 1, 0, 2, 1.0)  # what is left of the trigram at the start of the row
    assert found[2] == []


@ways
@forms
def test_only_the_explained_span_determines_the_activation(causal, options):
    encoder, inputs, lengths = make(causal, **options), inputs_of(), torch.tensor([9, 9, 9, 9])
    for row, firings in enumerate(encoder.explain(inputs, lengths, top=3)):
        for firing in firings:
            assert firing.end - firing.start <= firing.width
            other = inputs_of(seed=2)
            other[row, firing.start : firing.end] = inputs[row, firing.start : firing.end]
            kinds = options["widths"]
            units = slice(None) if options.get("num_layers", 1) > 1 else kinds.index(firing.width)
            states = encoder(other, lengths)[0][row].unflatten(-1, (len(kinds), 3))[:, units]
            assert torch.isclose(states, torch.tensor(firing.activation).double()).any()


@ways
@forms
def test_a_row_is_explained_as_if_it_were_alone(causal, options):
    encoder, inputs = make(causal, **options), 5 * inputs_of()
    together = encoder.explain(inputs.masked_fill(~inside(LENGTHS, 9)[..., None], 1e9), LENGTHS, top=100)
    for row, length in enumerate(LENGTHS.tolist()):
        (alone,) = encoder.explain(inputs[row : row + 1, : max(1, length)], LENGTHS[row : row + 1], top=100)
        assert len(alone) == (encoder.output_size if length else 0)
        for one, other in zip(sorted(together[row]), sorted(alone), strict=True):
            assert one[:2] == other[:2] and one.activation == pytest.approx(other.activation)
