"""Training that was interrupted continues to the same bits."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from word2vec_cases import KINDS, check_separated, planted, text_of

from plugins.embeddings import vector_store
from plugins.embeddings.word2vec import progress, training_loop
from plugins.embeddings.word2vec.checkpoint import Checkpoint
from plugins.embeddings.word2vec.gpu import train_on
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.train import train
from plugins.embeddings.word2vec.vocabulary import choose_words

DIGEST = b"\1" * vector_store.DIGEST


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


@pytest.mark.parametrize(("model", "output"), KINDS)
@pytest.mark.parametrize("at", [1, 12, 27])
def test_an_interrupted_training_continues_to_the_same_bits(model: str, output: str, at: int) -> None:
    options, checkpoint = {"model": model, "output": output}, Checkpoint(DIGEST)
    whole = fit(options=options)
    with pytest.raises(KeyboardInterrupt):
        fit(options=options, checkpoint=checkpoint, notify=interrupting(at, press))
    notes: list[str] = []
    rest = fit(
        options=options, checkpoint=checkpoint, notify=lambda event, **facts: notes.append(facts.get("text", ""))
    )
    assert np.array_equal(rest.vectors, whole.vectors) and np.array_equal(rest.outputs, whole.outputs)
    assert rest.losses == whole.losses
    assert any("continues where it was interrupted, at " in note for note in notes)


def test_an_interruption_says_that_training_was_saved(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(checkpoint=Checkpoint(DIGEST), notify=interrupting(5, press))
    assert "the same command continues it" in capsys.readouterr().err


def test_training_can_be_interrupted_many_times() -> None:
    checkpoint, times = Checkpoint(DIGEST), 0
    while True:
        try:
            trained = fit(checkpoint=checkpoint, notify=interrupting(2, press))
            break
        except KeyboardInterrupt:
            times += 1
    assert times > EPOCHS and np.array_equal(trained.vectors, fit().vectors)


def test_a_second_interruption_within_a_task_saves_nothing() -> None:
    def twice() -> None:
        press()
        press()

    checkpoint = Checkpoint(DIGEST)
    with pytest.raises(KeyboardInterrupt):
        fit(checkpoint=checkpoint, notify=interrupting(5, twice))
    assert not checkpoint.folder.exists()


def test_a_crash_loses_at_most_one_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(training_loop, "SAVE_EVERY", 0.0)
    checkpoint = Checkpoint(DIGEST)
    with pytest.raises(RuntimeError):
        fit(checkpoint=checkpoint, notify=interrupting(25, fail))
    steps: list[int] = []
    rest = fit(checkpoint=checkpoint, notify=lambda event, **facts: steps.append(facts.get("step", 0)))
    assert 0 < steps[1] - 2 * len(planted().values) < 2000, "two epochs were saved"
    assert np.array_equal(rest.vectors, fit().vectors)


def test_several_threads_read_every_token_once_before_and_after_an_interruption() -> None:
    checkpoint, events = Checkpoint(DIGEST), list[dict[str, Any]]()
    with pytest.raises(KeyboardInterrupt):
        fit(checkpoint=checkpoint, threads=2, notify=interrupting(9, press))
    rest = fit(checkpoint=checkpoint, threads=2, notify=lambda event, **facts: events.append(facts))
    assert events[-1]["step"] == events[-1]["steps"] and len(rest.losses) == EPOCHS
    check_separated(rest.vectors, choose_words(planted(), 1, None) % 2)


def test_torch_also_continues_to_the_same_bits() -> None:
    def on(*args: Any, **how: Any) -> Any:
        return train_on("cpu", *args, **how)

    text, checkpoint = planted(100), Checkpoint(DIGEST)
    with pytest.raises(KeyboardInterrupt):
        fit(on, text, checkpoint=checkpoint, notify=interrupting(3, press))
    assert np.array_equal(fit(on, text, checkpoint=checkpoint).vectors, fit(on, text).vectors)


def test_checkpoints_of_another_size_and_truncated_ones_are_ignored() -> None:
    checkpoint = Checkpoint(DIGEST)
    with pytest.raises(KeyboardInterrupt):
        fit(checkpoint=checkpoint, notify=interrupting(5, press))
    other = text_of([[0, 1, 2, 0]] * 500, 3)
    assert np.array_equal(fit(text=other, checkpoint=checkpoint).vectors, fit(text=other).vectors)
    file = checkpoint.folder / "outputs.npy"
    file.write_bytes(file.read_bytes()[:-4])
    assert np.array_equal(fit(checkpoint=checkpoint).vectors, fit().vectors)
