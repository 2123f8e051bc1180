"""The counting family as the runner sees it: a head over count models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.counting.base import CountHead, CountModel
from core.counting.heads.language import LanguageCountHead
from core.counting.selection import Options, Selection, dotted, select
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import StoreError
from core.kinds.base import Kind
from core.model.context import Context
from core.model.interface import LanguageModel, Model
from core.model.runtime import Runtime
from core.types import Arrays, Floats, Int32s, Table

FOLDER = "model"


class CountingModel(Model):
    """Fits, predicts, saves and restores; options left at ``auto`` are chosen on dev.

    Args:
        kind: what the task predicts.
        encoder: the ``CountModel`` of the chosen encoder, and its options as the user set them.
        head_options: the options of the kind's head, as the user set them.
        vocab: the token vocabulary.
        labels: the label vocabulary; None if the task has none.
    """

    family, folder, seeded = "counting", "", False

    def __init__(
        self,
        kind: Kind,
        encoder: tuple[type[CountModel], Mapping[str, Any]],
        head_options: Mapping[str, Any],
        vocab: Vocab,
        labels: Vocab | None,
    ) -> None:
        super().__init__()
        self.kind, self.vocab, self.labels, self.runtime = kind, vocab, labels, Runtime()
        self.model_class, self.model_options, self.head_options = encoder[0], dict(encoder[1]), dict(head_options)
        self.head_class: type[CountHead] = kind.import_class("heads", self.family)
        self.selection: Selection | None = None  # what dev decided, of a model that was fitted here
        self.head = self.build(self.model_options, self.head_options)

    def build(self, model_options: Options, head_options: Options) -> CountHead:
        """An unfitted head."""

        def make_model(size: int) -> CountModel:
            model = self.model_class(size, **model_options)
            model.threads = self.runtime.threads
            return model

        return self.head_class(make_model, self.vocab, self.labels, **head_options)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Choose on dev what is ``auto``, then count the training split."""
        self.runtime = context.runtime
        given = dotted(self.model_options, self.head_options)
        models_text = self.kind.language_model or self.kind.reads_around or self.head_class.models_text
        models = self.model_class.choices(self.model_options, models_text)
        heads = self.head_class.choices(self.head_options)
        self.selection = select(models, heads, self.build, train, dev, context)
        model = _complete(self.model_options, models, self.selection.model)
        head = _complete(self.head_options, heads, self.selection.head)
        options = dotted(model, head)
        self.chosen = {key: value for key, value in options.items() if key not in given or given[key] != value}
        self.head = self.build(model, head)
        self.head.fit(train, dev, context)
        if (note := self.selection.note(context.primary)) is not None:
            context.notify("note", **note.to_json())
        self.status = "finished"

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``Model.predict``."""
        return self.head.predict(corpus, probabilities=True) if probabilities else self.head.predict(corpus)

    def save(self, folder: Path) -> None:
        """Write one file per array, ``model/NAME.npy``, into an existing folder."""
        path = folder / FOLDER
        path.mkdir(exist_ok=True)
        for name, array in self.head.arrays().items():
            np.save(path / f"{name}.npy", array, allow_pickle=False)

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Map what ``save`` wrote into memory, shared between processes; the options must be the chosen ones.

        Raises:
            StoreError: a file is missing or damaged, or belongs to other options.
        """
        path, self.runtime = folder / FOLDER, runtime
        try:
            arrays = {file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in path.glob("*.npy")}
            # plain arrays, so that compiled code needs no specialisation for memory maps
            self.head.restore({name: np.asarray(array) for name, array in sorted(arrays.items())})
        except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
            what = f"the counts cannot be read ({error})"
            raise StoreError(what, where=str(path), remedy="train the run again") from error
        self.status = "finished"

    @property
    def parameters(self) -> int:
        """The number of learned values."""
        return sum(int(array.size) for array in self.head.arrays().values())

    @property
    def normalized(self) -> bool:
        """Whether the model's scores are probabilities."""
        return self.head.make_model(FIRST).normalized

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted model and how its options were chosen."""
        return self.head.facts() | (self.selection.facts if self.selection else {})


class CountingLanguageModel(CountingModel, LanguageModel):
    """A count model as a language model: it reads each row separately."""

    head: LanguageCountHead

    def score(self, corpus: Corpus, *, independent: bool) -> Floats:
        """See ``LanguageModel.score``; rows are always independent."""
        return self.predict(corpus)["log_prob"]

    def next_log_probs(self, histories: Int32s, prepared: None = None) -> Floats:
        """See ``LanguageModel.next_log_probs``."""
        return self.head.model.next_log_probs(histories)

    def explain_next(self, history: Int32s, words: Sequence[str], limit: int) -> list[Table]:
        """See ``LanguageModel.explain_next``."""
        return self.head.model.explain(history, words, limit)


def _complete(given: Options, candidates: list[Options], best: Options) -> Options:
    """The given options, with those of the best candidate in which the candidates differ."""
    return given | {key: best[key] for key in best if any(c.get(key) != best[key] for c in candidates)}
