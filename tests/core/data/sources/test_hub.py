"""Data sets of the hub: from a folder in its layout, and from a local server that the test starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub_server import Hub
from source_samples import put, rows

from core.data.sources import open_source
from core.data.sources.hub import parse
from core.errors import ConfigError, DataError
from core.testing.no_code_execution import record_execution

CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
  - split: validation
    path: data/validation-*
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names:
          '0': neg
          '1': pos
---
# films
"""
TRAIN = [{"text": f"train {i}", "label": ("neg", "pos")[i % 2]} for i in range(3)]
DEV = [{"text": f"validation {i}", "label": ("neg", "pos")[i % 2]} for i in range(2)]


def films(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    put(folder / "README.md", CARD)
    for split, count in (("train", 3), ("validation", 2)):
        table = pa.table({"text": [f"{split} {i}" for i in range(count)], "label": [i % 2 for i in range(count)]})
        pq.write_table(table, folder / "data" / f"{split}-00000-of-00001.parquet")
    return folder


def local(tmp_path: Path, **options: Any) -> Any:
    return open_source(f"hub:{films(tmp_path / 'films')}", cache=str(tmp_path / "cache"), **options)


def test_a_folder_in_the_layout_of_the_hub_is_read_with_the_names_of_its_card(tmp_path: Path) -> None:
    source = local(tmp_path)
    assert source.splits() == ("train", "dev")
    assert rows(source) == TRAIN and rows(source, "dev") == DEV


def test_no_code_of_a_data_set_is_executed(tmp_path: Path) -> None:
    put(films(tmp_path / "films") / "setup.py", "raise SystemExit('executed')\n")
    with record_execution() as executed:
        assert rows(open_source(f"hub:{tmp_path / 'films'}", cache=str(tmp_path / "cache"))) == TRAIN
    assert not executed


def test_splits_are_cut_as_datasets_writes_them(tmp_path: Path) -> None:
    source = local(tmp_path, train="train[:2]", test="train[2:]+validation[:50%]", dev="validation")
    assert [rows(source, s) for s in ("train", "dev", "test")] == [TRAIN[:2], DEV, [TRAIN[2], DEV[0]]]


def test_a_split_that_the_user_renames_is_offered_once(tmp_path: Path) -> None:
    source = local(tmp_path, test="validation")
    assert source.splits() == ("train", "test")
    assert list(map(str, source.notes())) == [
        "validation is read as test (data.test), so it is not offered as dev"
    ]


def test_an_unknown_split_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"data.dev: 'dev\[:9\]' is not a split .*; there are train, validation;"
    ):
        local(tmp_path, dev="dev[:9]")


def test_trust_remote_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="data.trust_remote_code: code of a data set is never executed; "):
        local(tmp_path, trust_remote_code=True)


def test_a_wrong_configuration_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"BuilderConfig 'big' not found. Available: \['default'\]; write hub:"):
        open_source(f"hub:{films(tmp_path / 'films')}:big", cache=str(tmp_path / "cache"))


def test_offline_with_an_empty_cache_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_source("hub:owner/never-fetched", cache=str(tmp_path), offline=True)
    assert str(caught.value) == (
        "hub:owner/never-fetched: it is not in the cache, and in offline mode nothing is fetched; fetch it once "
        "without data.offline and HF_HUB_OFFLINE, or name its cache: data.cache="
    )


@pytest.mark.parametrize(
    ("word", "parsed"),
    [
        ("hub:a/b", ("a/b", None)),
        ("hub:a/b:c", ("a/b", "c")),
        ("hub:C:/b", ("C:/b", None)),
        ("hub:./b:c", ("./b", "c")),
    ],
)
def test_a_configuration_follows_the_last_colon(word: str, parsed: tuple[str, str | None]) -> None:
    assert parse(word) == parsed


SCRIPT = """
import json, sys, time
from core.data.sources import open_source
from core.errors import SeqlabError

def attempt(name, **options):
    try:
        source = open_source(name, **options)
        rows = [row for split in source.splits() for b in source.batches(split) for row in b.to_pylist()]
        return rows, list(map(str, source.notes()))
    except SeqlabError as error:
        return str(error), []

found = {"patient": attempt("hub:owner/films")}
found |= {"none": attempt("hub:owner/none"), "program": attempt("hub:owner/program")}
found["revision"] = attempt("hub:owner/films", revision="v9")
print(json.dumps(found), flush=True)
sys.stdin.readline()  # the hub is closed in the meantime
time.sleep = lambda seconds: None  # the pauses between attempts
found = {"offline": attempt("hub:owner/films", offline=True), "gone": attempt("hub:owner/other")}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program reads from a hub whose first answer is late and that is busy once, and then without a hub."""
    home = tmp_path_factory.mktemp("hub")
    films(home / "hub" / "owner" / "films")
    program = home / "hub" / "owner" / "program"
    program.mkdir()
    put(program / "README.md", "# a data set with a program\n")
    put(program / "program.py", f"open({str(home / 'executed')!r}, 'w')\n")
    environment = {**os.environ, "HF_HOME": str(home / "cache"), "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}
    environment |= {"HF_HUB_ETAG_TIMEOUT": "1", "HF_HUB_DOWNLOAD_TIMEOUT": "1"}
    command = [sys.executable, "-c", SCRIPT]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with Hub(home / "hub", failures=1, delays=(1.6,)) as hub:
        process = subprocess.Popen(command, env={**environment, "HF_ENDPOINT": hub.url}, text=True, **pipes)
        assert process.stdout
        first = json.loads(process.stdout.readline())
    second = json.loads(process.communicate("\n", timeout=60)[0])
    busy = sum(count for request, count in hub.seen.items() if " 503 " in request)
    late = sum(count for request, count in hub.seen.items() if request.endswith("/resolve/main/README.md"))
    return {**first, **second, "busy": busy, "late": late, "executed": (home / "executed").exists()}


def test_a_late_answer_and_a_busy_hub_are_retried(found: dict[str, Any]) -> None:
    assert found["patient"] == [TRAIN + DEV, []]
    assert found["busy"] == 1 and found["late"] >= 2


def test_what_the_hub_does_not_have_is_one_clear_sentence(found: dict[str, Any]) -> None:
    message = "hub:owner/none: the hub has no such data set that is open to you; check the name and data.revision"
    assert found["none"][0].startswith(message)
    assert found["revision"][0].startswith("hub:owner/films: the hub has no such data set that is open to you")


def test_a_program_is_never_executed(found: dict[str, Any]) -> None:
    assert found["program"][0].startswith("hub:owner/program: it comes as a program, which is never executed; ")
    assert not found["executed"]


def test_offline_the_copy_in_the_cache_is_read_with_a_note(found: dict[str, Any]) -> None:
    rows, notes = found["offline"]
    assert rows == TRAIN + DEV
    assert "offline mode" in notes[0] and "cached version" in notes[0]


def test_a_hub_that_is_gone_is_one_clear_sentence(found: dict[str, Any]) -> None:
    assert found["gone"][0].startswith("hub:owner/other: the hub cannot be reached (")
    assert "; try again later; the address is http://127.0.0.1:" in found["gone"][0]


def test_a_folder_has_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="data.revision: .* is a folder here, which has no revisions; leave"):
        open_source(f"hub:{films(tmp_path / 'films')}", revision="x")
