"""A neural model of kind ``transduce``: trained, saved, restored, asked for its attention."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from context_cases import context_of
from memory_source import Rows

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.kinds.transduction import Transduction
from core.model.interface import Attentive
from core.model.runtime import Runtime
from core.neural.design import Design
from core.neural.transducer import NeuralTransducer
from core.task import Task
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import BiLSTM

KIND = Transduction()


def rows(count, seed):
    """Rows of letters and the same backwards; z is rare, so that it is unknown."""
    random = np.random.default_rng(seed)
    found = ["".join(random.choice(list("abcde"), random.integers(1, 5))) for _ in range(count)]
    return [(" ".join(row), " ".join(row[::-1])) for row in found]


@pytest.fixture(scope="module")
def data():
    source = Rows(train=rows(160, 0), dev=rows(20, 1), test=[("a b z", "z b a"), ("c", "c"), ("e d", "d e")])
    return prepare(source, KIND.token_spec(Task()), DataOptions())


def metrics(predictions, corpus):
    return {"exact": float(KIND.exact(predictions, corpus).mean())}


def model_of(data, head=(), size=8, **options):
    train = {"epochs": 3, "batch_size": 8, "learning_rate": 0.02} | options.pop("train", {})
    heads = {"hidden_size": 16, "embedding_size": 8, "beam": 3} | dict(head)
    design = Design(
        (BiLSTM, {"hidden_size": size}), {"random": (Random, {"dim": size})}, {}, heads, train, **options
    )
    return NeuralTransducer(KIND, Task(), design, data.vocab, data.labels)


def fitted(data, precision="fp32", **options):
    model = model_of(data, **options)
    model.fit(data.splits["train"], data.splits["dev"], context_of(metrics, "exact", precision=precision))
    return model


@pytest.fixture(scope="module")
def model(data):
    return fitted(data)


def test_the_loss_falls_and_dev_is_scored_after_each_epoch(model, data):
    first, *_, last = model.history
    assert last["loss"] < first["loss"] and last["dev_loss"] < first["dev_loss"]
    predictions = model.predict(data.splits["dev"])
    assert np.exp(-predictions["log_prob"].sum() / len(data.splits["dev"].targets.values)) == pytest.approx(
        np.exp(
            min(row["dev_loss"] for row in model.history if row["exact"] == max(r["exact"] for r in model.history))
        ),
        rel=1e-4,
    )


def test_two_trainings_of_one_seed_are_one(model, data):
    again = fitted(data)
    assert all(
        torch.equal(a, b) for a, b in zip(model.network.parameters(), again.network.parameters(), strict=True)
    )


def test_a_restored_model_predicts_the_same(model, data, tmp_path):
    model.save(tmp_path)
    other = model_of(data)
    other.restore(tmp_path, Runtime())
    for split in data.splits.values():
        mine, theirs = model.predict(split), other.predict(split)
        assert all(np.array_equal(mine[name], theirs[name]) for name in ("output", "aligned", "log_prob"))


def test_a_row_is_predicted_the_same_alone(model, data):
    dev = data.splits["dev"]
    together = KIND.words(model.predict(dev), dev)
    alone = [dev.select(np.array([row])) for row in range(len(dev))]
    assert [KIND.words(model.predict(one), one)[0] for one in alone] == together


def test_rows_without_a_second_text_and_no_rows(model, data):
    test = data.splits["test"]
    texts = type(test)(test.vocab, {"tokens": test.tokens}, test.words, test.labels)
    predictions = model.predict(texts)
    assert "log_prob" not in predictions
    assert KIND.words(predictions, texts) == KIND.words(model.predict(test), test)
    none = texts.select(np.zeros(0, dtype=np.int64))
    assert KIND.answers(model.predict(none), none) == []


def test_the_attention_of_outputs(model, data):
    assert isinstance(model, Attentive)
    test = data.splits["test"]
    found = model.attention(test)
    words = KIND.words(model.predict(test), test)
    assert [part.source for part in found] == [["a", "b", "z"], ["c"], ["e", "d"]]
    for part, output in zip(found, words, strict=True):
        assert part.output == [*output, "</s>"]
        assert part.weights.shape == (len(part.output), len(part.source)) and part.weights.dtype == np.float32
        assert part.weights.sum(1) == pytest.approx(1, abs=1e-5)
    aligned = model.predict(test)["aligned"]
    for row, part in enumerate(found):
        assert part.weights[:-1].argmax(1).tolist() == aligned[row, : len(part.output) - 1].tolist()


def test_a_model_without_attention_has_none_to_show(data):
    model = model_of(data, head={"attention": "none"})
    model.build(Runtime())
    assert model.attention(data.splits["test"]) is None


def test_training_in_bfloat16(data):
    model = fitted(data, precision="bf16", train={"epochs": 2})
    assert model.history[-1]["loss"] < model.history[0]["loss"]


@pytest.mark.slow
def test_reversal_is_learned_with_attention_and_worse_without():
    from plugins.datasets.pairs import Reversal

    source = Reversal(longest=12)
    long = prepare(source, KIND.token_spec(Task()), DataOptions(limit=4000))
    train, dev = long.splits["train"], long.splits["dev"]
    scores = []
    for attention in ("general", "none"):
        model = model_of(
            long,
            {"hidden_size": 64, "embedding_size": 32, "attention": attention},
            size=48,
            train={"epochs": 8, "batch_size": 32, "learning_rate": 5e-3, "schedule": "linear"},
        )
        model.fit(train, dev, context_of(metrics, "exact"))
        right = KIND.exact(model.predict(dev), dev)
        scores.append((right.mean(), right[dev.tokens.lengths > 9].mean()))
    assert scores[0][0] > 0.97 and scores[0][1] > 0.95
    assert scores[1][1] < scores[0][1] - 0.3
