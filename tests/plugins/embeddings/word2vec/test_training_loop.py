"""A training that was interrupted or killed resumes and ends in the same bits."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoint_cases import opened
from word2vec_cases import KINDS, check_separated, planted, text_of

from core.errors import StoreError
from core.runs.checkpoints import generations
from plugins.embeddings.word2vec import progress
from plugins.embeddings.word2vec.gpu import train_on
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.train import train
from plugins.embeddings.word2vec.vocabulary import choose_words

EPOCHS = 3


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(progress, "EVERY", 0.0)
    return tmp_path / "cache"


def interrupting(at: int, press: Callable[[], Any]) -> Callable[..., None]:
    """A notifier that calls a function at the given progress report."""
    count = [0]

    def notify(event: str, **facts: Any) -> None:
        count[0] += event == "progress"
        if count[0] == at:
            press()

    return notify


def fit(engine: Any = train, text: Text | None = None, **how: Any) -> Any:
    text = text or planted()
    options = {"dim": 16, "window": 3, "min_count": 1, "sample": 0.01, "alpha": 0.05, "epochs": EPOCHS}
    settings = Settings(**options, **how.pop("options", {}))
    return engine(text, choose_words(text, 1, None), settings, **how)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


class Killed(BaseException):
    """Stands for the end of the process."""


def kill() -> None:
    raise Killed


def attempt(folder: Path, minutes: float = 5.0, **how: Any) -> Any:
    """One process that trains, with its checkpoints in a folder."""
    with opened(folder, minutes) as checkpoints:
        return fit(checkpoint=checkpoints.part("embedding.word2vec"), **how)


@pytest.mark.parametrize(("model", "output"), KINDS)
@pytest.mark.parametrize("at", [1, 12, 27])
def test_an_interrupted_training_continues_to_the_same_bits(
    model: str, output: str, at: int, tmp_path: Path
) -> None:
    options = {"model": model, "output": output}
    whole = fit(options=options)
    with pytest.raises(KeyboardInterrupt):
        attempt(tmp_path / "c", options=options, notify=interrupting(at, press))
    rest = attempt(tmp_path / "c", options=options)
    assert np.array_equal(rest.vectors, whole.vectors) and np.array_equal(rest.outputs, whole.outputs)
    assert rest.losses == whole.losses


@pytest.mark.parametrize(("press", "error"), [(press, KeyboardInterrupt), (kill, Killed)])
def test_training_can_be_stopped_many_times(press: Any, error: type[BaseException], tmp_path: Path) -> None:
    times = 0
    while True:
        try:
            trained = attempt(tmp_path / "c", minutes=1e-9, notify=interrupting(3, press))
            break
        except error:
            times += 1
    assert times > EPOCHS and np.array_equal(trained.vectors, fit().vectors)


def test_a_second_interruption_within_a_task_saves_nothing(tmp_path: Path) -> None:
    def twice() -> None:
        press()
        press()

    with pytest.raises(KeyboardInterrupt):
        attempt(tmp_path / "c", notify=interrupting(5, twice))
    assert not (tmp_path / "c").exists()


def test_a_killed_training_goes_on_at_its_last_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        attempt(tmp_path / "c", minutes=1e-9, notify=interrupting(25, kill))
    assert len(list(generations(tmp_path / "c"))) == 2
    steps: list[int] = []
    rest = attempt(tmp_path / "c", notify=lambda event, **facts: steps.append(facts.get("step", 0)))
    before: list[int] = []
    fit(notify=lambda event, **facts: before.append(facts.get("step", 0)))
    assert steps == before[-len(steps) :] and len(before) - len(steps) in (23, 24)
    assert np.array_equal(rest.vectors, fit().vectors)


@pytest.mark.parametrize("press", [press, kill])
def test_several_threads_read_every_token_once_before_and_after(press: Any, tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    with pytest.raises((KeyboardInterrupt, Killed)):
        attempt(tmp_path / "c", minutes=1e-9, threads=2, notify=interrupting(9, press))
    assert list(generations(tmp_path / "c"))
    rest = attempt(tmp_path / "c", threads=2, notify=lambda event, **facts: events.append(facts))
    assert 0 < events[0]["step"] and events[-1]["step"] == events[-1]["steps"] and len(rest.losses) == EPOCHS
    check_separated(rest.vectors, choose_words(planted(), 1, None) % 2)


def test_torch_also_continues_to_the_same_bits(tmp_path: Path) -> None:
    def on(*args: Any, **how: Any) -> Any:
        return train_on("cpu", *args, **how)

    text = planted(100)
    with pytest.raises(KeyboardInterrupt):
        attempt(tmp_path / "c", engine=on, text=text, notify=interrupting(3, press))
    assert np.array_equal(attempt(tmp_path / "c", engine=on, text=text).vectors, fit(on, text).vectors)


def test_a_checkpoint_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        attempt(tmp_path / "c", notify=interrupting(5, press))
    with pytest.raises(StoreError, match="start over with fresh=true"):
        attempt(tmp_path / "c", text=text_of([[0, 1, 2, 0]] * 500, 3))
