"""``generate run=ID prompt="..."``: text that a saved language model writes."""

from __future__ import annotations

from typing import Any

from core.cli.shared_keys import ModelCommand
from core.config.options import options_of
from core.generation import Sampling
from core.printable import echo, echo_lines


class Generate(ModelCommand, Sampling):
    """Print samples, each after the prompt, one line per row; an empty line separates samples of several rows.

    Args:
        prompt: the text that every sample continues.
    """

    def __init__(self, *, prompt: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.prompt = prompt

    def execute(self) -> None:
        """Print the samples."""
        model = self.model
        samples = model.generate(self.prompt, **{name: getattr(self, name) for name in options_of(Sampling)})
        if unknown := sorted(model.corpus([self.prompt]).words):
            echo(f"note: not in the vocabulary: {', '.join(unknown)}", error=True)
        echo_lines(("\n" if self.rows == 1 else "\n\n").join(samples))
