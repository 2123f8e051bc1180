"""From a source to the splits of a run: intern, cut what is missing, choose the vocabulary, number everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from core.data import id_cache
from core.data.checks import repeated, strange_labels
from core.data.corpus import Corpus, Ragged
from core.data.interning import Interner, check_words, close, split_rows
from core.data.memory import release
from core.data.options import DataOptions
from core.data.sources.base import SPLITS, Source
from core.data.splitting import Coded, cut_missing, limited, shorten
from core.data.vocab import FIRST, SPECIALS, UNK, Vocab, build_vocab
from core.data.vocab_ids import inner_parts, renumber
from core.errors import DataError
from core.task import Task
from core.types import Int32s, Question

LARGE = 1 << 22  # tokens


@dataclass(frozen=True)
class Data:
    """Everything a run reads.

    Args:
        vocab: the words, from the training split alone.
        labels: the labels, likewise; None where the task has none.
        splits: ``train``, ``dev``, ``test`` -> corpus; of kind ``vector``, dev and test are the questions.
        cut: the splits whose rows are not those of the source: cut from train, shortened, or lower-cased.
        notes: what the user should be told.
        source: where the rows came from.
    """

    vocab: Vocab
    labels: Vocab | None
    splits: dict[str, Corpus]
    source: Source
    cut: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def prepare(source: Source, task: Task, options: DataOptions) -> Data:
    """The splits of a run as ids.

    Args:
        source: where the rows come from.
        task: owns tokens and vocabulary.
        options: how missing splits are cut.

    Raises:
        DataError: the source lacks what the task needs.
    """
    if task.kind != "vector":
        return _read(source, task, options)
    questions = task.questions()  # what is wrong with them is told before the text is read
    data = _read(source, task, options)
    asked = _asked(questions, data.vocab, options.lower)
    return replace(data, splits={"train": data.splits["train"], "dev": asked, "test": asked})


def _asked(questions: Sequence[Question], vocab: Vocab, lower: bool) -> Corpus:
    """The words of questions, a row each."""
    import pyarrow as pa

    column, interner = pa.array([list(q.words) for q in questions], pa.list_(pa.string())), Interner()
    coded = Coded({"tokens": close(*split_rows(column, "space", interner, lower))})
    return number(coded, vocab, None, interner.types, ())


def _read(source: Source, task: Task, options: DataOptions) -> Data:
    """The splits that the source has, and those that are cut; of a task that brings its events along, train."""
    wanted = ("train",) if task.kind == "vector" else SPLITS
    key = id_cache.key(source.fingerprint(), task, options)
    stored, said = id_cache.load(key) if key else (None, "")
    named = source.notes()  # of the names of files, which the cache does not know
    if stored:
        return Data(stored[0], stored[1], stored[2], source, stored[3], [*named, *stored[4]])
    _check_train(source)
    words, names = Interner(), Interner()
    read = [split for split in source.splits() if split in wanted or wanted is SPLITS]
    coded = {split: code(source, split, task, words, names, options) for split in read}
    if sum(len(rows.columns["tokens"].values) for rows in coded.values()) > LARGE:
        release()  # what reading has freed, before as much again is taken
    check_words(words, {name: rows.columns["tokens"] for name, rows in coded.items()}, task.kind)
    cut, notes = cut_missing(coded, task, options) if wanted is SPLITS else ((), [])
    read_so = [note for note in source.notes() if note not in named]
    notes = [*read_so, *notes, *limited(coded, task, options), *shorten(coded, options)]
    cut = SPLITS if options.lower or any("data.max_length" in note for note in notes) else cut
    for split in wanted:
        if not len(coded[split]):
            remedy = "give it at least one row" + (" beside those that dev and test are cut from" if cut else "")
            raise DataError(f"the {split} split has no rows", where=f"data.{split}", remedy=remedy)
    vocab = _vocab(coded["train"].columns["tokens"], words, task.min_count, task.vocab_size)
    labels = _labels(coded["train"].columns["labels"], names) if task.kind in ("token", "sequence") else None
    types, label_types = words.types, names.types
    splits = {s: number(coded[s], vocab, labels, types, label_types) for s in wanted}
    # rows that are drawn from a known truth repeat themselves honestly
    if wanted is SPLITS and type(source).oracle is Source.oracle:
        notes += repeated({split: coded[split].columns["tokens"] for split in SPLITS})
    notes += strange_labels(splits, labels) if labels else []
    if key:
        id_cache.save(key, vocab, labels, splits, cut, notes)
    return Data(vocab, labels, splits, source, cut, [*named, *notes, *([said] if said else [])])


def _check_train(source: Source) -> None:
    """Refuse a source that nothing can be trained on, with what it says of its files."""
    if "train" not in source.splits():
        said, only = "; ".join(source.notes()), ", ".join(source.splits()) or "nothing"
        by_hand = f"name one by hand, as in data.train={only.partition(',')[0]}"
        raise DataError(
            f"there is no training split, only {only}" + (f" ({said})" if said else ""),
            where="data.train",
            remedy="name a file for it with data.train=" if said else by_hand,
        )


def encode(
    source: Source,
    split: str,
    task: Task,
    vocab: Vocab,
    labels: Vocab | None,
    options: DataOptions | None = None,
    threads: int = 1,
) -> tuple[Corpus, list[str]]:
    """One split of other data, numbered by the vocabulary of a trained model, and what the user should be told.

    Args:
        source: the other data.
        split: which of its splits.
        task: owns the tokens.
        vocab: the words.
        labels: the labels, if the task has some.
        options: how rows are changed.
        threads: that cut large texts.

    Raises:
        DataError: the source lacks the split, or what the task needs.
    """
    if split not in source.splits():
        remedy = f"choose split= from {', '.join(source.splits())}"
        raise DataError(f"there is no {split} split", where="split", remedy=remedy)
    words, names = Interner(threads=threads), Interner()
    coded = {split: code(source, split, task, words, names, options or DataOptions())}
    check_words(words, {split: coded[split].columns["tokens"]}, task.kind)
    notes = shorten(coded, options) if options else []
    return number(coded[split], vocab, labels, words.types, names.types), notes


def code(source: Source, split: str, task: Task, words: Interner, names: Interner, options: DataOptions) -> Coded:
    """Read one split into codes.

    Raises:
        DataError: a column that the task needs is missing, or labels do not align with tokens.
    """
    wanted = {"token": "labels", "sequence": "label"}.get(task.kind)
    parts: dict[str, list[tuple[Int32s, npt.NDArray[np.int64]]]] = {"tokens": [], "labels": []}
    for batch in source.batches(split):
        have = set(batch.schema.names)
        if not have & {"tokens", "text"}:
            remedy = "name the column with data.text="
            raise DataError(f"the {split} split has no text", where=f"data.{split}", remedy=remedy)
        if wanted and wanted not in have:
            unit = "token" if wanted == "labels" else "row"
            raise DataError(
                f"the {split} split has no label a {unit}, which this task needs",
                where=f"data.{split}",
                remedy="name the column with data.label=, or take data that has one",
            )
        column = batch.column("tokens" if "tokens" in have else "text")
        parts["tokens"].append(split_rows(column, task.tokens, words, options.lower))
        if wanted == "labels":
            parts["labels"].append(split_rows(batch.column("labels"), "space", names))
            _check_aligned(parts, split)
        elif wanted == "label":
            codes = names.add(batch.column("label"))
            parts["labels"].append((codes, np.ones(len(codes), dtype=np.int64)))
    return Coded({name: _join(columns) for name, columns in parts.items() if columns or name == "tokens"})


def _join(parts: Sequence[tuple[Int32s, npt.NDArray[np.int64]]]) -> Ragged:
    """The parts end to end, each written in its place: a second copy would be most of a large text's memory."""
    if not parts:
        return close(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64))
    lengths = np.concatenate([part for _, part in parts])
    rows, row = close(None, lengths), 0
    for codes, part in parts:
        piece = slice(rows.offsets[row], rows.offsets[row + len(part)])
        rows.values[piece][rows.inner[piece]] = codes
        row += len(part)
    return rows


