"""The vectors of a saved run: neighbors, a plot, files of other programs."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from command_line import Done, Seqlab, run_command

import core
from core.errors import UnknownName
from core.evaluation.word_vectors import flat, nearest, unit, vectors_of
from core.runs.trained_model import load

COLOURS, NUMBERS = ["red", "blue", "green", "white"], ["one", "two", "three", "four"]
WORD2VEC = {"embedding.dim": 8, "embedding.min_count": 2, "embedding.sample": 0, "embedding.epochs": 40}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ``runs`` holds vectors of two topics, a joined embedding, and a model of counts."""
    place, random = tmp_path_factory.mktemp("vectors"), np.random.default_rng(0)
    rows = [" ".join(random.choice(topic, 8)) for _ in range(60) for topic in (COLOURS, NUMBERS)]
    (place / "text.txt").write_text("\n".join([*rows, "red once"]))
    (place / "pairs.txt").write_text("red blue 9\nred one 1\n")
    how = {"data": str(place / "text.txt"), "runs": str(place / "runs"), "quiet": True}
    asked = {"task": "similarity", "task.pairs": str(place / "pairs.txt"), "encoder": "bag"}
    core.run(name="vectors", embedding="word2vec", **asked, **WORD2VEC, **how)
    joined = {"embedding.word2vec.dim": 4, "embedding.word2vec.min_count": 1}
    core.run(name="joined", embedding="word2vec+affix", **asked, **joined, **how)
    core.run(name="counts", task="lm", encoder="ngram", **{"encoder.order": 1}, **how)
    return place


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    def call(*words: str) -> Done:
        monkeypatch.chdir(folder)
        return run_command(capsys, *words)

    return call


def test_the_neighbors_of_a_word_are_of_its_topic(seqlab: Seqlab) -> None:
    done = seqlab("neighbors", "run=vectors", "Red", "one", "n=3")
    assert done.code == 0, done.err
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.out.splitlines() if "│" in line]
    assert [row[0] for row in cells] == ["Red", "", "", "one", "", ""]
    found = [row[1] for row in cells]
    assert set(found[:3]) <= set(COLOURS) and set(found[3:]) == set(NUMBERS) - {"one"}
    assert cells[0][1:] == ["red", "1.0000"]  # `Red` has the vector of `red`, which is another word


def test_nearest_is_a_full_sort() -> None:
    random = np.random.default_rng(0)
    vectors = unit(random.normal(size=(500, 7)).astype(np.float32))
    asked = vectors[:100] + np.float32(0.1)
    found, cosines = nearest(vectors, asked, 5)
    full = asked @ vectors.T
    assert np.array_equal(found, np.argsort(-full, axis=1)[:, :5])
    assert np.allclose(cosines, np.sort(full, axis=1)[:, ::-1][:, :5])
    assert nearest(vectors[:2], asked, 9)[0].shape == (100, 2)


