"""Every format and source keeps the contract of data sets, on generated files."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from source_samples import put, word

from core.testing import check_dataset

Row = tuple[list[str], list[str], str]  # tokens, tags, label
SPLITS = {"train": 40, "dev": 12, "test": 12}


def generated(split: str) -> list[Row]:
    random = np.random.default_rng(len(split))
    rows: list[Row] = []
    for number in range(SPLITS[split]):
        ids = random.integers(0, 9, random.integers(1, 6)).tolist()
        rows.append(([f"w{i}" for i in ids], ["AB"[i % 2] for i in ids], ("neg", "pos")[number % 2]))
    return rows


def csv(rows: Iterable[Row], mark: str = ",") -> str:
    return f"text{mark}label\n" + "".join(f"{' '.join(tokens)}{mark}{label}\n" for tokens, _, label in rows)


def jsonl(rows: Iterable[Row], tagged: bool) -> str:
    objects: Iterable[dict[str, Any]] = (
        {"tokens": tokens, "tags": tags} if tagged else {"text": " ".join(tokens), "label": label}
        for tokens, tags, label in rows
    )
    return "".join(json.dumps(row) + "\n" for row in objects)


def conllu(rows: Iterable[Row]) -> str:
    sentences = (
        "\n".join(word(str(i + 1), token, tag) for i, (token, tag) in enumerate(zip(tokens, tags, strict=True)))
        for tokens, tags, _ in rows
    )
    return "\n\n".join(sentences) + "\n\n"


def columns(rows: Iterable[Row]) -> str:
    return conllu(rows).replace("\t_\t_\t0\troot\t_\t_", "")  # number, form, lower-cased form, tag


def parquet(path: Path, rows: Iterable[Row]) -> None:
    tokens, tags, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"tokens": list(tokens), "tags": list(tags), "label": list(labels)}), path)


TEXTS: dict[str, Callable[[list[Row]], str | bytes]] = {
    "csv": csv,
    "csv.gz": csv,
    "tsv": lambda rows: csv(rows, "\t"),
    "tsv.xz": lambda rows: lzma.compress(csv(rows, "\t").encode()),
    "jsonl": lambda rows: jsonl(rows, False),
    "tagged.jsonl": lambda rows: jsonl(rows, True),
    "txt": lambda rows: "".join(" ".join(tokens) + "\n" for tokens, _, _ in rows),
    "conllu": conllu,
    "conll": columns,
}
OPTIONS = {"conll": {"text": "2", "label": "4"}}


@pytest.mark.parametrize("ending", TEXTS)
def test_a_folder_of_files_of_each_form(ending: str, tmp_path: Path) -> None:
    for split in SPLITS:
        put(tmp_path / f"{split}.{ending}", TEXTS[ending](generated(split)))
    check_dataset(str(tmp_path), **OPTIONS.get(ending, {}))


def test_one_file_and_a_pattern_of_files(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / f"part{number}.csv", csv(generated("train")))
    check_dataset(str(tmp_path / "part0.csv"))
    check_dataset(str(tmp_path / "part*.csv"))


def test_parquet(tmp_path: Path) -> None:
    for split in SPLITS:
        parquet(tmp_path / f"{split}.parquet", generated(split))
    check_dataset(str(tmp_path))


def test_a_folder_in_the_layout_of_the_hub(tmp_path: Path) -> None:
    (tmp_path / "films" / "data").mkdir(parents=True)
    for split in SPLITS:
        parquet(tmp_path / "films" / "data" / f"{split}-00000-of-00001.parquet", generated(split))
    check_dataset(f"hub:{tmp_path / 'films'}", cache=str(tmp_path / "cache"))


def test_what_datasets_saved(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    splits = {}
    for split in SPLITS:
        tokens, _, labels = zip(*generated(split), strict=True)
        splits[split] = datasets.Dataset.from_dict(
            {"text": [" ".join(row) for row in tokens], "label": list(labels)}
        )
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "saved")
    check_dataset(str(tmp_path / "saved"))


def test_a_known_name_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_DATA", str(tmp_path))
    (tmp_path / "ud-en-ewt").mkdir()
    for split in SPLITS:
        put(tmp_path / "ud-en-ewt" / f"en_ewt-ud-{split}.conllu", conllu(generated(split)))
    check_dataset("ud-en-ewt")


def test_a_broken_file_raises_its_own_error_instead_of_failing_a_check(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "one,two,three\n1,2,3\n")
    with pytest.raises(Exception, match="which column is the text"):
        check_dataset(str(tmp_path / "a.csv"))
