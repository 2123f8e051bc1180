"""What parts of a network compile."""

from __future__ import annotations

from typing import Any


class Compiling:
    """A part of a network whose speed may come from compiled loops."""

    @classmethod
    def compile_kernels(cls, options: dict[str, Any], precision: str, tokens: int) -> None:
        """Import and compile what a run on a CPU uses, so that its time does not include it; optional.

        Args:
            options: of the part.
            precision: of training, ``fp32`` or ``bf16``.
            tokens: the largest number of tokens that are predicted at a time; see ``Encoder.reads_words``.
        """
