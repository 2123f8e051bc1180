"""Predictions as text, TSV, JSON lines or CoNLL-U, or as new labels of the CoNLL-U or columns that were read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.cli.rows import Sentence, joined
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.cli.predict import Predict
    from core.data.sources.blocks import Block
    from core.neural.base import Firing
    from core.runs.trained_model import Loaded

Format = Literal["auto", "text", "tsv", "jsonl", "conllu"]


def labelled_block(model: Loaded, block: Block, options: Predict) -> bytes:
    """What is written for some sentences of CoNLL-U or columns: the same with labels, or another format."""
    from core.data.sources import columns, conllu

    if options.input == "conllu":
        form = options.text or "form"
        rows = next(conllu.read(iter([block]), text=form, label=form)).column("tokens").to_pylist()
    else:
        rows = columns.sentences(block, options.text).to_pylist()
    if model.task.kind != "token" or options.explain or options.output not in ("auto", options.input):
        return prediction_text(model, [joined(words) for words in rows], options)
    labels = [label for answer in model.predict(rows) for label in answer]
    if options.input == "conllu":
        return conllu.replaced(block, options.label, labels)
    return columns.widened(block, labels)


def prediction_text(model: Loaded, sentences: Sequence[Sentence], options: Predict) -> bytes:
    """The predictions of some sentences, in the format of ``output=``."""
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


def _reasons(model: Loaded, rows: Sequence[Any]) -> Sequence[Sequence[Firing]]:
    """The filters with the highest activations in each row.

    Raises:
        ConfigError: the encoder has none.
    """
    explain = getattr(model.model, "explain", None)
    found = explain(model.corpus(rows)) if explain else None
    if found is None:
        what = f"encoder={model.config.encoder.name} has no filters to explain"
        raise ConfigError(what, where="explain", remedy="leave it out, or choose an encoder with filters")
    return found  # type: ignore[no-any-return] # the neural family has it


def shown(sentence: Sentence, answer: object, kind: str, output: Format, column: int) -> str:
    """One prediction as lines.

    Args:
        sentence: what was predicted.
        answer: its tags, its label, or its log-probability.
        kind: what the task predicts.
        output: the format; ``auto`` is ``text``.
        column: which column of CoNLL-U the tags are written in, from 0.
    """
    if output == "jsonl":
        return json.dumps(_fields(sentence, answer, kind), ensure_ascii=False) + "\n"
    if not isinstance(answer, list):
        return (f"{answer:.4f}" if isinstance(answer, float) else str(answer)) + f"\t{_line(sentence.text)}\n"
    if output == "conllu":
        return "".join(_conllu(sentence, answer, column))
    pairs = zip(sentence.words, answer, strict=True)
    if output == "tsv":
        return "".join(f"{word}\t{tag}\n" for word, tag in pairs) + "\n"
    return " ".join(f"{word}_{tag}" for word, tag in pairs) + "\n"


def check(output: Format, kind: str) -> None:
    """Refuse a format that cannot hold what the task predicts.

    Raises:
        ConfigError: CoNLL-U for anything but one label per token.
    """
    if output == "conllu" and kind != "token":
        what = f"CoNLL-U has one label per token, and this model predicts kind {kind}"
        raise ConfigError(what, where="output", remedy="choose text, tsv or jsonl")


def _fields(sentence: Sentence, answer: object, kind: str) -> dict[str, object]:
    if kind == "token":
        return {"text": sentence.text, "tokens": sentence.words, "spans": sentence.spans, "labels": answer}
    return {"text": sentence.text, "label" if kind == "sequence" else "log_prob": answer}


def _line(text: str) -> str:
    """The text on one line; a cell of a table may have several."""
    return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")


def _conllu(sentence: Sentence, tags: list[str], column: int) -> Iterator[str]:
    """The lines of a sentence; one without tokens has none."""
    if not tags:
        return
    yield f"# text = {_line(sentence.text)}\n"
    starts = [start for start, _ in sentence.spans[1:]]
    for i, (word, tag) in enumerate(zip(sentence.words, tags, strict=True)):
        cells = [str(i + 1), word, *"________"]
        cells[column] = tag
        if i < len(starts) and starts[i] == sentence.spans[i][1]:
            cells[9] = "SpaceAfter=No"
        yield "\t".join(cells) + "\n"
    yield "\n"
