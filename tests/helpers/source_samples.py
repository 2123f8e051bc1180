"""Sample files and rows for the tests of the sources."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from core.data.sources.files import Files


def put(path: Path, content: str | bytes) -> Path:
    data = content if isinstance(content, bytes) else content.encode("utf-8")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def rows(source: Any, split: str = "train") -> list[dict[str, Any]]:
    return [row for batch in source.batches(split) for row in batch.to_pylist()]


def read(tmp_path: Path, name: str, content: str | bytes, **options: Any) -> list[dict[str, Any]]:
    return rows(Files(put(tmp_path / name, content), **options))


def word(number: str, form: str, upos: str, xpos: str = "_") -> str:
    return "\t".join([number, form, form.lower(), upos, xpos, "_", "0", "root", "_", "_"])


CONLLU = "\n".join(
    [
        "# sent_id = 1",
        "# text = Don't go .",
        word("1-2", "Don't", "_"),
        word("1", "Do", "AUX", "VB"),
        word("2", "n't", "PART", "RB"),
        word("3", "go", "VERB", "VB"),
        word("3.1", "away", "ADV"),
        "",
        "#no space",
        "# text = Yes",
        "# text = Yes",
        word("1", "a  b\u00a0c\u2028d", "X", "UH").replace("\t_\t0", "\tB=1|A=2\t0"),
        "",
        "",
    ]
)
SENTENCES = [
    {"tokens": ["Do", "n't", "go"], "labels": ["AUX", "PART", "VERB"]},
    {"tokens": ["a  b\u00a0c\u2028d"], "labels": ["X"]},
]
TAGGED = [{"tokens": ["the", "dog"], "labels": ["DT", "NN"]}, {"tokens": [], "labels": []}]
RATED = [{"text": "good", "label": "1"}, {"text": "", "label": "0"}]


def jsonl(*objects: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects)
