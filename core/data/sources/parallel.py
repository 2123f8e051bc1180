"""Parallel text: a folder with a file per split and language, the translations line by line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.sources.base import SPLITS, Source
from core.data.sources.blocks import SIZE, check_encoding, read_blocks
from core.data.sources.formats import Format, ending, endings
from core.data.sources.split_discovery import WORD, WORDS
from core.data.sources.text import Text
from core.errors import ConfigError, DataError
from core.types import Note
from core.unchanged import content_hash

if TYPE_CHECKING:
    import pyarrow as pa


def languages(folder: Path) -> dict[str, dict[str, Path]]:
    """The files of each language: ending without its dot -> name of the file without it -> path.

    Only files whose ending is that of no format count, and of these only languages with a file that is named after
    a split. A README or a licence has no ending, and is not one.
    """
    found: dict[str, dict[str, Path]] = {}
    known = endings()
    for file in sorted(folder.iterdir()):
        if (end := ending(file)) and end not in known and file.name[0] != "." and file.is_file():
            found.setdefault(end[1:], {})[file.name[: file.name.lower().rindex(end)]] = file
    return {end: files for end, files in found.items() if any(map(_split_of, files))}


def is_parallel(folder: Path) -> bool:
    """Whether a folder holds splits in several languages, with a training text, and none of another format."""
    try:
        found = languages(folder) if folder.is_dir() else {}
        if len(found) < 2 or not any(_split_of(name) == "train" for files in found.values() for name in files):
            return False
        return not any("train" in file.name.lower() for file in folder.iterdir() if ending(file) in endings())
    except OSError:
        return False


class Parallel(Source):
    """Lines of one language and their translations: ``train.de`` and ``train.en``, ``valid.*``, ``test.*``.

    Line n of one file belongs to line n of the other. A pair of which a side is blank is left out, and counted.

    Args:
        path: the folder.
        source: the language that is read, which is the ending of its files, such as de.
        target: the language that is predicted, likewise.
        encoding: of the text, such as utf-8, latin-1 or utf-16.
        train: the name, without the ending, of the files to train on; none: those with ``train`` in their name.
        dev: of the files to choose on, likewise (``dev``, ``valid``, ``validation`` or ``val``).
        test: of the files to test on, likewise, such as test_2016_flickr.

    Raises:
        ConfigError: a language is not named, or has no files.
        DataError: a file of a split is missing in one language, or several files could be a split.
    """

    block_size = SIZE  # bytes of each language that are in memory at a time

    def __init__(
        self,
        path: str | Path,
        *,
        source: str | None = None,
        target: str | None = None,
        encoding: str = "utf-8",
        train: str | None = None,
        dev: str | None = None,
        test: str | None = None,
    ) -> None:
        check_encoding(encoding)
        self.path, self.encoding, self.blank = Path(path), encoding, dict[str, int]()
        found = languages(self.path)
        pair = _checked("source", source, found), _checked("target", target, found)
        if source == target:
            what = f"the text and its translation are both '{source}'"
            raise ConfigError(what, where="data.target", remedy=f"choose another of {', '.join(found)}")
        named = {split: name for split, name in zip(SPLITS, (train, dev, test), strict=True) if name is not None}
        self.column_names, self.files = pair, _split_files([found[name] for name in pair], named, self.path)

    def splits(self) -> tuple[str, ...]:
        """The splits that have files."""
        return tuple(self.files)

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The pairs of lines of one split, about 16 MB of a file per batch.

        Raises:
            DataError: a file cannot be read, has no text, or has fewer lines than the other.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        pair, blank, kept = self.files[split], 0, 0
        for text, label in _pieces(self._lines(pair[0]), self._lines(pair[1]), pair):
            words = (pc.binary_length(pc.ascii_trim_whitespace(column)) for column in (text, label))
            both = pc.and_(*(pc.cast(length, pa.bool_()) for length in words))
            batch = pa.RecordBatch.from_pydict({"text": text.filter(both), "label": label.filter(both)})
            blank, kept = blank + len(text) - batch.num_rows, kept + batch.num_rows
            if batch.num_rows:
                yield batch
        self.blank[split] = blank
        if not kept:
            what = f"no line has text in {pair[0].name} and in {pair[1].name}"
            raise DataError(what, where=str(pair[0]), remedy="name other files, or leave this split out")

    def _lines(self, path: Path) -> Iterator[pa.StringArray]:
        reader = Text(keep_blank=True)
        for batch in reader.read(read_blocks(path, Format.cut, self.encoding, self.block_size)):
            yield batch.column("text")

    def fingerprint(self) -> str | None:
        """A hash of the files and of how they are read."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.blake2b(json.dumps([self.encoding, list(self.files)]).encode(), digest_size=16)
        for path in (path for pair in self.files.values() for path in pair):
            try:
                digest.update(content_hash(path, "blake2b"))
            except OSError as error:
                what, remedy = f"the file cannot be read ({error.strerror or error})", "check its permissions"
                raise DataError(what, where=str(path), remedy=remedy) from None
        return digest.hexdigest()

    @classmethod
    def reading(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """Other files are read in the same encoding; tables have columns of the same names."""
        return {"text": options.get("source"), "label": options.get("target"), **options}

    def notes(self) -> list[Note]:
        """How many pairs were left out."""
        notes = []
        for split, count in self.blank.items():
            if count:
                text = f"{split}: {count:,} pairs with a blank side skipped"
                notes.append(Note("source.blank", text, {"split": split, "count": count}))
        return notes


def _checked(option: str, language: str | None, found: Mapping[str, Any]) -> str:
    """The name of a language that has files."""
    if language in found:
        return str(language)
    what = "the language is not named" if language is None else f"there are no files of the language '{language}'"
    raise ConfigError(what, where=f"data.{option}", remedy=f"choose from {', '.join(found)}")


def _split_files(
    pair: list[dict[str, Path]], named: Mapping[str, str], folder: Path
) -> dict[str, tuple[Path, Path]]:
    """The files of each split in both languages, in the order of the splits."""
    names = sorted(set(pair[0]) | set(pair[1]))
    chosen = {}
    for split in SPLITS:
        fits = [name for name in names if _split_of(name) == split]
        if split in named:
            fits = [name for name in names if name == named[split] or name.rstrip("._-") == named[split]]
            if not fits:
                what = f"there are no files '{named[split]}'"
                raise DataError(what, where=f"data.{split}", remedy=f"choose from {', '.join(names)}")
        if len(fits) > 1:
            remedy = f"choose one with data.{split}={fits[0]}"
            raise DataError(f"two candidates for {split}: {', '.join(fits)}", where=str(folder), remedy=remedy)
        for name in fits:
            for files, other in (pair, pair[::-1]):
                if name not in files:
                    what = "this file has no counterpart in the other language"
                    raise DataError(what, where=str(other[name]), remedy="add it, or name other files")
            chosen[split] = pair[0][name], pair[1][name]
    return chosen


def _split_of(name: str) -> str:
    """The split that the name of a file contains; empty for none."""
    found = WORD.search(name.lower())
    return WORDS[found[1]] if found else ""


def _pieces(
    first: Iterator[pa.StringArray], second: Iterator[pa.StringArray], pair: tuple[Path, Path]
) -> Iterator[tuple[pa.StringArray, pa.StringArray]]:
    """Equally many lines of both files at a time, from their blocks; DataError where one file has more."""
    import pyarrow as pa

    empty, done = pa.array([], pa.string()), [0, 0]
    rest = [empty, empty]
    for blocks in zip_longest(first, second, fillvalue=empty):
        for side, block in enumerate(blocks):
            done[side] += len(block)
            rest[side] = pa.concat_arrays([rest[side], block])
        size = min(map(len, rest))
        yield rest[0].slice(0, size), rest[1].slice(0, size)
        rest = [lines.slice(size) for lines in rest]
    if done[0] != done[1]:
        counts = " and ".join(f"{path.name} {count:,}" for path, count in zip(pair, done, strict=True))
        what, remedy = f"the files have different numbers of lines: {counts}", "line n must translate line n"
        raise DataError(what, where=str(pair[0]), remedy=remedy, code="data.parallel")
