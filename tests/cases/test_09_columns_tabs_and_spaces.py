"""Columns are cut at tabs alone where every line has one."""

from __future__ import annotations

from pathlib import Path

from cases import CASES, labels, train


def test_a_token_may_have_a_space_where_every_line_has_a_tab(tmp_path: Path) -> None:
    data = CASES / "09-columns-tabs-and-spaces" / "tabspace2.conll"
    result = train("pos", data, tmp_path)
    assert labels(result) == {"VERB", "PROPN"}
    assert '"New York"' in (Path(result.folder) / "vocab.json").read_text("utf-8")
