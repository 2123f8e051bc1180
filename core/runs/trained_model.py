"""A saved run that predicts new text and is evaluated on other data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.config import RunConfig, expand
from core.config.overrides import render
from core.data.arrow_numpy import to_lists, to_strings
from core.data.checks import unseen_labels
from core.data.corpus import Corpus
from core.data.interning import Interner, check_words, close, split_rows
from core.data.label_forms import similar_labels
from core.data.options import DataOptions
from core.data.prepare import encode, to_corpus
from core.data.regular import NotRegular, open_regular
from core.data.sources.base import Source
from core.data.splitting import InternedSplit, shorten
from core.data.text_checks import unspaced_rows
from core.data.vocab import END, FIRST, Vocab
from core.errors import ConfigError, DataError, SeqlabError, StoreError
from core.evaluation.baselines import chance, most_frequent
from core.generation import generate, sampling
from core.kinds.base import Kind
from core.model.interface import LanguageModel, Model
from core.model.runtime import resolve_runtime
from core.runs import checksums, components, store
from core.task import Task
from core.types import Arrays, Note, Scores


class Score(NamedTuple):
    """The score of one sentence under a language model.

    Args:
        log_prob: natural log-probability of the whole sentence.
        tokens: the number of scored tokens; the end is one where the task scores it.
        unknown: how many of them are not in the vocabulary and were scored as the unknown word.
        known_log_prob: ``log_prob`` without the unknown ones.
    """

    log_prob: float
    tokens: int
    unknown: int
    known_log_prob: float

    @property
    def perplexity(self) -> float:
        """exp(-log_prob / tokens), NaN without tokens."""
        with np.errstate(over="ignore"):
            return float(np.exp(-self.log_prob / self.tokens)) if self.tokens else float("nan")


@dataclass
class TrainedModel:
    """A trained model with its task and vocabularies.

    Args:
        config: what was run.
        task: the task.
        vocab: the words.
        labels: the labels, None where the task has none.
        model: the trained model.
        notes: what the user should know about the data that was evaluated last.
    """

    config: RunConfig
    task: Task
    vocab: Vocab
    labels: Vocab | None
    model: Model
    notes: list[Note] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """What the task predicts."""
        return self.config.kind

    def corpus(self, sentences: Iterable[str | Sequence[str]]) -> Corpus:
        """Sentences as ids: text is cut as the task cuts it, a list is taken as tokens.

        ``data.lower`` is applied; ``data.max_length`` only where each row has one answer.

        Raises:
            ConfigError: the argument is not a list of sentences.
            DataError: a token marks the end of a row (for language models also the start), or is not UTF-8.
        """
        rows, interner = _sentences(sentences), Interner()
        options = DataOptions(**self.config.data_options)
        try:
            splits = {"given": _intern(rows, self.task.tokens, interner, options.lower)}
        except UnicodeEncodeError:  # half of a character, as JSON may hold it
            raise DataError("a sentence is not UTF-8", where="predict", remedy="write it in UTF-8") from None
        check_words(interner, {"given": splits["given"].columns["tokens"]}, self.kind.language_model)
        if self.kind.labels == "row":
            shorten(splits, options)
        return replace(to_corpus(splits["given"], self.vocab, None, interner.types, ()), labels=self.labels)

    def predict(self, sentences: Iterable[str | Sequence[str]]) -> list[Any]:
        """Predictions of sentences.

        Args:
            sentences: raw text, or lists of tokens.

        Returns:
            Per sentence its tags (list of strings), its label (string), or of a language model its natural
            log-probability, the end included.
        """
        if isinstance(self.model, LanguageModel):
            return [score.log_prob for score in self.score(sentences)]
        self._check_reads_rows("predict")
        corpus = self.corpus(sentences)
        return self.kind.answers(self.model.predict(corpus), corpus)

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[Score]:
        """Score each sentence on its own, also with a model of running text.

        Args:
            sentences: raw text, or lists of tokens.

        Raises:
            ConfigError: the model is not a language model.
        """
        model, rows = self.language_model("score"), self.corpus(sentences)
        log_prob = model.score(rows, independent=True).astype(np.float64)
        if not self.task.end:
            log_prob[rows.tokens.ends] = 0.0
        if not len(rows):
            return []
        unknown, starts = rows.tokens.values >= self.vocab.size, rows.tokens.offsets[:-1]
        parts = (log_prob, unknown.astype(np.int64), np.where(unknown, 0.0, log_prob))
        total, unknowns, known = (np.add.reduceat(part, starts).tolist() for part in parts)
        lengths = (rows.tokens.lengths - (0 if self.task.end else 1)).tolist()
        return [Score(*row) for row in zip(total, lengths, unknowns, known, strict=True)]

    def generate(self, prompt: str | Sequence[str] = "", **options: Any) -> list[str]:
        """Continue a prompt to the end of the row, or for several rows.

        Args:
            prompt: raw text, or a list of tokens.
            options: those of ``core.generation.Sampling``.

        Returns:
            The samples, each starting with the prompt, one line per row.

        Raises:
            ConfigError: the model is not a language model, or an option does not fit.
        """
        model, how, row = self.language_model("generate"), sampling(options), self.corpus([prompt])
        inner = row.tokens.inner
        before, separator = row.spell(row.tokens.values[inner]), "" if self.task.tokens == "char" else " "
        ids = row.tokens if model.spell(row.words) else row.closed
        samples = generate(model, ids.values[inner], how)
        lines = [
            np.split(sample, np.flatnonzero(sample == END)) for sample in samples
        ]  # later lines start with END
        words = [[[*before, *row.spell(first)], *(row.spell(line[1:]) for line in rest)] for first, *rest in lines]
        return ["\n".join(map(separator.join, sample)) for sample in words]

    def language_model(self, purpose: str) -> LanguageModel:
        """The model as a language model; ConfigError if it is not one."""
        if isinstance(self.model, LanguageModel):
            return self.model
        what = f"{purpose} needs a language model, and task={self.config.task.name} is of kind {self.kind.name}"
        raise ConfigError(what, where="run", remedy="name a run of kind next")

    def _check_reads_rows(self, purpose: str) -> None:
        if not self.kind.reads_rows:
            task = f"task={self.config.task.name} evaluates the vectors of words"
            what = f"{purpose} needs a model that reads sentences, and {task}"
            raise ConfigError(what, where="run", remedy="see the command neighbors")

    def evaluate(self, source: Source, split: str = "test") -> tuple[Scores, Corpus, Arrays]:
        """The metrics, corpus and predictions of a split of other data, which may have new words and labels."""
        self._check_reads_rows("evaluate")
        options, spec = DataOptions(**self.config.data_options), self.kind.token_spec(self.task)
        threads = resolve_runtime(self.config.run, self.config.family, self.kind).threads
        corpus, self.notes = encode(source, split, spec, self.vocab, self.labels, options, threads)
        if self.labels:
            self.notes += [
                *unseen_labels({split: corpus}, self.labels),
                *similar_labels(corpus.label_names[FIRST:]),
            ]
        self.notes += [] if self.kind.labels == "token" else unspaced_rows(corpus, split, self.task.tokens)
        arrays = self.model.predict(corpus)
        return self.task.score(arrays, corpus, self.model.normalized), corpus, arrays

    def baselines(self, corpus: Corpus) -> dict[str, Scores]:
        """The scores of the most frequent answer and of chance."""
        arguments = self.kind, self.task, corpus
        return {"most frequent": most_frequent(*arguments), "chance": chance(*arguments)}


def load(
    run: str | Path, *, runs: str | Path = "runs", device: str = "auto", plugins: Sequence[str] = ()
) -> TrainedModel:
    """A trained model from its run folder.

    Args:
        run: the folder, the id, the start of the id, or the name of the run.
        runs: the folder in which ids and names are looked up.
        device: the device of the model.
        plugins: files or modules of plugins that it needs (those in the saved config are not loaded).

    Raises:
        StoreError: there is no such run, it was saved with ``save=none``, or its files do not fit together.
    """
    folder = store.find(Path(runs), str(run))
    record = store.read(folder)
    checksums.check(folder, but=store.NOT_MODEL)
    config, vocab = read_config(folder, plugins), store.read_vocab(folder, store.VOCAB)
    if vocab is None:
        what, remedy = "this run has no saved model, only scores", "train again without save=none"
        raise StoreError(what, where=str(folder), remedy=remedy)
    labels = store.read_vocab(folder, store.LABELS)
    if labels is None and config.kind.labels:
        raise StoreError("the labels are missing", where=str(folder / store.LABELS), remedy="train the run again")
    runtime = resolve_runtime({**config.run, "device": device}, config.family, config.kind)
    if config.family == "neural":  # the last bits of its results depend on the threads of training
        runtime = replace(runtime, threads=record.how["threads"])
    try:
        task = components.task(config)
        model = components.model(config, task, vocab, labels)
        model.restore(folder, runtime)
    except (SeqlabError, MemoryError):
        raise
    except Exception as error:  # a plugin's restore may raise anything if a file was changed
        what = f"the model cannot be read ({next(iter(str(error).splitlines()), type(error).__name__)})"
        raise StoreError(what, where=str(folder), remedy="train it again") from error
    return TrainedModel(config, task, vocab, labels, model)


def read_config(folder: Path, plugins: Sequence[str] = ()) -> RunConfig:
    """The config of a run folder, checked again; relative paths are those of the run's working directory."""
    try:
        open_regular(folder / store.CONFIG, store.CONFIG_LIMIT).close()
    except NotRegular as error:
        what = f"the config cannot be read ({error.strerror})"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again") from error
    except OSError:
        pass  # the error of reading it says which
    arguments = [f"config={folder / store.CONFIG}", "quiet=true"]
    arguments += [f"plugin={','.join(map(render, plugins))}"] if plugins else []
    configs = expand(arguments, base=store.read(folder).environment.get("folder"))
    if len(configs) != 1:
        what = f"the config describes {len(configs)} runs, not one"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again")
    return configs[0]


