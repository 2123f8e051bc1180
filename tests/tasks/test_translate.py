"""Task ``translate``: the scores of texts are those of sacrebleu, and follow from sums over rows."""

from __future__ import annotations

import numpy as np
import pytest
from memory_source import Rows

import core
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.errors import ConfigError
from core.evaluation.verdicts.statistics import row_sums
from core.kinds.transduction import Transduction, filled
from tasks.translate import Translation

sacrebleu = pytest.importorskip("sacrebleu", reason="BLEU needs the extra translate")
KIND = Transduction()
TEXTS = [
    ("ein hund schläft im haus", "a dog sleeps in the house"),
    ("der hund bellt laut", "the dog barks loudly"),
    ("ein haus", "a house"),
]
SIZES = {"encoder.hidden_size": 8, "head.hidden_size": 8, "head.embedding_size": 4, "embedding.dim": 4}


def split_of(task):
    return prepare(Rows(train=TEXTS, dev=TEXTS, test=TEXTS), KIND.token_spec(task), DataOptions()).splits["test"]


def predictions_of(corpus):
    """The right words in another order, one lost; with log-probabilities."""
    rows = [row[:-1][[1, 0, *range(2, len(row) - 2)]] for row in map(corpus.targets.__getitem__, range(3))]
    return filled(rows) | {"log_prob": np.array([-3.0, -5.0, -1.0])}


@pytest.mark.parametrize("tokens", ["space", "char"])
def test_the_scores_are_those_of_sacrebleu_on_the_texts(tokens):
    task = Translation(tokens=tokens)
    corpus = split_of(task)
    predictions = predictions_of(corpus)
    outputs = KIND.shown(KIND.words(predictions, corpus), task)
    references = [target for _, target in TEXTS]
    own = "none" if tokens == "space" else "char"
    expected = sacrebleu.corpus_bleu(outputs, [references], tokenize=own, force=True).score
    found = task.metrics(predictions, corpus)
    for metric in ("bleu", "chrf"):
        task.primary = metric
        (sums,) = row_sums(KIND, task, [corpus], [predictions], [found[metric]])
        assert len(sums.values) == 3 and sums.score == pytest.approx(found[metric])
    assert 0 < found["bleu"] < 100 and found["bleu"] == pytest.approx(expected)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(outputs, [references]).score)
    assert found["exact"] == 0.0
    assert found["perplexity"] == pytest.approx(np.exp(9 / len(corpus.targets.values)))
    assert "perplexity" not in task.metrics(KIND.copied(corpus), corpus)


@pytest.mark.parametrize("metric", ["bleu", "chrf", "exact", "perplexity"])
def test_each_score_is_a_formula_of_sums_over_rows(metric):
    task = Translation()
    task.primary = metric
    corpus = split_of(task)
    several = [predictions_of(corpus), KIND.perfect(corpus) | {"log_prob": np.array([-1.0, -1.0, -2.0])}]
    scores = [task.metrics(predictions, corpus)[metric] for predictions in several]
    found = row_sums(KIND, task, [corpus] * 2, several, scores)
    assert [len(sums.values) for sums in found] == [3, 3]
    assert [sums.score for sums in found] == pytest.approx(scores)
    two = corpus.select(np.array([0, 1]))
    part = {name: array[:2] for name, array in several[0].items()}
    assert float(found[0].formula(found[0].values[:2].sum(0))) == pytest.approx(task.metrics(part, two)[metric])


def test_the_report_says_what_bleu_is_made_of():
    task = Translation()
    corpus = split_of(task)
    (table,) = task.report(predictions_of(corpus), corpus)
    cells = dict(zip(table.header, table.rows[0], strict=True))
    assert cells["1-grams"] == 100 and cells["tokens"] == 10 and cells["reference tokens"] == 12
    assert cells["brevity"] == pytest.approx(np.exp(1 - 12 / 10))


def test_without_sacrebleu_the_task_is_refused_before_training(monkeypatch):
    monkeypatch.setattr("tasks.translate.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install -e '\.\[translate\]' in the checkout"):
        Translation()


def test_a_run_records_signatures_baselines_and_predictions(tmp_path):
    (tmp_path / "data").mkdir()
    for split, count in (("train", 40), ("valid", 5), ("test", 5)):
        for language, column in (("de", 0), ("en", 1)):
            lines = [TEXTS[i % 3][column] for i in range(count)]
            (tmp_path / "data" / f"{split}.{language}").write_text("\n".join(lines) + "\n")
    source = {
        "data": str(tmp_path / "data"),
        "data.source": "de",
        "data.target": "en",
        "runs": str(tmp_path / "runs"),
    }
    result = core.run(task="translate", encoder="lstm", **SIZES, **source, **{"train.epochs": 1, "quiet": True})
    signatures = result.facts["signatures"]
    assert "tok:none" in signatures["bleu"] and "version" in signatures["chrf"]
    assert set(result.baselines) == {"ceiling", "most frequent", "copy", "chance"}
    assert result.baselines["most frequent"]["exact"] == 40.0  # the first of the three, in 2 of 5 rows
    model = core.load(result.path)
    lines = model.predict(["ein hund", ""])
    assert len(lines) == 2 and all(isinstance(line, str) for line in lines)
    scores, corpus, _ = model.evaluate(tmp_path / "data", "test")
    assert scores["bleu"] == pytest.approx(result.metrics["test"]["bleu"])
