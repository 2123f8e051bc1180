"""Training that starts from trained vectors: more epochs, other text, a larger vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from word2vec_cases import text_of

import core
from core.errors import ConfigError, StoreError
from plugins.embeddings import vector_store, vector_writer
from plugins.embeddings.vector_store import Table
from plugins.embeddings.word2vec import progress, warm_start
from plugins.embeddings.word2vec.outputs import Outputs
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.tables import Tables
from plugins.embeddings.word2vec.warm_start import WarmStart

DIGEST = b"\1" * vector_store.DIGEST


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(progress, "EVERY", 0.0)
    return tmp_path / "cache"


def initial_vectors(words: list[str], basis: str = "words") -> WarmStart:
    random = np.random.default_rng(0)
    vectors, rows = (random.normal(size=(len(words), 16)).astype(np.float32) for _ in range(2))
    return WarmStart(Table(DIGEST, pa.array(words, pa.large_string()), vectors), Outputs(rows, basis))


def test_known_words_start_from_their_vectors_and_new_words_from_random_ones() -> None:
    text = text_of([[0, 1, 2, 3]] * 10, 4)
    first = initial_vectors(["w9", "w2", "w0"])
    tables, plain = (Tables(text, np.arange(4), Settings(dim=16), seed=0) for _ in range(2))
    first.initialise(tables)
    for word, row in (("w2", 1), ("w0", 2)):
        at = tables.words.index(word)
        assert first.outputs is not None
        assert np.array_equal(tables.vectors[at], first.table.vectors[row])
        assert np.array_equal(tables.outputs_of_words[at], first.outputs.rows[row])
    for word in ("w1", "w3"):
        at = tables.words.index(word)
        assert np.array_equal(tables.vectors[at], plain.vectors[at]) and not tables.outputs[at].any()


def test_output_vectors_of_tree_nodes_are_only_used_for_the_same_tree() -> None:
    text, settings = text_of([[0, 0, 0, 1, 1, 2]] * 10, 3), Settings(dim=16, output="hierarchical")
    tables = Tables(text, np.arange(3), settings, seed=0)
    same, other = initial_vectors(["w0", "w1", "w2"], tables.basis), initial_vectors(["w0", "w1", "w2"], "another")
    other.initialise(tables)
    assert not tables.outputs.any()
    same.initialise(tables)
    assert same.outputs is not None and np.array_equal(tables.outputs_of_words, same.outputs.rows)


def run(folder: Path, name: str, rows: list[str], **options: Any) -> Any:
    path = folder / name
    path.mkdir(exist_ok=True)
    (path / "train.tsv").write_text("text\tlabel\n" + "".join(f"{row}\tx\n{row}\ty\n" for row in rows))
    settings = {"dim": 16, "sample": 0.0, "min_count": 20, "alpha": 0.05, **options}
    return core.run(
        task="sentiment",
        encoder="bag",
        data=str(path),
        embedding="word2vec",
        runs=str(folder / "runs"),
        quiet=True,
        **{f"embedding.{key}": value for key, value in settings.items()},
        **{"train.epochs": 1},
    )


def table_of(result: Any) -> dict[str, Any]:
    table = warm_start.find(result.folder).table
    return dict(zip(table.words.to_pylist(), np.array(table.vectors), strict=True))


ANIMALS = [
    "the cat saw a dog",
    "a dog saw the cat",
    "the mouse saw a cat",
    "the cat and the dog and the mouse",
] * 20


METALS = ["iron and gold and tin", "the gold and the iron", "tin and iron or gold", "the gold or the tin"] * 20


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
@pytest.mark.parametrize("output", ["negative", "hierarchical", "softmax"])
def test_other_text_updates_the_vocabulary(tmp_path: Path, model: str, output: str) -> None:
    how = {"model": model, "output": output}
    first = run(tmp_path, "animals", [*ANIMALS, *["a gnu"] * 30], **how)
    rare = [*METALS, *["a gnu and a cat", "a zebra"] * 4]  # below min_count: of these only known words are trained
    then = run(tmp_path, "metals", rare, start=first.folder, **how)
    old, new = table_of(first), table_of(then)
    assert set(new) == set(old) | {"iron", "gold", "tin", "or"}
    for word in ("dog", "mouse", "saw"):
        assert np.array_equal(new[word], old[word]), "a word that the new text lacks stays as it is"
    for word in ("the", "and", "a", "gnu", "cat"):
        assert not np.array_equal(new[word], old[word]), "a word of the new text is trained further"
    assert all(np.isfinite(row).all() and row.any() for row in new.values())


def test_the_same_start_and_seed_give_the_same_bits(tmp_path: Path, cache: Path) -> None:
    first = run(tmp_path, "animals", ANIMALS)
    tables = []
    for name in ("runs-a", "runs-b"):
        path = tmp_path / name
        path.mkdir()
        tables.append(table_of(run(path, "metals", METALS, start=first.folder)))
        for folder in (cache / "vectors").iterdir():  # everything but the start is trained again
            if folder.name != warm_start.fingerprint(first.folder):
                for file in folder.iterdir():
                    file.unlink()
    one, other = tables
    assert list(one) == list(other) and all(np.array_equal(one[word], other[word]) for word in one)


def test_more_epochs_of_the_same_text_continue_from_its_loss(tmp_path: Path) -> None:
    def losses(result: Any) -> list[float]:
        note = next(str(note) for note in result.notes if "by epoch" in str(note))
        return [float(loss) for loss in note.split("by epoch ")[1].split(";")[0].split()]

    for output in ("negative", "hierarchical"):
        how = {"output": output, "alpha": 0.1, "min_alpha": 0.1}
        first = run(tmp_path, "animals", ANIMALS, epochs=6, **how)
        more = run(tmp_path, "animals", ANIMALS, epochs=2, start=first.folder, **how)
        before = losses(first)
        assert abs(losses(more)[0] - before[-1]) < (before[0] - before[-1]) / 2
        assert set(table_of(more)) == set(table_of(first))


def test_training_can_start_from_a_file_of_vectors(tmp_path: Path) -> None:
    path, vectors = tmp_path / "old.bin", np.full((2, 16), 0.5, dtype=np.float32)
    vector_writer.write(path, ["cat", "okapi"], vectors)
    found = table_of(run(tmp_path, "animals", ANIMALS, start=str(path), alpha=1e-3))
    assert np.array_equal(found["okapi"], vectors[1])
    assert not np.array_equal(found["cat"], vectors[0]) and (found["cat"] > 0.4).all(), "it started at 0.5"
    assert np.abs(found["dog"]).max() < 0.4, "the others did not"


def test_the_fingerprint_depends_on_the_initial_vectors(tmp_path: Path) -> None:
    options = {"corpus": None, "start": str(tmp_path / "v.bin")}
    seen = set()
    for value in (0.5, 1.0):
        vector_writer.write(tmp_path / "v.bin", ["cat"], np.full((1, 16), value, dtype=np.float32))
        seen.add(warm_start.fingerprint(str(options["start"])))
    assert len(seen) == 2 and None not in seen


def test_initial_vectors_of_another_dimension_are_rejected(tmp_path: Path) -> None:
    vector_writer.write(tmp_path / "v.bin", ["cat"], np.ones((1, 3), dtype=np.float32))
    with pytest.raises(
        ConfigError, match=r"word2vec.start: the vectors have dimension 3, but dim is 16; set .*dim=3"
    ):
        run(tmp_path, "animals", ANIMALS, start=str(tmp_path / "v.bin"))


def test_missing_initial_vectors_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="'nowhere' is neither a file of vectors nor a saved run"):
        run(tmp_path, "animals", ANIMALS, start="nowhere")


def test_removed_initial_vectors_are_reported(tmp_path: Path, cache: Path) -> None:
    first = run(tmp_path, "animals", ANIMALS)
    (cache / "vectors").rename(cache / "gone")
    with pytest.raises(StoreError, match="not in .*vectors any more; train that run again"):
        run(tmp_path, "animals", ANIMALS, start=first.folder)