def _intern(rows: list[str | list[str]], tokens: str, interner: Interner, lower: bool) -> InternedSplit:
    """Text cut as the task cuts it and lists of tokens, in their order."""
    texts = np.array([isinstance(row, str) for row in rows], dtype=bool)
    parts, order = [], np.argsort(~texts, kind="stable")  # text first
    for to_column, numbers in ((to_strings, order[: texts.sum()]), (to_lists, order[texts.sum() :])):
        column = to_column([rows[number] for number in numbers.tolist()])
        parts.append(split_rows(column, tokens, interner, lower))
    codes, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return InternedSplit({"tokens": close(codes, lengths)}).select(np.argsort(order))


def _sentences(sentences: Iterable[str | Sequence[str]]) -> list[str | list[str]]:
    """Check that sentences are a list whose entries are texts or lists of words."""
    if isinstance(sentences, str):
        what, remedy = "one text is not a list of sentences", "put it into a list: [text]"
        raise ConfigError(what, where="predict", remedy=remedy)
    rows: list[str | list[str]] = []
    for number, row in enumerate(sentences, start=1):
        words = list(row) if isinstance(row, Iterable) and not isinstance(row, str) else [row]
        if not all(isinstance(word, str) for word in words):
            what = f"sentence {number} is {type(row).__name__}, neither text nor a list of words"
            raise ConfigError(what, where="predict", remedy="give one of the two")
        rows.append(row if isinstance(row, str) else words)
    return rows
