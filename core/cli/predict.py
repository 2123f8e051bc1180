"""``predict run=ID``: predictions for sentences from arguments, ``file=`` or stdin, each as soon as it arrives."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from core.cli.answers import Format, check, labelled_block, prediction_text
from core.cli.rows import LINES, find_input, own_keys, raw_rows, read_blocks, read_rows
from core.cli.shared_keys import SentencesCommand
from core.data.sources import formats
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.runs.trained_model import TrainedModel


class Predict(SentencesCommand):
    """Print one prediction per sentence: `word_TAG ...`, `label<tab>text` or `log-probability<tab>text`.

    Args:
        sentences: what is predicted; none reads the file or standard input.
        file: the file of the sentences, also as .gz, .xz or .zst; none reads standard input.
        input: raw (lines), tokens (between spaces), or a format such as conllu, columns, tsv, csv or jsonl; auto:
            by the ending of the file, else raw.
        output: auto: the input with its labels replaced (CoNLL-U) or one more column (columns), else text.
        tokens: how raw lines are cut; none: as the task cut them in training.
        text: the column of the tokens in CoNLL-U (form) and columns (1), or of the text in a table (guessed).
        label: the column of CoNLL-U that the labels are written in; none: the run's own, else upos.
        explain: show below each sentence the n-grams with the highest filter activations.
    """

    def __init__(
        self,
        *sentences: str,
        file: str | None = None,
        input: str = "auto",
        output: Format = "auto",
        tokens: Literal["space", "char", "words"] | None = None,
        text: str | None = None,
        label: str | None = None,
        explain: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*sentences, file=file, **options)
        self.input, self.output, self.tokens = input, output, tokens
        self.text, self.label, self.explain = text, label, explain

    @property
    def reader(self) -> formats.Format | None:
        """The format of the input; None for lines."""
        return None if self.input in LINES else formats.find(self.input)(self.text, self.label, labelled=False)

    def _check(self) -> None:
        """Refuse an option that would be ignored."""
        if self.explain and self.output not in ("auto", "text"):
            raise ConfigError("explanations are printed below text", where="explain", remedy="leave output= out")
        if self.tokens and (self.input == "tokens" or (self.reader and self.reader.output_ending)):
            what = f"with input={self.input} the tokens are known"
            raise ConfigError(what, where="tokens", remedy="leave it out")
        if self.text and self.input in LINES:
            remedy = "leave it out, or say what the input is: input=conllu, columns, tsv, csv or jsonl"
            raise ConfigError(f"input={self.input} has no columns", where="text", remedy=remedy)
        if self.label and (self.input if self.output == "auto" else self.output) != "conllu":
            what = "it names a column of CoNLL-U, which is not written"
            raise ConfigError(what, where="label", remedy="add output=conllu, or leave it out")
        if self.sentences and self.input not in LINES:
            what = f"input={self.input} is the format of a file, not of sentences"
            raise ConfigError(what, where="input", remedy="leave it out")

    def execute(self) -> None:
        """Print the predictions, and flush after each block of the input."""
        self.load_plugins()  # one of them may register the format of the input
        with own_keys():
            self.input = find_input(self.input, self.file)
            self._check()
            model = self.load_model()
            label = self.label or model.config.data.options.get("label")
            self.label = label if self.label or _is_column(label) else None
            check(self.output, model.kind)
            for answered in self._answered(model):
                sys.stdout.flush()
                sys.stdout.buffer.write(answered)
                sys.stdout.buffer.flush()

    def _answered(self, model: TrainedModel) -> Iterator[bytes]:
        """What is written for the sentences of the command line, or for each block of the input."""
        if self.sentences:
            yield prediction_text(model, raw_rows(model, self.sentences, self), self)
        elif (reader := self.reader) and self._relabels(model, reader):
            for block in read_blocks(self):
                yield labelled_block(model, block, reader)
        else:
            for rows in read_rows(model, self):
                yield prediction_text(model, rows, self)

    def _relabels(self, model: TrainedModel, reader: formats.Format) -> bool:
        """Whether the input is written with predicted labels."""
        is_own = self.output in ("auto", self.input) and not self.explain
        return is_own and bool(reader.output_ending) and model.kind.labels == "token"


def _is_column(label: str | None) -> bool:
    """Whether CoNLL-U has a column of this name."""
    from core.data.sources.conllu import COLUMNS

    return label in COLUMNS
