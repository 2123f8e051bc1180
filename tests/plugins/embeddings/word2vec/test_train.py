"""Training as a whole: what it learns, and what it reports."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from word2vec_cases import KINDS, TOPIC, check_separated, planted, text_of

from core.errors import DataError, TrainingError
from plugins.embeddings.word2vec.settings import Settings
from plugins.embeddings.word2vec.text import Text
from plugins.embeddings.word2vec.train import train
from plugins.embeddings.word2vec.vocabulary import choose_words

ROOT = Path(__file__).parents[4]


def learn(text: Text, threads: int = 1, seed: int = 0, notify: Any = lambda *_, **__: None, **options: Any) -> Any:
    settings = Settings(**{"dim": 16, "window": 3, "min_count": 1, "sample": 0.0, "alpha": 0.05, **options})
    chosen = choose_words(text, settings.min_count, settings.max_vocab)
    return train(text, chosen, settings, seed=seed, threads=threads, notify=notify), chosen


@pytest.mark.parametrize(("model", "output"), KINDS)
@pytest.mark.parametrize("threads", [1, 2])
def test_every_model_separates_two_planted_topics(model: str, output: str, threads: int) -> None:
    trained, chosen = learn(planted(), threads, model=model, output=output)
    check_separated(trained.vectors, chosen % 2)


@pytest.mark.parametrize("model", ["skipgram", "cbow"])
@pytest.mark.parametrize("output", ["hierarchical", "softmax"])
def test_the_loss_falls_to_the_entropy_of_the_planted_topic(model: str, output: str) -> None:
    losses = learn(planted(), model=model, output=output, epochs=8)[0].losses
    assert len(losses) == 8 and losses[0] > losses[-1]
    assert np.log(TOPIC) - 0.03 < losses[-1] < np.log(TOPIC) + 0.1


def test_one_thread_and_a_seed_give_the_same_bits() -> None:
    text = planted(300)
    first, again, other = (learn(text, seed=seed, epochs=2)[0] for seed in (3, 3, 4))
    assert np.array_equal(first.vectors, again.vectors) and first.losses == again.losses
    assert not np.array_equal(first.vectors, other.vectors)


def test_windows_do_not_cross_rows() -> None:
    text = text_of([[0, 1], [2, 3]] * 500, 4)
    trained, _ = learn(text, window=5, output="softmax", epochs=20)
    assert trained.losses[-1] < 0.1  # each word has one neighbour and knows it


def test_progress_reports_loss_speed_and_time_left() -> None:
    events: list[dict[str, Any]] = []
    trained, _ = learn(
        planted(200), epochs=3, notify=lambda event, **facts: events.append({"event": event, **facts})
    )
    last = events[-1]
    assert last["event"] == "progress" and last["step"] == last["steps"] == 3 * 1600
    assert (last["epoch"], last["epochs"], last["left"]) == (3, 3, 0)
    assert last["loss"] == trained.losses[-1] and last["tokens_per_second"] > 0


def test_a_mapped_text_whose_memory_is_released_gives_the_same_vectors(
    tmp_path: Path,
) -> None:
    text = planted(400)
    text.values.tofile(tmp_path / "values.i32")
    mapped = replace(text, values=np.memmap(tmp_path / "values.i32", dtype=np.int32, mode="r"))
    mapped.release_memory()
    assert np.array_equal(mapped.values, text.values)
    assert np.array_equal(learn(mapped, epochs=2)[0].vectors, learn(text, epochs=2)[0].vectors)


def test_the_engine_needs_neither_torch_nor_datasets(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("a b c a b\n" * 2000)
    code = f"""
import sys
import numpy as np
from plugins.embeddings.word2vec import text, train, vocabulary
from plugins.embeddings.word2vec.settings import Settings
read = text.of_path({str(path)!r})
train.train(read, vocabulary.choose_words(read, 1, None), Settings(dim=4, epochs=1))
print(sorted({{"torch", "datasets"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_invalid_codes_are_rejected_before_a_kernel_reads_them() -> None:
    text = text_of([[0, 1, 2]] * 10, 3)
    text.values[4] = 3
    with pytest.raises(DataError, match="damaged"):
        learn(text)


def test_a_text_with_one_word_per_row_is_rejected() -> None:
    with pytest.raises(DataError, match="no row has two of the words"):
        learn(text_of([[0], [1]] * 20, 2))


def test_vectors_that_are_not_finite_are_rejected() -> None:
    with pytest.raises(TrainingError, match="not finite"):
        learn(planted(), alpha=1e30, min_alpha=1e30)
