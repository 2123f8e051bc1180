"""The formats of data files: one table, to which plugins add with ``register_formats``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.data.sources.compression import PACKED
from core.data.token_checks import refused, unwritable
from core.errors import INTERNAL, ConfigError, DataError, PluginError, SeqlabError, UnknownName, nearest
from core.hooks import RegisterFormat, hookimpl
from core.registry import registry
from core.registry.attribution import attribute_error, contract_error

if TYPE_CHECKING:
    import pyarrow as pa

    from core.data.sources.blocks import Block
    from core.types import Note

PLAIN = "text"  # the format of a file that looks like no other
DOCUMENT = "-DOCSTART-"  # the only token of the row that begins a document, as in CoNLL-2003
MARKS, COMMENTS = "document marks (-DOCSTART-)", "comment lines"  # what ``Format.skipped`` counts
HEAD = 1 << 16  # bytes that are looked at to tell one format from another


@hookimpl
def register_formats(register: RegisterFormat) -> None:
    """The built-in formats."""
    place = "core.data.sources.{}".format
    register(
        "conllu", place("conllu:Conllu"), endings=(".conllu", ".conllup"), help="CoNLL-U, ten columns between tabs"
    )
    register("columns", place("columns:Columns"), endings=(".conll",), help="one token per line, as in CoNLL-2000")
    register("tsv", place("delimited:TSV"), endings=(".tsv",), help="a header, then cells between tabs")
    register("csv", place("delimited:CSV"), endings=(".csv",), help="a header, then cells between commas, quoted")
    json_endings = (".jsonl", ".ndjson", ".json")
    register("jsonl", place("jsonl:JSONLines"), endings=json_endings, help="one JSON object per line")
    register("parquet", place("parquet:Parquet"), endings=(".parquet",), help="Apache Parquet, typed columns")
    register(PLAIN, place("text:Text"), endings=(".txt", ".text"), help="plain text, one row per line")


class Labels:
    """Predicted labels (``names``, one per token), taken in order; ``where`` is their file, for errors.

    Raises:
        DataError: a label cannot be written.
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        self.names, self.where, self.taken = names, where, 0
        for name in set(names):
            if unwritable(name):
                raise refused("label", name, where)

    def take(self, count: int) -> Sequence[str]:
        """The labels of the next ``count`` tokens; DataError where there are fewer."""
        self.taken += count
        if self.taken > len(self.names):
            what = f"{len(self.names)} labels are not one for each token"
            raise DataError(what, where=self.where, remedy="predict the split as it is in the file")
        return self.names[self.taken - count : self.taken]

    def finish(self) -> None:
        """Raise the same error unless every label was taken."""
        if self.taken < len(self.names):
            self.take(len(self.names))


class Format:
    """One format of files; a plugin subclasses it and registers the class.

    Args:
        text: the column of the text or of the tokens; None: the format's own choice.
        label: the column of the label or of the labels, likewise.
        keep_blank: whether a line of plain text without a word is a row.
        labelled: whether labels are read; ``predict`` needs none.
    """

    ending_decides: ClassVar[bool] = True  # False: the first lines may show that it is another format
    candidates: ClassVar[tuple[str, ...] | None] = None  # the other formats then; None: any
    is_stream: ClassVar[bool] = True  # False: the whole file is needed, so ``predict`` cannot read it
    output_ending: ClassVar[str] = ""  # of the files of predictions that ``relabel`` makes; empty: it makes none

    def __init__(
        self, text: str | None = None, label: str | None = None, *, keep_blank: bool = False, labelled: bool = True
    ) -> None:
        self.text, self.label, self.keep_blank, self.labelled = text, label, keep_blank, labelled
        self.blank_lines = 0  # met by ``read`` so far, where the user should know their number
        self.column_names: tuple[str, ...] = ()  # those to choose from, once some rows are read; for errors
        self.notes: list[Note] = []  # what else the user should know about the reading
        self.skipped: Counter[str] = Counter()  # what else ``read`` left out so far, by its name

    @staticmethod
    def sniff(lines: list[str]) -> float:
        """How surely a file with these first lines is in this format: 0 (not at all) to 1."""
        return 0.0

    @staticmethod
    def is_sure(lines: list[str]) -> bool:
        """Whether the first lines leave no doubt that the ending is right."""
        return False

    @staticmethod
    def cut(data: bytes) -> int:
        """Where the last whole record in some bytes ends (0: nowhere)."""
        return data.rfind(b"\n") + 1

    def read(self, blocks: Iterator[Block]) -> Iterator[pa.RecordBatch]:
        """The rows, with the columns that ``core.data.sources.base.Source`` describes.

        Args:
            blocks: whole records. If the format has ``relabel``, any block can be read by itself.

        Raises:
            DataError: the file is not in this format, or lacks a column.
        """
        raise NotImplementedError

    def read_file(self, path: Path, encoding: str, size: int) -> Iterator[pa.RecordBatch]:
        """The rows of a file, about ``size`` bytes of text per batch; formats that are not text override it."""
        from core.data.sources.blocks import read_blocks

        return self.read(read_blocks(path, self.cut, encoding, size))

    def relabel(self, block: Block, labels: Labels) -> bytes:
        """A block with predicted labels, one taken for each token; everything else stays."""
        raise NotImplementedError

    @staticmethod
    def normalize(data: bytes) -> bytes:
        """What ``relabel`` made, as it is written to a file of predictions."""
        return data


