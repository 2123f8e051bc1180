"""The embedding of distances to two marked spans."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import core
from core.data.vocab import Vocab
from core.errors import ConfigError
from core.neural.pieces import read_in_pieces
from core.runs.trained_model import load
from plugins.embeddings.position import NOWHERE, Position

VOCAB = Vocab(["</s>", "<unk>", "a"], np.array([1, 0, 9]))
IDS = np.full((2, 6), 2)
SPANS = np.array([[1, 3, 4, 5], [5, 6, 0, 1]])  # start and end of e1, then of e2


def test_distances_are_those_to_the_nearest_token_of_a_span() -> None:
    rows = Position(VOCAB, max_distance=9).collate(IDS, None, SPANS) - 10  # distance 0 is row 10
    assert rows[0, :, 0].tolist() == [-1, 0, 0, 1, 2, 3]
    assert rows[0, :, 1].tolist() == [-4, -3, -2, -1, 0, 1]
    assert rows[1, :, 0].tolist() == [-5, -4, -3, -2, -1, 0]
    assert rows[1, :, 1].tolist() == [0, 1, 2, 3, 4, 5]


def test_distances_are_clipped() -> None:
    rows = Position(VOCAB, max_distance=2).collate(IDS, None, SPANS)
    assert rows[0, :, 1].tolist() == [1, 1, 1, 2, 3, 4]
    assert rows.min() > NOWHERE and rows.max() == 5  # all within 2 * 2 + 2 rows


@pytest.mark.parametrize("shared", [False, True])
def test_the_vectors_of_both_distances_are_concatenated(shared: bool) -> None:
    embedding = Position(VOCAB, dim=3, max_distance=9, shared=shared)
    found = torch.from_numpy(embedding.collate(IDS, None, SPANS))
    vectors = embedding(torch.from_numpy(IDS), None, found)
    assert embedding.output_size == 6 and vectors.shape == (2, 6, 6)
    assert torch.equal(vectors[0, 1, :3], embedding.tables[0, 10])
    assert torch.equal(vectors[0, 1, 3:], embedding.tables[0 if shared else 1, 7])
    assert len(embedding.tables) == (1 if shared else 2)


def test_without_spans_every_token_is_nowhere() -> None:
    embedding = Position(VOCAB, dim=2)
    assert torch.equal(embedding(torch.from_numpy(IDS))[1, 4], embedding.tables[:, NOWHERE].flatten())


@pytest.mark.parametrize("task", ["sentiment", "pos"])
def test_a_task_without_spans_is_refused(task: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        vectors = {"embedding": "random+position", "data.limit": 20}
        core.run(task=task, encoder="bag", quiet=True, runs=tmp_path, **vectors)
    assert "the distance to two marked spans, and the rows of this task have none" in caught.value.what
    assert "task=relation" in caught.value.remedy


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    options = {"data.limit": 60, "train.steps": 4, "encoder.channels": 4, "encoder.widths": [3]}
    runs = tmp_path_factory.mktemp("runs")
    return core.run(task="relation", encoder="cnn", quiet=True, runs=runs, **options).folder


LONG = ["<e1>storm</e1> old red " + "the quiet wheel " * 30 + "causes the <e2>flood</e2> ."]


def test_a_row_that_is_read_in_pieces_keeps_its_positions(run: str) -> None:
    whole, pieces = load(run), load(run, max_tokens=16)
    found = [model.predict(LONG, probabilities=True)[0].probabilities for model in (whole, pieces)]
    assert found[0] == pytest.approx(found[1], abs=1e-5)
    network, corpus = pieces.model.network, pieces.corpus(LONG)
    ids = corpus.closed.values[:-1].astype(np.int64)
    with torch.inference_mode():
        parts = [
            torch.cat(list(read_in_pieces(network, ids, 16, None, torch.device("cpu"), spans)), 1)
            for spans in (corpus.spans, corpus.spans - 3)
        ]
    assert not torch.allclose(*parts, atol=1e-4)


def test_where_the_marks_are_changes_the_answer(run: str) -> None:
    texts = ["the <e1>storm</e1> causes <e2>fire</e2> .", "the <e1>storm</e1> <e2>causes</e2> fire ."]
    first, second = (p.probabilities for p in load(run).predict(texts, probabilities=True))
    assert max(abs(first[label] - second[label]) for label in first) > 1e-4
