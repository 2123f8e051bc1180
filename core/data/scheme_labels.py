"""The labels of splits in one scheme of spans: read in that of the data, repaired, written in another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.data.corpus import Ragged
from core.data.interning import Interner, LabelInterner
from core.data.schemes import SPELLINGS, detect, misfits, parse, problem, read_spans, spell, write_spans
from core.data.splitting import InternedSplit
from core.data.token_checks import shown
from core.errors import DataError
from core.types import Bools, Int64s, Note

NAMES = {"bio": "BIO", "iob1": "IOB1", "bioes": "BIOES"}
REPAIRED, READ = "labels.repaired", "labels.scheme"  # codes of notes

Splits = Mapping[str, InternedSplit]


class SchemeLabels:
    """Reads the labels of splits, and writes them in one scheme.

    Args:
        splits: split -> its labels in codes of ``names``; ``train`` decides what ``auto`` is, else the only split.
        names: the labels.
        scheme: what the labels are written in, or ``auto``: the scheme of the data.

    Raises:
        DataError: a label is not one of a scheme of spans; the error names its row.
    """

    def __init__(self, splits: Splits, names: Interner, scheme: str) -> None:
        self.labels, self.notes = parse(names.types), list[Note]()
        _check(splits, names)
        own = detect(*self._meaning(splits.get("train", next(iter(splits.values())))))
        found = {split: detect(*self._meaning(rows), own) for split, rows in splits.items()}
        self.scheme = own if scheme == "auto" else SPELLINGS.get(scheme, scheme)
        self._describe(found, own)
        for split, rows in splits.items():
            self._report(split, rows, found[split], names)  # of the rows as the source has them

    def rewrite(self, splits: Splits) -> LabelInterner:
        """Write the labels of splits, whose rows may be cut meanwhile, in the scheme: changes their columns.

        Returns:
            The names of the new codes.
        """
        names, kinds = LabelInterner(), self.labels.names
        for split in splits.values():
            column = split.columns["labels"]
            prefixes, types, first = self._meaning(split)
            prefixes, types = write_spans(read_spans(prefixes, types, first), first, self.scheme)
            pairs, index = np.unique((types + 1) * 8 + prefixes, return_inverse=True)
            texts = [spell(pair % 8, "" if pair < 8 else kinds[pair // 8 - 1]) for pair in pairs.tolist()]
            codes = np.array([names.codes.setdefault(text, len(names.codes)) for text in texts], dtype=np.int32)
            values = np.array(column.values)
            values[column.inner] = codes[index]
            split.columns["labels"] = Ragged(values, column.offsets)
        return names

    def _meaning(self, split: InternedSplit) -> tuple[Int64s, Int64s, Bools]:
        """The prefix and type of each label, and which tokens begin a row: (N,) each."""
        column = split.columns["labels"]
        codes, first = column.values[column.inner], first_tokens(column)
        return self.labels.prefixes[codes], self.labels.types[codes], first

    def _describe(self, found: Mapping[str, str], own: str) -> None:
        """A note on the scheme of the data, and on splits that are in another one."""
        text = f"the labels are {NAMES[own]}"
        for split, scheme in found.items():
            text += f", those of {split} {NAMES[scheme]}" if scheme != own else ""
        if {*found.values()} != {self.scheme}:
            text += f"; they are converted to {NAMES[self.scheme]} (task.scheme)"
        self.notes.append(Note(READ, text, {"data": dict(found), "scheme": self.scheme}))

    def _report(self, split: str, rows: InternedSplit, scheme: str, names: Interner) -> None:
        """A note on labels that may not follow those before them."""
        wrong, unfinished = misfits(*self._meaning(rows), scheme)
        places = np.flatnonzero(wrong | unfinished)
        if not len(places):
            return
        column, at = rows.columns["labels"], int(places[0])
        codes = column.values[column.inner]
        row = int(np.repeat(np.arange(len(column)), column.lengths - 1)[at])
        label, text = names.types[codes[at]], f"at the end of row {row + 1:,}"
        if wrong[at]:
            begins = first_tokens(column)[at]
            place = "at the start of" if begins else f"after {shown(names.types[codes[at - 1]])} in"
            text = f"{place} row {row + 1:,}"
        count = int(wrong.sum() + unfinished.sum())
        text = f"{shown(label)} {text}; spans are read as conlleval reads them"
        text = f"{split}: {count:,} of {len(codes):,} labels are not valid {NAMES[scheme]}, the first is {text}"
        values = {"split": split, "count": count, "row": row + 1, "label": label}
        self.notes.append(Note(REPAIRED, text, values))


def first_tokens(rows: Ragged) -> Bools:
    """Which tokens begin a row, without those at END: bool (N,)."""
    first = np.zeros(len(rows.values), dtype=bool)
    first[rows.offsets[:-1]] = True
    return np.asarray(first[rows.inner])


def _check(splits: Splits, names: Interner) -> None:
    """Refuse labels that are not of a scheme; the error names the first row that has one."""
    wrong = [code for label, code in names.codes.items() if problem(label)]
    for split, rows in splits.items() if wrong else ():
        column = rows.columns["labels"]
        at = np.flatnonzero(np.isin(column.values, wrong) & column.inner)
        if len(at):
            what = problem(names.types[column.values[at[0]]])
            row = int(np.searchsorted(column.offsets, at[0], side="right"))
            remedy = "name the column of the labels with data.label=, such as data.label=4, or choose task=pos"
            raise DataError(what, where=f"{split} row {row}", remedy=remedy, code="data.scheme")
