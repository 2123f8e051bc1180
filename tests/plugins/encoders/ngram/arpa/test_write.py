"""Writing ARPA files: they read back as the same model, here and in KenLM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from arpa_cases import MODELS, SMALL, WORDS, ReferenceArpa, ragged, random_rows, sentence, trained, written

from core.errors import ConfigError
from plugins.encoders.ngram.arpa.read import read_arpa
from plugins.encoders.ngram.arpa.write import write_arpa


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ending", ["arpa", "arpa.gz"])
def test_a_written_file_reads_back_as_the_same_model(name: str, ending: str, tmp_path: Path):
    model, path = trained(**MODELS[name]), tmp_path / f"model.{ending}"
    write_arpa(model.trie, WORDS, path)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == (ending == "arpa.gz")
    again = read_arpa(path)
    assert again.words == WORDS and again.notes == []
    for level, other in zip(model.trie.levels, again.trie.levels, strict=True):
        assert np.array_equal(level.words, other.words) and np.array_equal(level.children, other.children)
        assert np.allclose(level.log_probs, other.log_probs, atol=1e-6)
        assert np.allclose(level.backoffs, other.backoffs, atol=1e-6)
    values = ragged(random_rows(7, 50)).values
    assert np.allclose(model.trie.log_probs(values)[0], again.trie.log_probs(values)[0], atol=1e-5)


@pytest.mark.parametrize("name", ["mkn", "long", "pruned", "katz"])
def test_the_written_text_scores_as_the_model(name: str, tmp_path: Path):
    model, path = trained(**MODELS[name]), tmp_path / "model.arpa"
    write_arpa(model.trie, WORDS, path)
    reference, rows = ReferenceArpa(path), random_rows(9, 60)
    wanted = [score for row in rows for score, _, _ in reference.sentence([WORDS[i] for i in row])]
    assert np.allclose(model.log_probs(ragged(rows)) / np.log(10), wanted, atol=1e-5)
    assert "-99\t<s>\t" in path.read_text() and path.read_text().endswith("\n\n\\end\\\n")


@pytest.mark.parametrize("name", ["mkn", "long", "pruned", "katz", "unigrams"])
def test_kenlm_loads_a_written_file_and_gives_the_same_scores(name: str, tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    if name in ("unigrams", "long"):
        pytest.skip("KenLM is built for orders 2 to 6")
    model, path = trained(**MODELS[name]), tmp_path / "model.arpa"
    write_arpa(model.trie, WORDS, path)
    theirs, rows = kenlm.Model(str(path)), random_rows(11, 60)
    ours = np.add.reduceat(model.log_probs(ragged(rows)), ragged(rows).offsets[:-1]) / np.log(10)
    assert np.allclose(ours, [theirs.score(sentence(row)) for row in rows], atol=1e-4)


LOGS = {"-100": False, "-99.5": False, "-99": True, "-98.5": False, "-1234567.5": False, "-1e38": False}


@pytest.mark.parametrize("value", LOGS)
def test_finite_values_stay_finite_over_a_round_trip(value: str, tmp_path: Path):
    first = read_arpa(written(SMALL.replace("-0.6\tb\t-0.1", f"{value}\tb\t{value}"), tmp_path))
    write_arpa(first.trie, first.words, tmp_path / "again.arpa")
    again = read_arpa(tmp_path / "again.arpa")
    for name in ("log_probs", "backoffs"):
        (before, after) = (float(getattr(arpa.trie.levels[0], name)[2]) for arpa in (first, again))
        assert np.isneginf(before) == np.isneginf(after) == LOGS[value]
        assert LOGS[value] or value == "-1e38" or after == pytest.approx(before, rel=1e-6)


def test_a_finite_number_that_rounds_to_the_value_of_zero_is_written_as_its_neighbour(tmp_path: Path):
    trie = read_arpa(written(SMALL, tmp_path)).trie
    trie.levels[0].log_probs[2] = np.float32(-99 * np.log(10))
    write_arpa(trie, ["</s>", "<unk>", "b", "a"], tmp_path / "again.arpa")
    assert read_arpa(tmp_path / "again.arpa").trie.levels[0].log_probs[2] == pytest.approx(-99 * np.log(10))


def test_a_file_without_an_unknown_word_keeps_its_score_and_kenlm_reads_it(tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    first = read_arpa(written(SMALL.replace("-1.5\t<unk>\n", "").replace("1=5", "1=4"), tmp_path))
    write_arpa(first.trie, first.words, tmp_path / "again.arpa")
    assert "\n-100" in (tmp_path / "again.arpa").read_text()
    again, theirs = read_arpa(tmp_path / "again.arpa"), kenlm.Model(str(tmp_path / "again.arpa"))
    wanted = float(again.trie.log_probs(np.array([2, 1, 0]))[0].sum() / np.log(10))
    assert theirs.score("b zzz") == pytest.approx(wanted, abs=1e-3) and wanted < -100


def test_what_the_format_cannot_represent_is_rejected_and_leaves_no_file(tmp_path: Path):
    path = tmp_path / "model.arpa"
    with pytest.raises(ConfigError, match="stupid back-off"):
        write_arpa(trained(order=3, smoothing="stupid-backoff").trie, WORDS, path)
    model = trained(order=2)
    for word in ("new york", " ", "<s>"):
        with pytest.raises(ConfigError, match=repr(word) if word != "<s>" else "<s>"):
            write_arpa(model.trie, [*WORDS[:-1], word], path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.data
def test_kenlm_gives_the_written_penn_treebank_model_the_same_perplexity(real_data: Path, tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    import core

    result = core.run(
        task="lm", encoder="ngram", **{"encoder.order": 5}, data=str(real_data / "ptb"), runs=str(tmp_path)
    )
    from core.experiment.interchange import export
    from core.runs.trained_model import load

    export(load(result.folder), tmp_path / "kn5.arpa")
    theirs = kenlm.Model(str(tmp_path / "kn5.arpa"))
    lines = (real_data / "ptb" / "test.txt").read_text().splitlines()
    total = sum(theirs.score(line) for line in lines) / sum(len(line.split()) + 1 for line in lines)
    assert 10**-total == pytest.approx(result.score, rel=1e-5) and result.score == pytest.approx(141.186, abs=2e-3)
