"""Grids are counted before they are built, and a config in a run folder is one run."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
import yaml
from command_line import run_command

import core
from core.config import expand
from core.errors import ConfigError, StoreError
from core.runs.saved_config import read_config
from core.runs.trained_model import load

TEN = ",".join(map(str, range(10)))
MANY = [f"{key}={TEN}" for key in ("seed", "data.limit", "task.min_count", "encoder.order", "threads")]
MANY += [f"data.{key}={TEN}" for key in ("split_seed", "max_length")] + [f"task.warmup={TEN}"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder."""
    (text := tmp_path_factory.mktemp("saved") / "a.txt").write_text("a b\na\nb a\na b b\n" * 5)
    options = {"data": str(text), "runs": str(text.parent / "runs"), "quiet": True, "encoder.order": 2}
    return core.run(task="lm", encoder="ngram", **options).path


def test_a_grid_is_counted_before_it_is_built() -> None:
    start = time.perf_counter()
    with pytest.raises(ConfigError) as caught:
        expand(["task=lm", "encoder=ngram", *MANY])
    assert time.perf_counter() - start < 1
    assert str(caught.value) == (
        "seed: these are 100,000,000 runs, more than 10,000; give fewer values, or set grid.limit="
    )


@pytest.mark.parametrize(("limit", "fits"), [(1, False), (5, False), (6, True), (999, True)])
def test_the_limit_is_an_option(limit: int, fits: bool) -> None:
    words = ["task=lm", "encoder=ngram", "seed=1,2,3", "encoder.order=1,2"]
    if fits:
        assert len(expand([*words, f"grid.limit={limit}"])) == 6
    else:
        with pytest.raises(ConfigError, match=f"these are 6 runs, more than {limit};"):
            expand([*words, f"grid.limit={limit}"])


def test_all_encoders_are_counted() -> None:
    with pytest.raises(ConfigError, match=r"these are \d+ runs, more than 3; "):
        expand(["task=pos", "encoder=all", "grid.limit=3"])


@pytest.mark.parametrize("value", ["0.5", "many", "-1", "", "9" * 5000, "1e3"])
def test_a_limit_is_a_number(value: str) -> None:
    with pytest.raises(ConfigError, match="grid.limit"):
        expand(["task=pos", "encoder=ngram", f"grid.limit={value}"])


def test_a_file_does_not_set_the_limit(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("task: pos\nencoder: ngram\ngrid.limit: 1000000\n")
    with pytest.raises(ConfigError, match=r"c.yaml:3: grid.limit: a file cannot set this; give it on the command"):
        expand([f"config={tmp_path / 'c.yaml'}"])


@pytest.mark.parametrize("command", ["run", "bench"])
def test_commands_take_the_limit(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, command, "task=pos", "encoder=ngram", "seed=1,2", "grid.limit=1")
    assert done.code == 2 and done.err.startswith("error: seed: these are 2 runs, more than 1; ")


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", "1,2"), ("seed", TEN), ("encoder.order", f"[1],{TEN}"), ("task", "lm,pos"), ("data", "a,b")],
)
def test_a_saved_config_is_one_run(key: str, value: str, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / saved.name
    shutil.copytree(saved, folder)
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump(config | {key: value}))
    for use in (lambda: load(str(folder)), lambda: expand([f"config={folder / 'config.yaml'}"])):
        with pytest.raises(ConfigError, match=rf"config.yaml:\d+: {key}: the saved config of a run has one value"):
            use()


def test_a_saved_config_with_all_encoders_is_not_one_run(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / saved.name
    shutil.copytree(saved, folder)
    text = (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text("task: pos\nencoder: all\n")
    with pytest.raises(
        StoreError, match=r"config.yaml: the config describes \d+ runs, not one; train the run again"
    ):
        read_config(folder)
    (folder / "config.yaml").write_text(text)
    assert read_config(folder).encoder.name == "ngram"


def test_a_grid_may_start_from_a_saved_config(saved: Path) -> None:
    assert len(expand([f"config={saved / 'config.yaml'}", "seed=1,2,3"])) == 3


@pytest.mark.parametrize("depth", [21, 300, 5000])
def test_deep_brackets_are_an_error(depth: int, tmp_path: Path) -> None:
    value = "[" * depth + "1" + "]" * depth
    with pytest.raises(ConfigError, match="brackets are nested more than 20 deep; write a list as"):
        expand(["task=pos", "encoder=cnn", f"encoder.widths={value}"])
    (tmp_path / "c.yaml").write_text(f"encoder.widths: {value}\n")
    with pytest.raises(ConfigError, match="c.yaml:1: is nested more than 20 deep"):
        expand(["task=pos", "encoder=cnn", f"config={tmp_path / 'c.yaml'}"])


@pytest.mark.parametrize("key", ["seed", "train.epochs", "encoder.hidden_size"])
def test_a_number_of_thousands_of_digits_is_shortened_in_the_error(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        expand(["task=pos", "encoder=lstm", f"{key}={'9' * 5000}"])
    assert len(str(caught.value)) < 250 and "... (5,000 characters)' does not fit" in str(caught.value)


@pytest.mark.parametrize("key", ["encoder.hidden_size", "train.batch_size", "data.limit", "encoder.proj_size"])
def test_a_whole_number_that_no_library_can_take_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key}: the number is beyond 64 bits; write a smaller one"):
        expand(["task=pos", "encoder=lstm", f"{key}={2**63}"])
    assert expand(["task=pos", "encoder=lstm", f"{key}={2**63 - 1}"])
