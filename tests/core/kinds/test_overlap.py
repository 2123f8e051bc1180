"""BLEU and chrF from sums over rows are those of sacrebleu."""

from __future__ import annotations

import numpy as np
import pytest

from core.kinds.overlap import bleu, bleu_counts, chrf, chrf_counts, matches, row_bleu

sacrebleu = pytest.importorskip("sacrebleu.metrics", reason="BLEU needs the extra translate")
BLEU = sacrebleu.BLEU(tokenize="none", force=True)
ROW = sacrebleu.BLEU(tokenize="none", force=True, effective_order=True)
CHRF = sacrebleu.CHRF()


def texts(rows: int, seed: int, words: int = 6, longest: int = 12) -> tuple[list[str], list[str]]:
    """Random outputs and references that share some n-grams, some of them empty."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(rows):
        right = [f"w{i}" * (1 + i % 3) for i in random.integers(0, words, random.integers(1, longest))]
        mine = [word if random.random() < 0.7 else "x" for word in right][: random.integers(0, longest)]
        found.append((" ".join(mine), " ".join(right)))
    outputs, references = zip(*found, strict=True)
    return list(outputs), list(references)


def test_matches_of_a_worked_example():
    """``the the cat`` has one ``the`` and one ``cat`` of ``the cat sat``, and its ``the cat``."""
    shared, mine, right = matches("the the cat".split(), "the cat sat".split(), 3)
    assert (shared, mine, right) == ([2, 1, 0], [3, 2, 1], [3, 2, 1])


@pytest.mark.parametrize("seed", range(30))
def test_bleu_and_chrf_are_those_of_sacrebleu(seed):
    outputs, references = texts(1 + seed % 7, seed, longest=3 + seed)
    sums = bleu_counts([o.split() for o in outputs], [r.split() for r in references]).sum(0)
    assert float(bleu(sums)) == pytest.approx(BLEU.corpus_score(outputs, [references]).score, abs=1e-9)
    own = chrf_counts(outputs, references).sum(0)
    assert float(chrf(own)) == pytest.approx(CHRF.corpus_score(outputs, [references]).score, abs=1e-9)


def test_bleu_of_single_rows_is_that_of_sacrebleu():
    outputs, references = texts(200, 1)
    rows = row_bleu(bleu_counts([o.split() for o in outputs], [r.split() for r in references]))
    expected = [ROW.sentence_score(o, [r]).score for o, r in zip(outputs, references, strict=True)]
    assert rows == pytest.approx(expected, abs=1e-9)
    assert len(np.unique(rows)) > 20


def test_many_resamples_at_once():
    outputs, references = texts(40, 2)
    counts = bleu_counts([o.split() for o in outputs], [r.split() for r in references])
    draws = np.random.default_rng(0).integers(0, 40, (5, 40))
    together = bleu(np.stack([counts[draw].sum(0) for draw in draws]))
    expected = [
        BLEU.corpus_score([outputs[i] for i in draw], [[references[i] for i in draw]]).score for draw in draws
    ]
    assert together == pytest.approx(expected, abs=1e-9)


def test_nothing_in_common_and_nothing_at_all():
    assert float(bleu(bleu_counts([["a"] * 5], [["b"] * 5]).sum(0))) == 0.0
    assert float(chrf(chrf_counts(["aaa"], ["bbb"]).sum(0))) == 0.0
    assert float(bleu(np.zeros(10))) == float(chrf(np.zeros(18))) == 0.0
