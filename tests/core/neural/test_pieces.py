"""Long rows in pieces: the same states, predictions and scores as of whole rows, for every encoder and head."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from neural_cases import WORDS, corpus, model, vocab

from core.generation import generate, sampling
from core.kinds import find_kind
from core.neural import pieces
from core.neural.base import Encoder, NeuralHead
from core.neural.concat_embedding import ConcatEmbedding
from core.neural.network import Network
from core.neural.pieces import is_approximate, read_in_pieces
from core.registry import registry
from plugins.embeddings.random import Random

CPU = torch.device("cpu")
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "window": [{}, {"size": 9, "direct": True}],
    "bag": [{}, {"size": 1}],
    "cnn": [
        {"channels": 3},
        {"channels": 3, "widths": (1, 6), "num_layers": 3, "residual": True, "activation": "gated"},
        {"channels": 3, "widths": (2, 3), "num_layers": 4, "dilated": True},
    ],
    "rnn": [{"hidden_size": 4, "num_layers": 2, "norm": "batch"}, {"hidden_size": 4, "activation": "relu"}],
    "lstm": [{"hidden_size": 4, "proj_size": 2, "num_layers": 2}, {"hidden_size": 4, "norm": "layer"}],
    "gru": [
        {"hidden_size": 4, "residual": True, "num_layers": 2, "initial_state": "learned"},
        {"hidden_size": 4, "reset_after": False},
    ],
}
EXACT = [(name, options, causal) for name, choices in OPTIONS.items() for options in choices for causal in (0, 1)]


def network(name: str, causal: bool, **options: Any) -> Network:
    torch.manual_seed(0)
    embedding = ConcatEmbedding(vocab(WORDS), {"random": Random(vocab(WORDS), dim=5)})
    encoder: Encoder = registry().get("encoder", name).load()(embedding.output_size, causal, **options)
    return Network(embedding, encoder, NeuralHead(encoder, embedding, 3)).eval()


def ids(length: int) -> Any:
    return np.random.default_rng(length).integers(0, WORDS, length)


def whole(net: Network, row: Any) -> torch.Tensor:
    states: torch.Tensor = net(torch.from_numpy(row)[None], torch.tensor([len(row)]))[0]
    return states


@pytest.mark.parametrize(("name", "options", "causal"), EXACT, ids=str)
@torch.no_grad()
def test_the_states_of_pieces_are_those_of_the_row(name: str, options: dict[str, Any], causal: int) -> None:
    net = network(name, bool(causal), **options)
    assert not is_approximate(net.encoder)
    for length, size in ((50, 1), (50, 7), (64, 32), (33, 32), (40, 40)):
        row = ids(length)
        parts = list(read_in_pieces(net, row, size, None, CPU))
        assert max(part.shape[1] for part in parts) <= size
        assert torch.allclose(torch.cat(parts, 1), whole(net, row), atol=1e-5)


def test_every_neural_encoder_is_among_them() -> None:
    specs = registry().specs("encoder").values()
    neural = {
        spec.name for spec in specs if str(spec.target).startswith("plugins") and spec.extra["family"] == "neural"
    }
    assert neural == {*OPTIONS, "birnn", "bilstm", "bigru"}


@pytest.mark.parametrize("name", ["birnn", "bilstm", "bigru"])
@torch.no_grad()
def test_an_encoder_of_both_sides_sees_some_tokens_around_a_piece(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, row = network(name, False, hidden_size=4), ids(80)
    assert is_approximate(net.encoder)
    near, far = (torch.cat(list(read_in_pieces(net, row, size, None, CPU)), 1) for size in (64, 8))
    wanted = whole(net, row)
    assert near.shape == wanted.shape and torch.allclose(near, wanted, atol=0.02)  # 16 tokens on each side
    assert float((far - wanted).abs().max()) > 0.02  # 2 tokens
    read: list[int] = []
    monkeypatch.setattr(net.encoder, "forward", spy(net.encoder, read))
    monkeypatch.setattr(pieces, "CONTEXT", 3)
    list(read_in_pieces(net, row, 20, None, CPU))
    assert max(read) == 20 and sum(read) == 80 + 6 * (len(read) - 1)


def spy(encoder: Encoder, read: list[int]) -> Any:
    forward = encoder.forward

    def call(inputs: Any, *more: Any) -> Any:
        read.append(inputs.shape[1])
        return forward(inputs, *more)

    return call


HEADS: list[tuple[str, dict[str, Any]]] = [
    ("sequence", {"pooling": pooling}) for pooling in ("last", "mean", "max", "max+mean", "attention")
]
HEADS += [("token", {}), ("token", {"crf": True}), ("next", {}), ("next", {"adaptive": [4, 8]})]


@pytest.mark.parametrize(("kind", "options"), HEADS, ids=str)
@pytest.mark.parametrize("name", ["gru", "bigru"])
@torch.no_grad()
def test_the_head_of_each_kind_predicts_pieces_as_a_whole(kind: str, options: dict[str, Any], name: str) -> None:
    net = network(name, False, hidden_size=4)
    size = WORDS if kind == "next" else 3
    head: NeuralHead = find_kind(kind).import_class("heads", "neural")(net.encoder, net.embedding, size, **options)
    for parameter in head.parameters():
        parameter.uniform_(-1, 1)
    states, targets = torch.randn(1, 57, net.encoder.output_size), torch.randint(-1, 3, (1, 57))
    targets = targets[:, 0] if kind == "sequence" else targets
    expected = head.predict(states, torch.tensor([57]), targets, probabilities=True)
    found = head.predict_pieces(states.split(10, 1), targets, probabilities=True)
    kept = NeuralHead.predict_pieces(head, states.split(10, 1), targets, probabilities=True)
    for arrays in (found, kept):
        assert arrays.keys() == expected.keys()
        for name, values in expected.items():
            assert np.allclose(arrays[name], values, atol=1e-5), name


@pytest.mark.parametrize("kind", ["token", "sequence", "next"])
@pytest.mark.parametrize("name", ["window", "bag", "cnn", "rnn", "lstm", "gru"])
def test_a_model_with_a_small_limit_predicts_what_it_predicts_without(kind: str, name: str) -> None:
    encoder = registry().get("encoder", name).load()
    trained = model(kind, (encoder, {} if name in ("bag", "window", "cnn") else {"hidden_size": 4}))
    rows = corpus(kind, rows=12, longest=60)
    expected = trained.predict(rows)
    for limit in (1, 5, 32):
        trained.design = replace(trained.design, max_tokens=limit)
        found = trained.predict(rows)
        assert all(np.allclose(found[key], values, atol=1e-5) for key, values in expected.items())
        assert trained.notes(rows) == []


@pytest.mark.parametrize("mode", ["sentence", "stream"])
@pytest.mark.parametrize("name", ["bag", "cnn", "lstm"])
def test_a_language_model_scores_and_generates_in_pieces(mode: str, name: str) -> None:
    encoder = registry().get("encoder", name).load()
    trained = model("next", (encoder, {"hidden_size": 4} if name == "lstm" else {}), mode=mode)
    rows, history = corpus("next", rows=9, longest=60), np.array([ids(50), ids(50)[::-1]], dtype=np.int32)
    how = sampling({"n": 3, "length": 12, "rows": 5})

    def answers() -> list[Any]:
        samples = np.concatenate(generate(trained, history[0], how))  # type: ignore[arg-type] # a language model
        scores = trained.score(rows, independent=True)  # type: ignore[attr-defined] # an lm
        return [samples, scores, trained.next_log_probs(history), trained.predict(rows)["log_prob"]]  # type: ignore[attr-defined] # an lm

    expected = answers()
    trained.design = replace(trained.design, max_tokens=8)
    assert all(np.allclose(found, wanted, atol=1e-5) for found, wanted in zip(answers(), expected, strict=True))


def test_rows_that_are_read_with_a_bounded_window_are_noted() -> None:
    trained = model("token", (registry().get("encoder", "bilstm").load(), {"hidden_size": 4}))
    rows = corpus("token", rows=12, longest=60)
    long = int((rows.tokens.lengths - 1 > 30).sum())
    assert long and trained.notes(rows) == []
    trained.design = replace(trained.design, max_tokens=30)
    (note,) = trained.notes(rows)
    assert note.code == "predict.pieces" and note.values == {"rows": long, "max_tokens": 30}
