"""Files as a source: a folder with a file per split, or one file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator

from core.data.sources import formats
from core.data.sources.base import SPLITS, Source, skipped_note
from core.data.sources.blocks import SIZE, check_encoding, read_blocks
from core.data.sources.places import place_of_row
from core.data.sources.split_discovery import find_splits
from core.errors import DataError
from core.registry.source_hash import source_text
from core.types import Arrays, Note
from core.unchanged import content_hash

if TYPE_CHECKING:
    import pyarrow as pa

Named = str | list[str] | None


class Files(Source):
    """Rows of CoNLL-U, columns, TSV, CSV, JSON lines, Parquet, plain text or a plugin's format.

    Args:
        path: a folder whose file names say ``train``, ``dev`` (``valid``, ``validation``) or ``test``, a file, or
            a pattern such as ``texts/*.txt``, whose files are ``train``, one after the other.
        text: the column of the text: a header's name, a CoNLL-U column, a number from 1; none: guessed.
        label: the column of the labels, likewise (CoNLL-U: upos, xpos; columns: 2); none: guessed.
        blank: whether an empty line of plain text is left out or kept as an empty row.
        format: of the files, a name that `list format` shows; auto: by their endings, and .txt by its first lines.
        encoding: of the text, such as utf-8, latin-1 or utf-16.
        train: what to train on: another split's name, a file of the folder, a path, a pattern, or several, as in
            [a.txt,b.txt].
        dev: what to choose on, likewise.
        test: what to test on, likewise.

    Raises:
        DataError: no file is found, or two for one split.
        UnknownName: there is no such format.
    """

    block_size = SIZE  # bytes of text that are in memory at a time

    def __init__(
        self,
        path: str | Path,
        *,
        text: str | None = None,
        label: str | None = None,
        blank: Literal["skip", "keep"] = "skip",
        format: Annotated[str, AfterValidator(formats.check_name)] = "auto",
        encoding: str = "utf-8",
        train: Named = None,
        dev: Named = None,
        test: Named = None,
    ) -> None:
        check_encoding(encoding)
        self.text, self.label, self.blank, self.encoding = text, label, blank, encoding
        self.format = formats.check_name(format)
        named = {split: name for split, name in zip(SPLITS, (train, dev, test), strict=True) if name is not None}
        self.paths, notes = find_splits(Path(path), named)
        self._notes = dict.fromkeys(notes)  # in order, each once
        self._detected: dict[str, str] = {}  # ending -> format

    def splits(self) -> tuple[str, ...]:
        """The splits that have a file."""
        return tuple(self.paths)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, about 16 MB of the file per batch.

        Raises:
            DataError: the file cannot be read in its format, or holds no row.
        """
        if split not in self.paths:
            remedy = f"there are {', '.join(self.paths)}; name a file with data.{split}="
            raise DataError(f"there is no {split} split", where=f"data.{split}", remedy=remedy)
        paths, rows, blank_lines, skipped = self.paths[split], 0, 0, Counter[str]()
        for path in paths:
            with formats.attributed(self._format(path)):
                reader = self._reader(path)
                for batch in reader.read_file(path, self.encoding, self.block_size):
                    rows += batch.num_rows
                    self.column_names = reader.column_names
                    if batch.num_rows:
                        yield batch
                blank_lines += reader.blank_lines
                skipped += reader.skipped
                self._notes |= dict.fromkeys(reader.notes)
        if not rows:
            what = f"no row of data in the file, read as {self._format(paths[0])}"
            remedy = "name another file, or its format with data.format="
            raise DataError(what, where=str(paths[0]), remedy=remedy)
        for what, count in skipped.items():
            self._notes[skipped_note(split, what, count)] = None
        if blank_lines:
            is_kept = self.blank == "keep" and self._format(paths[0]) == formats.PLAIN
            lines, what = "line" if blank_lines == 1 else "lines", "kept as empty rows" if is_kept else "skipped"
            sentence = f"{split}: {blank_lines:,} blank {lines} {what}"
            self._notes[Note("source.blank", sentence, {"split": split, "count": blank_lines})] = None

    def place(self, split: str, row: int) -> str:
        """The file and the line of a row; see ``Source.place``."""
        try:
            found = place_of_row(self.paths[split], self._reader, self.encoding, row)
        except DataError:  # the file has changed meanwhile
            found = None
        return found or super().place(split, row)

    def fingerprint(self) -> str | None:
        """A hash of the files and of the options that change the rows."""
        return self._digest

    @cached_property
    def _digest(self) -> str | None:
        options = [self.text, self.label, self.blank, self.encoding]
        names = [[split, *(self._format(path) for path in paths)] for split, paths in self.paths.items()]
        digest = hashlib.blake2b(json.dumps([options, names]).encode(), digest_size=16)
        for name in sorted({name for _, *rest in names for name in rest}):
            if not (cls := formats.find(name)).__module__.startswith("core."):  # code decides the rows too
                digest.update(source_text(cls).encode())
        for path in [path for paths in self.paths.values() for path in paths]:
            try:
                digest.update(content_hash(path, "blake2b"))
            except OSError as error:
                remedy = "check the path and its permissions"
                raise DataError(
                    f"the file cannot be read ({error.strerror or error})", where=str(path), remedy=remedy
                ) from None
        return digest.hexdigest()

    def notes(self) -> list[Note]:
        """How splits were assigned, which formats were found by first lines, and how many lines are blank."""
        return list(self._notes)

    def write(self, split: str, predictions: Arrays, labels: list[str], path: Path) -> bool:
        """Write the split in its own format, where that has a place for predicted labels; see ``Source.write``."""
        paths = self.paths.get(split, ())
        reader = self._reader(paths[0]) if len(paths) == 1 else None
        if reader is None or not reader.output_ending:
            return False
        answers = formats.Labels(labels, str(paths[0]))
        with open(path.with_name(path.name + reader.output_ending), "wb") as file:
            for block in read_blocks(paths[0], reader.cut, self.encoding, self.block_size):
                file.write(reader.normalize(reader.relabel(block, answers)))
        answers.finish()
        return True

    def _reader(self, path: Path) -> formats.Format:
        """The format of a file, with the options of this source."""
        return formats.find(self._format(path))(self.text, self.label, keep_blank=self.blank == "keep")

    def _format(self, path: Path) -> str:
        """The name of a file's format."""
        if self.format != "auto":
            return self.format
        ending = formats.ending(path)
        if ending not in self._detected:  # once for all splits, so that they are read alike
            paths = (file for files in self.paths.values() for file in files)
            first = next((file for file in paths if formats.ending(file) == ending), path)
            name, is_sniffed = formats.detect(first, self.encoding)
            self._detected[ending] = name
            if is_sniffed and name != formats.PLAIN:
                text = f"{ending or 'the'} files look like {name} and are read so; data.format= says otherwise"
                self._notes[Note("source.format", text, {"ending": ending, "format": name})] = None
        return self._detected[ending]
