"""A saved run as something to use: predict new text, evaluate other data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.config import RunConfig, expand
from core.config.overrides import render
from core.data.checks import unseen_labels
from core.data.corpus import Corpus
from core.data.interning import Interner, check_words, close, split_rows
from core.data.options import DataOptions
from core.data.prepare import encode, to_corpus
from core.data.sources.base import Source
from core.data.splitting import InternedSplit, shorten
from core.data.vocab import END, Vocab
from core.errors import ConfigError, SeqlabError, StoreError
from core.evaluation.baselines import chance, most_frequent
from core.generation import generate, sampling
from core.kinds.base import Kind
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime, resolve_runtime
from core.runs import checksums, components, store
from core.task import Task
from core.types import Arrays, Note, Scores


class Score(NamedTuple):
    """What a language model gives one sentence.

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
class TrainedModel:
    """A trained model with its task and vocabularies.

    Args:
        config: what was run.
        task: the task.
        vocab: the words.
        labels: the labels, None where the task has none.
        model: the trained model.
        notes: what the user should know of the data that was evaluated last.
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

        ``data.lower`` is applied here too; ``data.max_length`` where each row has one answer.

        Raises:
            ConfigError: the argument is not a list of sentences.
            DataError: a token is the mark for the end of a row, or for its start where the next word is predicted.
        """
        rows, interner = _sentences(sentences), Interner()
        options = DataOptions(**self.config.data_options)
        splits = {"given": _intern(rows, self.task.tokens, interner, options.lower)}
        check_words(interner, {"given": splits["given"].columns["tokens"]}, self.kind.language_model)
        if self.kind.labels == "row":
            shorten(splits, options)
        return replace(to_corpus(splits["given"], self.vocab, None, interner.types, ()), labels=self.labels)

    def predict(self, sentences: Iterable[str | Sequence[str]]) -> list[Any]:
        """Predictions of sentences.

        Args:
            sentences: raw text, or lists of tokens.

        Returns:
            One entry per sentence: its tags (list of strings), its label (string), or from a language model its
            natural log-probability, the end included.
        """
        if isinstance(self.model, LanguageModel):
            return [score.log_prob for score in self.score(sentences)]
        self._check_rows("predict")
        corpus = self.corpus(sentences)
        return self.kind.answers(self.model.predict(corpus), corpus)

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[Score]:
        """Score sentences independently: also a model of running text starts each at its beginning.

        Args:
            sentences: raw text, or lists of tokens.

        Returns:
            One score per sentence, so that candidates can be ranked.

        Raises:
            ConfigError: the model is not a language model.
        """
        model, rows = self.language_model("score"), self.corpus(sentences)
        log_prob = model.score(rows, independent=True).astype(np.float64)
        if not self.task.end:
            log_prob[rows.tokens.ends] = 0.0
        unknown, starts = rows.tokens.values >= self.vocab.size, rows.tokens.offsets[:-1]
        each = (log_prob, unknown.astype(np.int64), np.where(unknown, 0.0, log_prob))
        whole, lacking, known = (np.add.reduceat(v, starts).tolist() if len(rows) else [] for v in each)
        lengths = (rows.tokens.lengths - (0 if self.task.end else 1)).tolist()
        return [Score(*row) for row in zip(whole, lengths, lacking, known, strict=True)]

    def generate(self, prompt: str | Sequence[str] = "", **options: Any) -> list[str]:
        """Continue a prompt up to the end of the row, or of more rows.

        Args:
            prompt: raw text, or a list of tokens; an embedding that reads letters reads those of new words too.
            options: those of ``core.generation.Sampling``.

        Returns:
            The samples, each with the prompt in front, one line per row.

        Raises:
            ConfigError: the model is not a language model, or an option does not fit.
        """
        model, how, row = self.language_model("generate"), sampling(options), self.corpus([prompt])
        inner = row.tokens.inner
        before, separator = row.spell(row.tokens.values[inner]), "" if self.task.tokens == "char" else " "
        ids = row.tokens if model.spell(row.words) else row.closed
        samples = generate(model, ids.values[inner], how)
        lines = [np.split(sample, np.flatnonzero(sample == END)) for sample in samples]  # END leads the later ones
        words = [[[*before, *row.spell(first)], *(row.spell(line[1:]) for line in rest)] for first, *rest in lines]
        return ["\n".join(map(separator.join, sample)) for sample in words]

    def language_model(self, purpose: str) -> LanguageModel:
        """The model as a language model.

        Raises:
            ConfigError: it is not one.
        """
        if isinstance(self.model, LanguageModel):
            return self.model
        task = f"task={self.config.task.name} is of kind {self.kind.name}"
        what = f"{purpose} needs a model that predicts each next token, and {task}"
        raise ConfigError(what, where="run", remedy="name a run of kind next")

    def _check_rows(self, purpose: str) -> None:
        if not self.kind.reads_rows:
            task = f"task={self.config.task.name} evaluates the vectors of words"
            what = f"{purpose} needs a model that reads sentences, and {task}"
            raise ConfigError(what, where="run", remedy="see the command neighbors")

    def evaluate(self, source: Source, split: str = "test") -> tuple[Scores, Corpus, Arrays]:
        """Score the model on other data, whose labels and words may be new to it.

        Args:
            source: the other data.
            split: which of its splits.

        Returns:
            The metrics, the corpus and the predictions.
        """
        self._check_rows("evaluate")
        options, spec = DataOptions(**self.config.data_options), self.kind.token_spec(self.task)
        threads = resolve_runtime(self.config.run, self.config.family, self.kind).threads
        corpus, self.notes = encode(source, split, spec, self.vocab, self.labels, options, threads)
        self.notes += unseen_labels({split: corpus}, self.labels) if self.labels else []
        arrays = self.model.predict(corpus)
        return self.task.score(arrays, corpus, self.model.normalized), corpus, arrays

    def baselines(self, corpus: Corpus) -> dict[str, Scores]:
        """The scores of the most frequent answer and of chance."""
        scores = {"most frequent": most_frequent, "chance": chance}
        return {name: score(self.kind, self.task, corpus) for name, score in scores.items()}


