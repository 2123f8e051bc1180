"""Predictions, perplexity, saving and embeddings of neural models."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from neural_cases import LABELS, WORDS, context, corpus, model, ragged, vocab

from core.data.corpus import Corpus
from core.data.vocab import END, FIRST, UNK
from core.errors import StoreError
from core.model.runtime import Runtime
from core.neural import language_model as module
from core.neural.base import Embedding
from core.neural.concat_embedding import ConcatEmbedding
from plugins.embeddings.random import Random
from plugins.encoders.recurrent import LSTM, BiLSTM
from plugins.encoders.window import Window

CASES = [
    *((kind, encoder, "sentence") for kind in ("next", "token", "sequence") for encoder in (LSTM, Window)),
    ("token", BiLSTM, "sentence"),
    ("sequence", BiLSTM, "sentence"),
    ("next", LSTM, "stream"),
    ("next", Window, "stream"),
]


def perplexity(predictions):
    return float(np.exp(-predictions["log_prob"].mean(dtype=np.float64)))


@pytest.mark.parametrize(("kind", "encoder", "mode"), CASES)
def test_predictions_have_one_entry_per_event_in_row_order(kind, encoder, mode):
    data = corpus(kind)
    result = model(kind, (encoder, {"hidden_size": 6}), mode=mode).predict(data)
    if kind == "next":
        assert result["log_prob"].shape == data.tokens.values.shape and (result["log_prob"] < 0).all()
    elif kind == "token":
        assert result["label"].shape == (data.tokens.inner.sum(),)
        assert set(result["label"].tolist()) <= set(range(FIRST, LABELS))
    else:
        assert result["log_probs"].shape == (len(data), LABELS - FIRST)
        assert np.allclose(np.exp(result["log_probs"]).sum(1), 1, atol=1e-5)
        assert (result["label"] == result["log_probs"].argmax(1) + FIRST).all()


@pytest.mark.parametrize(("kind", "encoder", "mode"), [case for case in CASES if case[2] == "sentence"])
def test_the_prediction_of_a_row_does_not_depend_on_other_rows(kind, encoder, mode):
    data, network = corpus(kind), model(kind, (encoder, {"hidden_size": 6}))
    together = network.predict(data)
    alone = [network.predict(data.select(np.array([row]))) for row in range(len(data))]
    for name, values in together.items():
        assert np.allclose(values, np.concatenate([result[name] for result in alone]), atol=1e-6)


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_predictions_are_bit_identical_every_time_and_after_save_and_restore(kind, tmp_path):
    data, first, second = corpus(kind), model(kind, seed=1), model(kind, seed=2)
    result = first.predict(data)
    first.save(tmp_path)
    second.restore(tmp_path, Runtime())
    for name in result:
        assert np.array_equal(result[name], first.predict(data)[name])
        assert np.array_equal(result[name], second.predict(data)[name])


def test_weights_of_another_shape_are_an_error_with_a_remedy(tmp_path):
    model("next").save(tmp_path)
    with pytest.raises(StoreError, match="config that it was saved with"):
        model("token").restore(tmp_path, Runtime())


def long_text():
    return corpus("next", rows=1500, seed=4, longest=14)


def trained(mode):
    network = model(
        "next", (LSTM, {"hidden_size": 8}), mode=mode, train={"epochs": 2, "bptt": 10, "batch_size": 8}
    )
    network.fit(corpus("next", 300, seed=5), corpus("next", 20, seed=6), context())
    return network


def test_perplexity_does_not_depend_on_the_chunk_length_of_evaluation(monkeypatch):
    network, data, result = trained("stream"), corpus("next", 200, seed=9), []
    for chunk in (1, 7, 64, 10_000):
        monkeypatch.setattr(module, "CHUNK", chunk)
        result.append(perplexity(network.predict(data)))
    assert max(result) - min(result) < 1e-5


def test_perplexity_hardly_depends_on_the_number_of_streams_of_evaluation(monkeypatch):
    network, data, result = trained("stream"), long_text(), []
    for streams in (1, 5, 32):
        monkeypatch.setattr(module, "STREAMS", streams)
        result.append(perplexity(network.predict(data)))
    assert max(result) / min(result) < 1.0005


def test_the_stream_is_the_text_read_word_by_word():
    network, data = model("next", mode="stream"), corpus("next", 12)
    values, carry, expected = data.tokens.values.tolist(), None, []
    network.network.eval()
    for before, word in zip([END, *values], values, strict=False):
        states, carry = network.network(torch.tensor([[before]]), torch.tensor([1]), carry)
        expected.append(network.network.head.log_probs(states[:, 0])[0, word].item())
    assert np.allclose(network.predict(data)["log_prob"], expected, atol=1e-5)


@pytest.mark.parametrize("encoder", [LSTM, Window])
def test_next_log_probs_agree_with_the_scores_of_rows(encoder):
    network, row = model("next", (encoder, {"hidden_size": 6})), [5, 3, 9]
    scored = network.predict(Corpus(vocab(WORDS), {"tokens": ragged([row])}))["log_prob"]
    histories = np.array([[7, 8, END, END], [4, END, END, 5], [END, END, 5, 3], [4, END, 5, 3]], dtype=np.int32)
    result = network.next_log_probs(histories)
    assert np.allclose(np.exp(result).sum(1), 1, atol=1e-5) and result.shape == (4, WORDS)
    assert np.allclose(result[[0, 1, 2], row], scored[:3], atol=1e-5)
    assert np.allclose(result[2], result[3], atol=1e-6)
    assert np.allclose(network.next_log_probs(np.array([[5, 3]], np.int32)), result[2:3], atol=1e-6)
    assert np.allclose(network.next_log_probs(np.zeros((1, 0), np.int32)), result[:1], atol=1e-6)


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_open_words_and_labels_of_prediction_never_crash(kind):
    labels = {"token": [[UNK, LABELS, 2], []], "sequence": [[LABELS], [UNK]]}.get(kind)
    columns = {"tokens": ragged([[WORDS, 3, WORDS + 1], []])} | ({"labels": ragged(labels)} if labels else {})
    data = Corpus(vocab(WORDS), columns, ["new", "newer"], vocab(LABELS) if labels else None, ["odd"])
    network = model(kind, train={"epochs": 1})
    network.fit(data, data, context())
    assert all(np.isfinite(values).all() for values in network.predict(data).values())


def test_an_open_word_is_scored_as_unknown():
    network = model("next")
    result = [
        network.predict(Corpus(vocab(WORDS), {"tokens": ragged([[word, 4]])}, words))["log_prob"]
        for word, words in ((WORDS, ["new"]), (UNK, []))
    ]
    assert np.array_equal(*result)


def test_a_row_of_ten_thousand_words_and_a_split_of_empty_rows_work():
    rows = [[3] * 10_000, []]
    data = Corpus(vocab(WORDS), {"tokens": ragged(rows)}, labels=vocab(LABELS))
    assert model("token").predict(data)["label"].shape == (10_000,)
    empty = Corpus(vocab(WORDS), {"tokens": ragged([[], []])}, labels=vocab(LABELS))
    assert model("token").predict(empty)["label"].shape == (0,)
    assert np.isfinite(model("sequence").predict(empty)["log_probs"]).all()


class Letters(Embedding):
    """The vector of a word is the mean of its letters' vectors: so open words have vectors too."""

    def __init__(self, vocab, *, dim=4):
        super().__init__(vocab)
        self.output_size = dim
        self.letters = torch.nn.Embedding(128, dim)

    def prepare(self, words):
        words = [*self.vocab.words, *words]
        codes = torch.zeros(len(words), 128)
        for number, word in enumerate(words):
            for letter in word:
                codes[number, ord(letter) % 128] += 1 / len(word)
        return codes

    def forward(self, ids, prepared=None):
        return (self.prepare([]) if prepared is None else prepared)[ids] @ self.letters.weight


