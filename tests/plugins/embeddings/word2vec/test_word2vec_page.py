"""The commands of docs/word2vec.md print what the page shows, up to the last digits of cosines."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
FENCE = re.compile(r"^```\n(\$ .*?)^```", re.MULTILINE | re.DOTALL)


def masked(text: str) -> list[str]:
    return [re.sub(r"(0\.\d\d)\d\d", r"\1##", line).rstrip() for line in text.splitlines()]


@pytest.mark.slow
def test_the_page_shows_what_its_commands_print(tmp_path: Path) -> None:
    blocks = FENCE.findall((ROOT / "docs" / "word2vec.md").read_text("utf-8"))
    assert len(blocks) == 2
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "SEQLAB_CACHE": str(tmp_path / "cache")}
    for block in blocks:
        commands, output = [], []
        for line in block.splitlines():
            (commands if line.startswith("$ ") else output).append(line.removeprefix("$ "))
        script = "\n".join([f'python() {{ "{sys.executable}" "$@"; }}', *commands])
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=300
        )
        assert masked(done.stdout + done.stderr) == masked("\n".join(output))
