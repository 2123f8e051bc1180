"""Files as a source: a folder with a file a split, or one file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.data.sources import columns, conllu, delimited, jsonl, records, text
from core.data.sources.base import SPLITS, Source
from core.data.sources.blocks import SIZE, Block, after_blank, after_line, check_encoding, read_blocks
from core.data.sources.quotes import after_record
from core.data.sources.split_discovery import ending, find_splits
from core.errors import ConfigError, DataError
from core.types import Arrays

if TYPE_CHECKING:
    import pyarrow as pa

HEAD = 1 << 16  # bytes that are looked at to tell columns from plain text
BY_ENDING = {".conllu": "conllu", ".tsv": "tsv", ".csv": "csv", ".parquet": "parquet"}
BY_ENDING |= dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl")
Format = Literal["auto", "conllu", "columns", "tsv", "csv", "jsonl", "parquet", "text"]
Named = str | list[str] | None
CUTS: dict[str, Callable[[bytes], int]] = {"conllu": after_blank, "columns": after_blank, "csv": after_record}


class Files(Source):
    """Rows of CoNLL-U, columns, TSV, CSV, JSON lines, Parquet or plain text, each also ``.gz``, ``.xz``, ``.zst``.

    Args:
        path: a folder whose file names say ``train``, ``dev`` (``valid``, ``validation``) or ``test``, a file, or
            a pattern such as ``texts/*.txt``, whose files are ``train``, one after the other.
        text: the column of the text: a header's name, a CoNLL-U column, a number from 1; none: guessed.
        label: the column of the labels, likewise (CoNLL-U: upos, xpos; columns: 2); none: guessed.
        blank: whether an empty line of plain text is left out or kept as an empty row.
        format: what the files are; auto: by their endings, and .txt by its first lines.
        encoding: what the bytes mean, such as utf-8, latin-1 or utf-16.
        train: what to train on, by hand: another split's name, a file of the folder, a path, a pattern, or
            several, as in [a.txt,b.txt].
        dev: what to choose on, by hand, likewise.
        test: what to test on, by hand, likewise.

    Raises:
        DataError: no file is found, or two for one split.
    """

    block_size = SIZE  # bytes of text that are in memory at a time

    def __init__(
        self,
        path: str | Path,
        *,
        text: str | None = None,
        label: str | None = None,
        blank: Literal["skip", "keep"] = "skip",
        format: Format = "auto",
        encoding: str = "utf-8",
        train: Named = None,
        dev: Named = None,
        test: Named = None,
    ) -> None:
        check_encoding(encoding)
        self.text, self.label, self.blank, self.format, self.encoding = text, label, blank, format, encoding
        by_hand = {split: name for split, name in zip(SPLITS, (train, dev, test), strict=True) if name is not None}
        self.paths, self._notes = find_splits(Path(path), by_hand)
        self._formats: dict[str, str] = {}  # ending -> format
        self._blank: dict[str, int] = {}

    def splits(self) -> tuple[str, ...]:
        """The splits that have a file."""
        return tuple(self.paths)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, about 16 MB of the file a batch.

        Raises:
            DataError: the file cannot be read as what it is taken for, or holds no row.
        """
        paths, rows, seen = self._paths(split), 0, Counter[str]()
        for path in paths:
            for batch in self._read(path, seen):
                rows += batch.num_rows
                if batch.num_rows:
                    yield batch
        if not rows:
            raise DataError(
                f"no row of data in the file, read as {self._format(paths[0])}",
                where=str(paths[0]),
                remedy="name another file, or what it is with data.format=",
            )
        self._blank[split] = seen["blank"]

    def fingerprint(self) -> str:
        """A hash of the files and of the options that change the rows."""
        digest = hashlib.blake2b(digest_size=16)
        options = [self.text, self.label, self.blank, self.encoding]
        formats = [[split, *(self._format(path) for path in paths)] for split, paths in self.paths.items()]
        digest.update(json.dumps([options, formats]).encode())
        for path in [path for paths in self.paths.values() for path in paths]:
            try:
                with open(path, "rb") as file:
                    digest.update(hashlib.file_digest(file, "blake2b").digest())
            except OSError as error:
                remedy = "check the path and its permissions"
                raise DataError(f"the file cannot be read ({error})", where=str(path), remedy=remedy) from None
        return digest.hexdigest()

    def notes(self) -> list[str]:
        """What was decided for the user: splits by hand, columns found in a ``.txt``, blank lines."""
        notes = list(self._notes)
        for kind, name in self._formats.items():
            if kind not in BY_ENDING and name != "text":
                notes.append(
                    f"{kind or 'the'} files look like {name} and are read so; data.format= says otherwise"
                )
        for split, count in self._blank.items():
            if count:
                plain = self._format(self.paths[split][0]) == "text"
                what = "kept as empty rows" if plain and self.blank == "keep" else "skipped"
                notes.append(f"{split}: {count:,} blank {'line' if count == 1 else 'lines'} {what}")
        return notes

    def write(self, split: str, predictions: Arrays, labels: list[str], path: Path) -> bool:
        """Write CoNLL-U with the label column replaced, or columns with one more; see ``Source.write``."""
        paths = self.paths.get(split, ())
        name = self._format(paths[0]) if len(paths) == 1 else ""
        if name not in ("conllu", "columns"):
            return False
        blocks = self._blocks(paths[0], name)
        if name == "conllu":
            conllu.write(blocks, self.label, labels, path.with_name(path.name + ".conllu"))
        else:
            columns.write(blocks, labels, path.with_name(path.name + ".txt"))
        return True

    def _paths(self, split: str) -> Sequence[Path]:
        """The files of a split."""
        if split not in self.paths:
            remedy = f"there are {', '.join(self.paths)}; name a file with data.{split}="
            raise DataError(f"there is no {split} split", where=f"data.{split}", remedy=remedy)
        return self.paths[split]

    def _blocks(self, path: Path, name: str) -> Iterator[Block]:
        """The file in blocks of whole records."""
        return read_blocks(path, self.encoding, CUTS.get(name, after_line), self.block_size)

    def _read(self, path: Path, seen: Counter[str]) -> Iterator[pa.RecordBatch]:
        """The rows of one file."""
        name = self._format(path)
        if name == "parquet":
            return records.read_parquet(path, self.text, self.label)
        blocks = self._blocks(path, name)
        if name == "conllu":
            return conllu.read(blocks, text=self.text, label=self.label)
        if name == "columns":
            return columns.read(blocks, text=self.text, label=self.label)
        if name == "jsonl":
            return jsonl.read(blocks, text=self.text, label=self.label)
        if name in ("tsv", "csv"):
            return delimited.read(blocks, csv=name == "csv", text=self.text, label=self.label, seen=seen)
        for key, value in (("data.text", self.text), ("data.label", self.label)):
            if value is not None:
                remedy = "say what it is: data.format=columns, tsv, csv, jsonl or conllu"
                raise ConfigError(
                    f"{path.name} is read as plain text, which has no columns", where=key, remedy=remedy
                )
        return text.read(blocks, keep_blank=self.blank == "keep", seen=seen)

    def _format(self, path: Path) -> str:
        """What a file is."""
        if self.format != "auto":
            return self.format
        kind = ending(path)
        if kind not in self._formats:  # one look for all splits, so that they are read alike
            first = next((file for paths in self.paths.values() for file in paths if ending(file) == kind), path)
            self._formats[kind] = BY_ENDING.get(kind) or self._sniff(first)
        return self._formats[kind]

    def _sniff(self, path: Path) -> str:
        """What the first lines of a file with an open ending look like."""
        head = next(read_blocks(path, self.encoding, size=HEAD)).data.decode("utf-8").split("\n")[:-1]
        lines = [line.removesuffix("\r") for line in head]
        if conllu.looks_like(lines):
            return "conllu"
        return "columns" if ending(path) == ".conll" or columns.looks_like(lines) else "text"
