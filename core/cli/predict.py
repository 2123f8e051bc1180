"""``predict run=ID``: predictions for sentences from arguments, ``file=`` or stdin, each as soon as it arrives."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from core.cli.rows import LINES, Rows, find_input, own_keys
from core.cli.shared_keys import Positive, SentencesCommand
from core.data.sources import formats
from core.errors import ConfigError, DataError
from core.kinds.rendering import Sentence, located
from core.printable import echo, inert, json_escaped, printable

if TYPE_CHECKING:
    from core.data.sources.blocks import Block
    from core.types import Note


class Predict(SentencesCommand):
    """Print one prediction per sentence: `word_TAG ...`, `label<tab>text` or `log-probability<tab>text`.

    Where the task relates two spans, they are marked in the text: `the <e1>dog</e1> of the <e2>man</e2>`.

    Args:
        sentences: what is predicted; none reads the file or standard input.
        file: the file of the sentences, also as .gz, .xz or .zst; none reads standard input.
        input: raw (lines), tokens (between spaces), or a format such as conllu, columns, tsv, csv or jsonl; auto:
            by the ending of the file, else raw.
        output: auto: the input with its labels replaced (CoNLL-U) or one more column (columns), else text;
            numbered: the number of each row and its label, as scorers of shared tasks read it.
        first: the number of the first row (output=numbered).
        tokens: how raw lines are cut; none: as the task cut them in training.
        text: the column of the tokens in CoNLL-U (form) and columns (1), or of the text in a table; none: that of
            the run's own data, else guessed.
        label: the column of CoNLL-U that the labels are written in; none: the run's own, else upos.
        explain: show below each sentence the n-grams with the highest filter activations.
        probabilities: with output=jsonl write the probability of every label (for each token, if these have
            labels), or of the most likely next words; with output=tsv that of the predicted label, or of the next
            words.
        top: the number of next words (probabilities=true).
    """

    def __init__(
        self,
        *sentences: str,
        file: str | None = None,
        input: str = "auto",
        output: Literal["auto", "text", "tsv", "jsonl", "conllu", "numbered"] = "auto",
        first: Annotated[int, Ge(0)] | None = None,
        tokens: Literal["space", "char", "words"] | None = None,
        text: str | None = None,
        label: str | None = None,
        explain: bool = False,
        probabilities: bool = False,
        top: Positive | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*sentences, file=file, **options)
        self.input, self.output, self.first, self.tokens = input, output, first, tokens
        self.text, self.label, self.explain = text, label, explain
        self.probabilities, self.top = probabilities, top
        self.noted: set[str] = set()  # what has been written to standard error
        self.rows = 0  # printed so far
        self.own: dict[str, Any] = {}  # how the run's own data is read

    @property
    def reader(self) -> formats.Format | None:
        """The format of the input; None for lines."""
        return None if self.input in LINES else formats.find(self.input)(self.text, self.label, labelled=False)

    def _check(self) -> None:
        """Refuse an option that would be ignored."""
        reader, written = self.reader, self.input if self.output == "auto" else self.output
        if self.explain and self.output not in ("auto", "text"):
            raise ConfigError("explanations are printed below text", where="explain", remedy="leave output= out")
        if self.probabilities and self.output not in ("tsv", "jsonl"):
            what = f"output={self.output} has no place for probabilities"
            raise ConfigError(what, where="probabilities", remedy="add output=jsonl or output=tsv")
        if self.top and not (self.probabilities and self.model.kind.most_likely_words):
            what = "it is the number of words whose probabilities are given"
            raise ConfigError(what, where="top", remedy="leave it out, or add probabilities=true")
        if self.first is not None and self.output != "numbered":
            what = "only output=numbered writes the numbers of rows"
            raise ConfigError(what, where="first", remedy="leave it out, or add output=numbered")
        if self.tokens and self.tokens != self.model.task.tokens and self.model.task.marks:
            what = f"text with marked spans is cut as in training (tokens={self.model.task.tokens})"
            raise ConfigError(what, where="tokens", remedy="leave it out")
        if self.tokens and (self.input == "tokens" or (reader and reader.output_ending)):
            what = f"with input={self.input} the tokens are known"
            raise ConfigError(what, where="tokens", remedy="leave it out")
        if self.text and not reader:
            remedy = "leave it out, or say what the input is: input=conllu, columns, tsv, csv or jsonl"
            raise ConfigError(f"input={self.input} has no columns", where="text", remedy=remedy)
        if self.label and written != "conllu":
            what = "it names a column of CoNLL-U, which is not written"
            raise ConfigError(what, where="label", remedy="add output=conllu, or leave it out")
        if (self.label or "").lower() in ("id", "form"):
            what = f"labels in the column '{self.label}' would replace the tokens"
            raise ConfigError(what, where="label", remedy="name another column, such as upos or xpos")
        if self.sentences and reader:
            what = f"input={self.input} is the format of a file, not of sentences"
            raise ConfigError(what, where="input", remedy="leave it out")

    def execute(self) -> None:
        """Print the predictions, and flush after each block of the input."""
        from core.data.sources.conllu import COLUMNS

        self.load_plugins()  # one of them may register the format of the input
        with own_keys():
            self.input = find_input(self.input, self.file)
            self._check()
            kind, own = self.model.kind, self.model.config.data.options.get("label")
            self.label = self.label or (own if own in COLUMNS[2:] else None)
            self.own = self.own_options(formats.PLAIN if self.input in LINES else self.input)
            self.text = self.text or (self.own.get("text") if self.reader else None)
            if self.output not in ("auto", *kind.output_formats):
                per = "row" if self.output == "numbered" else "token"
                what = f"{self.output} has one label per {per}, and this model predicts kind {kind.name}"
                raise ConfigError(what, where="output", remedy=f"choose {', '.join(kind.output_formats)}")
            escaped = printable if sys.stdout.isatty() else inert  # other programs need marks of direction
            for text in self._predictions():
                sys.stdout.flush()
                sys.stdout.buffer.write(escaped(text.decode("utf-8")).encode("utf-8"))
                sys.stdout.buffer.flush()

    def _predictions(self) -> Iterator[bytes]:
        """What is written for the sentences of the command line, or for each block of the input."""
        is_own = self.output in ("auto", self.input) and not self.explain
        relabels = is_own and "conllu" in self.model.kind.output_formats
        trained, reader = self.model.task.tokens, self.reader
        cutting = "space" if self.input == "tokens" else self.tokens or trained
        marked = self.model.task.marks is not None
        rows = Rows(self.file, self.input, reader, cutting, trained, self.own["encoding"], marked)
        if self.sentences:
            yield self._lines(rows.cut(self.sentences))
        elif reader and reader.output_ending and relabels:
            yield from (self._relabelled(block, reader) for block in rows.blocks())
        else:
            yield from map(self._lines, rows)

    def _relabelled(self, block: Block, reader: formats.Format) -> bytes:
        """Some sentences with predicted labels, in the format that they were read in."""
        with formats.attributed(self.input):
            rows = [words for batch in reader.read(iter([block])) for words in batch.column("tokens").to_pylist()]
        answers = [label for answer in self._answers(rows) for label in answer]
        labels = formats.Labels(answers, str(block.path))
        with formats.attributed(self.input):
            text = reader.relabel(block, labels)
        labels.finish()
        return text

    def _lines(self, sentences: Sequence[Sentence]) -> bytes:
        """The predictions of some sentences, in the format of ``output=``."""
        from core.data.sources.conllu import column_number

        by_char = self.model.task.tokens == "char"
        rows: Any = [s.text if by_char or not s.words else s.words for s in sentences]
        explained = self._explained(sentences, rows) if self.explain else [""] * len(rows)
        column = column_number(self.label or "upos", "label") if self.output == "conllu" else 0
        lines = []
        for sentence, answer, explanation in zip(sentences, self._answers(rows), explained, strict=True):
            self.rows += 1
            with located(self._place(self.rows)):
                lines.append(self._line(sentence, answer, column))
            lines.append(explanation)
        text = "".join(lines)
        escaped = {"auto": printable, "text": printable, "jsonl": json_escaped}.get(self.output, str)(text)
        return escaped.encode("utf-8")

    def _place(self, row: int) -> str:
        """Where a row is, from 1, for errors."""
        return f"sentence {row}" if self.sentences else f"{self.file or 'standard input'} row {row}"

    def _line(self, sentence: Sentence, answer: Any, column: int) -> str:
        """One prediction in the format of ``output=``."""
        kind = self.model.kind
        if self.output == "numbered":
            return f"{(1 if self.first is None else self.first) + self.rows - 1}\t{answer}\n"
        if self.probabilities:
            return kind.render_probabilities(sentence, answer, self.output)
        return kind.render(sentence, answer, self.output, column)

    def _answers(self, rows: Sequence[Any]) -> list[Any]:
        """The predictions of some rows; what the user should know goes to standard error, once."""
        from core.runs.trained_model import TOP

        notes: list[Note] = []
        try:
            answers = self.model.predict(rows, probabilities=self.probabilities, top=self.top or TOP, notes=notes)
        except DataError as error:
            if "row" in error.values:  # among these rows
                error.where = self._place(self.rows + error.values["row"] + 1)
            raise
        for note in notes if not self.noted else ():
            echo(f"note: {note}", error=True)
            self.noted.add(note.code)
        return answers

    def _explained(self, sentences: Sequence[Sentence], rows: Sequence[Any]) -> list[str]:
        """The n-grams of each row with the highest filter activations, as lines."""
        from core.model.interface import Explainable

        model, corpus, hides = self.model.model, self.model.corpus(rows), self.model.task.marks
        activations = model.explain(corpus) if isinstance(model, Explainable) else None
        if activations is None:
            what = f"encoder={self.model.config.encoder.name} has no filters to explain"
            raise ConfigError(what, where="explain", remedy="leave it out, or choose an encoder with filters")
        texts = []
        for row, filters in enumerate(activations):
            words = corpus.spell(corpus.tokens[row][:-1]) if hides else sentences[row].words
            spans = [(one, " ".join(words[one.start : one.end])) for one in filters]
            lines = (
                f"  {one.activation:8.3f}  filter {one.filter} of width {one.width}: {span}\n"
                for one, span in spans
            )
            texts.append("".join(lines))
        return texts
