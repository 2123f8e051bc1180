"""The checks of a whole model's contract (see ``core.testing.check_encoder``)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.config import RunConfig, expand
from core.config.changed import with_values
from core.data.corpus import Corpus
from core.data.interning import Interner
from core.data.options import DataOptions
from core.data.prepare import Data, prepare, to_corpus
from core.errors import PluginError
from core.model.context import Context
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime
from core.registry import Spec
from core.runs import components, whole_models
from core.runs.sentences import intern_sentences
from core.task import Task
from core.testing.no_code_execution import record_execution
from core.testing.rows import SyntheticSource, histories
from core.testing.space import check_space
from core.types import Arrays

ENDINGS = (".npy", ".npz", ".json", ".txt", ".bin")
NEAR = 1e-4  # tolerance for rounding in another order of summation
LABELS = ("A", "B", "C")
WIDTH = 12
# rows without labels, as `predict` reads them: a usual one, without words, with unknown ones, a long one
GIVEN = [["w1", "w2", "w3"], [], ["unseen", "w4", "名前"], ["w5"] * 200, ["x"], ["w6", "w1"]]


class Trained:
    """A model that is fitted to synthetic rows, and what it was made from."""

    def __init__(self, task: str, encoder: str, options: dict[str, Any]) -> None:
        arguments = {"task": task, "encoder": encoder}
        self.config: RunConfig = expand(arguments | _under_encoder(options))[0]
        self.task: Task = components.task(self.config)
        spec = self.config.kind.token_spec(self.task)
        self.data: Data = prepare(SyntheticSource(LABELS, spec.labels), spec, DataOptions())
        self.test = self.data.splits["test"]
        self.given = self._given()
        self.model = self.fitted(1)

    def _given(self) -> Corpus:
        spec = replace(self.config.kind.token_spec(self.task), tokens="space", marks=None)
        interner = Interner()
        split = intern_sentences([*GIVEN], spec, interner, DataOptions())
        corpus = to_corpus(split, self.data.vocab, None, interner.types, ())
        return replace(corpus, labels=self.data.labels)

    def fitted(self, seed: int) -> Model:
        """A model that is fitted with a seed."""
        model = self.built(self.config)
        runtime = Runtime(seed=seed)
        model.fit(
            self.data.splits["train"],
            self.data.splits["dev"],
            Context(self.task.metrics, self.task.primary, self.task.minimize, runtime),
        )
        whole_models.check_fitted(self.config, model)
        return model

    def built(self, config: RunConfig) -> Model:
        """An untrained model."""
        return whole_models.build(config, self.task, self.data.vocab, self.data.labels)

    def predict(self, corpus: Corpus, model: Model | None = None) -> Arrays:
        """The predictions of rows with all probabilities, checked."""
        return whole_models.predict(self.config, model or self.model, corpus, self.config.kind.has_probabilities)

    def difference(self, first: Arrays, second: Arrays) -> str:
        """Which array differs between two predictions of the same rows by more than rounding; empty if none."""
        for name in first:
            if name not in second or first[name].shape != second[name].shape:
                return name
            if first[name].dtype.kind == "f" and not np.allclose(first[name], second[name], atol=NEAR):
                return name
            if first[name].dtype.kind != "f" and not np.array_equal(first[name], second[name]):
                return name
        return ""


def check_whole_model(spec: Spec, task: str, options: dict[str, Any]) -> None:
    """Predictions, rows alone and together, seeds, threads, saving and restoring, on the rows of one task.

    Raises:
        AssertionError: a rule is broken.
    """
    try:
        trained = Trained(task, spec.name, options)
        trained.predict(trained.test)
        _check_unchanged(trained)
        _check_given(trained)
        _check_threads(trained)
        _check_seeds(trained)
        _check_saving(trained)
        check_space(spec, lambda drawn: trained.built(with_values(trained.config, _under_encoder(drawn))))
        if isinstance(trained.model, LanguageModel):
            _check_distributions(trained, trained.model)
    except PluginError as error:
        raise AssertionError(error.what) from error


def _under_encoder(options: dict[str, Any]) -> dict[str, Any]:
    return {f"encoder.{name}": value for name, value in options.items()}


def _rows(corpus: Corpus) -> Iterator[Corpus]:
    return (corpus.select(np.array([row])) for row in range(len(corpus)))


def _check_given(trained: Trained) -> None:
    """Rows without labels are predicted, each alone as among others."""
    alone = []
    for row, words in zip(_rows(trained.given), GIVEN, strict=True):
        text = f"the row '{' '.join(words[:4])}{' ...' if len(words) > 4 else ''}', which has no label,"
        alone.append(_predict(trained, row, text if words else "a row without words"))
    together = trained.predict(trained.given)
    joined = {name: np.concatenate([arrays[name] for arrays in alone]) for name in together}
    name = trained.difference(joined, together)
    assert not name, f"batch mates: {name} of a row depends on the other rows of the corpus"
    _predict(trained, trained.given.select(np.zeros(0, dtype=np.int64)), "a corpus without rows")


def _predict(trained: Trained, corpus: Corpus, what: str) -> Arrays:
    try:
        return trained.predict(corpus)
    except PluginError:
        raise
    except Exception as error:
        raise AssertionError(f"predict: {what} raises {type(error).__name__}: {error}") from error


def _check_unchanged(trained: Trained) -> None:
    """Threads share a model, so predicting sets nothing in it, and gives the same again."""
    first, before = trained.predict(trained.test), _state(trained.model)
    again, after = trained.predict(trained.test), _state(trained.model)
    changed = next((name for name in after if after[name] != before.get(name)), "")
    assert not changed, f"concurrency: predict sets {changed}; threads share the model"
    name = trained.difference(first, again)
    assert not name, f"predict: {name} of the same rows differs from one call to the next"


def _state(model: Model) -> dict[str, object]:
    """Each attribute: a plain value, the bytes of an array, or which object it is."""
    state: dict[str, object] = {}
    for name, value in vars(model).items():
        plain = isinstance(value, int | float | str | tuple)
        state[name] = value if plain else value.tobytes() if isinstance(value, np.ndarray) else id(value)
    return state


def _check_threads(trained: Trained) -> None:
    corpora = [trained.given, trained.test, *_rows(trained.given)] * 3
    expected = [trained.predict(corpus) for corpus in corpora]
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(trained.predict, corpora))
    except Exception as error:
        raise AssertionError(f"concurrency: predict fails while other threads predict ({error})") from error
    name = next(filter(None, map(trained.difference, expected, found)), "")
    assert not name, f"concurrency: {name} differs while other threads predict"


def _check_seeds(trained: Trained) -> None:
    first = trained.predict(trained.test)
    name = trained.difference(first, trained.predict(trained.test, trained.fitted(1)))
    assert not name, f"seeds: {name} differs between two models fitted with the same seed (context.runtime.seed)"
    if not trained.config.seeded:
        other = trained.predict(trained.test, trained.fitted(2))  # of such models only one is trained: equal bytes
        name = next((name for name in first if not np.array_equal(first[name], other[name])), "")
        assert not name, f"seeds: the class says seeded = False, and {name} differs with another seed"


def _check_saving(trained: Trained) -> None:
    chosen = {key.removeprefix("encoder."): value for key, value in trained.model.chosen.items()}
    encoder = trained.config.encoder
    config = replace(trained.config, encoder=replace(encoder, options=encoder.options | chosen))
    restored = trained.built(config)
    with tempfile.TemporaryDirectory() as folder:
        trained.model.save(Path(folder))
        _check_files(Path(folder))
        with record_execution() as executed:
            try:
                restored.restore(Path(folder), Runtime())
            except Exception as error:
                raise AssertionError(f"restore: it raises {type(error).__name__}: {error}") from error
        assert not executed, f"restore: it executes what it reads: {'; '.join(dict.fromkeys(executed))}"
    for corpus in (trained.test, trained.given):  # after the folder is gone
        name = trained.difference(trained.predict(corpus), trained.predict(corpus, restored))
        assert not name, f"restore: {name} differs from that of the saved model"
    assert restored.parameters == trained.model.parameters, "restore: the number of parameters differs"


def _check_files(folder: Path) -> None:
    files = list(folder.iterdir())
    assert files, "save: it writes no file into the folder"
    for file in files:
        named = file.is_file() and file.suffix in ENDINGS
        assert named, f"save: {file.name} is not a file that ends in {', '.join(ENDINGS)}"


def _check_distributions(trained: Trained, model: LanguageModel) -> None:
    """The distribution of the next token sums to 1 and agrees with the predictions."""
    tokens = trained.test.closed.select(np.arange(20))
    table = model.next_log_probs(histories(tokens, WIDTH))
    expected = len(tokens.values), trained.data.vocab.size
    assert table.shape == expected, f"next_log_probs: it is {table.shape}, not (B, vocab.size) = {expected}"
    if model.normalized:
        sums = np.exp(table.astype(np.float64)).sum(axis=1)
        assert np.allclose(sums, 1, atol=NEAR), f"next_log_probs: sums to 1, not {sums.min()}-{sums.max()}"
    if not model.stream:
        predicted = trained.predict(trained.test.select(np.arange(20)))["log_prob"]
        agree = np.allclose(table[np.arange(len(tokens.values)), tokens.values], predicted, atol=NEAR)
        assert agree, "next_log_probs: it differs from the log_prob of predict"
