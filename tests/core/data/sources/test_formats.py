"""A format is one file: what a plugin registers is read, recognised, listed, and written with predictions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from source_samples import put, rows

import core
from core.cli.list import List
from core.cli.predict import Predict
from core.data.sources import formats
from core.data.sources.columns import Columns
from core.data.sources.files import Files
from core.errors import ConfigError, DataError, PluginError, UnknownName
from core.registry import Spec, registry
from core.runs.predictions import read_predictions

PLUGIN = '''
from core import hookimpl


@hookimpl
def register_formats(register):
    register("toy", ":Toy", endings=(".toy",), help="word/TAG word/TAG, one sentence per line")


def __getattr__(name):  # the class is made when it is needed: listing imports no pyarrow
    if name != "Toy":
        raise AttributeError(name)
    import pyarrow as pa

    from core.data.sources.formats import Format

    class Toy(Format):
        """Words with tags."""

        output_ending = ".toy"

        @staticmethod
        def sniff(lines):
            return float(all("/" in word for line in lines for word in line.split()))

        def read(self, blocks):
            for block in blocks:
                lines = [line.split() for line in block.data.decode().splitlines()]
                cells = {"tokens": 0, "labels": 1} if self.labelled else {"tokens": 0}
                columns = {
                    key: pa.array([[word.split("/")[k] for word in line] for line in lines], pa.list_(pa.string()))
                    for key, k in cells.items()
                }
                yield pa.RecordBatch.from_pydict(columns)

        def relabel(self, block, labels):
            lines = [line.split() for line in block.data.decode().splitlines()]
            new = [[f"{word.split('/')[0]}/{labels.take(1)[0]}" for word in line] for line in lines]
            return "".join(" ".join(line) + "\\n" for line in new).encode()

    return Toy
'''
CONTENT = "the/DT dog/NN\nno/DT\n"
ROWS = [{"tokens": ["the", "dog"], "labels": ["DT", "NN"]}, {"tokens": ["no"], "labels": ["DT"]}]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A plugin file that registers the format ``toy``."""
    file = tmp_path_factory.mktemp("plugin") / "toy_format.py"
    file.write_text(PLUGIN)
    plugin = registry().load(str(file))
    assert not plugin.error
    yield file
    registry()._forget(plugin.source)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    ("name", "options"), [("a.toy", {}), ("a.TOY.gz", {}), ("a.tsv", {"format": "toy"}), ("a.txt", {}), ("a", {})]
)
def test_a_format_is_chosen_by_ending_by_name_or_by_its_first_lines(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    path = tmp_path / name
    put(path, CONTENT) if name != "a.TOY.gz" else put(path.with_suffix(".gz"), CONTENT)
    assert rows(Files(path, **options)) == ROWS


@pytest.mark.usefixtures("toy")
def test_a_folder_of_it_is_found_and_predictions_are_written_in_it(tmp_path: Path) -> None:
    put(tmp_path / "train.toy", CONTENT)
    source = Files(tmp_path)
    assert source.splits() == ("train",)
    assert source.write("train", {}, ["A", "B", "C"], tmp_path / "out")
    assert (tmp_path / "out.toy").read_text() == "the/A dog/B\nno/C\n"
    for labels in (["A"], ["A"] * 4):
        with pytest.raises(DataError, match=f"train.toy: {len(labels)} labels are not one for each token"):
            source.write("train", {}, labels, tmp_path / "out")


def test_it_is_listed(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    List.parse("list", ["formats", f"plugin={toy}"]).execute()
    lines = [line.removeprefix("format").split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    helps = {name: text.strip() for name, text in lines}
    assert helps["toy"] == "word/TAG word/TAG, one sentence per line"
    assert {"columns", "conllu", "csv", "jsonl", "parquet", "text", "tsv"} < set(helps)


def test_a_run_reads_it_stores_predictions_in_it_and_predict_answers_in_it(
    toy: Path, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    import core

    for split in ("train", "dev", "test"):
        put(tmp_path / f"{split}.toy", CONTENT * 10)
    words = {"task": "pos", "encoder": "ngram", "encoder.order": 2, "data": str(tmp_path), "quiet": True}
    result = core.run(**words, runs=str(tmp_path / "runs"))
    assert (result.path / "predictions.test.toy").read_text() == CONTENT * 10
    put(tmp_path / "new.toy", "no/? dog/?\n")
    registry()._forget(str(toy))
    given = [f"run={result.id}", f"runs={tmp_path / 'runs'}", f"plugin={toy}", f"file={tmp_path / 'new.toy'}"]
    Predict.parse("predict", given).execute()
    assert capsysbinary.readouterr().out == b"no/DT dog/NN\n"
    Predict.parse("predict", [*given, "output=jsonl"]).execute()
    assert json.loads(capsysbinary.readouterr().out)["labels"] == ["DT", "NN"]
    with pytest.raises(ConfigError, match="tokens: with input=toy the tokens are known"):
        Predict.parse("predict", [*given, "input=toy", "tokens=words"]).execute()


@pytest.mark.usefixtures("toy")
def test_the_fingerprint_follows_the_source_of_a_plugins_format(tmp_path: Path, monkeypatch: Any) -> None:
    path = put(tmp_path / "a.toy", CONTENT)
    first = Files(path).fingerprint()
    assert Files(path).fingerprint() == first
    text = put(tmp_path / "a.txt", "a\n")
    builtin = Files(text).fingerprint()
    monkeypatch.setattr("core.data.sources.files.source_text", lambda cls: "another source")
    assert Files(path).fingerprint() != first and Files(text).fingerprint() == builtin


@pytest.mark.usefixtures("toy")
def test_an_exception_in_a_plugins_format_names_the_plugin_and_the_line(tmp_path: Path) -> None:
    message = r"format=toy: raised IndexError: .* \(.*toy_format.py:\d+\); fix plugin toy_format"
    with pytest.raises(PluginError, match=message):
        rows(Files(put(tmp_path / "a.toy", "without-a-tag\n")))


def test_an_unknown_format_names_those_that_exist(tmp_path: Path) -> None:
    from core.config import expand

    path = put(tmp_path / "a.txt", "a\n")
    message = "data.format: there is no format 'colums'; did you mean 'columns'"
    with pytest.raises(UnknownName, match=message):
        Files(path, format="colums")
    with pytest.raises(UnknownName, match=message):
        expand(["task=lm", "encoder=ngram", f"data={path}", "data.format=colums"])


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Adds formats to the table: name -> (class, endings)."""

    def add(**found: tuple[Any, tuple[str, ...]]) -> None:
        known = registry().specs("format")
        for name, (target, endings) in found.items():
            known[name] = Spec("format", name, target, "", "mine", "mine.py", {"endings": endings})
        fake = SimpleNamespace(specs=lambda _: known, names=lambda _: known, get=lambda _, name: known[name])
        monkeypatch.setattr(formats, "registry", lambda: fake)

    return add


def test_an_ending_of_two_formats_asks_for_a_choice(tmp_path: Path, registered: Any) -> None:
    registered(other=(formats.Format, ("TSV",)))
    path = put(tmp_path / "a.tsv", "text\nb\n")
    with pytest.raises(
        ConfigError, match=r"a.tsv: .tsv is the ending of several formats \(tsv, other\); choose one"
    ):
        rows(Files(path))
    assert rows(Files(path, format="tsv")) == [{"text": "b"}]


def test_a_target_that_is_not_a_format_names_its_plugin(tmp_path: Path, registered: Any) -> None:
    registered(other=(int, (".other",)))
    with pytest.raises(PluginError, match="format=other: .* is not a subclass of .*Format; fix plugin mine"):
        rows(Files(put(tmp_path / "a.other", "b\n")))


class Broken(formats.Format):
    """Reads nothing that can be used, and raises at the sight of lines."""

    @staticmethod
    def sniff(lines: list[str]) -> float:
        raise ValueError("no lines")

    def read(self, blocks: Any) -> Any:
        return [3]


def test_what_a_format_returns_or_raises_names_its_plugin(tmp_path: Path, registered: Any) -> None:
    registered(broken=(Broken, (".broken",)))
    with pytest.raises(
        PluginError, match=r"format=broken: what it returns cannot be used \(AttributeError: .*plugin mine"
    ):
        rows(Files(put(tmp_path / "a.broken", "b\n")))
    with pytest.raises(PluginError, match="format=broken: raised ValueError: no lines .*; fix plugin mine"):
        formats.detect(put(tmp_path / "a.txt", "b\n"), "utf-8")


class Unwritable(Columns):
    """Has no labels to write."""

    output_ending = ".unwritable"

    def relabel(self, block: Any, labels: Any) -> bytes:
        raise ValueError("no pen")


def test_a_format_that_cannot_write_predictions_loses_no_run(tmp_path: Path, registered: Any) -> None:
    registered(unwritable=(Unwritable, (".unwritable",)))
    (tmp_path / "data").mkdir()
    for split in ("train", "dev", "test"):
        put(tmp_path / "data" / f"{split}.unwritable", f"a X\n{split} Y\n\nb X\nb Y\n")
    words = {"encoder.order": 1, "runs": tmp_path / "runs", "quiet": True}
    result = core.run(task="pos", encoder="ngram", data=tmp_path / "data", **words)
    texts = [note.text for note in result.notes if note.code == "predictions.text"]
    assert texts == [
        f"the predictions of {s} are saved as arrays only (ValueError: no pen)" for s in ("dev", "test")
    ]
    assert not list(result.path.glob("predictions.*.*")) and read_predictions(result, "test")
    assert json.loads((result.path / "run.json").read_text("utf-8"))["notes"][-1]["code"] == "predictions.text"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["1\ta\ta\tX\t_\t_\t0\t_\t_\t_", "", "1\tb\tb\tX\t_\t_\t0\t_\t_\t_", "2\tc\tc\tX\t_\t_\t0\t_\t_\t_"],
            "conllu",
        ),
        (["a X", "b Y", "", "c Z"], "columns"),
        (["a b", "c d"], "text"),
    ],
)
def test_the_surest_format_wins(tmp_path: Path, lines: list[str], expected: str) -> None:
    path = put(tmp_path / "a.txt", "\n".join(lines) + "\n")
    assert formats.detect(path, "utf-8") == (expected, True)
