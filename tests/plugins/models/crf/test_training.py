"""CRFsuite is trained quietly, repeatably and until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counting_cases import corpora, tagged_rows

from core.errors import DataError, TrainingError
from plugins.models.crf import model_file, training
from plugins.models.crf.features import Templates
from plugins.models.crf.rows import training_pieces

ALGORITHMS = ("ap", "lbfgs", "l2sgd", "pa", "arow")


def learn(algorithm: str = "ap", seed: int = 0, report: Any = lambda *row: None, **parameters: Any) -> bytes:
    (train,) = corpora(tagged_rows(1, 80))
    pieces = training_pieces(train, Templates(1, 2, 0))
    return training.train(pieces, algorithm, {"max_iterations": 5} | parameters, seed, report)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_same_seed_gives_the_same_bytes_and_nothing_is_printed(
    algorithm: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rows: list[tuple[int, float, float]] = []
    first = learn(algorithm, 3, lambda *row: rows.append(row))
    assert learn(algorithm, 3) == first
    assert (learn(algorithm, 4) == first) == (algorithm == "lbfgs"), "only L-BFGS does not shuffle"
    assert [epoch for epoch, _, _ in rows] == list(range(1, len(rows) + 1)) and len(rows) > 1
    assert np.isfinite([row[1:] for row in rows]).all() and rows[-1][1] < rows[0][1]
    assert all(0 < seconds < 60 for _, _, seconds in rows)
    assert capfd.readouterr() == ("", "")


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_the_training_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    epochs: list[int] = []

    def report(epoch: int, loss: float, seconds: float) -> None:
        epochs.append(epoch)
        if epoch == 3:
            threading.Timer(0.05, interrupt).start()

    with pytest.raises(KeyboardInterrupt):
        learn("pa", report=report, max_iterations=10_000_000, c=1000.0)  # it never converges
    assert len(epochs) >= 3 and not list(tmp_path.iterdir())
    assert model_file.is_complete(learn()), "the next training is as any other"


def test_an_error_of_crfsuite_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = str(tmp_path / "missing")
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda: contextlib.nullcontext(missing))
    with pytest.raises(TrainingError, match="missing: CRFsuite could not train the model; check the memory and"):
        learn()


def test_a_model_that_a_full_disk_has_cut_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(trainer: Any, path: str) -> None:
        Path(path).write_bytes(whole[:-100])

    whole = learn()
    monkeypatch.setattr(training._Trainer, "train", cut)
    with pytest.raises(TrainingError, match=r"CRFsuite wrote [0-9,]+ bytes of its model, which is not all"):
        learn()


def test_penalties_that_leave_nothing_are_errors() -> None:
    with pytest.raises(DataError, match="encoder.min_count: no feature occurs so often in training; lower it"):
        learn("lbfgs", **{"feature.minfreq": 1000})
    with pytest.raises(TrainingError, match="encoder.algorithm: the loss is nan"):
        learn("l2sgd", c2=0)
