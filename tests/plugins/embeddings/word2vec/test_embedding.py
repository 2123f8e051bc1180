"""The embedding: its training text, what it stores and loads, and its notes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from context_cases import context_of

import core
from core.data.corpus import Corpus
from core.data.interning import close
from core.data.vocab import UNK, Vocab
from core.errors import ConfigError, DataError
from plugins.embeddings.word2vec import text as texts
from plugins.embeddings.word2vec.embedding import Word2Vec
from plugins.embeddings.word2vec.train import train

ROWS = 200
VOCAB = Vocab(["</s>", "<unk>", "the", "cat", "sat"], np.array([ROWS, ROWS, 2 * ROWS, ROWS, ROWS]))
RARE = ["mat"]  # an open word: in the text, not in the vocabulary


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def corpus_of(words: str = "the cat sat <unk> the mat") -> Corpus:
    codes = {**VOCAB.ids, **{word: VOCAB.size + i for i, word in enumerate(RARE)}}
    row = [codes[word] for word in words.split()]
    return Corpus(VOCAB, {"tokens": close(np.array(row * ROWS, dtype=np.int32), np.full(ROWS, len(row)))}, RARE)


def fitted(
    read: Corpus | None = None, seed: int = 0, device: str = "cpu", **options: Any
) -> tuple[Word2Vec, list[str]]:
    notes: list[str] = []

    def notify(event: str, **facts: Any) -> None:
        notes.extend([facts["text"]] if event == "note" else [])

    embedding = Word2Vec(VOCAB, **{"dim": 4, "epochs": 2, **options})
    read = read or corpus_of()
    embedding.fit(read, read, context_of(lambda *_: {}, "none", seed=seed, device=device, notify=notify))
    return embedding, notes


def vector(embedding: Word2Vec, word: str) -> torch.Tensor:
    return embedding(torch.tensor([[VOCAB.ids.get(word, VOCAB.size)]]), embedding.prepare([word]))[0, 0].detach()


def test_all_words_of_the_text_have_vectors_and_the_others_share_one() -> None:
    embedding, notes = fitted()
    assert not torch.equal(vector(embedding, "the"), vector(embedding, "cat"))
    assert vector(embedding, "mat").abs().sum() > 0 and not torch.equal(
        vector(embedding, "mat"), vector(embedding, "zebra")
    )
    unknown = embedding(torch.tensor([[UNK]]))[0, 0]
    assert torch.equal(unknown, vector(embedding, "zebra"))
    assert embedding.coverage == {"types": 0.8, "tokens": pytest.approx(5 / 6)}  # all but <unk>
    assert any("covers 80.0% of the words" in note for note in notes)


def test_the_loss_of_each_epoch_and_the_speed_are_noted() -> None:
    _, notes = fitted(epochs=3)
    text = next(note for note in notes if "loss" in note)
    assert len(text.split("by epoch ")[1].split(";")[0].split()) == 3 and "words/s" in text


def test_vectors_are_trained_once_for_the_same_text_options_and_seed() -> None:
    first, notes = fitted()
    again, later = fitted()
    assert torch.equal(first.vectors, again.vectors)
    assert not any("before" in note for note in notes) and any(
        "4 vectors were trained before" in note for note in later
    )
    for other in (fitted(seed=1), fitted(window=2), fitted(corpus_of("the cat cat sat the mat"))):
        assert not any("before" in note for note in other[1])


def test_vectors_are_fine_tuned_unless_frozen() -> None:
    tuned, frozen = fitted()[0], fitted(tune=False)[0]
    assert {name for name, _ in tuned.named_parameters()} == {"specials", "changes"}
    assert {name for name, _ in frozen.named_parameters()} == {"specials"}


def test_another_text_is_stored_and_its_content_is_part_of_the_run_id(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("zebra lion zebra lion\n\nlion zebra, </s> <unk> zebra\n" * 30, encoding="utf-8")
    embedding, notes = fitted(corpus=str(path), sample=0)
    assert any("30 blank lines skipped" in note for note in notes)
    assert not torch.equal(vector(embedding, "zebra"), vector(embedding, "lion"))
    assert torch.equal(vector(embedding, "cat"), vector(embedding, "dog")), "cat is not in the other text"
    before = Word2Vec.fingerprint({"corpus": str(path), "start": None})
    text = texts.of_path(str(path))
    assert isinstance(text.values, np.memmap) and len(text.offsets) == 61
    assert {w: int(c) for w, c in zip(text.words, text.counts, strict=True) if c} == {
        "zebra": 90,
        "lion": 90,
        "zebra,": 30,
    }
    path.write_text("zebra lion\n" * 30, encoding="utf-8")
    assert Word2Vec.fingerprint({"corpus": str(path), "start": None}) != before
    assert Word2Vec.fingerprint({"corpus": None, "start": None}) is None


def test_truncated_ids_are_written_again(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("zebra lion zebra lion\n" * 30, encoding="utf-8")
    texts.of_path(str(path))
    file = next((cache / "texts").glob("*/values.i32"))
    file.write_bytes(file.read_bytes()[:-4])
    assert len(texts.of_path(str(path)).values) == 120


def test_a_saved_run_finds_words_that_only_occur_in_the_other_text(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("zebra lion the cat\n" * 30, encoding="utf-8")
    embedding, _ = fitted(corpus=str(path), sample=0)
    path.unlink()
    loaded = Word2Vec(VOCAB, dim=4, corpus=str(path))
    loaded.load_state_dict(embedding.state_dict())
    assert torch.equal(vector(loaded, "zebra"), vector(embedding, "zebra"))


@pytest.mark.parametrize("tune", [False, True])
def test_a_saved_run_without_its_table_knows_the_words_of_its_vocabulary(
    tune: bool, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedding, _ = fitted(tune=tune)
    with torch.no_grad():
        embedding.specials += 1  # as training changes them
        if tune:
            embedding.changes += torch.arange(VOCAB.size)[:, None]
    expected = [vector(embedding, word) for word in VOCAB.words]
    shutil.rmtree(cache)
    loaded = Word2Vec(VOCAB, dim=4, tune=tune)
    loaded.load_state_dict(embedding.state_dict())
    assert all(torch.equal(vector(loaded, word), row) for word, row in zip(VOCAB.words, expected, strict=True))
    assert torch.equal(vector(loaded, "mat"), expected[UNK]) and not loaded.has(
        torch.tensor([VOCAB.size]), loaded.prepare(["mat"])
    )
    assert loaded.has(torch.arange(VOCAB.size)).tolist() == [False, False, True, True, True]
    message = capsys.readouterr().err
    assert message.count("are not in") == 1 and "only the words of the training vocabulary have vectors" in message


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("nowhere.txt", "there is no such file or folder", "give a text file"),
        ("folder", "no file here is named train, dev or test", "give a text file"),
        ("tests", "there is no training split", "give a text file"),
        ("blank.txt", "no row of data in the file", "give a text file"),
        ("latin.txt", "UTF-8", "in UTF-8"),
    ],
)
def test_another_text_that_cannot_be_read_is_an_error_of_its_option(
    name: str, what: str, remedy: str, tmp_path: Path
) -> None:
    for folder, file in (("folder", "a.txt"), ("folder", "b.txt"), ("tests", "test.txt")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / file).write_text("a b\n")
    (tmp_path / "blank.txt").write_text("\n\n")
    (tmp_path / "latin.txt").write_bytes(b"a b\ncaf\xe9 b\n")
    with pytest.raises(DataError) as caught:
        fitted(corpus=str(tmp_path / name))
    error = caught.value
    assert error.where == f"embedding.word2vec.corpus={tmp_path / name}"
    assert what in error.what and error.remedy and remedy in error.remedy and "data" not in error.remedy


def test_phrases_are_trained_on() -> None:
    embedding, _ = fitted(corpus_of("the cat sat the mat"), phrases=1, phrase_threshold=1.1, min_count=1)
    assert embedding.table is not None
    assert any("_" in word for word in embedding.table.words.to_pylist())


def test_a_rising_learning_rate_is_rejected() -> None:
    with pytest.raises(ConfigError, match="min_alpha"):
        Word2Vec(VOCAB, alpha=0.01, min_alpha=0.1)


@pytest.mark.parametrize(("option", "value"), [("dim", 0), ("alpha", -1), ("negative", 0), ("window", 0)])
def test_numbers_out_of_range_are_rejected(option: str, value: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"embedding.word2vec.{option}|embedding.{option}"):
        core.run(task="pos", encoder="bag", data="toy", embedding="word2vec", **{f"embedding.{option}": value})


def test_it_can_be_joined_with_other_embeddings(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text("text\tlabel\n" + "the cat sat\tgood\nthe mat sat\tbad\n" * 30)
    result = core.run(
        task="sentiment",
        encoder="bag",
        data=str(tmp_path),
        embedding="word2vec+affix",
        runs=str(tmp_path),
        quiet=True,
        **{"embedding.word2vec.dim": 8, "embedding.word2vec.sample": 0, "train.epochs": 1},
    )
    assert result.status == "finished"
    assert any("loss per prediction by epoch" in str(note) for note in result.notes)


def test_a_run_on_a_gpu_trains_and_caches_the_vectors_of_the_cpu() -> None:
    on_cpu, _ = fitted(seed=5)
    on_gpu, notes = fitted(seed=5, device="cuda")  # no tensor is put there by ``fit``
    assert torch.equal(on_gpu.vectors, on_cpu.vectors) and any("were trained before" in note for note in notes)


def test_the_gpu_engine_must_be_asked_for_and_needs_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"engine=gpu trains on a GPU, and this run is on device=cpu") as error:
        fitted(engine="gpu")
    assert "engine=cpu" in str(error.value.remedy)
    asked: list[str] = []

    def train_on(device: str, *arguments: Any, **options: Any) -> Any:
        asked.append(device)
        return train(*arguments, **options)

    monkeypatch.setattr("plugins.embeddings.word2vec.embedding.train_on", train_on)
    _, notes = fitted(device="cuda:0", engine="gpu", seed=6)
    assert asked == ["cuda:0"] and not any("were trained before" in note for note in notes)
