"""Written files of vectors read back to the same bits, here and in gensim."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from plugins.embeddings.file import File
from plugins.embeddings.vector_file import look, read
from plugins.embeddings.vector_writer import write

WORDS = ["the", "naïve", "中文", '"', "#1", "a,b", "\u00a0x".strip()]
VECTORS = np.random.default_rng(0).normal(0, 1e-3, (len(WORDS), 5)).astype(np.float32)
VECTORS[0] = [2e-38, -3.4e38, 0.1, 7, -0.0]
NAMES = ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"]


@pytest.mark.parametrize("name", NAMES)
def test_a_written_file_reads_back_to_the_same_bits(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, WORDS, VECTORS)
    layout = look(tmp_path / name)
    assert (layout.binary, layout.gzipped, layout.count) == (".bin" in name, ".gz" in name, len(WORDS))
    words, vectors = read(layout)
    assert words.to_pylist() == WORDS
    assert vectors.tobytes() == VECTORS.tobytes()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_text_format_is_a_header_and_one_row_per_word(tmp_path: Path) -> None:
    write(tmp_path / "v.txt", ["a", "b"], np.array([[0.1, -2], [3, 0.25]], dtype=np.float32))
    assert (tmp_path / "v.txt").read_text() == "2 2\na 0.1 -2\nb 3 0.25\n"


def test_the_same_vectors_give_the_same_gzip_bytes(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.gz"):
        write(tmp_path / name, WORDS, VECTORS)
    assert (tmp_path / "a.txt.gz").read_bytes() == (tmp_path / "b.txt.gz").read_bytes()


@pytest.mark.parametrize("word", ["new york", "", "a\tb", "a\nb"])
def test_a_word_that_the_format_cannot_represent_is_rejected(word: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="word 2"):
        write(tmp_path / "v.txt", ["a", word], np.ones((2, 3), dtype=np.float32))
    assert not list(tmp_path.iterdir())


def test_a_number_that_is_not_finite_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="word 1, 'a', has a number"):
        write(tmp_path / "v.bin", ["a"], np.array([[1, np.nan]], dtype=np.float32))


@pytest.mark.parametrize("name", NAMES)
def test_gensim_reads_these_files_and_its_files_are_read(name: str, tmp_path: Path) -> None:
    keyed = pytest.importorskip("gensim.models").KeyedVectors
    binary = ".bin" in name
    write(tmp_path / name, WORDS, VECTORS)
    loaded = keyed.load_word2vec_format(str(tmp_path / name), binary=binary)
    assert loaded.index_to_key == WORDS and np.array_equal(loaded.vectors, VECTORS)
    loaded.save_word2vec_format(str(tmp_path / f"again-{name}"), binary=binary)
    words, vectors = read(look(tmp_path / f"again-{name}"))
    assert words.to_pylist() == WORDS
    np.testing.assert_allclose(vectors, VECTORS, rtol=1e-6)


def test_words_with_spaces_are_left_out_of_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vectors = np.arange(9, dtype=np.float32).reshape(3, 3)
    File.write_as(None, "word2vec", tmp_path / "v.txt", ["a", ". . .", "b"], vectors)  # type: ignore[arg-type] # no self
    assert (tmp_path / "v.txt").read_text() == "2 3\na 0 1 2\nb 6 7 8\n"
    assert "note: 1 words with white space are left out, such as '. . .'" in capsys.readouterr().err
