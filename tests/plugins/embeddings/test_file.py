"""Pretrained vectors from a file: coverage, case, training, saving."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from context_cases import context_of

from core.data.corpus import Corpus
from core.data.interning import close
from core.data.vocab import Vocab
from core.errors import DataError, StoreError
from plugins.embeddings import vector_store
from plugins.embeddings.file import File

TEXT = "the 1 2\nCat 3 4\nNASA 5 6\nopen 7 8\n日本 9 10\nthe 0 0\n"
TOKENS = ["the", "the", "cat", "Nasa", "zebra"]
VOCAB = Vocab(["</s>", "<unk>", "the", "cat", "Nasa", "zebra"], np.array([1, 0, 2, 1, 1, 1]))


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "vectors.txt"
    place.write_text(TEXT, encoding="utf-8")
    return place


def fitted(path: Path, **options: Any) -> tuple[File, list[str]]:
    ids = np.array([VOCAB.ids[token] for token in TOKENS], dtype=np.int32)
    corpus = Corpus(VOCAB, {"tokens": close(ids, np.array([len(ids)]))})
    notes: list[str] = []
    context = context_of(lambda *_: {}, "none", notify=lambda event, **facts: notes.append(facts["text"]))
    embedding = File(VOCAB, path=str(path), **options)
    embedding.fit(corpus, corpus, context)
    return embedding, notes


def vectors(embedding: File, words: list[str]) -> list[list[float]]:
    return embedding(VOCAB.size + torch.arange(len(words))[None], embedding.prepare(words))[0].tolist()


def loaded(embedding: File, path: Path) -> File:
    fresh = File(VOCAB, path=str(path), tune=embedding.changes is not None)
    fresh.load_state_dict({name: tensor.clone() for name, tensor in embedding.state_dict().items()})
    return fresh


def test_the_first_of_repeated_words_is_used_and_noted(path: Path) -> None:
    embedding, notes = fitted(path)
    assert embedding(torch.tensor([[2]]))[0, 0].tolist() == [1, 2]
    assert notes[0] == "vectors.txt: 1 of its 6 words are repeated; the first is used"


@pytest.mark.parametrize(("fallback", "found"), [("none", 1), ("lower", 1), ("cases", 3)])
def test_case_fallback_tries_lower_title_and_capitals(path: Path, fallback: str, found: int) -> None:
    embedding, _ = fitted(path, fallback=fallback)
    assert int((~embedding.lacks).sum()) == found
    assert (vectors(embedding, ["OPEN"])[0] == [7, 8]) == (fallback != "none")


def test_the_share_of_types_and_tokens_is_reported(path: Path) -> None:
    path.write_text(TEXT.replace("the 0 0\n", ""), encoding="utf-8")
    embedding, notes = fitted(path)
    assert embedding.coverage == {"types": 3 / 4, "tokens": 4 / 5}
    assert notes == [
        "vectors.txt (dimension 2) covers 75.0% of the words and 80.0% of the tokens of the training text"
    ]


def test_missing_words_share_one_trained_vector_that_starts_as_the_mean(path: Path) -> None:
    embedding, _ = fitted(path)
    unknown = embedding(torch.tensor([[1, 5]]))[0]
    assert unknown.tolist() == [[3, 4]] * 2
    assert vectors(embedding, ["q", "open"]) == [[3, 4], [7, 8]]
    unknown.sum().backward()
    assert embedding.specials.grad.any()


@pytest.mark.parametrize("tune", [False, True])
def test_the_whole_table_has_each_word_once_with_its_own_vector(path: Path, tune: bool) -> None:
    embedding, _ = fitted(path, tune=tune)
    with torch.no_grad():
        if tune:
            embedding.changes += 1  # as training changes the vectors of the vocabulary
    words, found = embedding.whole() or ((), None)
    assert words == ["the", "Cat", "NASA", "open", "日本"] and "cat" in VOCAB.words  # a form of `Cat`
    assert found is not None
    moved = float(embedding.unit) * tune
    assert found == pytest.approx(np.array([[1 + moved, 2 + moved], [3, 4], [5, 6], [7, 8], [9, 10]]))


def test_normalized_vectors_have_length_1(path: Path) -> None:
    embedding, _ = fitted(path, normalize=True)
    assert torch.allclose(embedding(torch.tensor([[2, 3, 4]])).norm(dim=-1), torch.ones(1, 3))


def test_a_limit_reads_the_first_words_only(path: Path) -> None:
    assert vectors(fitted(path, limit=4)[0], ["open", "日本"])[0] == [7, 8]
    assert vectors(fitted(path, limit=4)[0], ["日本"])[0] != [9, 10]


def test_a_loaded_embedding_finds_new_words_without_the_file(path: Path) -> None:
    embedding, _ = fitted(path)
    path.unlink()
    assert vectors(loaded(embedding, path), ["日本", "OPEN"]) == [[9, 10], [7, 8]]


def test_without_the_cache_the_file_is_read(path: Path, cache: Path) -> None:
    embedding, _ = fitted(path)
    shutil.rmtree(cache)
    assert vectors(loaded(embedding, path), ["日本"]) == [[9, 10]]


def test_without_file_and_cache_there_is_one_clear_error(path: Path, cache: Path) -> None:
    embedding, _ = fitted(path)
    path.unlink()
    shutil.rmtree(cache)
    with pytest.raises(StoreError, match="restore the file"):
        loaded(embedding, path)


def test_a_changed_file_is_not_used_for_a_saved_run(
    path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedding, _ = fitted(path)
    shutil.rmtree(cache)
    path.write_text(TEXT.replace("9 10", "9 11").replace("1 2", "1 3"), encoding="utf-8")
    fresh = loaded(embedding, path)
    assert fresh(torch.tensor([[2]]))[0, 0].tolist() == [1, 2]
    assert vectors(fresh, ["日本"]) == [embedding.specials[1].tolist()]
    error = capsys.readouterr().err
    assert all(
        part in error for part in ("has changed", "restore the file", "only the words of the training vocabulary")
    )


def test_a_cache_that_was_tampered_with_is_never_unpickled(path: Path, cache: Path) -> None:
    embedding, _ = fitted(path)
    (place,) = (cache / "vectors").glob("*/vectors.npy")
    np.save(place, np.array([print] * 6, dtype=object), allow_pickle=True)
    assert vector_store.load(bytes(embedding.digest.tolist())) is None
    assert vectors(loaded(embedding, path), ["日本"]) == [[9, 10]]


def test_a_cache_that_cannot_be_written_is_a_note(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = path.with_name("blocked")
    blocked.write_text("a file stands here")
    monkeypatch.setenv("SEQLAB_CACHE", str(blocked))
    embedding, notes = fitted(path)
    assert "could not be stored" in notes[0]
    assert vectors(embedding, ["open"]) == [[7, 8]]


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no such file"):
        File(VOCAB, path=str(tmp_path / "nothing.txt"))
    with pytest.raises(DataError, match="the file has no vectors"):
        (tmp_path / "empty").write_text("")
        File(VOCAB, path=str(tmp_path / "empty"))


def test_other_vectors_under_the_same_name_make_another_run(tmp_path):
    from core import config

    path = tmp_path / "a.vec"
    (cell,) = config.expand(["task=pos", "encoder=lstm", "embedding=file", f"embedding.path={path}"])
    ids = [cell.id("data")]
    for text in ("the 1 2\ncat 3 4\n", "the 1 2\ncat 3 5\n"):
        path.write_text(text)
        ids.append(cell.id("data"))
    assert len(set(ids)) == 3
    path.write_text("the 1 2\ncat 3 4\n")
    assert cell.id("data") == ids[1]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("offsets", lambda a: np.concatenate([a[:1], a[2:1:-1], a[1:2], a[3:]])),
        ("offsets", lambda a: a - 1),
        ("offsets", lambda a: np.append(a[:-1], 10**12)),
        ("offsets", lambda a: a.astype(np.int32)),
        ("offsets", lambda a: a[:-1]),
        ("text", lambda a: np.full_like(a, 255)),
        ("text", lambda a: a.astype(np.int64)),
        ("vectors", lambda a: a.astype(np.float64)),
        ("vectors", lambda a: a[:, 0]),
    ],
)
def test_a_stored_table_whose_arrays_do_not_fit_is_read_again(
    name: str, change: Any, path: Path, cache: Path
) -> None:
    embedding, _ = fitted(path)
    (place,) = (cache / "vectors").glob(f"*/{name}.npy")
    np.save(place, change(np.load(place)))
    assert vector_store.load(bytes(embedding.digest.tolist())) is None
    assert vectors(loaded(embedding, path), ["日本"]) == [[9, 10]]


def test_words_in_another_encoding_make_another_table(path: Path) -> None:
    path.write_bytes("café 1 2\nthe 3 4\n".encode("latin-1"))
    embedding, _ = fitted(path, encoding="latin-1")
    assert vectors(embedding, ["café"]) == [[1, 2]]
    with pytest.raises(DataError, match="the word is not UTF-8"):
        fitted(path)
