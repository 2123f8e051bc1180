"""ARPA files: out and in again, against a reader of dictionaries, KenLM itself, and every fault by its line."""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from arpa_cases import (
    WORDS,
    ReferenceArpa,
    program,
    ragged,
    random_rows,
    sentence,
    trained,
)

from core.errors import ConfigError, DataError
from plugins.encoders.ngram import arpa_lines, arpa_parse, trie
from plugins.encoders.ngram.arpa_read import read_arpa
from plugins.encoders.ngram.arpa_write import write_arpa

SMALL = r"""\data\
ngram 1=5
ngram 2=4
ngram 3=2

\1-grams:
-1.5	<unk>
-99	<s>	-0.3
-0.8	</s>
-0.6	b	-0.1
-0.4	a	-2e-1

\2-grams:
-0.2	b a	-0.05
-0.25	<s> b	-0.15
-0.5	a </s>
-0.35	<s> a	0

\3-grams:
-0.1	<s> b a
-0.15	b a </s>

\end\
"""
MODELS = {
    "mkn": {"order": 3, "smoothing": "modified-kneser-ney"},
    "unigrams": {"order": 1, "smoothing": "modified-kneser-ney"},
    "long": {"order": 7, "smoothing": "witten-bell"},
    "pruned": {"order": 4, "smoothing": "kneser-ney", "prune": [0, 1, 1, 2]},
    "katz": {"order": 3, "smoothing": "katz"},
    "mle": {"order": 2, "smoothing": "mle"},
}


def written(text: str, tmp_path: Path) -> Path:
    path = tmp_path / "model.arpa"
    path.write_bytes(text.encode())
    return path


def test_a_file_by_hand_is_the_trie_that_its_lines_say(tmp_path):
    arpa = read_arpa(written(SMALL, tmp_path))
    first, second, third = arpa.trie.levels
    assert arpa.words == ["</s>", "<unk>", "b", "a"] and arpa.notes == []
    assert np.allclose(first.log_probs / np.log(10), [-0.8, -1.5, -0.6, -0.4])
    assert np.allclose(first.backoffs / np.log(10), [-0.3, 0, -0.1, -0.2])  # that of <s> stands at END
    assert second.words.tolist() == [2, 3, 3, 0] and first.children.tolist() == [0, 2, 2, 3, 4]
    assert np.allclose(second.log_probs / np.log(10), [-0.25, -0.35, -0.2, -0.5])
    assert np.allclose(second.backoffs / np.log(10), [-0.15, 0, -0.05, 0])
    assert third.words.tolist() == [3, 0] and second.children.tolist() == [0, 1, 1, 2, 2]
    scored, orders = arpa.trie.log_probs(np.array([2, 3, 0, 3, 2, 0]))  # "b a", "a b"
    wanted = [-0.25, -0.1, -0.15, -0.35, -0.6 - 0.2 + 0, -0.8 - 0.1]
    assert np.allclose(scored / np.log(10), wanted) and orders.tolist() == [2, 3, 3, 2, 1, 1]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("ending", ["arpa", "arpa.gz"])
def test_what_is_written_reads_back_as_the_same_model(name: str, ending: str, tmp_path: Path):
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
def test_the_written_text_says_what_the_model_says(name: str, tmp_path: Path):
    model, path = trained(**MODELS[name]), tmp_path / "model.arpa"
    write_arpa(model.trie, WORDS, path)
    reference, rows = ReferenceArpa(path), random_rows(9, 60)
    wanted = [score for row in rows for score, _, _ in reference.sentence([WORDS[i] for i in row])]
    assert np.allclose(model.log_probs(ragged(rows)) / np.log(10), wanted, atol=1e-5)
    assert "-99\t<s>\t" in path.read_text() and path.read_text().endswith("\n\n\\end\\\n")


