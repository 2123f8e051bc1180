"""``predict run=ID``: new sentences from arguments, ``file=`` or standard input, each as soon as it is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import ConfigError, DataError
from core.verbs.answers import Format, Sentence, check, joined, shown
from core.verbs.common import KEPT, kept_run, refuse_keys, take

if TYPE_CHECKING:
    from core.data.sources.blocks import Block
    from core.loaded import Loaded
    from core.neural.contract import Firing

Input = Literal["auto", "raw", "tokens", "conllu", "columns"]
Tokens = Literal["space", "char", "words"] | None


class Options:
    """How sentences are read and predictions written.

    Args:
        file: where the sentences are; none: standard input. ``.gz``, ``.xz`` and ``.zst`` are unpacked.
        input: raw lines, tokens between spaces, CoNLL-U or columns; auto: by the ending of the file, else raw.
        output: auto: the input with its labels replaced (CoNLL-U) or one column more (columns), else text.
        tokens: how raw lines are cut; none: as the task cut them in training.
        text: the column of the tokens in CoNLL-U (form) and columns (1).
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
            from core.data.sources.folder import ending

            known: dict[str, Input] = {".conllu": "conllu", ".conll": "columns"}
            self.input = known.get(ending(Path(file)), "raw") if file else "raw"
        if explain and output not in ("auto", "text"):
            raise ConfigError("explanations stand below text", where="explain", remedy="leave output= out")


def verb(words: list[str]) -> None:
    """Print one prediction a sentence: ``word_TAG ...``, ``label<tab>text`` or ``log-probability<tab>text``."""
    from core.options import options_of

    known = options_of(Options)
    taken, sentences = take(words, *KEPT, *known)
    refuse_keys(sentences, "predict", (*KEPT, *known))
    options = Options(**{key: option.check(taken[key], key) for key, option in known.items() if key in taken})
    model = kept_run(taken, "predict")
    label = options.label or model.config.data.options.get("label")
    options.label = label if options.label or _is_column(label) else None
    check(options.output, model.task.kind)
    for answered in _answered(model, sentences, options):
        sys.stdout.flush()
        sys.stdout.buffer.write(answered)
        sys.stdout.buffer.flush()


def _answered(model: Loaded, sentences: list[str], options: Options) -> Iterator[bytes]:
    """What is written for the sentences of the command line, or for each block of the input."""
    from core.data.sources import columns, conllu

    if sentences:
        yield _text(model, _raw(model, sentences, options), options)
        return
    for block in _blocks(options):
        if options.input in ("raw", "tokens"):
            lines = [line.removesuffix("\r") for line in block.data.decode("utf-8").split("\n")[:-1]]
            yield _text(model, _raw(model, lines, options), options)
            continue
        if options.input == "conllu":
            batch = next(conllu.read(iter([block]), text=options.text, label=None))
            rows = batch.column("tokens").to_pylist()
        else:
            rows = columns.sentences(block, options.text).to_pylist()
        kept = model.task.kind == "token" and options.output in ("auto", options.input)
        if not kept:
            yield _text(model, [joined(words) for words in rows], options)
            continue
        labels = [label for answer in model.predict(rows) for label in answer]
        whole = conllu.replaced(block, options.label, labels) if options.input == "conllu" else None
        yield columns.widened(block, labels) if whole is None else whole


def _blocks(options: Options) -> Iterator[Block]:
    """The input in blocks of whole records, as they arrive."""
    from core.data.sources.blocks import after_blank, after_line, arriving, whole

    path = Path(options.file) if options.file else None
    cut = after_line if options.input in ("raw", "tokens") else after_blank
    try:
        yield from whole(arriving(path), path or Path("standard input"), cut)
    except DataError as error:
        if "data.encoding" not in error.remedy:
            raise
        raise DataError(error.what, where=error.where, remedy="convert it, with iconv for instance") from None


def _raw(model: Loaded, lines: list[str], options: Options) -> list[Sentence]:
    """Lines of text, cut."""
    import pyarrow as pa

    from core.data.tokens import cut

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


def _text(model: Loaded, sentences: Sequence[Sentence], options: Options) -> bytes:
    """The predictions of some sentences, in the format that was asked for."""
    from core.data.sources.conllu import number

    by_char = model.task.tokens == "char"
    rows: Any = [sentence.text if by_char else sentence.words for sentence in sentences]
    reasons = _reasons(model, rows) if options.explain else [[]] * len(rows)
    column = number(options.label or "upos", "label") if options.output == "conllu" else 0
    lines = []
    for sentence, answer, fired in zip(sentences, model.predict(rows), reasons, strict=True):
        lines.append(shown(sentence, answer, model.task.kind, options.output, column))
        for firing in fired:
            span = " ".join(sentence.words[firing.start : firing.end])
            lines.append(f"  {firing.activation:8.3f}  filter {firing.filter} of width {firing.width}: {span}\n")
    return "".join(lines).encode("utf-8")


def _is_column(label: str | None) -> bool:
    """Whether CoNLL-U has a column of this name."""
    from core.data.sources.conllu import COLUMNS

    return label in COLUMNS


def _reasons(model: Loaded, rows: Sequence[Any]) -> Sequence[Sequence[Firing]]:
    """The strongest filters of each row.

    Raises:
        ConfigError: the encoder has none.
    """
    explain = getattr(model.model, "explain", None)
    found = explain(model.corpus(rows)) if explain else None
    if found is None:
        what = f"encoder={model.config.encoder.name} has no filters to explain"
        raise ConfigError(what, where="explain", remedy="leave it out, or take an encoder that has")
    return found  # type: ignore[no-any-return] # of the neural family