@contextmanager
def attributed(name: str) -> Iterator[None]:
    """Within this, an exception in a plugin's format of this name is an error that names the plugin.

    Raises:
        PluginError: the format raised, or what it returned cannot be used.
    """
    try:
        yield
    except SeqlabError:
        raise
    except Exception as error:
        spec = registry().get("format", name)
        known = attribute_error(error, [spec])
        if known.code == INTERNAL and not find(name).__module__.startswith("core."):
            known = contract_error([spec], f"what it returns cannot be used ({type(error).__name__}: {error})")
        raise known from error


def find(name: str, where: str = "data.format") -> type[Format]:
    """The class of the format that the option ``where`` names.

    Raises:
        UnknownName: there is no such format.
        PluginError: the target cannot be imported, or is not a ``Format``.
    """
    known = registry().specs("format")
    if name not in known:
        raise UnknownName(f"there is no format '{name}'", where=where, remedy=nearest(name, ["auto", *known]))
    found = known[name].load()
    if not (isinstance(found, type) and issubclass(found, Format)):
        what = f"{known[name].target} is not a subclass of core.data.sources.formats.Format"
        raise PluginError(what, where=known[name].where, remedy=f"fix plugin {known[name].plugin}")
    return found


def check_name(name: str) -> str:
    """The value of ``data.format``: ``auto``, or the name of a format, which ``find`` checks."""
    if name != "auto":
        find(name)
    return name


def endings() -> dict[str, list[str]]:
    """Each ending -> the formats that have it."""
    found: dict[str, list[str]] = {}
    for name, spec in registry().specs("format").items():
        for text in spec.extra["endings"]:
            found.setdefault(f".{text.lower().removeprefix('.')}", []).append(name)
    return found


def ending(path: Path) -> str:
    """The ending of a file, without that of its compression."""
    return (path.with_suffix("") if path.suffix.lower() in PACKED else path).suffix.lower()


def by_ending(path: Path) -> str | None:
    """The format whose ending a file has; None where no format has it.

    Raises:
        ConfigError: several formats have it.
    """
    names = endings().get(ending(path), [])
    if len(names) > 1:
        what = f"{ending(path)} is the ending of several formats ({', '.join(names)})"
        raise ConfigError(what, where=str(path), remedy="choose one with data.format=", code="data.format")
    return names[0] if names else None


def detect(path: Path, encoding: str) -> tuple[str, bool]:
    """The format of a file, by its ending, or by its first lines where that leaves it open.

    Returns:
        The name of the format, and whether the first lines decided.

    Raises:
        ConfigError: several formats have its ending.
        DataError: the file cannot be read, or is not in this encoding.
    """
    name = by_ending(path) or PLAIN
    own = find(name)
    if own.ending_decides:
        return name, False
    from core.data.sources.blocks import read_blocks

    head = next(read_blocks(path, Format.cut, encoding, HEAD)).data.decode("utf-8").split("\n")[:-1]
    lines = [line.removesuffix("\r") for line in head]
    if own.is_sure(lines):
        return name, False
    certainty, surest = 0.0, name
    for other in own.candidates or registry().names("format"):
        with attributed(other):
            certainty, surest = max((certainty, surest), (float(find(other).sniff(lines)), other))
    return (surest if certainty > 0 else name), certainty > 0 or own.candidates is None
