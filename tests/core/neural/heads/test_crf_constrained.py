"""The constraints of a scheme against the enumeration of every valid path of labels."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from core.data.schemes import allowed
from core.data.vocab import SPECIALS, Vocab
from core.neural.heads.crf import CRF
from core.neural.heads.tagging import TaggingHead
from plugins.embeddings.random import Random
from plugins.encoders.window import Window

LABELS = {
    "bio": ["O", "B-X", "I-X", "I-Y", "B-Y"],
    "iob1": ["I-X", "O", "B-X", "I-Y", "B-Y"],
    "bioes": ["O", "B-X", "I-X", "E-X", "S-X", "S-Y"],
}
LENGTHS = torch.tensor([4, 0, 1, 2])


def vocabulary(scheme: str) -> Vocab:
    names = [*SPECIALS, *LABELS[scheme]]
    return Vocab(names, np.ones(len(names), dtype=np.int64), scheme)


def case(scheme: str, seed: int = 0) -> tuple[CRF, torch.Tensor]:
    """A field with random weights, and emissions; nothing is trained."""
    torch.manual_seed(seed)
    size = len(LABELS[scheme])
    crf = CRF(size).double().requires_grad_(False)
    for weights in crf.parameters():
        torch.nn.init.normal_(weights)
    rules = allowed(vocabulary(scheme))
    assert rules is not None
    crf.constrain(rules)
    return crf, torch.randn(4, 4, size, dtype=torch.float64)


def is_valid(scheme: str, path: tuple[int, ...]) -> bool:
    """By the definition of each scheme."""
    labels = [LABELS[scheme][i] for i in path]
    for before, label in zip(["O", *labels], [*labels, "O"], strict=True):
        same = before[1:] == label[1:] and before != "O"
        is_open = before[0] in "BI"
        if scheme == "bio" and label[0] == "I" and not (is_open and same):
            return False
        if scheme == "iob1" and label[0] == "B" and not (is_open and same):
            return False
        if scheme == "bioes" and (is_open != (label[0] in "IE") or is_open and not same):
            return False
    return True


def scored(crf: CRF, emissions: torch.Tensor, scheme: str, edges: bool) -> dict[tuple[int, ...], torch.Tensor]:
    """The score of each path that is valid; where ``edges`` is false, whatever it begins and ends with."""
    rules = allowed(vocabulary(scheme))
    assert rules is not None
    found = {}
    for path in product(range(emissions.shape[1]), repeat=len(emissions)):
        inside = all(rules.next[a, b] for a, b in zip(path, path[1:], strict=False))
        if is_valid(scheme, path) if edges else inside:
            total = crf.start[path[0]] + crf.end[path[-1]] + sum(emissions[t, y] for t, y in enumerate(path))
            found[path] = total + sum(crf.transitions[a, b] for a, b in zip(path, path[1:], strict=False))
    return found


@pytest.mark.parametrize("scheme", LABELS)
def test_the_best_path_is_the_best_of_the_valid_ones(scheme: str) -> None:
    for seed in range(3):
        crf, emissions = case(scheme, seed)
        result = crf.best(emissions, LENGTHS)
        for row, length in enumerate(LENGTHS.tolist()):
            if length:
                scores = scored(crf, emissions[row, :length], scheme, edges=True)
                assert tuple(result[row, :length].tolist()) == max(scores, key=lambda path: float(scores[path]))


@pytest.mark.parametrize("scheme", LABELS)
def test_marginals_sum_over_the_valid_paths(scheme: str) -> None:
    crf, emissions = case(scheme)
    found = crf.marginals(emissions, LENGTHS).exp()
    for row, length in enumerate(LENGTHS.tolist()):
        if not length:
            continue
        scores = scored(crf, emissions[row, :length], scheme, edges=True)
        shares = torch.stack(list(scores.values())).softmax(0)
        by_hand = torch.zeros(length, emissions.shape[2], dtype=torch.float64)
        for path, share in zip(scores, shares, strict=True):
            for t, label in enumerate(path):
                by_hand[t, label] += share
        assert torch.allclose(found[row, :length], by_hand, atol=1e-9)


@pytest.mark.parametrize("scheme", LABELS)
def test_training_leaves_out_the_transitions_that_are_not_valid(scheme: str) -> None:
    crf, emissions = case(scheme)
    labels = crf.best(emissions, LENGTHS)
    loss = 0.0
    for row, length in enumerate(LENGTHS.tolist()):
        if length:
            scores = scored(crf, emissions[row, :length], scheme, edges=False)
            loss -= scores[tuple(labels[row, :length].tolist())] - torch.stack(list(scores.values())).logsumexp(0)
    assert torch.allclose(crf.loss(emissions, LENGTHS, labels), loss)


def test_a_piece_that_begins_inside_a_span_and_labels_that_training_lacks_have_a_finite_loss() -> None:
    crf, emissions = case("bioes")
    inside = torch.tensor([[2, 2, 2, 2], [0, 0, 0, 0], [2, 0, 0, 0], [2, 3, 0, 0]])  # I-X I-X I-X I-X, ...
    assert 0 < float(crf.loss(emissions, LENGTHS, inside)) < 100
    unknown = torch.tensor([[1, -1, 0, 0], [0, 0, 0, 0], [-1, 0, 0, 0], [0, -1, 0, 0]])  # B-X ? O O
    assert 0 <= float(crf.loss(emissions, LENGTHS, unknown)) < 100


def head(scheme: str, **options: bool) -> TaggingHead:
    torch.manual_seed(0)
    words = Vocab([*SPECIALS, "a"], np.ones(3, dtype=np.int64))
    made = TaggingHead(Window(4, False, hidden_size=4), Random(words, dim=4), len(LABELS[scheme]), **options)
    made.read_labels(vocabulary(scheme))
    return made


@pytest.mark.parametrize("scheme", LABELS)
@pytest.mark.parametrize("crf", [False, True])
def test_no_prediction_is_ever_invalid(scheme: str, crf: bool) -> None:
    states, lengths = 5 * torch.randn(200, 6, 4), torch.randint(1, 7, (200,))
    made = head(scheme, crf=crf)
    labels = made.predict(states, lengths)["label"]
    assert all(is_valid(scheme, tuple(row[:n])) for row, n in zip(labels.tolist(), lengths.tolist(), strict=True))
    free = head(scheme, crf=crf, constrained=False).predict(states, lengths)["label"]
    assert not all(
        is_valid(scheme, tuple(row[:n])) for row, n in zip(free.tolist(), lengths.tolist(), strict=True)
    )
    (row,) = made.predict_pieces([states[:1, :3], states[:1, 3:]], torch.zeros(1, 6))["label"]
    assert is_valid(scheme, tuple(row.tolist()))


def test_without_a_crf_the_best_valid_path_has_the_highest_product_of_probabilities() -> None:
    made = head("bio")
    states = 3 * torch.randn(20, 4, 4)
    log_probs = made.linear(states).log_softmax(-1).detach()
    labels = made.predict(states, torch.full((20,), 4), probabilities=True)
    paths = [path for path in product(range(5), repeat=4) if is_valid("bio", path)]
    for row, answer in enumerate(labels["label"].tolist()):
        best = max(paths, key=lambda path: sum(float(log_probs[row, t, y]) for t, y in enumerate(path)))
        assert tuple(answer) == best
    assert np.allclose(np.exp(labels["log_probs"]).sum(-1), 1, atol=1e-5)


def test_labels_without_a_scheme_are_predicted_one_by_one() -> None:
    made = head("bio")
    made.valid = None
    made.read_labels(Vocab(vocabulary("bio").words, np.ones(7, dtype=np.int64)))
    assert made.valid is None
