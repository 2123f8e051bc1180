"""docs/word2vec.md shows what its commands print; the last digits of cosines differ between processors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, lines, shell_output

BLOCK = re.compile(r"^```\n(\$ .*?)^```", re.MULTILINE | re.DOTALL)  # commands may follow output here


def masked(output: list[str]) -> list[str]:
    return [re.sub(r"(0\.\d\d)\d\d", r"\1##", line) for line in output]


@pytest.mark.slow
def test_the_page_shows_what_its_commands_print(tmp_path: Path) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "word2vec.md").read_text("utf-8"))
    assert len(blocks) == 2
    for block in blocks:
        commands = re.findall(r"^\$ .*$", block, flags=re.MULTILINE)
        shown = [line for line in lines(block) if not line.startswith("$ ")]
        assert masked(shell_output("\n".join(commands), tmp_path)) == masked(shown)
