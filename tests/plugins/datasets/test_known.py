"""Data sets that are known by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kinds_cases import spec_of

from core import config
from core.config import describe
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources import hub
from core.errors import DataError
from core.registry import registry
from core.runs import components
from core.testing import check_dataset
from plugins.datasets.known import KnownData
from plugins.datasets.table import TABLE

CONLL = "a DT B-NP\nb NN I-NP\n\nc VB O\n"


@pytest.fixture(autouse=True)
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQLAB_DATA", raising=False)


def source_of(name: str, *args: Any, **options: Any) -> KnownData:
    source: KnownData = registry().get("data", name).load()(*args, **options)
    return source


def labels(source: KnownData) -> list[str]:
    return [
        label for batch in source.batches("train") for row in batch.column("labels").to_pylist() for label in row
    ]


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    (tmp_path / "conll2000").mkdir()
    (tmp_path / "conll2000" / "train.txt").write_text(CONLL)
    return tmp_path


def test_every_entry_is_registered_under_its_name_with_its_origin() -> None:
    for name, known in TABLE.items():
        about = registry().get("data", name).load().about
        assert about["name"] == known.name == name
        assert all(about[key] for key in ("address", "license", "citation", "columns", "size", "rows"))
        assert describe([f"data={name}"])


def test_a_folder_of_its_name_is_found_in_data_dir_or_the_environment(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert labels(source_of("conll2000", str(folders))) == ["DT", "NN", "VB"]
    monkeypatch.setenv("SEQLAB_DATA", str(folders))
    assert labels(source_of("conll2000")) == ["DT", "NN", "VB"]
    assert labels(source_of("conll2000", "/nowhere", label="chunk")) == ["B-NP", "I-NP", "O"]


def test_a_known_data_set_keeps_the_contract_of_data_sets(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folders / "conll2000" / "train.txt").write_text(CONLL * 20)
    monkeypatch.setenv("SEQLAB_DATA", str(folders))
    check_dataset("conll2000")


def test_other_files_are_read_as_a_known_data_set_is(folders: Path, tmp_path: Path) -> None:
    overrides = ["task=pos", "encoder=ngram", "data=conll2000", "data.label=chunk", f"data_dir={folders}"]
    run = config.expand(overrides)[0]
    (tmp_path / "more.txt").write_text("one CD B-NP\n")
    data = config.other_data(run, [f"data={tmp_path / 'more.txt'}"]).data
    assert data.options["format"] == "columns" and data.options["label"] == "3"
    data = config.other_data(run, [f"data={tmp_path / 'more.txt'}", "data.label=2", "data.format=text"]).data
    assert data.options["format"] == "text" and data.options["label"] == "2"


def test_data_dir_is_an_argument_of_the_run_and_not_part_of_its_id(folders: Path) -> None:
    arguments = ["task=pos", "encoder=ngram", "data=conll2000"]
    there, bare = config.expand([*arguments, f"data_dir={folders}"])[0], config.expand(arguments)[0]
    assert labels(components.source(there)) == ["DT", "NN", "VB"]  # type: ignore[arg-type] # it is a KnownData
    assert there.id() == bare.id()


def test_an_unexpected_number_of_rows_is_noted_with_both_numbers(folders: Path) -> None:
    source = source_of("conll2000", str(folders))
    assert source.notes() == []
    labels(source)
    assert list(map(str, source.notes())) == ["train: 2 rows, but conll2000 is known to have 8,936"]
    named = source_of("conll2000", str(folders), train="train.txt")
    labels(named)
    assert named.notes() == []


def test_a_data_set_without_a_folder_is_read_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    request: dict[str, Any] = {}

    def fetch(name: str, path: str, of: str | None, **options: Any) -> Any:
        request.update(path=path, config=of, **options)
        raise DataError("no network in a test", where=name)

    monkeypatch.setattr(hub, "_fetch", fetch)
    with pytest.raises(DataError, match="hub:Salesforce/wikitext:wikitext-2-v1: no network"):
        source_of("wikitext-2", cache="there")
    assert request == {
        "path": "Salesforce/wikitext",
        "config": "wikitext-2-v1",
        "data_dir": None,
        "revision": None,
        "cache_dir": "there",
    }


def test_an_error_says_where_to_get_a_data_set_that_the_hub_lacks() -> None:
    with pytest.raises(DataError) as caught:
        source_of("ud-en-ewt")
    assert str(caught.value) == (
        "data=ud-en-ewt: there is no folder 'ud-en-ewt' in data_dir= or SEQLAB_DATA, which are not set; get it "
        "from https://github.com/UniversalDependencies/UD_English-EWT, and set data_dir= or SEQLAB_DATA "
        "to the folder that holds it as 'ud-en-ewt'"
    )


@pytest.mark.data
@pytest.mark.parametrize("name", list(TABLE))
def test_real_data_sets_have_their_known_number_of_rows(name: str, real_data: Path) -> None:
    if not (real_data / name).is_dir():
        pytest.skip("the data set is not available")
    source = source_of(name, str(real_data))
    for split in source.splits():
        assert sum(batch.num_rows for batch in source.batches(split)) == TABLE[name].rows[split]
    assert not [note for note in source.notes() if note.code == "source.rows"]


@pytest.mark.data
def test_a_real_data_set_becomes_ids(real_data: Path) -> None:
    cell = config.expand(["task=pos", "encoder=ngram", "data=ud-en-ewt", f"data_dir={real_data}"])[0]
    data = prepare(components.source(cell), spec_of(components.task(cell)), DataOptions())
    assert int(data.splits["train"].tokens.inner.sum()) == 204_577
