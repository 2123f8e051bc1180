"""Real data sets cut to sizes, for ``benchmarks/defaults.py``.

The folder of the data has ``sst2-sentences/{train,dev,test}.tsv``, ``trec/{train,test}.tsv`` and
``semeval2010-task8/{train,test}.tsv`` (text and label below a header), ``books/{train.txt.gz,valid.txt}`` (one
tokenised sentence per line) and ``ud-en-ewt/{train,dev,test}.conllu``.
"""

from __future__ import annotations

import gzip
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

Row = tuple[str, str]  # text, label
T = TypeVar("T")

LEAST_DEV = 100  # rows; else a fifth of train, or what there is
NOUNS = (  # of which one is taken out of each sentence of cloze50
    "man time house door eyes hand heart head night day men life father mother face voice woman god lady "
    "world work room water place way king money child friend letter wife brother son daughter horse table "
    "church sea fire light people town country morning evening love death girl ship garden"
).split()
SHARE, SENTENCES = 0.60, 40  # of a document: sentences drawn from its own class, and all of them


def cut_all(source: Path, target: Path) -> None:
    """Write every data set in every size to ``target/NAME-SIZE``; the same rows every time."""
    draw = random.Random(1)
    sst2 = [_table(source / "sst2-sentences" / f"{split}.tsv") for split in ("train", "dev", "test")]
    _sizes(target, "sst2", sst2, [300, 1000, None], draw)
    train, test = _table(source / "trec/train.tsv"), _table(source / "trec/test.tsv")
    draw.shuffle(train)  # the 500 rows of test are few: 700 of train are tested, too
    _sizes(target, "trec", [train[1400:], train[:700], test + train[700:1400]], [300, 1000, None], draw)
    train, test = _table(source / "semeval2010-task8/train.tsv"), _table(source / "semeval2010-task8/test.tsv")
    draw.shuffle(train)
    _sizes(target, "semeval", [train[1000:], train[:1000], test[:2000]], [1000, None], draw)
    train, rest = _cloze(source / "books/train.txt.gz", 60, draw), _cloze(source / "books/valid.txt", 28, draw)
    _write(target / "cloze50-full", [train, rest[:600], rest[600:]])
    for size in (400, 1500):
        sizes = (size, max(LEAST_DEV, size // 5), 600)
        _write(target / f"docs-{size}", [_documents(rows, n, draw) for rows, n in zip(sst2, sizes, strict=True)])
    _write(
        target / "imb-1500", [_imbalanced(rows, n, draw) for rows, n in zip(sst2, (1500, 400, 950), strict=True)]
    )
    files = [source / f"ud-en-ewt/{split}.conllu" for split in ("train", "dev", "test")]
    _sizes(target, "ewt", [_blocks(file.read_text("utf-8")) for file in files], [300, 1000, None], draw)


def _table(path: Path) -> list[Row]:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [(row[0], row[1]) for row in rows]


def _blocks(text: str) -> list[str]:
    return text.strip().split("\n\n")


def _sizes(
    target: Path, name: str, splits: Sequence[list[T]], sizes: Iterable[int | None], draw: random.Random
) -> None:
    """Cut train to each size, and dev to what goes with it; None is all of train."""
    train, dev, test = splits
    for size in sizes:
        rows = train if size is None else _sample(train, size, draw)
        few = _sample(dev, max(LEAST_DEV, min(len(dev), len(rows) // 5)), draw)
        _write(target / f"{name}-{size or 'full'}", [rows, few, test])


def _sample(rows: Sequence[T], size: int, draw: random.Random) -> list[T]:
    rows = list(rows)
    draw.shuffle(rows)
    return rows[:size]


def _write(folder: Path, splits: Sequence[Sequence[Row] | Sequence[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in zip(("train", "dev", "test"), splits, strict=True):
        if isinstance(rows[0], str):
            (folder / f"{name}.conllu").write_text("".join(f"{block}\n\n" for block in rows), "utf-8")
        else:
            lines = ["sentence\tlabel", *("\t".join(row) for row in rows)]
            (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")


def _cloze(path: Path, each: int, draw: random.Random) -> list[Row]:
    """Sentences of books with exactly one of the 50 nouns, which is taken out and is the label."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        lines = [line.split() for line in itertools.islice(file, 400_000)]
    draw.shuffle(lines)
    found: dict[str, list[Row]] = defaultdict(list)
    for words in lines:
        nouns = [word for word in words if word in NOUNS]
        if 6 <= len(words) <= 40 and len(nouns) == 1 and len(found[nouns[0]]) < each:
            found[nouns[0]].append((" ".join("___" if word in NOUNS else word for word in words), nouns[0]))
    rows = [row for of_noun in found.values() for row in of_noun]
    draw.shuffle(rows)
    return rows


def _documents(rows: Sequence[Row], size: int, draw: random.Random) -> list[Row]:
    """Documents of 40 sentences, most of them from the document's own class: about 750 words."""
    sentences = {label: [text for text, other in rows if other == label] for label in "01"}
    documents = []
    for number in range(size):
        label, other = ("0", "1") if number % 2 == 0 else ("1", "0")
        chosen = [draw.choice(sentences[label if draw.random() < SHARE else other]) for _ in range(SENTENCES)]
        documents.append((" ".join(chosen), label))
    return documents


def _imbalanced(rows: Sequence[Row], size: int, draw: random.Random) -> list[Row]:
    """Rows of which 95 % have label 1."""
    by_label = {label: _sample([row for row in rows if row[1] == label], len(rows), draw) for label in "01"}
    often = int(size * 0.95)
    return _sample(by_label["1"][:often] + by_label["0"][: size - often], size, draw)
