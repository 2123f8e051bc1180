"""Every built-in grid is a valid config of several runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import config
from core.errors import UnknownName
from core.registry import registry


@pytest.mark.parametrize("name", registry().names("grid"))
def test_a_grid_makes_a_run_per_encoder_and_seed_and_overrides_have_precedence(name: str) -> None:
    runs = config.expand([f"config=grids/{name}.yaml"])
    seeds = {run.run["seed"] for run in runs}
    cells = {(run.task.name, run.encoder.name, run.run["seed"]) for run in runs}
    assert len(runs) == len(cells) and len(seeds) >= 3 and len({run.encoder.name for run in runs}) >= 7
    (run,) = config.expand([f"config=grids/{name}.yaml", "task=lm", "encoder=ngram", "seed=9"])
    assert (run.encoder.name, run.run["seed"]) == ("ngram", 9)


def test_a_file_of_the_user_comes_before_a_grid_of_the_same_name(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "grids").mkdir()
    (tmp_path / "grids" / "toy.yaml").write_text("task: pos\nencoder: ngram\n")
    monkeypatch.chdir(tmp_path)
    assert len(config.expand(["config=grids/toy.yaml"])) == 1


def test_an_unknown_grid_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no grid 'toys'.*did you mean 'toy'"):
        config.expand(["config=grids/toys.yaml"])
