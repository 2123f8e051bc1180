"""Reading ARPA files: against a reader of dictionaries and KenLM, and every error with its line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from arpa_cases import SMALL, ReferenceArpa, program, random_rows, sentence, written

from core.errors import DataError
from plugins.encoders.ngram import trie
from plugins.encoders.ngram.arpa.read import read_arpa
from plugins.encoders.ngram.query import Model


def test_a_small_file_becomes_the_trie_that_its_lines_describe(tmp_path):
    arpa = read_arpa(written(SMALL, tmp_path))
    first, second, third = arpa.trie.levels
    assert arpa.words == ["</s>", "<unk>", "b", "a"] and arpa.notes == []
    assert np.allclose(first.log_probs / np.log(10), [-0.8, -1.5, -0.6, -0.4])
    assert np.allclose(first.backoffs / np.log(10), [-0.3, 0, -0.1, -0.2])  # END has the back-off of <s>
    assert second.words.tolist() == [2, 3, 3, 0] and first.children.tolist() == [0, 2, 2, 3, 4]
    assert np.allclose(second.log_probs / np.log(10), [-0.25, -0.35, -0.2, -0.5])
    assert np.allclose(second.backoffs / np.log(10), [-0.15, 0, -0.05, 0])
    assert third.words.tolist() == [3, 0] and second.children.tolist() == [0, 1, 1, 2, 2]
    scored, orders = arpa.trie.log_probs(np.array([2, 3, 0, 3, 2, 0]))  # "b a", "a b"
    wanted = [-0.25, -0.1, -0.15, -0.35, -0.6 - 0.2 + 0, -0.8 - 0.1]
    assert np.allclose(scored / np.log(10), wanted) and orders.tolist() == [2, 3, 3, 2, 1, 1]


@pytest.mark.parametrize("prune", [[], ["--prune", "0", "0", "1"]])
def test_a_file_of_lmplz_scores_as_in_kenlm(prune: list[str], tmp_path: Path):
    kenlm, lmplz = pytest.importorskip("kenlm"), program("lmplz")
    if lmplz is None:
        pytest.skip("lmplz is neither on PATH nor in KENLM_BIN")
    rows = [[i for i in row if i != 1] for row in random_rows(3, 300)]  # lmplz rejects a literal <unk>
    text, path = "\n".join(sentence(row) for row in rows), tmp_path / "theirs.arpa"
    command = [lmplz, "-o", "4", "-S", "64M", "-T", str(tmp_path), "--discount_fallback", *prune]
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    path.write_bytes(done.stdout)
    arpa, theirs = read_arpa(path), kenlm.Model(str(path))
    ids = {word: i for i, word in enumerate(arpa.words)}
    for words in [sentence(row).split() for row in random_rows(5, 60)]:
        scored, orders = arpa.trie.log_probs(np.array([*(ids.get(word, 1) for word in words), 0]))
        wanted = list(theirs.full_scores(" ".join(words)))
        assert np.allclose(scored / np.log(10), [score for score, _, _ in wanted], atol=1e-5)
        assert orders.tolist() == [length for _, length, _ in wanted]


@pytest.mark.parametrize("compiled", [False, True])
def test_a_gram_is_found_although_its_suffix_is_missing(
    compiled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if compiled:
        monkeypatch.setattr(trie, "SMALL", 0)
    path = written(SMALL.replace("-0.5\ta </s>\n", "").replace("ngram 2=4", "ngram 2=3"), tmp_path)
    arpa, reference = read_arpa(path), ReferenceArpa(path)
    ids = {word: i for i, word in enumerate(arpa.words)}
    for text in ["b a", "a", "b b a", "a b a"]:  # "b a </s>" exists, "a </s>" does not
        scored, orders = arpa.trie.log_probs(np.array([*(ids[word] for word in text.split()), 0]))
        wanted = reference.sentence(text.split())
        assert np.allclose(scored / np.log(10), [score for score, _, _ in wanted])
        assert orders.tolist() == [length for _, length, _ in wanted]
    assert 3 in orders and 1 in orders


def changed(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


FAULTS = {
    "too many": (changed("ngram 2=4", "ngram 2=3"), 17, "3 2-grams that the header counts"),
    "too few": (changed("ngram 2=4", "ngram 2=5"), 18, "4 2-grams and the header counts 5"),
    "too many of the highest": (changed("ngram 3=2", "ngram 3=1"), 21, "1 3-grams that the header counts"),
    "a positive log-probability": (changed("-0.2\tb a", "0.2\tb a"), 14, "'0.2\tb a\t-0.05': .*above 0"),
    "not a number": (changed("-0.2\tb a", "b a"), 14, "does not start with a log-probability"),
    "no start": (changed("-99\t<s>\t-0.3", "-99\tx\t-0.3"), 11, "no <s> among the 1-grams"),
    "no end": (changed("-0.8\t</s>", "-0.8\tx"), 11, "no </s> among the 1-grams"),
    "a word with a space": (changed("\tb a\t-0.05", "\tb a c\t-0.05"), 14, "a word with a space"),
    "a word of order 1 with a space": (changed("-0.6\tb\t", "-0.6\tb c\t"), 10, "a word with a space"),
    "a gram of a higher order": (changed("-0.2\tb a\t-0.05", "-0.2\tb a b"), 14, "a gram of another order"),
    "a gram of a lower order": (changed("-0.5\ta </s>", "-0.5\ta"), 16, "fewer words than 2"),
    "a word that order 1 lacks": (changed("-0.2\tb a", "-0.2\tb c"), 14, "'c' is not among the 1-grams"),
    "a gram without its context": (changed("-0.1\t<s> b a", "-0.1\t</s> b a"), None, ""),
    "an unknown context": (changed("-0.15\tb a </s>", "-0.15\ta b </s>"), 21, "not among the 2-grams"),
    "a gram twice": (changed("-0.35\t<s> a", "-0.35\tb a"), 17, "this gram occurs twice"),
    "a word twice": (changed("-0.4\ta", "-0.4\tb"), 11, "'b' occurs twice"),
    "a back-off weight in the highest order": (
        changed("-0.1\t<s> b a", "-0.1\t<s> b a\t-0.5"),
        20,
        "highest order has a back-off",
    ),
    "a count of 5,000 digits": (
        changed("2=4", "2=" + "9" * 5000),
        3,
        "a count of 5,000 digits is too large",
    ),
    "a count beyond 64 bits": (changed("2=4", f"2={2**64}"), 3, "a count of 20 digits is too large"),
    "a count beyond 32 bits": (changed("2=4", f"2={2**31}"), 3, "2,147,483,648 grams are too many"),
    "an order of 5,000 digits": (changed("ngram 2", "ngram " + "2" * 5000), 3, "not the count of order 2"),
    "a negative count": (changed("2=4", "2=-4"), 3, "not the count of order 2"),
    "infinity": (changed("-0.6\tb", "inf\tb"), 10, "not finite"),
    "no number at all": (changed("-0.2\tb a", "NaN\tb a"), 14, "not finite"),
    "an infinite weight": (changed("b a\t-0.05", "b a\t+Inf"), 14, "not finite"),
    "almost minus infinity": (changed("-0.6\tb", "-infi\tb"), 10, "does not start with a log-probability"),
    "an infinite back-off": (changed("\t-2e-1", "\t-1e400"), 11, "not finite"),
    "a back-off beyond float32": (changed("\t-2e-1", "\t1e39"), 11, "not finite"),
    "a back-off whose natural log is beyond float32": (changed("\t-0.05", "\t-3e38"), 14, "not finite"),
    "a log-probability beyond float32": (changed("-0.25\t", "-1e39\t"), 15, "not finite"),
    "orders out of sequence": (changed("ngram 2=4", "ngram 3=4"), 3, "not the count of order 2"),
    "a section out of sequence": (changed("\\2-grams:", "\\3-grams:"), 13, "expected .2-grams:"),
    "no header": (changed("\\data\\\n", ""), 5, "comes before .data"),
    "no count": (changed("ngram 1=5\nngram 2=4\nngram 3=2\n", ""), 2, "counts no 1-grams"),
    "no last line": (changed("\\end\\\n", ""), 23, "the file ends where .end. is expected"),
    "an empty file": (lambda text: "", 1, "the file ends where .data. is expected"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_names_its_line(name: str, tmp_path: Path):
    change, line, message = FAULTS[name]
    path = written(change(SMALL), tmp_path)
    if line is None:
        assert "1 grams with <s> or </s> inside" in read_arpa(path).notes[0]
        return
    with pytest.raises(DataError, match=message) as error:
        read_arpa(path)
    assert error.value.where == f"{path}:{line}" and error.value.remedy


@pytest.mark.parametrize("left", range(1, len(SMALL) - 1, 9))
def test_a_file_truncated_anywhere_raises_one_clear_error(left: int, tmp_path: Path):
    with pytest.raises(DataError, match=r"model.arpa:\d+: "):
        read_arpa(written(SMALL[:left], tmp_path))


def test_a_file_that_is_not_arpa_is_rejected(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_arpa(tmp_path / "none.arpa")
    with pytest.raises(DataError, match="KenLM's binary format"):
        read_arpa(written("mmap lm http://kheafield.com/code format version 5\n\0", tmp_path))
    with pytest.raises(DataError, match=r"model.arpa:10: is not UTF-8"):
        path = tmp_path / "model.arpa"
        path.write_bytes(SMALL.encode().replace(b"\tb", b"\t\xff"))
        read_arpa(path)


def test_crlf_a_missing_unknown_word_and_missing_back_offs_are_accepted_and_noted(tmp_path: Path):
    plain = read_arpa(written(SMALL, tmp_path))
    ended = read_arpa(written(SMALL.replace("\n", "\r\n"), tmp_path))
    assert "CRLF" in ended.notes[0] and ended.words == plain.words
    for level, other in zip(plain.trie.levels, ended.trie.levels, strict=True):
        assert np.array_equal(level.log_probs, other.log_probs) and np.array_equal(level.backoffs, other.backoffs)
    closed = read_arpa(written(SMALL.replace("-1.5\t<unk>\n", "").replace("1=5", "1=4"), tmp_path))
    assert "no <unk>" in closed.notes[0] and closed.words == plain.words
    assert closed.trie.levels[0].log_probs[1] == pytest.approx(-100 * np.log(10))
    bare = read_arpa(
        written(SMALL.replace("\t-0.05", "").replace("\t-0.15\n", "\n").replace("a\t0\n", "a\n"), tmp_path)
    )
    assert "the 2-grams have no back-off weights" in bare.notes[0] and not bare.trie.levels[1].backoffs.any()


def test_text_before_the_header_and_an_upper_case_unknown_word_are_accepted(tmp_path: Path):
    arpa = read_arpa(written("# a comment\n\n" + SMALL.replace("<unk>", "<UNK>"), tmp_path))
    assert arpa.words == ["</s>", "<unk>", "b", "a"] and arpa.notes == []
    assert arpa.trie.levels[0].log_probs[1] == pytest.approx(-1.5 * np.log(10))


@pytest.mark.parametrize("text", ["-inf", "-Inf", "-INFINITY"])
def test_minus_infinity_is_probability_0_as_99_is(text: str, tmp_path: Path) -> None:
    zero = (
        SMALL.replace("-0.6\tb\t", "-99\tb\t")
        .replace("-0.25\t<s> b", "-99\t<s> b")
        .replace("b a\t-0.05", "b a\t-99")
    )
    first = read_arpa(written(zero, tmp_path)).trie
    again = read_arpa(written(zero.replace("-99", text), tmp_path)).trie
    assert np.isneginf(first.levels[0].log_probs).sum() == 1 and np.isneginf(first.levels[1].backoffs).sum() == 1
    for level, other in zip(first.levels, again.levels, strict=True):
        assert np.array_equal(level.log_probs, other.log_probs) and np.array_equal(level.backoffs, other.backoffs)


def test_a_sentence_scores_as_in_kenlm_where_the_start_is_minus_infinity(tmp_path: Path) -> None:
    kenlm = pytest.importorskip("kenlm")
    path = written(SMALL.replace("-99\t<s>", "-inf\t<s>").replace("-0.6\tb", "-inf\tb"), tmp_path)
    ours, theirs = Model(path), kenlm.Model(str(path))
    for text in ("b a", "a b", "a a a", "b", "c a", ""):
        assert ours.score(text) == pytest.approx(theirs.score(text), abs=1e-5)
