"""A saved model comes back as it was; a damaged one is a StoreError, and never ends the process."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite
import pytest
from counting_cases import context, corpora, tagged_rows

from core.errors import StoreError
from core.model.runtime import Runtime
from plugins.models.crf import files
from plugins.models.crf.model import CRF

TRAIN, TEST = corpora(tagged_rows(1, 60), tagged_rows(2, 20))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[CRF, Path]:
    model, folder = CRF(TRAIN.vocab, TRAIN.labels), tmp_path_factory.mktemp("model")
    model.fit(TRAIN, TEST, context())
    model.save(folder)
    return model, folder


def restored(folder: Path, **options: Any) -> CRF:
    model = CRF(TRAIN.vocab, TRAIN.labels, **options)
    model.restore(folder, Runtime())
    return model


def copied(saved: tuple[CRF, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved[1], tmp_path / "somewhere else é"))


def test_a_restored_model_gives_the_same_bits_from_any_folder(saved: tuple[CRF, Path], tmp_path: Path) -> None:
    model = restored(copied(saved, tmp_path))
    assert {path.name for path in saved[1].iterdir()} == {files.WEIGHTS, files.DESCRIPTION}
    shutil.rmtree(tmp_path / "somewhere else é")  # nothing is read from there later
    expected, answers = (m.predict(TEST, probabilities=True) for m in (saved[0], model))
    assert all(np.array_equal(answers[name], expected[name]) for name in expected)
    assert (model.parameters, model.status) == (saved[0].parameters, "finished") and model.parameters > 100


def test_every_truncated_or_flipped_file_is_refused(saved: tuple[CRF, Path], tmp_path: Path) -> None:
    folder, random = copied(saved, tmp_path), np.random.default_rng(0)
    path = folder / files.WEIGHTS
    whole = path.read_bytes()
    broken = [whole[:size] for size in (0, 1, 47, 48, 49, len(whole) // 2, len(whole) - 1)] + [whole + b"\0"]
    for place in [*range(0, 60, 5), *random.integers(0, len(whole), 30).tolist()]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(random.integers(8))
        broken.append(bytes(flipped))
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(StoreError, match="crfsuite.bin: the file has changed since it was saved; train"):
            restored(folder)


def test_a_file_with_a_new_checksum_is_checked_too(saved: tuple[CRF, Path], tmp_path: Path) -> None:
    folder = copied(saved, tmp_path)
    content = (folder / files.WEIGHTS).read_bytes()[:-1]
    (folder / files.WEIGHTS).write_bytes(content)
    description = json.loads((folder / files.DESCRIPTION).read_text())
    description["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / files.DESCRIPTION).write_text(json.dumps(description))
    with pytest.raises(StoreError, match="this is not a model file of CRFsuite \\(it is not complete\\)"):
        restored(folder)


@pytest.mark.parametrize("name", ["x", "99"])
def test_a_file_with_labels_of_its_own_is_refused(name: str, saved: tuple[CRF, Path], tmp_path: Path) -> None:
    trainer, folder = pycrfsuite.Trainer(verbose=False), copied(saved, tmp_path)
    trainer.append([["a"], ["b"]], ["2", name])
    trainer.train(str(folder / files.WEIGHTS))
    description = json.loads((folder / files.DESCRIPTION).read_text())
    description["sha256"] = hashlib.sha256((folder / files.WEIGHTS).read_bytes()).hexdigest()
    (folder / files.DESCRIPTION).write_text(json.dumps(description))
    with pytest.raises(StoreError, match="this is not a model file of CRFsuite|trained with other"):
        restored(folder)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"sha256": 3', "\udcff", "[" * 100_000])
def test_a_broken_description_is_refused(text: str, saved: tuple[CRF, Path], tmp_path: Path) -> None:
    folder = copied(saved, tmp_path)
    (folder / files.DESCRIPTION).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(StoreError, match="crf.json: the file cannot be read"):
        restored(folder)


@pytest.mark.parametrize("name", [files.WEIGHTS, files.DESCRIPTION])
def test_a_missing_file_or_a_link_is_refused(name: str, saved: tuple[CRF, Path], tmp_path: Path) -> None:
    folder = copied(saved, tmp_path)
    (folder / name).unlink()
    with pytest.raises(StoreError, match=f"{name}: the file cannot be read"):
        restored(folder)
    (folder / name).symlink_to(saved[1] / name)
    with pytest.raises(StoreError, match="it is a link"):
        restored(folder)


def test_other_features_or_labels_are_refused(saved: tuple[CRF, Path]) -> None:
    with pytest.raises(StoreError, match="the model was trained with other features; restore it with the options"):
        restored(saved[1], window=1)
    (other,) = corpora([(["a"], ["X"])])
    with pytest.raises(StoreError, match="the model was trained with other labels"):
        CRF(other.vocab, other.labels).restore(saved[1], Runtime())


def test_a_folder_that_cannot_be_written_is_one_sentence(saved: tuple[CRF, Path], tmp_path: Path) -> None:
    (tmp_path / files.WEIGHTS).mkdir()
    with pytest.raises(StoreError, match="crfsuite.bin: the file cannot be written"):
        saved[0].save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [files.WEIGHTS]
