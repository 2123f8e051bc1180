"""A saved run that predicts new text and is evaluated on other data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.config import RunConfig, other_data
from core.config.overrides import render
from core.data.corpus import Corpus
from core.data.interning import check_words
from core.data.label_notes import label_notes
from core.data.options import DataOptions
from core.data.prepare import encode, to_corpus
from core.data.sources.base import Source
from core.data.spans import word_interner
from core.data.split_choice import choose_split
from core.data.splitting import shorten
from core.data.text_checks import unspaced_rows
from core.data.vocab import END, FIRST, Vocab
from core.errors import ConfigError, SeqlabError, StoreError
from core.evaluation.baselines import constants
from core.generation import generate, sampling
from core.kinds.base import Kind
from core.kinds.rendering import Prediction
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime, resolve_runtime
from core.runs import checksums, components, store, whole_models
from core.runs.next_words import first_of, next_words
from core.runs.saved_config import read_config
from core.runs.sentence_scores import Score, score_rows
from core.runs.sentences import check_sentences, intern_sentences
from core.task import Task
from core.types import Arrays, Note, Scores

TOP = 10  # next words whose probabilities are given


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
            DataError: a token marks the end of a row (for language models also the start), or is not UTF-8; spans
                that the task needs are not marked.
        """
        rows, spec = check_sentences(sentences), self.kind.token_spec(self.task)
        options, interner = DataOptions(**self.config.data_options), word_interner(spec.marks)
        splits = {"given": intern_sentences(rows, spec, interner, options)}
        check_words(interner, {"given": splits["given"].columns["tokens"]}, self.kind.language_model)
        if self.kind.labels not in ("token", None):  # each row has one answer
            shorten(splits, options)
        return replace(to_corpus(splits["given"], self.vocab, None, interner.types, ()), labels=self.labels)

    def predict(
        self,
        sentences: Iterable[str | Sequence[str]],
        *,
        probabilities: bool = False,
        top: int = TOP,
        notes: list[Note] | None = None,
    ) -> list[Any]:
        """Predictions of sentences.

        Args:
            sentences: raw text, or lists of tokens.
            probabilities: whether the probabilities of all labels are given too (with a CRF or a hidden Markov
                model those of each token, summed over all tag sequences), or of a language model the most likely
                next words.
            top: the number of next words.
            notes: receives what the user should know about how the sentences are read.

        Returns:
            Per sentence its tags (list of strings), its label or its translation (string), or of a language model
            its natural log-probability, the end included; with ``probabilities`` a ``Prediction`` of this and of a
            dictionary label -> probability (one per token for tags), or next word -> probability.

        Raises:
            ConfigError: the scores of the model are not probabilities.
        """
        self._check_reads_rows("predict")
        if probabilities:
            self._check_probabilities()
        corpus = self.corpus(sentences)
        if notes is not None:
            notes += [*self.model.notes(corpus), *self.kind.row_notes(corpus)]
        if isinstance(self.model, LanguageModel):
            answers, chances = self._next(self.model, corpus, top if probabilities else 0)
        else:
            arrays = whole_models.predict(self.config, self.model, corpus, probabilities)
            answers = self.kind.shown(self.kind.answers(arrays, corpus), self.task)
            chances = self.kind.probabilities(arrays, corpus) if probabilities else []
            chances = first_of(chances, top) if self.kind.most_likely_words else chances
        return list(map(Prediction, answers, chances)) if probabilities else answers

    def _next(self, model: LanguageModel, corpus: Corpus, top: int) -> tuple[list[Any], list[Any]]:
        """The likeliest next word of each row, or its log-probability, and the ``top`` next words."""
        first = self.kind.first_next_word
        chances: list[Any] = next_words(model, corpus, max(top, 1), first) if top or first else []
        if first:
            return [next(iter(words)) for words in chances], chances
        return [score.log_prob for score in score_rows(model, corpus, self.task.end)], chances

    def score(self, sentences: Iterable[str | Sequence[str]]) -> list[Score]:
        """Score each sentence on its own, also with a model of running text.

        Args:
            sentences: raw text, or lists of tokens.

        Raises:
            ConfigError: the model is not a language model.
        """
        return score_rows(self.language_model("score"), self.corpus(sentences), self.task.end)

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
        prepared = model.prepare(row.words)
        ids = row.closed if prepared is None else row.tokens
        samples = generate(model, ids.values[inner], how, prepared)
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

    def _check_probabilities(self) -> None:
        if not self.kind.has_probabilities:
            what, remedy = f"predictions of kind {self.kind.name} have no probabilities", "leave it out"
        elif not self.model.normalized:
            what, remedy = "the scores of this model are not probabilities", "choose another encoder.smoothing"
        else:
            return
        raise ConfigError(what, where="probabilities", remedy=remedy)

    def evaluate(
        self, source: Source | str | Path, split: str | None = None, **options: Any
    ) -> tuple[Scores, Corpus, Arrays]:
        """The metrics, corpus and predictions of a split of other data, which may have new words and labels.

        Args:
            source: a path or a name, as in ``data=``, or an open source.
            split: None: ``test``, or the only split of the data.
            options: those of the data, such as ``label="upos"``; those of the run hold where they are left out.

        Raises:
            ConfigError: there are several splits and none is ``test``, or an option that the data does not have.
            DataError: the data cannot be read.
        """
        self._check_reads_rows("evaluate")
        source = self._open(source, options)
        split, chosen = choose_split(source, split)
        own, spec = DataOptions(**self.config.data_options), self.kind.token_spec(self.task)
        threads = resolve_runtime(self.config.run, self.config.family, self.kind).threads
        corpus, notes = encode(source, split, spec, self.vocab, self.labels, own, threads)
        if self.labels:
            notes += label_notes(spec, {split: corpus}, self.labels, corpus.label_names[FIRST:])
        notes += [] if self.kind.labels == "token" else unspaced_rows(corpus, split, self.task.tokens)
        self.notes = [*chosen, *notes, *self.model.notes(corpus)]
        arrays = whole_models.predict(self.config, self.model, corpus)
        return self.task.score(arrays, corpus, self.model.normalized), corpus, arrays

    def _open(self, source: Source | str | Path, options: Mapping[str, Any]) -> Source:
        """The source of other data, with the run's own options where these are not given."""
        if not isinstance(source, (str, Path)):
            return source
        given = [f"data={render(str(source))}", *(f"data.{key}={render(value)}" for key, value in options.items())]
        return components.source(other_data(self.config, given))

    def baselines(self, corpus: Corpus) -> dict[str, Scores]:
        """The scores of the most frequent answer, of chance, and of the kind's other baselines."""
        return constants(self.kind, self.task, corpus)


