"""Sampling against direct computation, for both families."""

from __future__ import annotations

import numpy as np
import pytest
from neural_cases import WORDS, context, corpus, model, vocab

from core.counting.model import CountingLanguageModel
from core.data.vocab import END, FIRST, UNK
from core.errors import ConfigError
from core.generation import Sampling, distribution, draw, generate, sampling
from core.kinds import find_kind
from plugins.encoders.ngram import NGram
from plugins.encoders.recurrent import LSTM
from plugins.encoders.window import Window

PROMPT = np.array([4, 9, 3], dtype=np.int32)


def counting():
    options = {"order": 3, "smoothing": "witten-bell"}
    trained = CountingLanguageModel(find_kind("next"), (NGram, options), {}, vocab(WORDS), None)
    data = corpus("next")
    trained.fit(data, data, context())
    return trained


def neural(encoder=LSTM, mode="sentence"):
    trained = model("next", (encoder, {"hidden_size": 6}), mode=mode, seed=3)
    trained.network.head.weight.data *= 30  # far from the uniform distribution of an untrained model
    return trained


MODELS = {
    "counting": counting,
    "lstm": neural,
    "lstm stream": lambda: neural(mode="stream"),
    "window": lambda: neural(Window),
}


def after(trained, ids):
    """exp(next_log_probs) after END and ids, without the unknown word."""
    probs = np.exp(trained.next_log_probs(np.array([[END, *ids]], dtype=np.int32))[0].astype(np.float64))
    probs[UNK] = 0.0
    return probs / probs.sum()


def chi_square(counts, probs):
    """The statistic in standard deviations above its mean (Wilson and Hilferty, 1931)."""
    seen, expected = counts[probs > 0], counts.sum() * probs[probs > 0]
    freedom = len(seen) - 1
    statistic = ((seen - expected) ** 2 / expected).sum() / freedom
    return (statistic ** (1 / 3) - (1 - 2 / (9 * freedom))) / (2 / (9 * freedom)) ** 0.5


@pytest.mark.parametrize("name", MODELS)
def test_sampled_next_words_follow_the_models_distribution(name):
    trained = MODELS[name]()
    samples = generate(trained, PROMPT, Sampling(n=20_000, length=1, seed=5))
    probs = after(trained, PROMPT)
    counts = np.bincount([row[0] if len(row) else END for row in samples], minlength=WORDS)
    assert counts[UNK] == 0 and chi_square(counts, probs) < 3.5
    assert chi_square(counts, after(trained, [])) > 5  # the test can fail: other histories give other words


@pytest.mark.parametrize("name", MODELS)
def test_each_word_of_a_sample_is_drawn_given_all_previous_words(name):
    trained, how = MODELS[name](), Sampling(n=3, length=12, seed=2)
    draws = np.random.default_rng(2).random((3, 12))
    for sample, uniform in zip(generate(trained, PROMPT, how), draws, strict=True):
        before, expected = list(PROMPT), []
        for u in uniform:
            expected.append(int(np.searchsorted(np.cumsum(after(trained, before)), u, side="right")))
            if expected[-1] == END:
                expected.pop()
                break
            before.append(expected[-1])
        assert sample.tolist() == expected


def after_rows(trained, ids):
    """The distribution after END and ids, some of which are END: running text, or a row that starts again."""
    if not trained.stream:
        ends = [i for i, word in enumerate(ids) if word == END]
        return after(trained, ids[ends[-1] + 1 :] if ends else ids)
    histories = np.array([[END, *ids]], dtype=np.int32)
    probs = np.exp(trained.advance(histories, histories, None)[0][0].astype(np.float64))
    probs[UNK] = 0.0
    return probs / probs.sum()


@pytest.mark.parametrize("name", [*MODELS, "window stream"])
@pytest.mark.parametrize("rows", [1, 3, None])
def test_a_sample_stops_after_the_given_number_of_row_ends(name, rows):
    trained = (MODELS | {"window stream": lambda: neural(Window, mode="stream")})[name]()
    draws, met = np.random.default_rng(4).random((6, 40)), []
    for sample, uniform in zip(
        generate(trained, PROMPT, Sampling(n=6, length=40, seed=4, rows=rows)), draws, strict=True
    ):
        before, expected = list(PROMPT), []
        for u in uniform:
            expected.append(int(np.searchsorted(np.cumsum(after_rows(trained, before)), u, side="right")))
            before.append(expected[-1])
            if expected.count(END) == rows:
                expected.pop()
                break
        assert sample.tolist() == expected
        met.append(expected.count(END))
    assert max(met) == rows - 1 if rows else max(met) > 1  # rows do end