@pytest.mark.parametrize("name", ["mkn", "long", "pruned", "katz", "unigrams"])
def test_kenlm_loads_what_is_written_and_gives_the_same_scores(name: str, tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    if name in ("unigrams", "long"):
        pytest.skip("KenLM is built for orders 2 to 6")
    model, path = trained(**MODELS[name]), tmp_path / "model.arpa"
    write_arpa(model.trie, WORDS, path)
    theirs, rows = kenlm.Model(str(path)), random_rows(11, 60)
    ours = np.add.reduceat(model.log_probs(ragged(rows)), ragged(rows).offsets[:-1]) / np.log(10)
    assert np.allclose(ours, [theirs.score(sentence(row)) for row in rows], atol=1e-4)


@pytest.mark.parametrize("prune", [[], ["--prune", "0", "0", "1"]])
def test_what_lmplz_writes_is_read_and_scored_as_kenlm_does(prune: list[str], tmp_path: Path):
    kenlm, lmplz = pytest.importorskip("kenlm"), program("lmplz")
    if lmplz is None:
        pytest.skip("lmplz is neither on PATH nor in KENLM_BIN")
    rows = [[i for i in row if i != 1] for row in random_rows(3, 300)]  # a literal <unk> is refused there
    text, path = "\n".join(sentence(row) for row in rows), tmp_path / "theirs.arpa"
    command = [lmplz, "-o", "4", "-S", "64M", "-T", str(tmp_path), "--discount_fallback", *prune]
    done = subprocess.run(command, input=text.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    path.write_bytes(done.stdout)
    arpa, theirs = read_arpa(path), kenlm.Model(str(path))
    ids = {word: i for i, word in enumerate(arpa.words)}
    asked = [sentence(row).split() for row in random_rows(5, 60)]
    for words in asked:
        scored, orders = arpa.trie.log_probs(np.array([*(ids.get(word, 1) for word in words), 0]))
        wanted = list(theirs.full_scores(" ".join(words)))
        assert np.allclose(scored / np.log(10), [score for score, _, _ in wanted], atol=1e-5)
        assert orders.tolist() == [length for _, length, _ in wanted]


def test_where_the_blocks_of_a_file_are_cut_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, path = trained(order=3), tmp_path / "model.arpa.gz"
    write_arpa(model.trie, WORDS, path)
    whole = read_arpa(path)
    monkeypatch.setattr(arpa_lines, "BLOCK", 7)
    cut = read_arpa(path)
    for level, other in zip(whole.trie.levels, cut.trie.levels, strict=True):
        assert np.array_equal(level.words, other.words) and np.array_equal(level.log_probs, other.log_probs)


@pytest.mark.parametrize(
    "text",
    ["-1", "0", "+.5", "-0.13798666", "-1.2e-7", "3E+2", "-12345678901234567890.5", "5.", "1e-320", "1e400"],
)
def test_numbers_are_those_of_python(text: str):
    good, value, end = arpa_parse.number(np.frombuffer(f"{text}\n".encode(), dtype=np.uint8), 0)
    assert good and end == len(text) and value == pytest.approx(float(text), rel=1e-14)


@pytest.mark.parametrize("text", ["", "-", ".", "1e", "1.2.3", "0x1", "nan", "inf", "1-"])
def test_what_is_no_number_is_none(text: str):
    assert not arpa_parse.number(np.frombuffer(f"{text}\n".encode(), dtype=np.uint8), 0)[0]


@pytest.mark.parametrize("compiled", [False, True])
def test_a_gram_whose_end_is_not_among_the_shorter_grams_is_found(
    compiled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if compiled:
        monkeypatch.setattr(trie, "SMALL", 0)
    path = written(SMALL.replace("-0.5\ta </s>\n", "").replace("ngram 2=4", "ngram 2=3"), tmp_path)
    arpa, reference = read_arpa(path), ReferenceArpa(path)
    ids = {word: i for i, word in enumerate(arpa.words)}
    for text in ["b a", "a", "b b a", "a b a"]:  # "b a </s>" is there, "a </s>" is not
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
    "no number": (changed("-0.2\tb a", "b a"), 14, "does not begin with a log-probability"),
    "no start": (changed("-99\t<s>\t-0.3", "-99\tx\t-0.3"), 11, "no <s> among the 1-grams"),
    "no end": (changed("-0.8\t</s>", "-0.8\tx"), 11, "no </s> among the 1-grams"),
    "a word with a space": (changed("\tb a\t-0.05", "\tb a c\t-0.05"), 14, "a word with a space"),
    "a word of order 1 with a space": (changed("-0.6\tb\t", "-0.6\tb c\t"), 10, "a word with a space"),
    "a gram of a higher order": (changed("-0.2\tb a\t-0.05", "-0.2\tb a b"), 14, "a gram of another order"),
    "a gram of a lower order": (changed("-0.5\ta </s>", "-0.5\ta"), 16, "fewer words than 2"),
    "a word that order 1 lacks": (changed("-0.2\tb a", "-0.2\tb c"), 14, "'c' is not among the 1-grams"),
    "a gram without its context": (changed("-0.1\t<s> b a", "-0.1\t</s> b a"), None, ""),
    "a context that is not there": (changed("-0.15\tb a </s>", "-0.15\ta b </s>"), 21, "not among the 2-grams"),
    "a gram twice": (changed("-0.35\t<s> a", "-0.35\tb a"), 17, "this gram comes twice"),
    "a word twice": (changed("-0.4\ta", "-0.4\tb"), 11, "'b' comes twice"),
    "a back-off at the top": (changed("-0.1\t<s> b a", "-0.1\t<s> b a\t-0.5"), 20, "highest order has a back-off"),
    "a back-off without bound": (changed("\t-2e-1", "\t-1e400"), 11, "not finite"),
    "a back-off beyond float32": (changed("\t-2e-1", "\t1e39"), 11, "not finite"),
    "a back-off whose natural log is": (changed("\t-0.05", "\t-3e38"), 14, "not finite"),
    "a log-probability beyond float32": (changed("-0.25\t", "-1e39\t"), 15, "not finite"),
    "orders out of turn": (changed("ngram 2=4", "ngram 3=4"), 3, "not the count of order 2"),
    "a section out of turn": (changed("\\2-grams:", "\\3-grams:"), 13, "expected .2-grams:"),
    "no header": (changed("\\data\\\n", ""), 5, "comes before .data"),
    "no count": (changed("ngram 1=5\nngram 2=4\nngram 3=2\n", ""), 2, "counts no 1-grams"),
    "no last line": (changed("\\end\\\n", ""), 23, "the file ends where .end. should stand"),
    "nothing": (lambda text: "", 1, "the file ends where .data. should stand"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line(name: str, tmp_path: Path):
    change, line, told = FAULTS[name]
    path = written(change(SMALL), tmp_path)
    if line is None:
        assert "1 grams with <s> or </s> inside" in read_arpa(path).notes[0]
        return
    with pytest.raises(DataError, match=told) as error:
        read_arpa(path)
    assert error.value.where == f"{path}:{line}" and error.value.remedy


@pytest.mark.parametrize("left", range(1, len(SMALL) - 1, 9))
def test_a_file_that_is_cut_anywhere_is_one_clear_error(left: int, tmp_path: Path):
    with pytest.raises(DataError, match=r"model.arpa:\d+: "):
        read_arpa(written(SMALL[:left], tmp_path))


def test_a_damaged_gzip_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path, packed = tmp_path / "model.arpa.gz", gzip.compress(SMALL.encode())
    bad_sum = packed[:-8] + b"\0\0\0\0" + packed[-4:]
    for damaged in (packed[: len(packed) // 2], packed[:20] + b"\xff\xff\xff" + packed[23:], bad_sum):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="damaged or cut short") as error:
            read_arpa(path)
        assert error.value.where == str(path) and "get it again" in error.value.remedy  # no line was read
    monkeypatch.setattr(arpa_lines, "BLOCK", 64)
    with pytest.raises(DataError, match="damaged or cut short") as error:
        read_arpa(path)
    assert int(error.value.where.removeprefix(f"{path}:")) > 10


def test_a_byte_order_mark_is_passed_over(tmp_path: Path):
    path = tmp_path / "model.arpa"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_arpa(path).words == ["</s>", "<unk>", "b", "a"]


LOGS = {"-100": False, "-99.5": False, "-99": True, "-98.5": False, "-1234567.5": False, "-1e38": False}


@pytest.mark.parametrize("value", LOGS)
def test_what_is_finite_stays_so_over_a_round_trip(value: str, tmp_path: Path):
    first = read_arpa(written(SMALL.replace("-0.6\tb\t-0.1", f"{value}\tb\t{value}"), tmp_path))
    write_arpa(first.trie, first.words, tmp_path / "again.arpa")
    again = read_arpa(tmp_path / "again.arpa")
    for name in ("log_probs", "backoffs"):
        (before, after) = (float(getattr(arpa.trie.levels[0], name)[2]) for arpa in (first, again))
        assert np.isneginf(before) == np.isneginf(after) == LOGS[value]
        assert LOGS[value] or value == "-1e38" or after == pytest.approx(before, rel=1e-6)


def test_a_finite_number_that_rounds_to_the_mark_of_zero_is_written_beside_it(tmp_path: Path):
    made = read_arpa(written(SMALL, tmp_path)).trie
    made.levels[0].log_probs[2] = np.float32(-99 * np.log(10))
    write_arpa(made, ["</s>", "<unk>", "b", "a"], tmp_path / "again.arpa")
    assert read_arpa(tmp_path / "again.arpa").trie.levels[0].log_probs[2] == pytest.approx(-99 * np.log(10))


def test_a_file_without_unknown_word_keeps_its_figure_and_kenlm_reads_it(tmp_path: Path):
    kenlm = pytest.importorskip("kenlm")
    first = read_arpa(written(SMALL.replace("-1.5\t<unk>\n", "").replace("1=5", "1=4"), tmp_path))
    write_arpa(first.trie, first.words, tmp_path / "again.arpa")
    assert "\n-100" in (tmp_path / "again.arpa").read_text()
    again, theirs = read_arpa(tmp_path / "again.arpa"), kenlm.Model(str(tmp_path / "again.arpa"))
    wanted = float(again.trie.log_probs(np.array([2, 1, 0]))[0].sum() / np.log(10))
    assert theirs.score("b zzz") == pytest.approx(wanted, abs=1e-3) and wanted < -100


def test_what_is_no_arpa_file_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_arpa(tmp_path / "none.arpa")
    with pytest.raises(DataError, match="KenLM's binary format"):
        read_arpa(written("mmap lm http://kheafield.com/code format version 5\n\0", tmp_path))
    with pytest.raises(DataError, match=r"model.arpa:10: is not UTF-8"):
        path = tmp_path / "model.arpa"
        path.write_bytes(SMALL.encode().replace(b"\tb", b"\t\xff"))
        read_arpa(path)


def test_crlf_no_unknown_word_and_no_back_offs_are_accepted_and_told(tmp_path: Path):
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


def test_text_before_the_header_and_a_capital_unknown_word_are_read_too(tmp_path: Path):
    arpa = read_arpa(written("# made by hand\n\n" + SMALL.replace("<unk>", "<UNK>"), tmp_path))
    assert arpa.words == ["</s>", "<unk>", "b", "a"] and arpa.notes == []
    assert arpa.trie.levels[0].log_probs[1] == pytest.approx(-1.5 * np.log(10))


def test_what_the_format_cannot_say_is_refused_and_leaves_nothing(tmp_path: Path):
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

    kept = core.run(
        task="lm", encoder="ngram", **{"encoder.order": 5}, data=str(real_data / "ptb"), runs=str(tmp_path)
    )
    from core.experiment.interchange import export
    from core.runs.trained_model import load

    export(load(kept.folder), tmp_path / "kn5.arpa")
    theirs = kenlm.Model(str(tmp_path / "kn5.arpa"))
    lines = (real_data / "ptb" / "test.txt").read_text().splitlines()
    total = sum(theirs.score(line) for line in lines) / sum(len(line.split()) + 1 for line in lines)
    assert 10**-total == pytest.approx(kept.score, rel=1e-5) and kept.score == pytest.approx(141.186, abs=2e-3)