def test_vectors_concatenate_their_parts_and_look_up_open_words():
    torch.manual_seed(0)
    joined = ConcatEmbedding(
        vocab(WORDS), {"random": Random(vocab(WORDS), dim=3), "letters": Letters(vocab(WORDS))}
    ).eval()
    vectors = joined(torch.tensor([[3, WORDS, WORDS + 1]]), joined.prepare(["w3", "zzz"]))
    assert vectors.shape == (1, 3, joined.output_size) and joined.output_size == 7 and joined.weight is None
    assert torch.equal(vectors[0, 0, 3:], vectors[0, 1, 3:])  # spelled alike
    assert not torch.equal(vectors[0, 1, 3:], vectors[0, 2, 3:])
    assert torch.equal(vectors[0, 1, :3], vectors[0, 2, :3])  # both unknown to the table


def test_a_single_table_can_be_tied():
    table = Random(vocab(WORDS), dim=3)
    assert ConcatEmbedding(vocab(WORDS), {"random": table}).weight is table.weight
    tied = model("next", (LSTM, {"hidden_size": 5}), head={"tied": True})
    assert tied.parameters == model("next", (LSTM, {"hidden_size": 5})).parameters - WORDS * 5


def test_bf16_lowers_the_loss():
    data, dev = corpus("token", 100), corpus("token", 30, seed=1)
    network = model("token", (BiLSTM, {"hidden_size": 6}))
    network.fit(data, dev, context(precision="bf16"))
    assert network.history[-1]["loss"] < network.history[0]["loss"]
    assert network.predict(dev)["label"].dtype == np.int32
