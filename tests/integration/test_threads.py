"""One loaded model used by several threads, and by forked processes, gives the answers of one thread."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_data import write_small

import core
from core.errors import ConfigError
from core.model.runtime import Runtime
from core.runs.trained_model import TrainedModel, load

THREADS, CALLS = 8, 16
SECONDS = 30  # a child that still runs then hangs
VECTORS = "the 1 0 2\ncats 0 1 1\ndog 3 1 0\nxylophones 1 1 1\nqwertz 2 0 0\n"
JOINED = "random+affix+char+file+word2vec"
NEURAL = ("window", "bag", "rnn", "lstm", "gru", "birnn", "bilstm", "bigru", "cnn")
USUAL = [
    ("pos", "bilstm", "random+affix"),
    ("crf", "cnn", "char"),
    ("sentiment", "bag", "file"),
    ("sentiment", "birnn", "word2vec"),
    ("lm", "ngram", ""),
    ("lm", "lstm", JOINED),
]
ALL = [("pos", "ngram", ""), ("sentiment", "ngram", "")] + [
    (task, encoder, JOINED)
    for task in ("pos", "crf", "sentiment", "lm")
    for encoder in NEURAL
    if task != "lm" or not encoder.startswith("bi")
]


def trained(folder: Path, task: str, encoder: str, embedding: str, **more: Any) -> TrainedModel:
    """A model of a few rows: what it has learned does not matter here."""
    (folder / "vectors.txt").write_text(VECTORS)
    given: dict[str, Any] = {"embedding": embedding, "train.epochs": 1} if embedding else {}
    given |= {"embedding.file.path": str(folder / "vectors.txt")} if "file" in embedding else {}
    given |= {"embedding.word2vec.min_count": 1, "embedding.word2vec.dim": 5} if "word2vec" in embedding else {}
    given |= {"head.crf": True} if task == "crf" else {}
    given |= {"encoder.order": 2, "encoder.smoothing": "witten-bell"} if encoder == "ngram" else {}
    given |= {"head.words": 0, "head.capital": True} if (task, encoder) == ("pos", "ngram") else {}
    name = "pos" if task == "crf" else task
    given |= {"task": name, "encoder": encoder, "data": write_small(folder)[name]}
    model = load(core.run(**{"quiet": True, "runs": str(folder / "runs"), "threads": 1, **given, **more}).folder)
    return model


def sentences(call: int) -> list[list[str]]:
    """The sentences of one call: some words of training, some that no other call has."""
    random = np.random.default_rng(call)
    known = ["the", "cats", "dog", "sleep", "xylophones", "."]
    new = [f"New{call}ly", f"un{call}ing", "qwertz", f"{call}{call}"]
    return [random.choice(known + new, random.integers(1, 9)).tolist() for _ in range(random.integers(1, 5))]


def answers(model: TrainedModel, call: int) -> list[Any]:
    """Everything that a model answers about the sentences of a call."""
    rows = sentences(call)
    found: list[Any] = [model.predict(rows)]
    if model.kind.language_model:
        found += [model.score(rows), model.generate(rows[0], n=2, length=4, seed=call)]
    return found


@pytest.fixture
def eager() -> Iterator[None]:
    """Threads take turns a thousand times as often as they usually do."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


def check_threads(model: TrainedModel) -> None:
    expected = [answers(model, call) for call in range(CALLS)]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda call: answers(model, call), range(CALLS)))
    assert [call for call in range(CALLS) if found[call] != expected[call]] == []


@pytest.mark.parametrize(("task", "encoder", "embedding"), USUAL)
@pytest.mark.usefixtures("eager")
def test_threads_share_a_model(task: str, encoder: str, embedding: str, tmp_path: Path) -> None:
    check_threads(trained(tmp_path, task, encoder, embedding))


@pytest.mark.slow
@pytest.mark.parametrize(("task", "encoder", "embedding"), ALL)
@pytest.mark.usefixtures("eager")
def test_threads_share_a_model_of_any_encoder(task: str, encoder: str, embedding: str, tmp_path: Path) -> None:
    check_threads(trained(tmp_path, task, encoder, embedding))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_predicts_loads_and_trains(tmp_path: Path) -> None:
    import torch

    model = trained(tmp_path, "lm", "lstm", "random", threads=2)
    rows = [["the", "cats", "sleep"]] * 200
    expected = model.predict(rows)
    torch.ones(1 << 22).exp()  # the OpenMP threads, which a child does not have, exist now at the latest
    if not (child := os.fork()):
        try:
            again = load(next((tmp_path / "runs").iterdir()))
            same = all(np.allclose(expected, one.predict(rows), atol=1e-4) for one in (model, again))
            trained(tmp_path, "lm", "lstm", "random", threads=2, fresh=True)
            os._exit(0 if same else 1)
        finally:
            os._exit(2)
    for _ in range(10 * SECONDS):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.1)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_forked_child_refuses_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.neural import torch_settings

    monkeypatch.setattr(torch_settings, "_forked", [1])
    with pytest.raises(ConfigError, match="start processes with spawn"):
        torch_settings.configure_torch(Runtime(device="cuda"))


def test_loading_a_model_keeps_the_random_numbers_of_the_process(tmp_path: Path) -> None:
    import torch

    trained(tmp_path, "lm", "lstm", "random")
    folder = next((tmp_path / "runs").iterdir())
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load(folder)
    assert torch.equal(torch.rand(3), expected)
