"""What a source of data offers: splits of rows, as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.types import Arrays, Note

if TYPE_CHECKING:
    import pyarrow as pa

SPLITS = ("train", "dev", "test")
SPANS = "spans"  # the column of labels that mark spans, where ``labels`` are others


class Source:
    """Rows by split, before any vocabulary.

    A batch has some of these columns, always under these names; a row is an example:

    - ``text`` string: the row as raw text, for the task to split into tokens (``task.tokens``);
    - ``tokens`` list<string>: the row's tokens, where the source knows them;
    - ``labels`` list<string>: one label per token, aligned with ``tokens``;
    - ``spans`` list<string>: likewise labels that mark spans, where ``labels`` do not (``core.data.schemes``);
    - ``label`` string: one label for the row, a number, or a set of labels with a separator between them (a set
      may be a list ``labels`` instead), or a second text, such as its translation;
    - ``e1_start``, ``e1_end``, ``e2_start``, ``e2_end`` string: where two spans are, instead of marks in the text,
      in characters of ``text`` or in ``tokens``, from 0; a span ends before its end.

    A data set plugin subclasses this; its keyword-only constructor parameters are its ``data.*`` options. Core
    supplies a positional parameter ``data_dir``: the folder of the user's data sets, or None.
    """

    column_names: tuple[str, ...] = ()  # those to choose from, once rows were read; errors list them
    about: ClassVar[Mapping[str, str]] = {}  # shown by ``describe data=NAME``: address, licence, citation, size

    def splits(self) -> tuple[str, ...]:
        """The splits that exist, out of ``train``, ``dev`` and ``test`` (core cuts those that are missing)."""
        raise NotImplementedError

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        """The rows of one split, in order, in batches of any size, the same every time."""
        raise NotImplementedError

    def place(self, split: str, row: int) -> str:
        """Where a row of a split (from 0) stands, as errors name it; a file and a line where they are known."""
        return f"{split} row {row + 1}"

    def fingerprint(self) -> str | None:
        """A hash of the content and of the options that change the rows; None: not to be cached."""
        return None

    @classmethod
    def reading(cls, options: Mapping[str, Any]) -> dict[str, Any]:
        """The ``data.*`` options with which other files are read as this source reads its own.

        Args:
            options: its own options.
        """
        return dict(options)

    def notes(self) -> list[Note]:
        """What the user should know about the reading, such as skipped blank lines, after it was read."""
        return []

    def oracle(self, about: str, split: str, sees: str) -> dict[str, Any] | None:
        """The best predictions that are possible, where the source knows the true distribution.

        Args:
            about: what is asked: ``text``, the labels of each ``token`` or ``row``, the ``spans`` labels, the
            ``number`` of each row or its ``set`` of labels, the ``word`` at each place, or the next ``item``
            (see ``Kind.asks``).
        split: whose rows.
            sees: ``left`` or ``both``: which words the predictor may use.

        Returns:
            For ``text``: ``log_prob`` float64 (N,), one per token and one for the end of each row, in order.
            For ``item``: the same, and the rank of each as ``above`` and ``ties`` (see ``core.kinds.ranks``). For
        ``word``: ``word``, the most likely one, and ``log_prob``, ``above`` and ``ties`` of the right one, one
        per token. For labels: ``label``, a list of strings, one per token or row, in order; for sets of labels
        a list of them per row. For numbers: ``number``, one per row. None where it is not known.
        """
        return None

    def write(self, split: str, predictions: Arrays, labels: list[str], path: Path) -> bool:
        """Write the split with predicted labels in its own format, with the columns that it was read with.

        Args:
            split: whose rows.
            predictions: as ``CountHead.predict`` returns them.
            labels: the predicted labels as strings, one per event.
            path: the file to write, without the ending.

        Returns:
            False where the source has no format for that (core then writes CoNLL-U).
        """
        return False


def skipped_note(split: str, what: str, count: int) -> Note:
    """The note of something that was left out in reading, such as document marks."""
    values = {"split": split, "what": what, "count": count}
    return Note("source.skipped", f"{split}: {what} skipped: {count:,}", values)
