"""``generate run=ID prompt="..."``: text that a saved language model writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from core.cli.rows import Rows, own_keys
from core.cli.shared_keys import ModelCommand
from core.config.options import options_of
from core.errors import ConfigError
from core.generation import Sampling
from core.printable import echo, echo_lines, json_text


class Sample(NamedTuple):
    """A sample, with one line per row."""

    prompt: str  # as it was given
    read: str  # the prompt as the model reads it: its tokens, joined
    between: str  # what separates it from the text
    text: str  # what the model continues it with

    def show(self, output: str) -> str:
        """The sample as text: the prompt in brackets, or without them where the output is ``plain``."""
        prompt = f"[{self.read}]" if self.read and output == "text" else self.read
        return prompt + (self.between if self.read and self.text else "") + self.text

    def fields(self) -> dict[str, str]:
        """The sample as a JSON object."""
        return {"prompt": self.prompt, "text": self.text}


class Generate(ModelCommand, Sampling):
    """Print samples, each after its prompt in brackets, one line per row; an empty line separates several rows.

    Args:
        prompt: the text that every sample continues.
        file: a file of prompts, one per line, also as .gz, .xz or .zst: n samples of each.
        output: text; plain: without the brackets; json: a list of objects with the prompt and the text that
            continues it; jsonl: one such object per line.
    """

    def __init__(
        self,
        *,
        prompt: str | None = None,
        file: str | None = None,
        output: Literal["text", "plain", "json", "jsonl"] = "text",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.prompt, self.file, self.output = prompt or "", file, output
        if file is not None and prompt is not None:
            what = "a prompt is given too, and one of the two would be ignored"
            raise ConfigError(what, where="file", remedy="give one")

    def execute(self) -> None:
        """Print the samples, those of each prompt as soon as they are there."""
        self.unknown: set[str] = set()
        prompts = (self._samples(prompt) for prompt in self._prompts())
        if self.output == "json":
            found = [sample.fields() for samples in prompts for sample in samples]
            echo_lines(json_text(found, indent=1))
        for number, samples in enumerate(prompts):
            self._print(samples, number)
        if self.unknown:
            echo(f"note: not in the vocabulary: {', '.join(sorted(self.unknown))}", error=True)

    def _prompts(self) -> Iterator[str]:
        """The prompt, or those of the file."""
        if self.file is None:
            yield self.prompt
            return
        cutting = self.model.task.tokens
        with own_keys():
            for lines in Rows(self.file, "raw", None, cutting, cutting):
                yield from (line.text for line in lines)

    def _samples(self, prompt: str) -> list[Sample]:
        """The samples of a prompt; they do not depend on other prompts."""
        model = self.model
        row = model.corpus([prompt])
        self.unknown |= set(row.words)
        between = "" if model.task.tokens == "char" else " "
        read = between.join(row.spell(row.tokens[0][:-1]))
        found = model.generate(prompt, **{name: getattr(self, name) for name in options_of(Sampling)})
        return [Sample(prompt, read, between, text[len(read) :].removeprefix(between)) for text in found]

    def _print(self, samples: list[Sample], number: int) -> None:
        """Print the samples of one prompt."""
        if self.output == "jsonl":
            lines = [json_text(sample.fields()) for sample in samples]
        else:
            lines = [sample.show(self.output) for sample in samples]
        several = self.rows != 1 and self.output != "jsonl"
        first = "\n" if several and number else ""
        echo_lines(first + ("\n\n" if several else "\n").join(lines))
        sys.stdout.flush()
