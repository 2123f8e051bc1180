"""What is not read through ``datasets``: readers that execute or unpickle, and files outside of the data set."""

from __future__ import annotations

import io
import json
import os
import pickle
import tarfile
from pathlib import Path
from typing import Any

import pytest
from source_samples import rows

from core.data.sources import open_source
from core.data.sources.datasets_safety import READERS, check_version
from core.errors import ConfigError, DataError
from core.testing.no_code_execution import record_execution


class Harm:
    """An object whose pickle creates a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.folder,)


def put(path: Path, content: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


def opened(name: str, tmp_path: Path, **options: Any) -> Any:
    return open_source(name, cache=str(tmp_path / "cache"), **options)


def refused(name: str, tmp_path: Path, **options: Any) -> str:
    with record_execution() as executed, pytest.raises((ConfigError, DataError)) as caught:
        opened(name, tmp_path, **options)
    assert not executed and not (tmp_path / "harm").exists()
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.pkl", "train.pkl", "x.csv"])
def test_a_pickle_is_not_read_through_the_reader_of_pandas(name: str, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_bytes(pickle.dumps(Harm(tmp_path / "harm")))
    assert refused("hub:pandas", tmp_path, folder=str(tmp_path / "run")) == (
        "hub:pandas: 'pandas' is a reader of the package datasets that may execute code, so it is never used; "
        "name a data set, or one of the readers arrow, conll, csv, json, parquet, text"
    )


@pytest.mark.parametrize("reader", ["sql", "webdataset", "generator", "spark", "imagefolder", "cache"])
def test_only_readers_that_parse_are_used(reader: str, tmp_path: Path) -> None:
    assert f"'{reader}' is a reader of the package datasets" in refused(f"hub:{reader}:default", tmp_path)


@pytest.mark.parametrize("form", ["csv", "json", "text"])
def test_readers_that_parse_can_be_named(form: str, tmp_path: Path) -> None:
    content = {"csv": "text\na\n", "json": '{"text": "a"}\n', "text": "a\n"}[form]
    put(tmp_path / "data" / f"train.{'txt' if form == 'text' else form}", content)
    assert rows(opened(f"hub:{form}", tmp_path, folder=str(tmp_path / "data"))) == [{"text": "a"}]


def test_a_folder_of_archives_of_tensors_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    with tarfile.open(tmp_path / "films" / "train.tar", "w") as archive:
        content = pickle.dumps(Harm(tmp_path / "harm"))
        member = tarfile.TarInfo("1.pth")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    message = refused(f"hub:{tmp_path / 'films'}", tmp_path)
    assert "its files are read by 'folder_based_builder" in message or "read by 'webdataset'" in message
    assert message.endswith("; convert them to a format that one of these reads: " + ", ".join(READERS))


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "{top}/secret.txt",
        "file://{top}/secret.txt",
        "http://127.0.0.1:9/x.txt",
        "a::file://x.txt",
    ],
)
@pytest.mark.parametrize("card", ["README.md", ".huggingface.yaml"])
def test_a_card_names_only_files_of_its_own_folder(path: str, card: str, tmp_path: Path) -> None:
    put(tmp_path / "secret.txt", "secret\n")
    put(tmp_path / "films" / "train.txt", "a\n")
    configs = [{"config_name": "default", "data_files": [{"split": "train", "path": path.format(top=tmp_path)}]}]
    text = json.dumps({"configs": configs})
    put(tmp_path / "films" / card, f"---\n{text}\n---\n# films\n" if card == "README.md" else text)
    message = refused(f"hub:{tmp_path / 'films'}", tmp_path)
    assert "which is outside of the data set, so it is not read" in message


def test_a_card_that_repeats_itself_without_end_is_read_once(tmp_path: Path) -> None:
    aliases = "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    put(
        tmp_path / "films" / "README.md",
        f"---\na0: &a0 [x]\n{aliases}configs: [{{data_files: [*a29, 'http://x']}}]\n---\n",
    )
    put(tmp_path / "films" / "train.txt", "a\n")
    assert "its card names 'http://x'" in refused(f"hub:{tmp_path / 'films'}", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "hub:../owner/films",
            "hub:owner/..",
            "hub:..x/y",
            "hub:a/b/c",
            "hub:hf://datasets/a/b",
            "hub:http://a/b",
        ),
        *("hub:simplecache::file://a", "hub:buckets/a/b", "hub:a/*", "hub:/no/such/folder", "hub:evil.py/../x"),
    ],
)
def test_a_name_is_that_of_a_data_set_or_of_an_existing_folder(name: str, tmp_path: Path) -> None:
    assert "is neither a data set of the hub nor a folder here; write hub:OWNER/NAME" in refused(name, tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folder": "../x"}, "data.folder: '../x' is not a folder within the data set; "),
        ({"folder": "/etc"}, "data.folder: '/etc' is not a folder within the data set; "),
        ({"folder": "http://a/b"}, "data.folder: 'http://a/b' is an address; write a plain name"),
        ({"revision": "../../x"}, "data.revision: '../../x' is an address; write a plain name"),
    ],
)
def test_options_name_nothing_outside_of_the_data_set(
    options: dict[str, str], message: str, tmp_path: Path
) -> None:
    assert refused("hub:owner/films", tmp_path, **options).startswith(message)


def test_a_folder_that_has_the_name_of_a_reader_is_read_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "pandas" / "train.txt", "a\n")
    assert "never used" in refused("hub:pandas", tmp_path)
    assert rows(opened("hub:./pandas", tmp_path)) == [{"text": "a"}]


def test_versions_that_execute_programs_are_refused() -> None:
    check_version("4.0.0")
    with pytest.raises(ConfigError, match="version 3.6.0 of the package datasets may execute .* 'datasets>=4'"):
        check_version("3.6.0")


@pytest.mark.parametrize("name", ["../b/data-00000-of-00001.arrow", "/x.arrow", "a::file://b", ".."])
@pytest.mark.parametrize("index", ["state.json", "dataset_dict.json"])
def test_a_saved_data_set_names_only_its_own_files(index: str, name: str, tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    DatasetDict({"train": Dataset.from_dict({"text": ["a"]})}).save_to_disk(str(tmp_path / "films"))
    assert rows(open_source(tmp_path / "films")) == [{"text": "a"}]
    file = tmp_path / "films" / ("train" if index == "state.json" else "") / index
    entries = {"_data_files": [{"filename": name}]} if index == "state.json" else {"splits": [name]}
    file.write_text(json.dumps({**json.loads(file.read_text()), **entries}))
    with pytest.raises(DataError, match="names a file outside of it, so it is not read; save it again"):
        open_source(tmp_path / "films")


@pytest.mark.parametrize("form", ["custom", "pandas", "no such format"])
def test_the_format_of_a_saved_data_set_executes_nothing(form: str, tmp_path: Path) -> None:
    from datasets import Dataset

    Dataset.from_dict({"text": ["a"]}).save_to_disk(str(tmp_path / "films"))
    file = tmp_path / "films" / "state.json"
    state = {**json.loads(file.read_text()), "_format_type": form, "_format_kwargs": {"transform": "os.getcwd"}}
    file.write_text(json.dumps(state))
    with record_execution() as executed:
        try:
            assert rows(open_source(tmp_path / "films")) == [{"text": "a"}]
        except DataError as error:
            assert "the saved data set cannot be loaded" in str(error)
    assert not executed
