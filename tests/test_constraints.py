"""The lowest versions: those of ``pyproject.toml`` are the ones that CI runs the tests of the readers with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOT_INSTALLED = (
    "torch",
    "fastapi",
    "httpx2",
    "jinja2",
    "altair",
    "vl_convert_python",
    "sacrebleu",
)  # torch: a CUDA build of gigabytes; the others serve, show or score, they do not read
BOUND = re.compile(r"([\w.-]+)>=([\d.]+)")


def name_of(distribution: str) -> str:
    return distribution.lower().replace("-", "_")


def test_the_lowest_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = [BOUND.fullmatch(text) for text in project["dependencies"] + project["optional-dependencies"]["test"]]
    assert all(bounds), "a dependency without a lower bound"
    lines = (ROOT / "constraints-lowest.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    found = {name_of(name): version for name, version in pinned.items()}
    for name, lowest in (bound.groups() for bound in bounds if bound):
        if name_of(name) not in NOT_INSTALLED:
            assert re.fullmatch(rf"{re.escape(lowest)}(\.0|\.\d+)*", found[name_of(name)]), name
