"""Vectors of a table: what fine-tuning changes, what stays, and what a saved run has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import Tensor

import core
from core.config import expand
from core.data.vocab import END, UNK, Vocab
from plugins.embeddings.table import TableEmbedding
from plugins.embeddings.vector_store import DIGEST, Table

VOCAB = Vocab(["</s>", "<unk>", "the", "cat", "zebra", "gnu"], np.array([9, 0, 50, 5, 1, 1]))
THE, CAT, ZEBRA, GNU = range(2, 6)  # the table lacks zebra and gnu
WORDS = ["the", "cat", "open"]
VECTORS = np.array([[1, 0], [3, 0], [5, 0]], np.float32)  # of `the` and `cat` the mean length is 2
TABLE = Table(bytes(range(DIGEST)), pa.array(WORDS, pa.large_string()), VECTORS)
OPEN = ["open", "missing"]
OPEN_IDS = [VOCAB.size, VOCAB.size + 1]


class Fixed(TableEmbedding):
    """The vectors of ``TABLE``."""

    def find_again(self, digest: bytes) -> Table:
        assert digest == TABLE.digest
        return TABLE


def made(**options: Any) -> Fixed:
    defaults = {"tune": True, "word_dropout": 0.25, "fallback": "none", "normalize": False}
    return Fixed(VOCAB, 2, **{**defaults, **options})


def taken(**options: Any) -> Fixed:
    embedding = made(**options)
    embedding.take(TABLE)
    return embedding.eval()


def read(embedding: Fixed, ids: list[int]) -> Tensor:
    """The vectors of ids: (n, 2)."""
    return embedding(torch.tensor([ids]), embedding.prepare(OPEN))[0]


def trained(embedding: Fixed, ids: list[int]) -> Fixed:
    """After one step of SGD on the sum of the vectors of these ids, as if they were read in training."""
    read(embedding, ids).sum().backward()
    with torch.no_grad():
        for parameter in embedding.parameters():
            parameter -= 0 if parameter.grad is None else parameter.grad.to_dense()
    return embedding


def test_before_training_a_tuned_word_has_the_vector_of_the_table() -> None:
    mean = [2.0, 0.0]  # of `the` and `cat`
    expected = [mean, mean, [1, 0], [3, 0], mean, mean, [5, 0], mean]
    for tune in (True, False):
        assert read(taken(tune=tune), [*range(VOCAB.size), *OPEN_IDS]).tolist() == expected


def test_a_step_moves_the_training_words_that_it_reads_and_no_other_word() -> None:
    embedding = trained(taken(), [THE, *OPEN_IDS[:1]])
    assert embedding.changes is not None and embedding.changes[THE].tolist() == [-2, -2], (
        "the gradient has the unit"
    )
    assert read(embedding, [THE]).tolist() == [[1 - 2 * 2, 0 - 2 * 2]]
    untouched = [[2, 0], [2, 0], [3, 0], [2, 0], [5, 0]]
    assert read(embedding, [END, UNK, CAT, ZEBRA, OPEN_IDS[0]]).tolist() == untouched
    assert embedding.vectors[THE].tolist() == [1, 0], "the vectors of the table stay as they are"


def test_a_step_on_frozen_vectors_moves_only_the_one_that_missing_words_share() -> None:
    embedding = trained(taken(tune=False), [THE, ZEBRA, OPEN_IDS[1]])
    assert [name for name, _ in embedding.named_parameters()] == ["specials"]
    assert read(embedding, [THE, ZEBRA, GNU, UNK, OPEN_IDS[1]]).tolist() == [[1, 0], *[[0, -2]] * 4]


def test_longer_vectors_change_by_the_same_share_of_their_length() -> None:
    moved = []
    for factor in (1.0, 10.0):
        embedding = made().eval()
        embedding.take(Table(TABLE.digest, TABLE.words, np.float32(factor) * VECTORS))
        with torch.no_grad():
            embedding.changes -= 0.01  # type: ignore[misc,operator] # a step of AdamW, whatever the gradient
        moved.append((embedding.vectors[THE] - embedding(torch.tensor([[THE]]))[0, 0]).tolist())
    assert moved[0] == pytest.approx([0.02, 0.02], abs=1e-6) and moved[1] == pytest.approx([0.2, 0.2], abs=1e-5)


def test_without_any_known_word_the_unit_is_1() -> None:
    embedding = made()
    embedding.take(Table(TABLE.digest, pa.array(["a", "b", "c"], pa.large_string()), VECTORS))
    assert embedding.unit == 1 and embedding.lacks.all()


def test_a_training_word_without_a_vector_gets_one_of_its_own() -> None:
    embedding = trained(taken(), [ZEBRA])  # its own change moves, and the shared vector
    assert read(embedding, [ZEBRA]).tolist() == [[2 - 1 - 4, 0 - 1 - 4]]
    assert read(embedding, [GNU, UNK, OPEN_IDS[1]]).tolist() == [[1, -1]] * 3


def test_in_training_only_rare_words_without_a_vector_are_read_as_unknown() -> None:
    torch.manual_seed(0)
    embedding = taken(word_dropout=1.0).train()
    with torch.no_grad():
        embedding.changes += 100.0  # type: ignore[misc,operator] # a parameter, since it is tuned
    changed = embedding(torch.tensor([END, THE, CAT, ZEBRA]).repeat(10_000, 1))[..., 0] > 50
    assert changed.float().mean(0).tolist() == [1, 1, 1, pytest.approx(0.5, abs=0.02)]
    assert (read(embedding.eval(), [THE, ZEBRA])[:, 0] > 50).all()


@pytest.mark.parametrize("tune", [True, False])
def test_a_restored_embedding_reads_every_word_as_before(tune: bool) -> None:
    embedding, ids = trained(taken(tune=tune), [THE, ZEBRA, GNU]), [*range(VOCAB.size), *OPEN_IDS]
    fresh = made(tune=tune).eval()
    fresh.load_state_dict({name: value.clone() for name, value in embedding.state_dict().items()})
    assert torch.equal(read(fresh, ids), read(embedding, ids))
    assert np.array_equal((fresh.whole() or ((), 0))[1], (embedding.whole() or ((), 1))[1])


def test_weights_from_before_changes_were_apart_are_read_as_they_were() -> None:
    old = {name: value.clone() for name, value in taken(tune=False).state_dict().items()}
    del old["unit"]
    old["vectors"][THE] = torch.tensor([7.0, 8.0])  # fine-tuned, since the vectors themselves were trained
    embedding = made().eval()
    embedding.load_state_dict(old)
    assert read(embedding, [THE, CAT, ZEBRA, *OPEN_IDS]).tolist() == [[7, 8], [3, 0], [2, 0], [5, 0], [2, 0]]
    assert (embedding.whole() or ((), None))[1].tolist() == [[7, 8], [3, 0], [5, 0]]


def test_the_whole_table_has_the_vectors_that_the_encoder_reads() -> None:
    words, vectors = trained(embedding := taken(), [THE, CAT, CAT]).whole() or ((), None)
    assert list(words) == WORDS
    assert vectors.tolist() == read(embedding, [THE, CAT, OPEN_IDS[0]]).tolist() == [[-3, -4], [-5, -8], [5, 0]]


def test_a_run_tunes_by_default_and_a_task_that_evaluates_the_vectors_does_not(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("the 1 2\n")
    words = ["encoder=bag", "embedding=file", f"embedding.path={tmp_path / 'v.txt'}", "data=toy"]
    tuned = {
        task: expand([f"task={task}", *words])[0].flat()["embedding.file.tune"]
        for task in ("pos", "sentiment", "lm", "vectors")
    }
    assert tuned == {"pos": "true", "sentiment": "true", "lm": "true", "vectors": "false"}


def test_a_saved_run_has_tuned_vectors_and_predicts_the_same(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("good 1 0 0\nbad 0 1 0\nfine 0 0 1\nthe 1 1 1\n")
    data = tmp_path / "data"
    data.mkdir()
    for split in ("train", "dev", "test"):
        (data / f"{split}.tsv").write_text("text\tlabel\n" + "good the gnu\tyes\nbad the zebra\tno\n" * 8)
    options = {"embedding.path": str(tmp_path / "v.txt"), "train.epochs": 1, "runs": str(tmp_path), "quiet": True}
    result = core.run(task="sentiment", encoder="bag", embedding="file", data=str(data), **options)
    saved = core.load(result.folder)
    (embedding,) = saved.model.network.embedding.embeddings
    vocab = embedding.vocab
    moved = {word for word, change in zip(vocab.words, embedding.changes, strict=True) if change.any()}
    assert moved - {vocab.words[END]} == {"good", "bad", "the", "gnu", "zebra"}
    assert embedding.vectors[vocab.ids["good"]].tolist() == [1, 0, 0]
    prepared = embedding.prepare(["fine", "unheard"])
    found = embedding(torch.tensor([[vocab.size, vocab.size + 1]]), prepared)[0]
    assert found[0].tolist() == [0, 0, 1] and torch.equal(found[1], embedding.specials[1])
