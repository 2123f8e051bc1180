"""The rows that ``predict`` and ``score`` read: from arguments, lines of text, and files in any format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.sources import formats
from core.errors import ConfigError, DataError, SeqlabError
from core.kinds.rendering import Sentence, from_tokens

if TYPE_CHECKING:
    import pyarrow as pa

    from core.data.sources.blocks import Block

LINES = ("raw", "tokens")  # inputs that are lines, in no format of files
REMEDIES = {  # code of an error of reading -> its remedy with the keys of this command
    "data.column": "{option}= is one of {names}",
    "data.encoding": "convert it, or name the encoding of a file with encoding=, such as latin-1",
    "data.format": "choose one with input=",
    "data.quotes": "{rule}; input=tsv has none",
    "data.separator": "read it with input=csv, which finds what separates its columns",
    "data.text": "take lines as they are with input=raw, or name it with text=, one of {names}",
    "data.width": "fix the line, or take lines as they are with input=raw",
}


def find_input(name: str, file: str | None) -> str:
    """What ``input=`` and ``file=`` mean: one of ``LINES``, or a format; ConfigError where it is not a stream."""
    where = "input"
    if name == "auto":
        name, where = (_by_ending(Path(file)) if file else None) or "raw", "file"
    if name not in LINES and not formats.find(name, where).is_stream:
        remedy = "write its rows as .jsonl, .csv or .tsv"
        raise ConfigError(f"{name} is not read here", where=where, remedy=remedy)
    return "raw" if name == formats.PLAIN else name


def _by_ending(path: Path) -> str | None:
    """The format whose ending a file has, or the one that its first lines show instead."""
    name = formats.by_ending(path)
    if name and formats.find(name).candidates and path.is_file():
        name, _ = formats.detect(path, "utf-8")
    return name


@contextmanager
def own_keys() -> Iterator[None]:
    """Within this, errors of reading name the keys of this command instead of the options of training."""
    try:
        yield
    except SeqlabError as error:
        if error.code in REMEDIES:
            names = ", ".join(error.values.get("names", ()))
            error.remedy = REMEDIES[error.code].format(**{**error.values, "names": names})
        if error.code == "data.option":
            error.where = error.values["option"]
        raise


class DataRows:
    """The rows of a file as ``evaluate`` reads them: texts, or lists of tokens; lines without a word are left out.

    Args:
        file: a path; None reads standard input, whose rows are lines.
        name: ``auto``, as the file looks, ``raw``, its lines, or a format.
        text: the column of the text; None: the run's own, or guessed.
        own: the ``data`` options of the run.
    """

    def __init__(self, file: str | None, name: str, text: str | None, own: Mapping[str, Any]) -> None:
        self.path, self.encoding = Path(file) if file else None, own.get("encoding") or "utf-8"
        self.is_file = self.path is not None and self.path.is_file()  # not a pipe, which is read once
        self.notes: list[str] = []
        if name == "auto":
            name = self._find(own.get("format") or "auto")
        self.name = formats.PLAIN if name == "raw" else name
        if text is not None and self.name == formats.PLAIN:
            remedy = "leave it out, or say what the input is: input=conllu, columns, tsv, csv or jsonl"
            raise ConfigError("lines of text have no columns", where="text", remedy=remedy)
        column = None if self.name == formats.PLAIN else text or own.get("text")
        self.reader = formats.find(self.name, "input")(column, keep_blank=own.get("blank") == "keep")

    def __iter__(self) -> Iterator[str | list[str]]:
        from core.data.sources.blocks import SIZE, arriving, whole

        if self.path is not None and self.is_file:
            batches = self.reader.read_file(self.path, self.encoding, SIZE)
        else:
            where = self.path or Path("standard input")
            batches = self.reader.read(whole(arriving(self.path), where, self.reader.cut))
        with own_keys(), formats.attributed(self.name):
            for batch in batches:
                yield from batch.column("tokens" if "tokens" in batch.schema.names else "text").to_pylist()
        self.notes += [str(note) for note in self.reader.notes]
        self.notes += [f"{what} skipped: {count:,}" for what, count in self.reader.skipped.items() if count]
        if self.reader.blank_lines and not self.reader.keep_blank:
            self.notes.append(f"blank lines skipped: {self.reader.blank_lines:,}")

    def _find(self, own: str) -> str:
        """The format of a file, by its ending, or by its first lines where that leaves it open."""
        if self.path is None or not self.is_file:
            return "raw"
        if own != "auto":
            return own
        name, is_sniffed = formats.detect(self.path, self.encoding)
        if is_sniffed and name != formats.PLAIN:
            self.notes.append(f"{self.path} looks like {name} and is read so; input=raw takes its lines")
        return name


@dataclass(frozen=True)
class Rows:
    """The rows of an input, as they arrive.

    Args:
        file: a path; None reads standard input.
        name: of the format.
        reader: the format; None for lines of text.
        cutting: how lines become tokens: ``space``, ``char`` or ``words``.
        trained: how the task cut them in training.
        encoding: of the file.
        marked: whether two spans are marked in each row; the model finds them and cuts the text itself.
    """

    file: str | None
    name: str
    reader: formats.Format | None
    cutting: str
    trained: str
    encoding: str = "utf-8"
    marked: bool = False

    def __iter__(self) -> Iterator[list[Sentence]]:
        if self.reader is None:
            for block in self.blocks():
                lines = block.data.decode("utf-8").split("\n")[:-1]
                yield self.cut([line.removesuffix("\r") for line in lines])
            return
        with formats.attributed(self.name):
            before = 0
            for batch in self.reader.read(self.blocks()):
                is_cut = "tokens" in batch.schema.names
                rows = self._column(batch, before).to_pylist()
                yield [from_tokens(words) for words in rows] if is_cut else self.cut(rows)
                before += len(rows)

    def _column(self, batch: pa.RecordBatch, before: int) -> pa.Array:
        """The text or the tokens of some rows of a file, ``before`` of which were read earlier."""
        if self.marked:
            from core.data.spans import marked_column

            return marked_column(batch, lambda row: f"{self.file or 'standard input'} row {before + row + 1}")
        return batch.column("tokens" if "tokens" in batch.schema.names else "text")

    def blocks(self) -> Iterator[Block]:
        """The input in blocks of whole records."""
        from core.data.sources.blocks import arriving, whole

        path = Path(self.file) if self.file else None
        return whole(
            arriving(path, self.encoding), path or Path("standard input"), (self.reader or formats.Format()).cut
        )

    def cut(self, lines: Sequence[str]) -> list[Sentence]:
        """Lines of text, cut into tokens; DataError where one is not UTF-8."""
        from core.data.arrow_numpy import to_strings
        from core.data.tokenizer import cut

        if self.marked and self.cutting == self.trained:
            return [Sentence(line, [], []) for line in lines]
        if "char" in (self.cutting, self.trained):
            spaces = self.trained == "char"  # which are tokens too
            pairs = ((line, [i for i, c in enumerate(line) if spaces or not c.isspace()]) for line in lines)
            return [Sentence(line, [line[i] for i in at], [(i, i + 1) for i in at]) for line, at in pairs]
        try:
            found = cut(to_strings(lines), self.cutting)
        except UnicodeEncodeError:
            raise DataError("a sentence is not UTF-8", where="predict", remedy="write it in UTF-8") from None
        words, spans = iter(found.tokens.to_pylist()), zip(found.starts.tolist(), found.ends.tolist(), strict=True)
        rows = zip(lines, found.lengths.tolist(), strict=True)
        return [Sentence(line, list(islice(words, n)), list(islice(spans, n))) for line, n in rows]
