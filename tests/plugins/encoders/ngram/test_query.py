"""The KenLM-like API compared with a reader of dictionaries and with KenLM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from arpa_cases import WORDS, ReferenceArpa, random_rows, sentence, trained

from core.errors import ConfigError
from plugins.encoders.ngram.arpa.write import write_arpa
from plugins.encoders.ngram.query import Model

SENTENCES = ["", "the", "the the e", "zzz the zzz", *(sentence(row) for row in random_rows(21, 30))]
EMPTY = r"""\data\
ngram 1=4
ngram 2=2
ngram 3=0
ngram 4=0

\1-grams:
-1	<unk>
-99	<s>	-0.3
-0.5	</s>
-0.4	a	-0.2

\2-grams:
-0.3	<s> a	0
-0.2	a </s>	0

\3-grams:

\4-grams:

\end\
"""
WAYS = [(True, True), (True, False), (False, True), (False, False)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("query") / "model.arpa"
    write_arpa(trained(order=4, smoothing="modified-kneser-ney").trie, WORDS, file)
    return file


@pytest.mark.parametrize(("bos", "eos"), WAYS)
def test_scores_are_those_of_the_lines_of_the_file(path: Path, bos: bool, eos: bool):
    model, reference = Model(path), ReferenceArpa(path)
    for text in SENTENCES:
        wanted, found = reference.sentence(text.split(), bos, eos), list(model.full_scores(text, bos, eos))
        assert [score for score, _, _ in found] == pytest.approx([score for score, _, _ in wanted], abs=1e-5)
        assert [row[1:] for row in found] == [row[1:] for row in wanted]
        assert model.score(text, bos, eos) == pytest.approx(sum(score for score, _, _ in wanted), abs=1e-4)


@pytest.mark.parametrize(("bos", "eos"), WAYS)
def test_scores_are_those_of_kenlm(path: Path, bos: bool, eos: bool):
    kenlm = pytest.importorskip("kenlm")
    model, theirs = Model(path), kenlm.Model(str(path))
    assert model.order == theirs.order
    for text in [*SENTENCES, "the </s>", "the </s> the e"]:
        found, wanted = list(model.full_scores(text, bos, eos)), list(theirs.full_scores(text, bos, eos))
        assert [score for score, _, _ in found] == pytest.approx([score for score, _, _ in wanted], abs=1e-5)
        assert [row[1:] for row in found] == [row[1:] for row in wanted]
        assert model.score(text, bos, eos) == pytest.approx(theirs.score(text, bos, eos), abs=1e-4)
        assert model.perplexity(text) == pytest.approx(theirs.perplexity(text), rel=1e-4)
    for word in ["the", "zzz", "<unk>", "<s>", "</s>"]:
        assert (word in model) == (word in theirs)


def test_the_perplexity_counts_the_end_as_a_word(path: Path):
    model = Model(path)
    assert model.perplexity("the e") == pytest.approx(10 ** (-model.score("the e") / 3))


def test_a_start_mark_in_a_sentence_is_rejected(path: Path):
    with pytest.raises(ConfigError, match="bos=True"):
        Model(path).score("<s> the")


def test_a_saved_run_scores_as_its_arpa_file(tmp_path: Path):
    import core
    from core.experiment.interchange import export
    from core.runs.trained_model import load

    result = core.run(
        task="lm", encoder="ngram", quiet=True, runs=str(tmp_path), name="lm3", **{"encoder.order": 3}
    )
    export(load(result.folder), tmp_path / "lm3.arpa.gz")
    ours, file = Model("lm3", runs=tmp_path), Model(tmp_path / "lm3.arpa.gz")
    for text in ["the dogs sleep .", "zzz the"]:
        assert ours.score(text) == pytest.approx(file.score(text), abs=1e-5)
        natural = load(result.folder).score([text])[0].log_prob
        assert ours.score(text) * np.log(10) == pytest.approx(natural, abs=1e-5)
    tags = core.run(task="pos", encoder="ngram", quiet=True, runs=str(tmp_path), **{"encoder.order": 2})
    with pytest.raises(ConfigError, match="not a count-based language model"):
        Model(tags.folder)


def test_an_order_without_grams_is_skipped(tmp_path: Path):
    from arpa_cases import ragged
    from context_cases import context_of

    from plugins.encoders.ngram import NGram

    model = NGram(3, order=5)
    model.fit(ragged([[2]]), ragged([[2]]), context_of(lambda predictions, corpus: {"x": 0.0}, "x"))
    assert [len(level) for level in model.trie.levels] == [3, 2, 1, 0, 0]
    write_arpa(model.trie, ["</s>", "<unk>", "a"], tmp_path / "short.arpa")
    ours, reference = Model(tmp_path / "short.arpa"), ReferenceArpa(tmp_path / "short.arpa")
    for bos, eos in WAYS:
        for text in ["a", "a a", "b a b", ""]:
            wanted = reference.sentence(text.split(), bos, eos)
            assert ours.score(text, bos, eos) == pytest.approx(sum(score for score, _, _ in wanted), abs=1e-5)
            found = [row[1:] for row in ours.full_scores(text, bos, eos)]
            assert found == [row[1:] for row in wanted]


def test_an_empty_highest_order_is_scored_as_in_kenlm(tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    path = tmp_path / "empty.arpa"
    path.write_text(EMPTY)
    ours, theirs = Model(path), kenlm.Model(str(path))
    for text in ["a", "a a", "b a b", ""]:
        wanted = list(theirs.full_scores(text))
        assert [row[0] for row in ours.full_scores(text)] == pytest.approx([row[0] for row in wanted], abs=1e-5)
