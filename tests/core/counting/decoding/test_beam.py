"""Beam search against the enumeration of every derivation."""

from __future__ import annotations

import numpy as np
import pytest
from channel_cases import inner, ragged, random_table

from core.counting.base import CountModel
from core.counting.decoding.beam import Decoder, Limits, Weights
from core.counting.decoding.options import COPY, find_options
from core.counting.decoding.output import outputs
from core.data.vocab import UNK
from core.testing.rows import random_rows, unscored_context
from plugins.encoders.ngram import NGram

WEIGHTS = Weights(language=0.8, word=0.4, phrase=-0.3, jump=0.5)
ALL = 10**6


def language_model(order, size=7):
    model = NGram(size, order=order, smoothing="witten-bell")
    model.fit(random_rows(80, size, 1), random_rows(20, size, 2), unscored_context())
    return model


class WholeRow(CountModel):
    """What follows depends on the number of distinct words of the row so far."""

    def log_probs(self, rows):
        found = [
            -0.1 * (1 + (3 * len(set(row[:at].tolist())) + int(row[at])) % 7)
            for row in (rows[number] for number in range(len(rows)))
            for at in range(len(row))
        ]
        return np.array(found)


def derivations(words, options, distortion):
    """Every sequence of options that covers a row."""
    stack = [((), frozenset())]
    while stack:
        steps, covered = stack.pop()
        if len(covered) == words:
            yield steps
            continue
        first = min(set(range(words)) - covered)
        for option, (start, length, *_) in enumerate(options):
            own = set(range(start, start + length))
            if start <= first + distortion and not own & covered:
                stack.append(((*steps, option), covered | own))


def options_of(table, row):
    """Start, length, target words and channel of each option of a row."""
    found = find_options(ragged([row]), table)
    result = []
    for start, length, entry, channel in zip(
        found.starts, found.lengths, found.entries, found.channel, strict=True
    ):
        phrase = table.phrases[entry]
        words = table.words[table.offsets[phrase] : table.offsets[phrase + 1]].tolist() if entry != COPY else [UNK]
        result.append((int(start), int(length), words, float(channel)))
    return result


def score_of(steps, options, model):
    """The score of a derivation, its language model asked about the whole row."""
    target, score, last = [], 0.0, 0
    for start, length, words, channel in (options[step] for step in steps):
        target += words
        score += channel + WEIGHTS.word * len(words) + WEIGHTS.phrase - WEIGHTS.jump * abs(start - last)
        last = start + length
    return score + WEIGHTS.language * float(model.log_probs(ragged([target])).sum()), target


MODELS = {"1": lambda: language_model(1), "2": lambda: language_model(2), "3": lambda: language_model(3)}
MODELS["whole row"] = lambda: WholeRow(7)


@pytest.mark.parametrize("distortion", [0, 1, 9])
@pytest.mark.parametrize("model", MODELS)
def test_without_limits_it_is_exhaustive(model, distortion):
    table, model = random_table(1), MODELS[model]()
    rows = [[], [2], [1], [3, 4], [2, 1, 5], [7, 7, 2]]
    found = Decoder(table, model, WEIGHTS, Limits(ALL, ALL, distortion)).translate(ragged(rows))
    texts = outputs(found, table)["output"]
    for number, row in enumerate(rows):
        options = options_of(table, row)
        if not row:  # no words are the only translation of none
            assert found.scores[number] == 0 and not texts[number].any()
            continue
        scored = [score_of(steps, options, model) for steps in derivations(len(row), options, distortion)]
        best = max(score for score, _ in scored)
        assert found.scores[number] == pytest.approx(best), row
        best_texts = [target for score, target in scored if score == pytest.approx(best)]
        assert texts[number].tolist()[: len(best_texts[0])] in best_texts
    assert len(scored) > 50


def test_a_narrow_beam_gives_what_its_derivation_scores_and_no_more_than_a_wide_one():
    table, model = random_table(2), language_model(3)
    rows = [inner(random_rows(40, 8, 3, longest=12), row) for row in range(40)]
    wide = Decoder(table, model, WEIGHTS, Limits(ALL, ALL, 3)).translate(ragged(rows[:10]))
    narrow = Decoder(table, model, WEIGHTS, Limits(2, 3, 3)).translate(ragged(rows))
    for number, row in enumerate(rows):
        own = slice(narrow.offsets[number], narrow.offsets[number + 1])
        places, options = {}, options_of(table, row)
        for option, entry in enumerate(find_options(ragged([row]), table).entries.tolist()):
            places[options[option][0], options[option][1], entry] = option
        keys = zip(
            narrow.starts[own].tolist(), narrow.lengths[own].tolist(), narrow.entries[own].tolist(), strict=True
        )
        steps = [places[key] for key in keys]
        assert narrow.scores[number] == pytest.approx(score_of(steps, options, model)[0] if row else 0)
        assert sorted(w for s in steps for w in range(options[s][0], sum(options[s][:2]))) == list(range(len(row)))
    assert (narrow.scores[:10] <= wide.scores + 1e-9).all()
    assert (narrow.scores[:10] < wide.scores - 1e-9).any()


def test_rows_are_independent():
    table, model = random_table(3), language_model(2)
    rows = [inner(random_rows(30, 8, 4), row) for row in range(30)]
    decoder = Decoder(table, model, WEIGHTS, Limits(3, 3, 2))
    together = decoder.translate(ragged(rows)).scores
    assert together.tolist() == [decoder.translate(ragged([row])).scores[0] for row in rows]
    assert len(decoder.translate(ragged([])).scores) == 0


def test_long_rows():
    table, model = random_table(4), language_model(3)
    row = np.random.default_rng(0).integers(1, 9, 700).tolist()  # 1 and 8 are not in the table
    found = Decoder(table, model, WEIGHTS, Limits(2, 2, 4)).translate(ragged([row, [2]]))
    covered = [range(s, s + n) for s, n in zip(found.starts, found.lengths, strict=True)][: found.offsets[1]]
    assert sorted(word for span in covered for word in span) == list(range(700))
    assert np.isfinite(found.scores).all()


def test_unknown_words_are_copied_and_aligned():
    table, model = random_table(5), language_model(2)
    answer = outputs(Decoder(table, model).translate(ragged([[1, 9, 1], [1]])), table)
    assert answer["output"][1].tolist()[:1] == [UNK] and answer["aligned"][1, 0] == 0
    assert sorted(answer["aligned"][0].tolist()) == [0, 1, 2]
