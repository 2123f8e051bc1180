"""Predictions as text, TSV, JSON lines or CoNLL-U, or as new labels in the format that was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.data.sources import formats
from core.errors import ConfigError
from core.kinds.rendering import Sentence

if TYPE_CHECKING:
    from core.cli.predict import Predict
    from core.data.sources.blocks import Block
    from core.kinds.base import Kind
    from core.model.interface import FilterActivation
    from core.runs.trained_model import TrainedModel

Format = Literal["auto", "text", "tsv", "jsonl", "conllu"]


def labelled_block(model: TrainedModel, block: Block, reader: formats.Format) -> bytes:
    """Some sentences with predicted labels, in the format that they were read in."""
    rows = [words for batch in reader.read(iter([block])) for words in batch.column("tokens").to_pylist()]
    labels = formats.Labels([label for answer in model.predict(rows) for label in answer], str(block.path))
    text = reader.relabel(block, labels)
    labels.finish()
    return text


def prediction_text(model: TrainedModel, sentences: Sequence[Sentence], options: Predict) -> bytes:
    """The predictions of some sentences, in the format of ``output=``."""
    from core.data.sources.conllu import column_number

    by_char = model.task.tokens == "char"
    rows: Any = [sentence.text if by_char else sentence.words for sentence in sentences]
    strongest = _strongest(model, rows) if options.explain else [[]] * len(rows)
    column = column_number(options.label or "upos", "label") if options.output == "conllu" else 0
    lines = []
    for sentence, answer, filters in zip(sentences, model.predict(rows), strongest, strict=True):
        lines.append(model.kind.render(sentence, answer, options.output, column))
        for one in filters:
            span = " ".join(sentence.words[one.start : one.end])
            lines.append(f"  {one.activation:8.3f}  filter {one.filter} of width {one.width}: {span}\n")
    return "".join(lines).encode("utf-8")


def _strongest(model: TrainedModel, rows: Sequence[Any]) -> Sequence[Sequence[FilterActivation]]:
    """The filters with the highest activations in each row.

    Raises:
        ConfigError: the encoder has none.
    """
    from core.model.interface import Explainable

    activations = model.model.explain(model.corpus(rows)) if isinstance(model.model, Explainable) else None
    if activations is None:
        what = f"encoder={model.config.encoder.name} has no filters to explain"
        raise ConfigError(what, where="explain", remedy="leave it out, or choose an encoder with filters")
    return activations


def check(output: Format, kind: Kind) -> None:
    """Refuse a format that cannot hold what the task predicts.

    Raises:
        ConfigError: CoNLL-U for anything but one label per token.
    """
    if output not in ("auto", *kind.output_formats):
        what = f"{output} has one label per token, and this model predicts kind {kind.name}"
        raise ConfigError(what, where="output", remedy=f"choose {', '.join(kind.output_formats)}")