def load(
    run: str | Path, *, runs: str | Path = "runs", device: str = "auto", plugins: Sequence[str] = ()
) -> TrainedModel:
    """A trained model from its run folder.

    Args:
        run: the folder, the id, the start of the id, or the run's name.
        runs: where ids and names are looked up.
        device: where the model is put.
        plugins: files or modules of plugins that it needs (those in the saved config are never loaded).

    Raises:
        StoreError: there is no such run, it was saved with ``save=none``, or its files do not fit together.
    """
    folder = store.find(Path(runs), str(run))
    record = store.read(folder)
    checksums.check(folder)
    config, vocab = read_config(folder, plugins), store.read_vocab(folder, store.VOCAB)
    if vocab is None:
        what, remedy = "this run saved its scores only, no model", "train again without save=none"
        raise StoreError(what, where=str(folder), remedy=remedy)
    labels = store.read_vocab(folder, store.LABELS)
    if labels is None and config.kind.labels:
        raise StoreError("the labels are missing", where=str(folder / store.LABELS), remedy="train the run again")
    runtime = _runtime(config, record.how, device)
    try:
        task = components.task(config)
        model = components.model(config, task, vocab, labels)
        model.restore(folder, runtime)
    except (SeqlabError, MemoryError):
        raise
    except Exception as error:  # of a file that was tampered with, a plugin's restore may raise anything
        what = f"the model cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__})"
        raise StoreError(what, where=str(folder), remedy="train it again") from error
    return TrainedModel(config, task, vocab, labels, model)


def _runtime(config: RunConfig, how: dict[str, Any], device: str) -> Runtime:
    """The runtime of a saved run, on the device that was asked for.

    The threads are those of training, since a neural model's last bits depend on them; not so a counting model's.
    """
    runtime = resolve_runtime({**config.run, "device": device}, config.family, config.kind)
    return runtime if config.family == "counting" else replace(runtime, threads=how["threads"])


def read_config(folder: Path, plugins: Sequence[str] = ()) -> RunConfig:
    """The config of a run folder, checked again; its relative paths start at the folder in which the run was made.

    Args:
        folder: the run folder.
        plugins: files or modules of plugins that it needs.
    """
    arguments = [f"config={folder / store.CONFIG}", "quiet=true"]
    arguments += [f"plugin={','.join(map(render, plugins))}"] if plugins else []
    configs = expand(arguments, base=store.read(folder).environment.get("folder"))
    if len(configs) != 1:
        what = f"the config describes {len(configs)} runs, a run folder has one"
        raise StoreError(what, where=str(folder / store.CONFIG), remedy="train the run again")
    return configs[0]


def _intern(rows: list[str | list[str]], tokens: str, interner: Interner, lower: bool) -> InternedSplit:
    """Text cut as the task cuts it, lists as they are, in their given order."""
    import pyarrow as pa

    texts = np.array([isinstance(row, str) for row in rows], dtype=bool)
    kinds = [(pa.string(), np.flatnonzero(texts)), (pa.list_(pa.string()), np.flatnonzero(~texts))]
    parts = [
        split_rows(pa.array([rows[i] for i in some.tolist()], kind), tokens, interner, lower)
        for kind, some in kinds
    ]
    codes, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    given = InternedSplit({"tokens": close(codes, lengths)})
    return given.select(np.argsort(np.concatenate([some for _, some in kinds])))


def _sentences(sentences: Iterable[str | Sequence[str]]) -> list[str | list[str]]:
    """Check what is to be predicted: a list of texts, or of lists of words, and not one text."""
    if isinstance(sentences, str):
        raise ConfigError(
            "one text is not a list of sentences", where="predict", remedy="put it into a list: [text]"
        )
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
