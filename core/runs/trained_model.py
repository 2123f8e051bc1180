"""A kept run as something to use: predict new text, judge other data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core import config
from core.config import Config
from core.config.overrides import render
from core.data.checks import strange_labels
from core.data.corpus import Corpus
from core.data.interning import Interner, check_words, close, split_rows
from core.data.options import DataOptions
from core.data.prepare import encode, number
from core.data.sources.base import Source
from core.data.splitting import Coded, shorten
from core.data.vocab import END, Vocab
from core.errors import ConfigError, SeqlabError, StoreError
from core.experiment.hardware import resolve_device, resolve_precision, resolve_threads
from core.generation import generate, sampling
from core.runs import checksums, components, store
from core.task import Task
from core.types import Arrays, Scores


class Score(NamedTuple):
    """What a model of kind ``next`` says of one sentence.

    Args:
        log_prob: natural log-probability of the whole sentence.
        tokens: what it is a sum over; the end counts where the task scores it.
        unknown: how many of its tokens the vocabulary lacks; each was scored as the unknown word.
        known_log_prob: ``log_prob`` without them.
    """

    log_prob: float
    tokens: int
    unknown: int
    known_log_prob: float

    @property
    def perplexity(self) -> float:
        """exp(-log_prob / tokens), NaN where nothing was scored."""
        with np.errstate(over="ignore"):
            return float(np.exp(-self.log_prob / self.tokens)) if self.tokens else float("nan")


@dataclass
class Loaded:
    """A trained model with its task and vocabularies.

    Args:
        config: what was run.
        task: the task.
        vocab: the words.
        labels: the labels, None where the task has none.
        model: the trained model.
        notes: what the user should be told of the data that was judged last.
    """

    config: Config
    task: Task
    vocab: Vocab
    labels: Vocab | None
    model: components.Model
    notes: list[str] = field(default_factory=list)

    def corpus(self, sentences: Iterable[str | Sequence[str]]) -> Corpus:
        """Sentences as ids: text is cut as the task cuts it, a list is taken as tokens.

        ``data.lower`` is done here too; ``data.max_length`` where each row has one answer.

        Raises:
            ConfigError: what is given is no list of sentences.
            DataError: a token is the mark for the end of a row, or for its start where the next word is predicted.
        """
        rows, interner = _sentences(sentences), Interner()
        options = DataOptions(**self.config.data_options)
        coded = {"given": _code(rows, self.task.tokens, interner, options.lower)}
        check_words(interner, {"given": coded["given"].columns["tokens"]}, self.task.kind)
        if self.task.kind == "sequence":
            shorten(coded, options)
        return number(coded["given"], self.vocab, None, interner.types, ())

    def predict(self, sentences: Iterable[str | Sequence[str]]) -> list[Any]:
        """Predictions of sentences.

        Args:
            sentences: raw text, or lists of tokens.

        Returns:
            One entry a sentence: its tags (list of strings), its label (string), or for kind ``next`` its
            natural log-probability, the end included.
        """
        if self.task.kind == "next":
            return [score.log_prob for score in self.score(sentences)]
        self._check_events("predict")
        corpus = self.corpus(sentences)
        return self.spell(corpus, self.model.predict(corpus))

    def spell(self, corpus: Corpus, arrays: Arrays) -> list[Any]:
        """Predicted labels as strings, one entry a row (see ``predict``)."""
        names = store.label_names(self.labels, arrays["label"])
        if self.task.kind == "sequence":
            return names
        ends = np.concatenate([[0], np.cumsum(corpus.tokens.lengths - 1)]).tolist()
        return [names[start:end] for start, end in zip(ends, ends[1:], strict=False)]

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[Score]:
        """Score sentences, each alone: also a model of running text starts each at its beginning.

        Args:
            sentences: raw text, or lists of tokens.

        Returns:
            One score a sentence, so that candidates can be ranked.

        Raises:
            ConfigError: the task is not of kind ``next``.
        """
        self._check_next("score")
        rows = self.corpus(sentences)
        alone: Any = copy(self.model)
        alone.stream = False  # a score must not depend on the sentences beside it
        log_prob = alone.predict(rows)["log_prob"].astype(np.float64)
        if not self.task.end:
            log_prob[rows.tokens.ends] = 0.0
        unknown, starts = rows.tokens.values >= self.vocab.size, rows.tokens.offsets[:-1]
        each = (log_prob, unknown.astype(np.int64), np.where(unknown, 0.0, log_prob))
        whole, lacking, known = (np.add.reduceat(v, starts).tolist() if len(rows) else [] for v in each)
        lengths = (rows.tokens.lengths - (0 if self.task.end else 1)).tolist()
        return [Score(*row) for row in zip(whole, lengths, lacking, known, strict=True)]

    def generate(self, prompt: str | Sequence[str] = "", **options: Any) -> list[str]:
        """Write on from a prompt, up to the end of the row, or of more rows.

        Args:
            prompt: raw text, or a list of tokens; an embedding that reads letters reads those of new words too.
            options: those of ``core.generation.Sampling``.

        Returns:
            The samples, each with the prompt before it, a line a row.

        Raises:
            ConfigError: the task is not of kind ``next``, or an option does not fit.
        """
        self._check_next("generate")
        how, row = sampling(options), self.corpus([prompt])
        inner = row.tokens.inner
        before, blank = row.spell(row.tokens.values[inner]), "" if self.task.tokens == "char" else " "
        spell = getattr(self.model, "spell", None)  # an embedding may look at the letters of an open word
        if spell is not None:
            spell(row.words)
        asked = row.closed if spell is None else row.tokens
        samples = generate(self.model, asked.values[inner], how)  # type: ignore[arg-type] # a model of kind `next` has next_log_probs
        lines = [np.split(sample, np.flatnonzero(sample == END)) for sample in samples]  # END leads the later ones
        words = [[[*before, *row.spell(first)], *(row.spell(line[1:]) for line in rest)] for first, *rest in lines]
        return ["\n".join(map(blank.join, sample)) for sample in words]

    def _check_events(self, what: str) -> None:
        if self.task.kind == "vector":
            task = self.config.task.name
            said = f"{what} needs a model that answers sentences, and task={task} judges the vectors of words"
            raise ConfigError(said, where="run", remedy="see the verb neighbors")

    def _check_next(self, what: str) -> None:
        if self.task.kind != "next":
            task = self.config.task.name
            raise ConfigError(
                f"{what} needs a model that predicts each next token, and task={task} is of kind {self.task.kind}",
                where="run",
                remedy="name a run of kind next",
            )

    def evaluate(self, source: Source, split: str = "test") -> tuple[Scores, Corpus, Arrays]:
        """Score the model on other data, whose labels and words may be new to it.

        Args:
            source: the other data.
            split: which of its splits.

        Returns:
            The metrics, the corpus and the predictions.
        """
        self._check_events("evaluate")
        options = DataOptions(**self.config.data_options)
        threads = resolve_threads(self.config.run["threads"], self.task.kind)
        corpus, self.notes = encode(source, split, self.task, self.vocab, self.labels, options, threads)
        self.notes += strange_labels({split: corpus}, self.labels) if self.labels else []
        arrays = self.model.predict(corpus)
        return self.task.judge(arrays, corpus, getattr(self.model, "normalized", True)), corpus, arrays


def load(
    run: str | Path, *, runs: str | Path = "runs", device: str = "auto", plugins: Sequence[str] = ()
) -> Loaded:
    """A trained model from its run folder.

    Args:
        run: the folder, the id, the start of the id, or the run's name.
        runs: where ids and names are looked for.
        device: where the model is put.
        plugins: files or modules of plugins that it needs (those in the saved config are never loaded).

    Raises:
        StoreError: there is no such run, it was kept with ``save=none``, or its files do not fit together.
    """
    folder = store.find(Path(runs), str(run))
    record = store.read(folder)
    checksums.check(folder)
    cell, vocab = read_config(folder, plugins), store.read_vocab(folder, store.VOCAB)
    if vocab is None:
        remedy = "train again without save=none"
        raise StoreError("this run kept its numbers only, no model", where=str(folder), remedy=remedy)
    labels = store.read_vocab(folder, store.LABELS)
    task = components.task(cell)
    on = "cpu" if cell.family == "counting" else resolve_device(device)
    threads = record.how["threads"]
    if cell.family == "counting":  # whose answers do not depend on them
        threads = resolve_threads(cell.run["threads"], task.kind)
    how = {"seed": record.seed, "device": on, "precision": resolve_precision(cell.run["precision"], on)}
    if labels is None and task.kind in ("token", "sequence"):
        raise StoreError("the labels are missing", where=str(folder / store.LABELS), remedy="train the run again")
    try:
        model = components.model(cell, task, vocab, labels, **how, threads=threads)
        model.restore(folder)
    except (SeqlabError, MemoryError):
        raise
    except Exception as error:  # of a file that was tampered with, a plugin's restore may raise anything
        what = f"the model cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        raise StoreError(what, where=str(folder), remedy="train it again") from error
    return Loaded(cell, task, vocab, labels, model)


def read_config(folder: Path, plugins: Sequence[str] = ()) -> Config:
    """The config of a run folder, checked anew; its relative paths lead on from the folder the run was made in.

    Args:
        folder: the run folder.
        plugins: files or modules of plugins that it needs.
    """
    words = [f"config={folder / store.CONFIG}", "quiet=true"]
    words += [f"plugin={','.join(map(render, plugins))}"] if plugins else []
    cells = config.expand(words, base=store.read(folder).environment.get("folder"))
    if len(cells) != 1:
        what = f"the config has {len(cells)} cells, a run has one"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again")
    return cells[0]


def _code(rows: list[str | list[str]], tokens: str, interner: Interner, lower: bool) -> Coded:
    """Text cut as the task cuts it, lists as they are, in the order that they were given in."""
    import pyarrow as pa

    texts = np.array([isinstance(row, str) for row in rows], dtype=bool)
    kinds = [(pa.string(), np.flatnonzero(texts)), (pa.list_(pa.string()), np.flatnonzero(~texts))]
    parts = [
        split_rows(pa.array([rows[i] for i in some.tolist()], kind), tokens, interner, lower)
        for kind, some in kinds
    ]
    codes, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    given = Coded({"tokens": close(codes, lengths)})
    return given.select(np.argsort(np.concatenate([some for _, some in kinds])))


def _sentences(sentences: Iterable[str | Sequence[str]]) -> list[str | list[str]]:
    """Check what is to be predicted: text, or lists of words, and not one bare text."""
    if isinstance(sentences, str):
        raise ConfigError("one text is no list of sentences", where="predict", remedy="put it into a list: [text]")
    rows: list[str | list[str]] = []
    for place, row in enumerate(sentences, start=1):
        words = row if isinstance(row, str) or not isinstance(row, Iterable) else list(row)
        if not isinstance(words, str) and not (
            isinstance(words, list) and all(isinstance(word, str) for word in words)
        ):
            what = f"sentence {place} is {type(row).__name__}, neither text nor a list of words"
            raise ConfigError(what, where="predict", remedy="give one of the two")
        rows.append(words)
    return rows