def _check_aligned(parts: dict[str, list[tuple[Int32s, npt.NDArray[np.int64]]]], split: str) -> None:
    tokens, labels = parts["tokens"][-1][1], parts["labels"][-1][1]
    wrong = np.flatnonzero(tokens != labels)
    if len(wrong):
        row = int(wrong[0])
        before = sum(len(part[1]) for part in parts["tokens"][:-1])
        raise DataError(
            f"{tokens[row]} tokens but {labels[row]} labels",
            where=f"{split} row {before + row + 1}",
            remedy="give each token one label (with task.tokens=char, label the characters)",
        )


def _vocab(rows: Ragged, interner: Interner, min_count: int = 1, max_size: int | None = None) -> Vocab:
    types = interner.types
    counts = np.zeros(len(types), dtype=np.int64)
    for part in inner_parts(rows):
        counts += np.bincount(part, minlength=len(types))
    return build_vocab(types, counts, len(rows), min_count=min_count, max_size=max_size)


def _labels(rows: Ragged, interner: Interner) -> Vocab:
    """The labels of training."""
    labels = _vocab(rows, interner)
    if labels.counts[UNK]:
        what, remedy = (
            f"a label is called {SPECIALS[UNK]}, which stands for those that training lacks",
            "rename it",
        )
        raise DataError(what, where="data: train", remedy=remedy)
    if labels.size == FIRST:
        raise DataError("no training row has a label", where="data: train", remedy="check the column of labels")
    return labels


def number(
    coded: Coded, vocab: Vocab, labels: Vocab | None, types: Sequence[str], label_types: Sequence[str]
) -> Corpus:
    """Codes of first occurrence -> ids of the vocabulary, and open ids for what it lacks.

    Args:
        coded: one split.
        vocab: the words.
        labels: the labels, if the task has some.
        types: the word that each code stands for.
        label_types: the label that each code stands for.
    """
    tokens, words = renumber(coded.columns["tokens"], vocab, types)
    columns = {"tokens": tokens}
    label_words: list[str] = []
    if labels is not None:
        columns["labels"], label_words = renumber(coded.columns["labels"], labels, label_types)
    return Corpus(vocab, columns, words, labels, label_words)
