"""From a source to the splits of a run: intern, cut missing splits, choose the vocabulary, map to ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from core.data import id_cache
from core.data.arrow_numpy import to_lists
from core.data.checks import duplicated_rows
from core.data.corpus import BESIDE, SOURCE_ROWS, Corpus, Ragged
from core.data.interning import Interner, check_words, close, split_rows
from core.data.label_columns import label_column, read_labels
from core.data.label_notes import label_notes
from core.data.memory import release
from core.data.options import DataOptions
from core.data.scheme_labels import SchemeLabels
from core.data.sources.base import SPLITS, Source
from core.data.spans import marked, take_spans, word_interner
from core.data.spec import TokenSpec
from core.data.splitting import InternedSplit, cut_again, cut_missing, limit_training_rows, number_rows, shorten
from core.data.training_vocab import label_interner, training_labels, training_vocab
from core.data.turns import turn
from core.data.type_check import TypeCheck
from core.data.vocab import Vocab
from core.data.vocab_ids import renumber
from core.errors import DataError
from core.types import Int32s, Int64s, Note, Question

LARGE = 1 << 22  # tokens above which the memory that reading has freed is returned
# what files of predictions hold
WRITTEN_COLUMNS = {"token": ("tokens", "labels"), "row": ("labels",), "set": ("labels",)}

LABEL_TEXTS = {"token": "label per token", "row": "label per row", "text": "second text per row"}
LABEL_TEXTS |= {"number": "number per row", "set": "set of labels per row"}

Parts = dict[str, list[tuple[Int32s, Int64s]]]  # column -> codes and lengths of each batch


@dataclass(frozen=True)
class Data:
    """Everything that a run reads."""

    vocab: Vocab  # the words of the training split
    labels: Vocab | None  # the labels of the training split
    splits: dict[str, Corpus]  # train, dev, test; dev and test are the questions of a task that has some
    source: Source
    cut: tuple[
        str, ...
    ] = ()  # splits whose rows are not those of the source: cut from train, shortened, lower-cased
    notes: list[Note] = field(default_factory=list)
    key: str | None = None  # names the content of all splits; None where it is not known


def prepare(source: Source, spec: TokenSpec, options: DataOptions) -> Data:
    """The splits of a run as ids, with the cache key of the data (see ``prepare_cached``)."""
    return prepare_cached(source, spec, options, id_cache.key(source.fingerprint(), spec, options))


def prepare_cached(source: Source, spec: TokenSpec, options: DataOptions, key: str | None) -> Data:
    """The splits of a run as ids, from the cache if they are there, else from the source.

    Args:
        source: where the rows come from.
        spec: what the task needs of them.
        options: how missing splits are cut, and which rows are used.
        key: the name of the ids in the cache; None: they are not cached.

    Raises:
        DataError: the source lacks what the task needs.
    """
    data = _load(source, spec, options, key)
    if spec.questions is None:
        return replace(data, key=key)
    questions = _question_rows(spec.questions, data.vocab, options.lower)
    return replace(data, splits={"train": data.splits["train"], "dev": questions, "test": questions})


def _question_rows(questions: Sequence[Question], vocab: Vocab, lower: bool) -> Corpus:
    """The words of questions, one row each."""
    column, interner = to_lists([question.words for question in questions]), Interner()
    split = InternedSplit({"tokens": close(*split_rows(column, "space", interner, lower))})
    return to_corpus(split, vocab, None, interner.types, ())


def _load(source: Source, spec: TokenSpec, options: DataOptions, key: str | None) -> Data:
    cached, problem = id_cache.load(key) if key else (None, [])
    file_notes = source.notes()  # about the names of files, which are not cached
    with nullcontext() if cached or not key else turn(id_cache.folder() / key):
        if key and not cached:  # another process may have read them meanwhile
            cached, problem = id_cache.load(key)
        if cached:
            return Data(*cached[:3], source, cached.cut, [*file_notes, *cached.notes])
        data = _read(source, spec, options, file_notes)
        if key:
            id_cache.save(key, id_cache.Cached(data.vocab, data.labels, data.splits, data.cut, data.notes))
    return replace(data, notes=[*file_notes, *data.notes, *problem])


def _read(source: Source, spec: TokenSpec, options: DataOptions, file_notes: list[Note]) -> Data:
    """The splits of the source and those that are cut; only train for a task with questions."""
    _check_train(source)
    wanted = SPLITS if spec.questions is None else ("train",)
    words, names = word_interner(spec.marks), label_interner(spec)
    available = [split for split in source.splits() if split in wanted or wanted is SPLITS]
    splits = {split: intern_split(source, split, spec, words, names, options) for split in available}
    if sum(len(split.columns["tokens"].values) for split in splits.values()) > LARGE:
        release()
    for column, interner in (("tokens", words), *((("labels", names),) if spec.labels == "text" else ())):
        check_words(interner, {name: split.columns[column] for name, split in splits.items()}, spec.running_text)
    spans = SchemeLabels(splits, names, spec.scheme) if spec.scheme else None
    cut, notes = _cut(splits, spec.running_text, options) if wanted is SPLITS else ((), [])
    notes += limit_training_rows(splits, spec.running_text, options)
    shortened = shorten(splits, options, spec.labels in ("token", "text"))
    if empty := [split for split in wanted if not len(splits[split])]:
        remedy = "add at least one row" + (" (dev and test are cut from the training rows)" if cut else "")
        raise DataError(f"the {empty[0]} split has no rows", where=f"data.{empty[0]}", remedy=remedy)
    names = spans.rewrite(splits) if spans else names  # after rows were shortened, which cuts spans
    vocab = training_vocab(splits["train"].columns["tokens"], words, spec.min_count, spec.vocab_size)
    labels = training_labels(splits["train"].columns["labels"], names, spec) if spec.labels else None
    labels = replace(labels, scheme=spans.scheme) if labels and spans else labels
    corpora = {s: to_corpus(splits[s], vocab, labels, words.types, names.types) for s in wanted}
    notes = [*(note for note in source.notes() if note not in file_notes), *notes, *shortened]
    notes += spans.notes if spans else []
    # duplicates are expected in rows that are drawn from a known distribution
    if wanted is SPLITS and type(source).oracle is Source.oracle:
        notes += duplicated_rows({split: splits[split].columns["tokens"] for split in SPLITS})
    notes += label_notes(spec, corpora, labels, list(names.codes)) if labels else []
    return Data(vocab, labels, corpora, source, SPLITS if options.lower or shortened else cut, notes)


def _cut(
    splits: dict[str, InternedSplit], running_text: bool, options: DataOptions
) -> tuple[tuple[str, ...], list[Note]]:
    """Cut what is cut at random: which splits that are, and notes."""
    is_sampled = not running_text and (options.resplit or len(splits) < len(SPLITS))
    if is_sampled:
        number_rows(splits)
    again = cut_again(splits, running_text, options)
    cut, notes = cut_missing(splits, running_text, options)
    if is_sampled:
        del splits["train"].columns[SOURCE_ROWS]  # which nobody asks for
    return SPLITS if again else cut, again + notes


def _check_train(source: Source) -> None:
    """Refuse a source without a training split; its notes about file names are part of the message."""
    if "train" in source.splits():
        return
    notes, names = "; ".join(map(str, source.notes())), ", ".join(source.splits()) or "nothing"
    what = f"there is no training split, only {names}" + (f" ({notes})" if notes else "")
    example = f"name one, as in data.train={names.split(',')[0]}"
    raise DataError(what, where="data.train", remedy="name a file for it with data.train=" if notes else example)


def encode(
    source: Source,
    split: str,
    spec: TokenSpec,
    vocab: Vocab,
    labels: Vocab | None,
    options: DataOptions,
    threads: int = 1,
) -> tuple[Corpus, list[Note]]:
    """One split of other data as ids of a trained model's vocabulary, and what the user should know.

    Args:
        source: the other data.
        split: one of its splits.
        spec: what the task needs of it.
        vocab: the words of the model.
        labels: the labels of the model, if the task has some.
        options: how rows are changed.
        threads: the number of threads that cut large texts.

    Raises:
        DataError: the source lacks the split or a column that the task needs.
    """
    if split not in source.splits():
        remedy = f"choose split= from {', '.join(source.splits())}"
        raise DataError(f"there is no {split} split", where="split", remedy=remedy)
    words, names = word_interner(spec.marks, threads), label_interner(spec)
    splits = {split: intern_split(source, split, spec, words, names, options)}
    check_words(words, {split: splits[split].columns["tokens"]}, spec.running_text)
    spans = SchemeLabels(splits, names, labels.scheme) if labels and labels.scheme else None
    notes = [*shorten(splits, options, spec.labels in ("token", "text")), *(spans.notes if spans else [])]
    names = spans.rewrite(splits) if spans else names
    return to_corpus(splits[split], vocab, labels, words.types, names.types), notes


def intern_split(
    source: Source, split: str, spec: TokenSpec, words: Interner, names: Interner, options: DataOptions
) -> InternedSplit:
    """Read one split into codes of tokens (``words``) and of labels (``names``)."""
    parts: Parts = {"tokens": [], "labels": []}
    interners = {"tokens": words, "labels": names}
    checks = {name: TypeCheck(name, interners[name]) for name in WRITTEN_COLUMNS.get(spec.labels or "", ())}
    for batch in source.batches(split):
        have = set(batch.schema.names)
        _check_columns(have, split, spec, source.column_names)
        place = partial(_place, source, split, sum(len(lengths) for _, lengths in parts["tokens"]))
        column = batch.column("tokens" if "tokens" in have else "text")
        column = marked(batch, spec.tokens == "char", place) if spec.marks else column
        parts["tokens"].append(split_rows(column, spec.tokens, words, options.lower))
        if spec.labels:
            parts["labels"].append(read_labels(batch, spec, names, place, options.lower))
        if spec.labels == "token":
            _check_aligned(parts, place)
        for name, check in checks.items():
            check(*parts[name][-1], split)
    rows = InternedSplit({name: _join(columns) for name, columns in parts.items() if columns or name == "tokens"})
    keep, place = spec.marks == "tokens", partial(source.place, split)
    return take_spans(rows, words, keep, options.max_length, place) if spec.marks else rows


def _check_columns(have: set[str], split: str, spec: TokenSpec, names: Sequence[str]) -> None:
    """Refuse rows without text, or without the labels that the task needs; ``names`` are the columns."""
    listed, values = f" (columns: {', '.join(names)})" if names else "", {"names": tuple(names)}
    if not have & {"tokens", "text"}:
        what, remedy = f"the {split} split has no text{listed}", "name the column with data.text="
        raise DataError(what, where=f"data.{split}", remedy=remedy, code="data.text", values=values)
    if spec.labels and label_column(have, spec) is None:
        what = f"the {split} split has no {LABEL_TEXTS[spec.labels]}, which this task needs{listed}"
        remedy = "name the column with data.label=, or use data that has one"
        raise DataError(what, where=f"data.{split}", remedy=remedy, code="data.label", values=values)


def _place(source: Source, split: str, before: int, row: int) -> str:
    """Where a row of a batch stands, ``before`` of whose split were read earlier."""
    return source.place(split, before + row)


def _join(parts: Sequence[tuple[Int32s, Int64s]]) -> Ragged:
    """The parts one after the other, each copied only once, since they are most of the memory of a large text."""
    if not parts:
        return close(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
    lengths = np.concatenate([part for _, part in parts])
    rows, row = close(None, lengths), 0
    for codes, part in parts:
        piece = slice(rows.offsets[row], rows.offsets[row + len(part)])
        rows.values[piece][rows.inner[piece]] = codes
        row += len(part)
    return rows


def _check_aligned(parts: Parts, place: Callable[[int], str]) -> None:
    """Refuse the last batch where a row has more or fewer labels than tokens."""
    tokens, labels = parts["tokens"][-1][1], parts["labels"][-1][1]
    wrong = np.flatnonzero(tokens != labels)
    if len(wrong):
        row = int(wrong[0])
        what, where = f"{tokens[row]} tokens but {labels[row]} labels", place(row)
        remedy = "give each token one label (with task.tokens=char, label the characters)"
        raise DataError(what, where=where, remedy=remedy)


def to_corpus(
    split: InternedSplit, vocab: Vocab, labels: Vocab | None, types: Sequence[str], label_types: Sequence[str]
) -> Corpus:
    """Codes of first occurrence -> ids of the vocabulary, and open ids for other words.

    Args:
        split: the codes.
        vocab: the words.
        labels: the labels, if the task has some.
        types: the word of each code.
        label_types: the label of each code.
    """
    tokens, words = renumber(split.columns["tokens"], vocab, types)
    columns, label_words = {"tokens": tokens}, list[str]()
    if labels is not None:
        columns["labels"], label_words = renumber(split.columns["labels"], labels, label_types)
    columns |= {name: split.columns[name] for name in BESIDE if name in split.columns}
    return Corpus(vocab, columns, words, labels, label_words)
