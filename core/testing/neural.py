"""The checks of the neural family's contract (see ``core.testing.check_encoder``)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.data.vocab import SPECIALS, Vocab
from core.kinds import find_kind
from core.neural.around import around_place
from core.neural.base import Encoder
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.contract_probe import constructor_error, leaks_future, output_error
from core.neural.ops.masking import inside
from core.registry import Spec, registry
from core.testing.inspection import check_inspection
from core.testing.modules import changed_by, check_gradients, check_resuming, load_saved
from core.testing.space import check_space

INPUT = 6
LENGTHS = ([5, 3, 0, 1], [1], [0], [4, 4])


def check_neural_encoder(spec: Spec, options: dict[str, Any]) -> None:
    """Shapes, padding, batch mates, concurrency, carry, receptive field, causality, gradients, saving, resuming.

    Raises:
        AssertionError: a rule is broken.
    """
    directions = {"left": (True, False), "both": (False,), "either": (True, False)}[spec.extra["sees"]]
    for causal in directions:
        torch.manual_seed(0)
        encoder: Encoder = spec.load()(INPUT, causal, **options)
        _check(constructor_error(encoder))
        encoder.eval()
        with torch.no_grad():
            for lengths in LENGTHS:
                _check_shapes(encoder, lengths)
            if causal or spec.extra["sees"] == "left":
                _check_causality(encoder)  # first, since an encoder that is not causal breaks other rules too
            for lengths in LENGTHS:
                _check_padding(encoder, lengths)
            _check_batch_mates(encoder)
            _check_concurrency(encoder)
            _check_receptive_field(encoder)
            if causal:
                _check_carry(encoder)
                _check_sums(encoder)
            check_inspection(encoder, *_inputs([5, 3, 1]))
            _check_saving(encoder, spec.load()(INPUT, causal, **options).eval())
        inputs, counts = _inputs([5, 4])
        states, _ = encoder.train()(inputs.requires_grad_(), counts)  # required: an encoder may have no weights
        check_gradients(encoder, _inside(states, counts))
        check_resuming(encoder, spec.load()(INPUT, causal, **options), _states)
        check_space(spec, partial(_build, spec, causal, options))
    _check_places(spec, options)


def _check_places(spec: Spec, options: dict[str, Any]) -> None:
    """Around a place, the state does not change with the word there."""
    sees, make = spec.extra["sees"], spec.load()
    around = [kind for kind in map(find_kind, registry().names("kind")) if kind.reads_around]
    runs = any(not kind.incompatibility(kind.name, spec) for kind in around)
    if not runs or (sees == "both" and "left_to_right" not in vars(make)):
        return
    torch.manual_seed(0)
    encoder = around_place(make, sees, lambda one_way: one_way(INPUT, True, **options)).eval()
    inputs, counts = _inputs([7, 5])
    with torch.no_grad():
        states, _ = encoder(inputs, counts)
        for at in range(5):
            other = inputs.clone()
            other[:, at] += 1
            changed = encoder(other, counts)[0]
            same = torch.equal(states[:, at], changed[:, at])
            assert same, f"place: the state of position {at} changes with the word there (task=cloze)"


def _build(spec: Spec, causal: bool, options: dict[str, Any], drawn: dict[str, Any]) -> Encoder:
    encoder: Encoder = spec.load()(INPUT, causal, **{**options, **drawn})
    return encoder


def _inputs(lengths: list[int], seed: int = 1) -> tuple[Tensor, Tensor]:
    torch.manual_seed(seed)
    return torch.randn(len(lengths), max(1, *lengths), INPUT), torch.tensor(lengths)  # (B, T, I), (B,)


def _inside(states: Tensor, lengths: Tensor) -> Tensor:
    """The states within the lengths: (N, H)."""
    return states[inside(lengths, states.shape[1])]


def _states(encoder: Encoder) -> Tensor:
    """The states of some rows within their lengths: (N, H)."""
    counts = torch.tensor([5, 4])
    values = torch.linspace(-1, 1, 2 * 5 * INPUT).reshape(2, 5, INPUT)  # (B, T, I), without random numbers
    return _inside(encoder(values.sin(), counts)[0], counts)


def _check(message: str) -> None:
    assert not message, message


def _check_shapes(encoder: Encoder, lengths: list[int]) -> None:
    inputs, counts = _inputs(lengths)
    output = encoder(inputs, counts)
    _check(output_error(output, counts, inputs.shape[1], encoder.output_size))
    last = encoder.last(output[0], counts)
    assert last.shape == (len(lengths), encoder.output_size), "shapes: last returns (B, output_size)"
    assert torch.isfinite(last).all(), "shapes: last is finite, also for an empty row"


def _check_padding(encoder: Encoder, lengths: list[int]) -> None:
    inputs, counts = _inputs(lengths)
    padding = ~inside(counts, inputs.shape[1])  # (B, T)
    states, _ = encoder(inputs, counts)
    for value in (float("nan"), 1e9):
        other, _ = encoder(inputs.masked_fill(padding[:, :, None], value), counts)
        same = torch.equal(_inside(states, counts), _inside(other, counts))
        assert same, f"padding: the value {value} beyond the lengths changed a state"
        same = torch.equal(encoder.last(states, counts), encoder.last(other, counts))
        assert same, f"padding: the value {value} beyond the lengths changed last"


def _check_batch_mates(encoder: Encoder) -> None:
    inputs, counts = _inputs([5, 3, 0, 1])
    states, _ = encoder(inputs, counts)
    for row, length in enumerate(counts.tolist()):
        alone, _ = encoder(inputs[row : row + 1, : max(1, length)], counts[row : row + 1])
        close = torch.allclose(alone[0, :length], states[row, :length], atol=1e-5)
        ends = encoder.last(alone, counts[row : row + 1]), encoder.last(states, counts)[row : row + 1]
        assert close and torch.allclose(*ends, atol=1e-5), "batch mates: a row's result depends on the other rows"


def _check_concurrency(encoder: Encoder) -> None:
    """Threads share an encoder, so a forward pass in prediction leaves nothing in it."""

    def call() -> None:
        inputs, counts = _inputs([5, 3, 0, 1])
        encoder.last(encoder(inputs, counts)[0], counts)

    message = changed_by(encoder, call)
    assert not message, f"concurrency: forward or last {message}; threads share the encoder"


def _check_carry(encoder: Encoder) -> None:
    inputs, counts = _inputs([12, 12])
    whole, _ = encoder(inputs, counts)
    for size in (1, 2, 5):
        carry, parts = None, []
        for chunk in torch.split(inputs, size, dim=1):
            states, carry = encoder(chunk, torch.tensor([chunk.shape[1]] * 2), carry)
            parts.append(states)
        close = torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)
        assert close, f"carry: chunks of {size} give other states than the whole"


def _check_receptive_field(encoder: Encoder) -> None:
    """Long rows are read in pieces by it."""
    left, right = encoder.receptive_field
    if left is None and right == 0:
        _check_carry(encoder)
    if left is None or right is None:
        return
    at, (inputs, counts) = left + 4, _inputs([left + right + 9])
    own = inputs[:, at - left : at + right + 1]  # (1, left + 1 + right, I)
    alone, whole = encoder(own, torch.tensor([own.shape[1]]))[0][:, left], encoder(inputs, counts)[0][:, at]
    rule = f"receptive field: a state depends on more than {left} tokens on its left and {right} on its right"
    assert torch.allclose(alone, whole, atol=1e-5), rule


def _check_causality(encoder: Encoder) -> None:
    inputs, counts = _inputs([8, 8])
    other, _ = _inputs([8, 8], seed=2)
    for at in (1, 4, 7):
        _check(leaks_future(lambda vectors, lengths: encoder(vectors, lengths)[0], inputs, other, counts, at))


def _check_sums(encoder: Encoder) -> None:
    vocab = Vocab([*SPECIALS, "a", "b", "c"], np.ones(5, dtype=np.int64))
    head = find_kind("next").import_class("heads", "neural")(encoder, ConcatEmbedding(vocab, {}), vocab.size)
    inputs, counts = _inputs([5, 3])
    sums = head.log_probs(_inside(encoder(inputs, counts)[0], counts)).exp().sum(-1)
    assert torch.allclose(sums, torch.ones_like(sums)), "sums: probabilities do not sum to 1 over the vocabulary"


def _check_saving(encoder: Encoder, fresh: Encoder) -> None:
    load_saved(encoder, fresh)
    inputs, counts = _inputs([5, 3])
    same = torch.equal(encoder(inputs, counts)[0], fresh(inputs, counts)[0])
    assert same, "saving: the states of a loaded encoder differ"
