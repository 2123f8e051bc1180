"""The rows that ``predict`` reads: from arguments, lines of text, tables, CoNLL-U and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import ConfigError, DataError, SeqlabError
from core.kinds.rendering import Sentence, from_tokens

if TYPE_CHECKING:
    from core.cli.predict import Predict
    from core.data.sources.blocks import Block
    from core.runs.trained_model import TrainedModel

Input = Literal["auto", "raw", "tokens", "conllu", "columns", "tsv", "csv", "jsonl"]


def by_ending(path: Path) -> Input:
    """The format of a file by its ending; raw text where the ending does not say.

    Raises:
        ConfigError: Parquet.
    """
    from core.data.sources.files import BY_ENDING
    from core.data.sources.split_discovery import ending

    kind: Any = {**BY_ENDING, ".conll": "columns"}.get(ending(path), "raw")
    if kind == "parquet":
        remedy = "write its rows as .jsonl, .csv or .tsv"
        raise ConfigError("Parquet is not read here", where="file", remedy=remedy)
    return kind  # type: ignore[no-any-return] # the other formats are all inputs


OWN_KEYS = {"data.text": "text", "data.format=text": "input=raw", "data.format": "input"}
OWN_KEYS["name another column with data.label="] = "name the text with text="
OWN_KEYS["name it with text="] = "take lines as they are with input=raw, or name it with text="


@contextmanager
def own_keys() -> Iterator[None]:
    """Within this, errors of reading name the keys of this command instead of the options of training."""
    try:
        yield
    except SeqlabError as error:
        if "data.encoding" in error.remedy:
            error.remedy = "convert it, with iconv for instance"
        error.where = OWN_KEYS.get(error.where, error.where)
        for theirs, own in OWN_KEYS.items():
            error.remedy = error.remedy.replace(theirs, own)
        raise


def read_rows(model: TrainedModel, options: Predict) -> Iterator[list[Sentence]]:
    """The rows of raw lines or of a table, as they arrive."""
    from core.data.sources import delimited, jsonl

    blocks = read_blocks(options)
    if options.input in ("raw", "tokens"):
        for block in blocks:
            lines = [line.removesuffix("\r") for line in block.data.decode("utf-8").split("\n")[:-1]]
            yield raw_rows(model, lines, options)
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
            yield raw_rows(model, batch.column("text").to_pylist(), options)


def read_blocks(options: Predict) -> Iterator[Block]:
    """The input in blocks of whole records, as they arrive."""
    from core.data.sources.blocks import after_line, arriving, whole
    from core.data.sources.files import CUTS

    path = Path(options.file) if options.file else None
    return whole(arriving(path), path or Path("standard input"), CUTS.get(options.input, after_line))


def raw_rows(model: TrainedModel, lines: Sequence[str], options: Predict) -> list[Sentence]:
    """Lines of text, cut into tokens.

    Raises:
        DataError: a line is not UTF-8.
    """
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