def test_a_model_without_carry_reads_the_whole_history():
    trained, whole = neural(), generate(neural(), PROMPT, Sampling(n=4, length=8))
    advance = trained.advance
    trained.advance = lambda histories, tokens, carry, prepared: (advance(histories, tokens, carry)[0], None)
    assert [s.tolist() for s in generate(trained, PROMPT, Sampling(n=4, length=8))] == [s.tolist() for s in whole]


def test_the_first_samples_do_not_depend_on_n_and_differ_by_seed():
    trained = counting()
    few, many = (generate(trained, PROMPT, Sampling(n=n, seed=7)) for n in (2, 300))
    assert [s.tolist() for s in few] == [s.tolist() for s in many[:2]]
    assert [s.tolist() for s in many] != [s.tolist() for s in generate(trained, PROMPT, Sampling(n=300, seed=8))]


def direct(probs, temperature, top_k, top_p):
    """The definition, word by word."""
    power = [0.0 if i == UNK else p ** (1 / temperature) for i, p in enumerate(probs)]
    order = sorted(range(len(power)), key=lambda i: (-power[i], i))[: top_k or len(power)]
    left, retained, total = sum(power[i] for i in order), [], 0.0
    for i in order:
        if total >= (top_p or 2.0) * left:
            break
        retained.append(i)
        total += power[i]
    return np.array([power[i] / total if i in retained else 0.0 for i in range(len(power))])


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("top_k", [None, 1, 3, 100])
@pytest.mark.parametrize("top_p", [None, 0.05, 0.7, 1.0])
def test_temperature_top_k_and_top_p_equal_their_definition(temperature, top_k, top_p):
    probs = np.random.default_rng(0).dirichlet(np.ones(9), size=20)
    result = distribution(np.log(probs), Sampling(temperature=temperature, top_k=top_k, top_p=top_p))
    for row, original in zip(result, probs, strict=True):
        assert np.allclose(row, direct(original, temperature, top_k, top_p), atol=1e-12)


def test_top_k_breaks_ties_and_a_low_temperature_does_not_overflow():
    flat = np.log(np.full((1, 6), 1 / 6))
    assert distribution(flat, Sampling(top_k=2))[0].tolist() == [0.5, 0, 0.5, 0, 0, 0]
    cold = distribution(np.log([[0.2, 0.3, 0.1, 0.4]]), Sampling(temperature=1e-300))
    assert cold[0].tolist() == [0, 0, 0, 1]


def test_the_unknown_word_is_drawn_only_if_no_other_word_is_possible():
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.array([[0.0, 1.0, 0.0], [0.0, 0.999, 0.001]]))
    assert distribution(log_probs, Sampling()).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_draw_inverts_the_cumulative_distribution():
    probs = np.tile([0.0, 0.25, 0.0, 0.5, 0.25, 0.0], (5, 1))
    draws = np.array([0.0, 0.2499, 0.25, 0.75, 1 - 2**-53])
    assert draw(probs, draws).tolist() == [1, 1, 3, 4, 4]


def test_greedy_sampling_takes_the_most_likely_word():
    trained, before = counting(), list(PROMPT)
    sample = generate(trained, PROMPT, Sampling(top_k=1, length=6))[0].tolist()
    for word in sample:
        assert word == after(trained, before).argmax() and word >= FIRST
        before.append(word)
    assert len(sample) == 6 or after(trained, before).argmax() == END


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("n", 0, "int >= 1"),
        ("temperature", "0", "number > 0"),
        ("top_p", 1.5, "number > 0, <= 1"),
        ("top_p", 0, "number > 0, <= 1"),
        ("top_k", "0", "int >= 1"),
        ("length", "many", "int >= 1"),
        ("rows", 0, "int >= 1"),
        ("temprature", 1, "did you mean 'temperature'"),
    ],
)
def test_a_wrong_option_is_an_error_with_what_it_accepts(name, value, message):
    with pytest.raises(ConfigError, match=message):
        sampling({name: value})


def test_options_are_read_as_text_too():
    how = sampling({"n": "3", "top_k": "none", "top_p": "0.5", "temperature": "2"})
    assert (how.n, how.top_k, how.top_p, how.temperature) == (3, None, 0.5, 2.0)
