"""``predict run=ID``: new sentences from arguments, ``file=`` or standard input, each as soon as it is there."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.cli.common import KEPT, check_input, kept_run, refuse_keys, take
from core.errors import ConfigError, DataError, SeqlabError
from core.kinds.rendering import Sentence, from_tokens

if TYPE_CHECKING:
    from core.data.sources.blocks import Block
    from core.kinds.base import Kind
    from core.model.interface import FilterActivation
    from core.runs.trained_model import TrainedModel

Format = Literal["auto", "text", "tsv", "jsonl", "conllu"]
Input = Literal["auto", "raw", "tokens", "conllu", "columns", "tsv", "csv", "jsonl"]
Tokens = Literal["space", "char", "words"] | None


class Options:
    """How sentences are read and predictions written.

    Args:
        file: where the sentences are; none: standard input. ``.gz``, ``.xz`` and ``.zst`` are unpacked.
        input: raw lines, tokens between spaces, CoNLL-U, columns, or a table with a text a row (TSV, CSV, JSON
            lines); auto: by the ending of the file, else raw.
        output: auto: the input with its labels replaced (CoNLL-U) or one column more (columns), else text.
        tokens: how raw lines are cut; none: as the task cut them in training.
        text: the column of the tokens in CoNLL-U (form) and columns (1), or of the text in a table (guessed).
        label: the column of CoNLL-U that the labels are written in; none: the run's own, else upos.
        explain: whether the n-grams that fired strongest are shown below each sentence.
    """

    def __init__(
        self,
        *,
        file: str | None = None,
        input: Input = "auto",
        output: Format = "auto",
        tokens: Tokens = None,
        text: str | None = None,
        label: str | None = None,
        explain: bool = False,
    ) -> None:
        self.file, self.input, self.output, self.tokens = file, input, output, tokens
        self.text, self.label, self.explain = text, label, explain
        if input == "auto":
            self.input = _by_ending(Path(file)) if file else "raw"
        self._check()

    def _check(self) -> None:
        """Refuse an option that would be ignored.

        Raises:
            ConfigError: there is one.
        """
        marked = self.input in ("conllu", "columns")
        if self.explain and self.output not in ("auto", "text"):
            raise ConfigError("explanations stand below text", where="explain", remedy="leave output= out")
        if self.tokens and (marked or self.input == "tokens"):
            what = f"with input={self.input} the tokens are known"
            raise ConfigError(what, where="tokens", remedy="leave it out")
        if self.text and self.input in ("raw", "tokens"):
            remedy = "leave it out, or say what the input is: input=conllu, columns, tsv, csv or jsonl"
            raise ConfigError(f"input={self.input} has no columns", where="text", remedy=remedy)
        if self.label and (self.input if self.output == "auto" else self.output) != "conllu":
            what = "it names a column of CoNLL-U, which is not written"
            raise ConfigError(what, where="label", remedy="add output=conllu, or leave it out")


def _by_ending(path: Path) -> Input:
    """What a file is by its ending; raw text where that is open."""
    from core.data.sources.files import BY_ENDING
    from core.data.sources.split_discovery import ending

    kind: Any = {**BY_ENDING, ".conll": "columns"}.get(ending(path), "raw")
    if kind == "parquet":
        remedy = "write its rows as .jsonl, .csv or .tsv"
        raise ConfigError("Parquet is not read here", where="file", remedy=remedy)
    return kind  # type: ignore[no-any-return] # the others are all inputs


def verb(words: list[str]) -> None:
    """Print one prediction a sentence: ``word_TAG ...``, ``label<tab>text`` or ``log-probability<tab>text``."""
    from core.config.options import options_of

    known = options_of(Options)
    taken, sentences = take(words, *KEPT, *known)
    refuse_keys(sentences, "predict", (*KEPT, *known))
    check_input(taken, sentences)
    options = Options(**{key: option.check(taken[key], key) for key, option in known.items() if key in taken})
    if sentences and options.input not in ("raw", "tokens"):
        what = f"input={options.input} is of a file, not of sentences"
        raise ConfigError(what, where="input", remedy="leave it out")
    model = kept_run(taken, "predict")
    label = options.label or model.config.data.options.get("label")
    options.label = label if options.label or _is_column(label) else None
    _check_output(options.output, model.kind)
    with _own_words():
        for answered in _answered(model, sentences, options):
            sys.stdout.flush()
            sys.stdout.buffer.write(answered)
            sys.stdout.buffer.flush()


OWN_WORDS = {"data.text": "text", "data.format=text": "input=raw", "data.format": "input"}
OWN_WORDS["name another column with data.label="] = "name the text with text="
OWN_WORDS["name it with text="] = "take lines as they are with input=raw, or name it with text="


@contextmanager
def _own_words() -> Iterator[None]:
    """Within this, errors of reading name the options of this verb in the place of those of training."""
    try:
        yield
    except SeqlabError as error:
        if "data.encoding" in error.remedy:
            error.remedy = "convert it, with iconv for instance"
        error.where = OWN_WORDS.get(error.where, error.where)
        for theirs, own in OWN_WORDS.items():
            error.remedy = error.remedy.replace(theirs, own)
        raise


def _answered(model: TrainedModel, sentences: list[str], options: Options) -> Iterator[bytes]:
    """What is written for the sentences of the command line, or for each block of the input."""
    if sentences:
        yield _text(model, _raw(model, sentences, options), options)
    elif options.input in ("conllu", "columns"):
        for block in _blocks(options):
            yield _marked(model, block, options)
    else:
        for rows in _rows(model, options):
            yield _text(model, rows, options)


def _marked(model: TrainedModel, block: Block, options: Options) -> bytes:
    """What is written for some sentences of CoNLL-U or columns: the same with labels, or another format."""
    from core.data.sources import columns, conllu

    if options.input == "conllu":
        text = options.text or "form"
        rows = next(conllu.read(iter([block]), text=text, label=text)).column("tokens").to_pylist()
    else:
        rows = columns.sentences(block, options.text).to_pylist()
    if model.kind.labels != "token" or options.explain or options.output not in ("auto", options.input):
        return _text(model, [from_tokens(words) for words in rows], options)
    labels = [label for answer in model.predict(rows) for label in answer]
    if options.input == "conllu":
        return conllu.replaced(block, options.label, labels)
    return columns.widened(block, labels)


def _rows(model: TrainedModel, options: Options) -> Iterator[list[Sentence]]:
    """The rows of raw lines or of a table, as they arrive."""
    from core.data.sources import delimited, jsonl

    blocks = _blocks(options)
    if options.input in ("raw", "tokens"):
        for block in blocks:
            lines = [line.removesuffix("\r") for line in block.data.decode("utf-8").split("\n")[:-1]]
            yield _raw(model, lines, options)
        return
    if options.input == "jsonl":
        batches = jsonl.read(blocks, text=options.text, label=options.text)  # no label is needed
    else:
        csv, seen = options.input == "csv", Counter[str]()
        batches = delimited.read(blocks, csv=csv, text=options.text, label=None, seen=seen, labelled=False)
    for batch in batches:
        if "tokens" in batch.schema.names:
            yield [from_tokens(words) for words in batch.column("tokens").to_pylist()]
        else:
            yield _raw(model, batch.column("text").to_pylist(), options)


def _blocks(options: Options) -> Iterator[Block]:
    """The input in blocks of whole records, as they arrive."""
    from core.data.sources.blocks import after_line, arriving, whole
    from core.data.sources.files import CUTS

    path = Path(options.file) if options.file else None
    return whole(arriving(path), path or Path("standard input"), CUTS.get(options.input, after_line))


def _raw(model: TrainedModel, lines: list[str], options: Options) -> list[Sentence]:
    """Lines of text, cut."""
    import pyarrow as pa

    from core.data.tokenizer import cut

    how = "space" if options.input == "tokens" else options.tokens or model.task.tokens
    if how == "char" or model.task.tokens == "char":
        places = [
            [i for i, c in enumerate(line) if model.task.tokens == "char" or not c.isspace()] for line in lines
        ]
        pairs = zip(lines, places, strict=True)
        return [Sentence(line, [line[i] for i in at], [(i, i + 1) for i in at]) for line, at in pairs]
    try:
        found = cut(pa.array(lines, pa.string()), how)
    except UnicodeEncodeError:
        remedy = "write it in UTF-8"
        raise DataError("a sentence is not UTF-8", where="predict", remedy=remedy) from None
    words, spans = found.tokens.to_pylist(), list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    ends = [0, *found.lengths.cumsum().tolist()]
    rows = zip(lines, ends, ends[1:], strict=False)
    return [Sentence(line, words[start:end], spans[start:end]) for line, start, end in rows]


def _text(model: TrainedModel, sentences: Sequence[Sentence], options: Options) -> bytes:
    """The predictions of some sentences, in the format that was asked for."""
    from core.data.sources.conllu import number

    by_char = model.task.tokens == "char"
    rows: Any = [sentence.text if by_char else sentence.words for sentence in sentences]
    reasons = _reasons(model, rows) if options.explain else [[]] * len(rows)
    column = number(options.label or "upos", "label") if options.output == "conllu" else 0
    lines = []
    for sentence, answer, fired in zip(sentences, model.predict(rows), reasons, strict=True):
        lines.append(model.kind.render(sentence, answer, options.output, column))
        for firing in fired:
            span = " ".join(sentence.words[firing.start : firing.end])
            lines.append(f"  {firing.activation:8.3f}  filter {firing.filter} of width {firing.width}: {span}\n")
    return "".join(lines).encode("utf-8")


def _check_output(output: Format, kind: Kind) -> None:
    """Refuse a format that cannot hold what the kind of task predicts."""
    if output not in ("auto", *kind.output_formats):
        what = f"{output} has a label per token, and this model predicts kind {kind.name}"
        raise ConfigError(what, where="output", remedy=f"choose from {', '.join(kind.output_formats)}")


def _is_column(label: str | None) -> bool:
    """Whether CoNLL-U has a column of this name."""
    from core.data.sources.conllu import COLUMNS

    return label in COLUMNS


def _reasons(model: TrainedModel, rows: Sequence[Any]) -> Sequence[Sequence[FilterActivation]]:
    """The strongest filters of each row.

    Raises:
        ConfigError: the encoder has none.
    """
    from core.model.interface import Explainable

    explainable = model.model if isinstance(model.model, Explainable) else None
    found = explainable.explain(model.corpus(rows)) if explainable else None
    if found is None:
        what = f"encoder={model.config.encoder.name} has no filters to explain"
        raise ConfigError(what, where="explain", remedy="leave it out, or take an encoder that has")
    return found
