"""A split with predicted labels, in its own format."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_samples import CONLLU, put, rows

from core.data.sources.files import Files
from core.errors import DataError


@pytest.mark.parametrize("label", ["upos", "xpos"])
def test_conllu_keeps_everything_but_the_labels(tmp_path: Path, label: str) -> None:
    source = Files(put(tmp_path / "a.conllu", CONLLU), label=label)
    gold = [answer for row in rows(source) for answer in row["labels"]]
    assert source.write("train", {}, [f"{answer}!" for answer in gold], tmp_path / "out.v1")
    written = (tmp_path / "out.v1.conllu").read_text(encoding="utf-8")
    column = {"upos": 3, "xpos": 4}[label]
    expected = [line.split("\t") for line in CONLLU.split("\n")]
    for line in expected:
        if line[0].isdigit():
            line[column] += "!"
    assert written == "\n".join("\t".join(line) for line in expected)


@pytest.mark.parametrize(
    "content",
    [
        CONLLU.rstrip("\n"),
        "\ufeff" + CONLLU.replace("\n", "\r\n"),
        "\n\n" + CONLLU.replace("\n\n", "\n\n\n"),
        CONLLU.replace("# text = Don't go .\n", "").replace("\n3\t", "\n# text = Don't go .\n3\t"),
    ],
)
def test_written_conllu_has_one_form(tmp_path: Path, content: str) -> None:
    source = Files(put(tmp_path / "a.conllu.gz", content))
    source.write("train", {}, ["AUX", "PART", "VERB", "X"], tmp_path / "out")
    assert (tmp_path / "out.conllu").read_bytes() == CONLLU.encode()


def test_columns_get_one_more(tmp_path: Path) -> None:
    source = Files(put(tmp_path / "a.conll", "a DT\nb NN\n\n\nc\tX\t\r\n"))
    assert source.write("train", {}, ["P", "Q", "R"], tmp_path / "out")
    assert (tmp_path / "out.txt").read_bytes() == b"a DT P\nb NN Q\n\n\nc\tX\tR\n"


def test_tables_and_text_have_no_form_of_their_own(tmp_path: Path) -> None:
    assert not Files(put(tmp_path / "a.txt", "a\n")).write("train", {}, ["X"], tmp_path / "out")
    assert not Files(put(tmp_path / "a.conllu", CONLLU)).write("dev", {}, ["X"], tmp_path / "out")


@pytest.mark.parametrize("name", ["a.conllu", "a.conll"])
@pytest.mark.parametrize("count", [0, 3, 5])
def test_too_few_or_too_many_labels_are_an_error(tmp_path: Path, name: str, count: int) -> None:
    source = Files(put(tmp_path / name, CONLLU if name.endswith("u") else "a X\nb Y\n\nc Z\nd Z\n"))
    with pytest.raises(DataError, match=f"{count} labels are not one for each token"):
        source.write("train", {}, ["X"] * count, tmp_path / "out")


@pytest.mark.data
def test_real_conllu_comes_back_byte_for_byte(real_data: Path, tmp_path: Path) -> None:
    source = Files(real_data / "ud-en-ewt")
    gold = [answer for row in rows(source, "dev") for answer in row["labels"]]
    source.write("dev", {}, gold, tmp_path / "out")
    assert (tmp_path / "out.conllu").read_bytes() == (real_data / "ud-en-ewt" / "dev.conllu").read_bytes()