def load(
    run: str | Path,
    *,
    runs: str | Path = "runs",
    device: str = "auto",
    plugins: Sequence[str] = (),
    max_tokens: int | None = None,
) -> TrainedModel:
    """A trained model from its run folder.

    Args:
        run: the folder, the id, the start of the id, or the name of the run.
        runs: the folder in which ids and names are looked up.
        device: the device of the model.
        plugins: files or modules of plugins that it needs (those in the saved config are not loaded).
        max_tokens: the maximum number of tokens that a neural model reads at a time; None: the
            ``predict.max_tokens`` of the run.

    Raises:
        ConfigError: the model is a counting model, which has no such limit, or it is not a number above 0.
        StoreError: there is no such run, it was saved with ``save=none``, or its files do not fit together.
    """
    folder = store.find(Path(runs), str(run))
    record = store.read(folder)
    checksums.check(folder, but=store.NOT_MODEL)
    config, vocab = read_config(folder, plugins), store.read_vocab(folder, store.VOCAB)
    if vocab is None:
        what, remedy = "this run has no saved model, only scores", "train again without save=none"
        raise StoreError(what, where=str(folder), remedy=remedy)
    if max_tokens is not None:
        config = components.limited(config, max_tokens)
    labels = store.read_vocab(folder, store.LABELS)
    if labels is None and config.kind.labels:
        raise StoreError("the labels are missing", where=str(folder / store.LABELS), remedy="train the run again")
    runtime = resolve_runtime({**config.run, "device": device}, config.family, config.kind)
    if not config.traits.exact:  # the last bits of its results may depend on the threads of training
        runtime = replace(runtime, threads=record.how["threads"])
    return _restore(folder, config, (vocab, labels), runtime)


def _restore(
    folder: Path, config: RunConfig, vocabs: tuple[Vocab, Vocab | None], runtime: Runtime
) -> TrainedModel:
    """The task and the model of a run folder."""
    try:
        task = components.task(config)
        model = components.model(config, task, *vocabs)
        model.restore(folder / model.folder, runtime)
    except SeqlabError:
        raise
    except Exception as error:  # a plugin's restore may raise anything if a file was changed
        what = f"the model cannot be read ({next(iter(str(error).splitlines()), type(error).__name__)})"
        spec = config.encoder.spec
        plugin = f", or fix {spec.where} (plugin {spec.plugin})" if spec and config.traits.whole else ""
        raise StoreError(what, where=str(folder), remedy=f"train it again{plugin}") from error
    return TrainedModel(config, task, *vocabs, model)
