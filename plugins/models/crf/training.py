"""Training with CRFsuite (Okazaki, 2007): rows of attributes in, the bytes of its model file out."""

from __future__ import annotations

import ctypes
import math
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pycrfsuite

from core.errors import DataError, TrainingError
from plugins.models.crf import model_file

PREPARED = "Number of features"  # the line before the first epoch
EPOCH, LOSS = re.compile(r"\*+ (?:Iteration|Epoch) #(\d+)"), re.compile(r"Loss: (\S+)")

Rows = Iterable[tuple[list[list[bytes]], list[str]]]  # the attributes and the labels of the tokens of each row
Report = Callable[[int, float, float], None]  # the epoch, counted from 1, its loss and its seconds


class _Trainer(pycrfsuite.Trainer):
    """Reports the epochs in CRFsuite's log, which is not printed.

    CRFsuite's C code calls ``message`` for each line of its log. There Python raises KeyboardInterrupt after
    Ctrl-C, and the exception ends the training.
    """

    report: Report
    epoch, since, loss, features = 0, 0.0, 0.0, 1

    def message(self, message: str) -> None:
        """Read a line of the log."""
        if message.startswith(PREPARED):
            self.since, self.features = time.perf_counter(), int(message.rpartition(":")[2])
        elif found := EPOCH.match(message):
            self.epoch = int(found.group(1))
        elif self.epoch and (found := LOSS.match(message)):
            now, self.loss = time.perf_counter(), float(found.group(1))
            self.report(self.epoch, self.loss, now - self.since)
            self.epoch, self.since = 0, now  # the log ends with the loss of the best epoch again


def train(rows: Rows, algorithm: str, parameters: Mapping[str, Any], seed: int, report: Report) -> bytes:
    """Train a model.

    Args:
        rows: the rows, which are read once.
        algorithm: CRFsuite's name of the algorithm.
        parameters: CRFsuite's names of its parameters -> their values.
        seed: of the order of the rows, which all algorithms but L-BFGS shuffle.
        report: called after each epoch.

    Returns:
        What CRFsuite writes into a model file.

    Raises:
        DataError: no feature is left.
        TrainingError: CRFsuite fails, its loss is not finite, or its file is not complete.
    """
    trainer = _Trainer()
    trainer.select(algorithm)
    trainer.set_params(dict(parameters))
    for items, labels in rows:
        trainer.append(pycrfsuite.ItemSequence(items), labels)
    _seed_c_random_numbers(seed)
    trainer.report = report
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        try:
            trainer.train(str(path))
            weights = path.read_bytes()
        # pycrfsuite 0.9.12 raises a TypeError where it means to raise a CRFSuiteError
        except (pycrfsuite.CRFSuiteError, TypeError, OSError) as error:
            remedy = "check the memory and the disk, or set another encoder.algorithm"
            raise TrainingError("CRFsuite could not train the model", where=folder, remedy=remedy) from error
    _check_learned(trainer)
    if not model_file.is_complete(weights):
        what = f"CRFsuite wrote {len(weights):,} bytes of its model, which is not all of it"
        raise TrainingError(what, where=tempfile.gettempdir(), remedy="check that the disk has space")
    return weights


def _check_learned(trainer: _Trainer) -> None:
    """Refuse a model of no features, or of a loss that is not finite."""
    if not trainer.features:
        what = "no feature occurs so often in training"
        raise DataError(what, where="encoder.min_count", remedy="lower it")
    if not math.isfinite(trainer.loss):
        what, remedy = f"the loss is {trainer.loss}", "set other penalties, or another encoder.algorithm"
        raise TrainingError(what, where="encoder.algorithm", remedy=remedy)


def _seed_c_random_numbers(seed: int) -> None:
    """Seed the random numbers of the C library, which CRFsuite uses."""
    ctypes.CDLL(None).srand(ctypes.c_uint(seed & 0xFFFFFFFF))
