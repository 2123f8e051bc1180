"""Tokens and labels checked as they are read, each distinct one once."""

from __future__ import annotations

from itertools import islice

import numpy as np

from core.data.interning import Interner
from core.data.token_checks import refused, unwritable
from core.types import Int32s, Int64s


class TypeCheck:
    """Refuses tokens or labels that no file can hold, batch by batch.

    Args:
        column: ``tokens`` or ``labels``.
        interner: what numbers them.
    """

    def __init__(self, column: str, interner: Interner) -> None:
        self.what, self.interner = column.removesuffix("s"), interner
        self.known, self.rows = len(interner.codes), 0

    def __call__(self, codes: Int32s, lengths: Int64s, split: str) -> None:
        """Check the next batch of a split.

        Args:
            codes: int32 (N,), as the interner numbered them.
            lengths: int64 (R,), how many each row has.
            split: its name, for the error.

        Raises:
            DataError: with the row of the first one that cannot be written.
        """
        new = islice(self.interner.codes.items(), self.known, None)
        bad = [code for text, code in new if unwritable(text)]
        if bad:
            at = int(np.flatnonzero(np.isin(codes, bad))[0])
            row = self.rows + int(np.searchsorted(np.cumsum(lengths), at, side="right")) + 1
            text = self.interner.types[codes[at]]
            raise refused(self.what, text, f"{split} row {row}")
        self.known, self.rows = len(self.interner.codes), self.rows + len(lengths)
