"""A model of the counting family, as the runner sees it: a head over count models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.counting.base import CountHead, CountModel
from core.counting.selection import Options, choose
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import StoreError
from core.model.context import Context
from core.types import Arrays, Floats

FOLDER = "model"


class CountingModel:
    """Fits, predicts, saves and restores; options left at ``auto`` are chosen on dev.

    Args:
        kind: ``next``, ``token`` or ``sequence``.
        model_class: the ``CountModel`` of the chosen encoder.
        model_options: its options, as the user set them.
        head_class: the head for the kind.
        head_options: its options, as the user set them.
        vocab: the token vocabulary.
        labels: the label vocabulary, None for kind ``next``.
        threads: that its models may take.
    """

    family = "counting"

    def __init__(
        self,
        kind: str,
        model_class: type[CountModel],
        model_options: Options,
        head_class: type[CountHead],
        head_options: Options,
        vocab: Vocab,
        labels: Vocab | None,
        threads: int = 1,
    ) -> None:
        self.kind, self.vocab, self.labels, self.threads = kind, vocab, labels, threads
        self.model_class, self.model_options = model_class, dict(model_options)
        self.head_class, self.head_options = head_class, dict(head_options)
        self.chosen: dict[str, Any] = {}
        self.head = self._build(self.model_options, self.head_options)

    def _build(self, model_options: Options, head_options: Options) -> CountHead:
        def make_model(size: int) -> CountModel:
            made = self.model_class(size, **model_options)
            made.threads = self.threads
            return made

        return self.head_class(make_model, self.vocab, self.labels, **head_options)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Choose on dev what is ``auto``, then count the training split.

        Args:
            train: what to count.
            dev: what choices are judged on.
            context: the judge and the observers.
        """
        given = _dotted(self.model_options, self.head_options)
        model, head = choose(
            self.model_class,
            self.model_options,
            self.head_class,
            self.head_options,
            self._build,
            train,
            dev,
            context,
            self.kind,
        )
        found = _dotted(model, head)
        self.chosen = {key: value for key, value in found.items() if key not in given or given[key] != value}
        self.head = self._build(model, head)
        self.head.fit(train, dev, context)

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``CountHead.predict``."""
        return self.head.predict(corpus)

    def next_log_probs(self, histories: npt.NDArray[np.int32]) -> Floats:
        """See ``CountModel.next_log_probs`` (kind ``next`` alone)."""
        scores: Floats = self.head.next_log_probs(histories)  # type: ignore[attr-defined] # the head of `next` has it
        return scores

    def save(self, folder: str | Path) -> None:
        """Write a file an array, ``model/NAME.npy``, into a folder that exists."""
        place = Path(folder) / FOLDER
        place.mkdir(exist_ok=True)
        for name, array in self.head.arrays().items():
            np.save(place / f"{name}.npy", array, allow_pickle=False)

    def restore(self, folder: str | Path) -> None:
        """Map what ``save`` wrote, so that processes share one copy; the options must be the chosen ones.

        Raises:
            StoreError: a file is missing or damaged, or belongs to other options.
        """
        place = Path(folder) / FOLDER
        try:
            self.head.restore({path.stem: _mapped(path) for path in sorted(place.glob("*.npy"))})
        except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError) as error:
            raise StoreError(
                f"the counts cannot be read ({error})", where=str(place), remedy="train the run again"
            ) from error

    @property
    def parameters(self) -> int:
        """How many numbers were learned."""
        return sum(int(array.size) for array in self.head.arrays().values())

    @property
    def normalized(self) -> bool:
        """Whether the model's scores are probabilities."""
        return self.head.make_model(FIRST).normalized

    def facts(self) -> dict[str, Any]:
        """What the record shows about the fitted model."""
        return self.head.facts()


def _dotted(model: Options, head: Options) -> dict[str, Any]:
    """Both sets of options under the keys that a user writes."""
    encoder = {f"encoder.{key}": value for key, value in model.items()}
    return encoder | {f"head.{key}": value for key, value in head.items()}


def _mapped(path: Path) -> npt.NDArray[Any]:
    """An array that stays on disk until it is read, as a plain one, which compiled code knows at first sight."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