def test_the_plot_has_the_axes_of_most_variance() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(200, 6)).astype(np.float32) * [0.1, 5, 0.1, 0.1, 2, 0.1] + 3
    points = flat(vectors.astype(np.float32))
    for axis, column in ((0, 1), (1, 4)):
        assert abs(np.corrcoef(points[:, axis], vectors[:, column])[0, 1]) > 0.99
        assert points[np.abs(points[:, axis]).argmax(), axis] > 0
    covariance = np.linalg.eigvalsh(np.cov(vectors.T))
    assert np.allclose(points.var(0, ddof=1), covariance[::-1][:2], rtol=1e-4)


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_plot_is_written(ending: str, start: bytes, seqlab: Seqlab, folder: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra plot")
    done = seqlab("plot", "vectors", "run=vectors", f"out=words.{ending}")
    assert done.code == 0, done.err
    picture = (folder / f"words.{ending}").read_bytes()
    assert picture.startswith(start) and "8 words, pca" in done.err
    assert ending == "png" or b">green</text>" in picture


def test_an_absent_library_is_named_with_the_extra(seqlab: Seqlab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = seqlab("plot", "vectors", "run=vectors", "out=x.png")
    assert (
        done.code == 2 and "matplotlib is not installed; install the extra: pip install -e '.[plot]'" in done.err
    )


@pytest.mark.parametrize("name", ["out.txt", "out.bin", "out.bin.gz", "out.gz"])
def test_exported_vectors_read_back_to_the_same_bits(name: str, seqlab: Seqlab, folder: Path) -> None:
    done = seqlab("export", "run=vectors", f"out={name}", "format=word2vec")
    assert done.code == 0, done.err
    words, vectors, _ = vectors_of(load("vectors", runs=folder / "runs").model)
    assert set(words) == {*COLOURS, *NUMBERS}  # `once` is too rare
    again = core.run(
        task="similarity",
        encoder="bag",
        embedding="file",
        data=str(folder / "text.txt"),
        runs=str(folder / "runs"),
        quiet=True,
        **{"task.pairs": str(folder / "pairs.txt"), "embedding.path": str(folder / name)},
    )
    their_words, theirs, _ = vectors_of(load(again.folder).model)
    assert their_words == words and np.array_equal(theirs, vectors)


@pytest.mark.parametrize("embedding", ["word2vec", "file"])
def test_words_that_only_the_table_has_are_exported_and_are_neighbors(
    embedding: str, seqlab: Seqlab, folder: Path
) -> None:
    rows = ["red Blue zebra gnu", "zebra gnu red Blue"] * 20
    (folder / "zoo.txt").write_text("\n".join(rows))
    vectors = "4 2\nzebra 1 0\nred 0 1\nBlue 0.6 0.8\ngnu 0.9 0.1\n"
    (folder / "zoo.vec").write_text(vectors)
    own: dict[str, object] = {**WORD2VEC, "embedding.corpus": str(folder / "zoo.txt")}
    if embedding == "file":
        own = {"embedding.path": str(folder / "zoo.vec")}
    asked = {"task": "similarity", "task.pairs": str(folder / "pairs.txt"), "encoder": "bag"}
    how = {"data": str(folder / "text.txt"), "runs": str(folder / "runs"), "quiet": True}
    core.run(name=f"zoo-{embedding}", embedding=embedding, **asked, **own, **how)
    done = seqlab("export", f"run=zoo-{embedding}", f"out={embedding}.txt")
    assert done.code == 0 and "(4 words, " in done.err
    lines = (folder / f"{embedding}.txt").read_text().splitlines()
    assert {line.split()[0] for line in lines[1:]} == {"red", "Blue", "zebra", "gnu"}  # `blue` has Blue's vector
    if embedding == "file":
        assert "\n".join([*lines, ""]) == vectors
    done = seqlab("neighbors", f"run=zoo-{embedding}", "red", "n=9")
    assert all(word in done.out for word in ("Blue", "zebra", "gnu")) and "blue" not in done.out


def test_gensim_reads_exported_vectors_and_finds_the_same_neighbors(seqlab: Seqlab, folder: Path) -> None:
    models = pytest.importorskip("gensim.models")
    assert seqlab("export", "run=vectors", "out=g.bin").code == 0
    theirs = models.KeyedVectors.load_word2vec_format(folder / "g.bin", binary=True)
    words, vectors, own = vectors_of(load("vectors", runs=folder / "runs").model, ["red"])
    places, cosines = nearest(unit(vectors), unit(own), 8)
    expected = theirs.most_similar("red", topn=7)
    assert [words[i] for i in places[0, 1:]] == [word for word, _ in expected]
    assert cosines[0, 1:] == pytest.approx([cosine for _, cosine in expected], abs=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["neighbors", "run=vectors"], "of which words?; name some"),
        (["neighbors", "run=vectors", "gren"], "'gren' has no vector; did you mean 'green'?"),
        (["neighbors", "run=counts", "red"], "a model of the counting family has no vectors"),
        (["neighbors", "run=vectors", "red", "n=0"], "n: '0' does not fit; it takes int >= 1"),
        (["plot", "vectors", "run=vectors"], "out is missing; write out=FILE.png or out=FILE.svg"),
        (
            ["plot", "vectors", "run=vectors", "out=x.gif"],
            "'x.gif' is not a picture; end the name in .png or .svg",
        ),
        (["plot", "vectors", "run=vectors", "out=x.png", "n=2"], "n: '2' does not fit; it takes int >= 3"),
        (["plot", "vectors", "run=vectors", "out=x.png", "red", "blue"], "2 words make no picture"),
        (["plot", "vectors", "run=vectors", "out=x.png", "method=lda"], "method: 'lda' does not fit; "),
        (["plot", "vectors", "run=vectors", "out=nowhere/x.png"], "out: there is no folder nowhere"),
        (["export", "run=vectors", "out=x", "format=arpa"], "embedding=word2vec has no format 'arpa'"),
        (["export", "run=joined", "out=x"], "embedding=word2vec+affix joins several"),
        (["predict", "run=vectors", "red"], "evaluates the vectors of words; see the command neighbors"),
    ],
)
def test_impossible_requests_are_errors(words: list[str], message: str, seqlab: Seqlab) -> None:
    if words[0] == "plot":
        pytest.importorskip("matplotlib", reason="pictures need the extra plot")
    done = seqlab(*words)
    assert done.code in (1, 2) and message in done.err, done.err


def test_a_word_that_is_rare_in_train_has_no_vector(folder: Path) -> None:
    with pytest.raises(UnknownName, match="'once' has no vector"):
        vectors_of(load("vectors", runs=folder / "runs").model, ["once"])


def test_a_hundred_thousand_words_take_milliseconds() -> None:
    vectors = np.ones((100_000, 100), dtype=np.float32)
    start = time.process_time()
    nearest(vectors, vectors[:1], 10)
    assert time.process_time() - start < 0.5  # about 0.01 on a quiet machine
