"""The linear-chain conditional random field as a whole model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from core.config.space import Search
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import ConfigError, DataError
from core.model.context import Context
from core.model.interface import Model
from core.model.runtime import Runtime
from core.types import Arrays
from plugins.models.crf import files, model_file, rows, tagging, training
from plugins.models.crf.features import Templates

# algorithm -> its epochs and penalties, where the user leaves them open
DEFAULTS: dict[str, dict[str, Any]] = {
    "ap": {"max_iterations": 10},
    "l2sgd": {"max_iterations": 30, "c2": 1.0},
    "lbfgs": {"max_iterations": 100, "c1": 0.0, "c2": 0.3},
    "pa": {"max_iterations": 10},
    "arow": {"max_iterations": 10},
}
FEW = 5_000_000  # tokens times labels: up to 2 GB for the features that training lacks
MEMORIES = {"lbfgs": {"num_memories": 30}}  # past gradients: it needs half as many epochs as with CRFsuite's 6
Algorithm = Literal["ap", "l2sgd", "lbfgs", "pa", "arow"]
ONLY = ("algorithm", ("lbfgs",))  # when a search tries penalties
LIKELIHOOD = ("lbfgs", "l2sgd")  # these maximise it
SEEDLESS = "lbfgs"  # the only one that does not shuffle the rows


class CRF(Model):
    """A linear-chain conditional random field (Lafferty et al. 2001), trained by CRFsuite (Okazaki 2007).

    Args:
        vocab: the words.
        labels: the labels.
        algorithm: how the weights are learned: ap is the averaged perceptron (Collins 2002); lbfgs and l2sgd
            maximise the likelihood; pa is passive-aggressive; arow keeps a variance per weight.
        max_iterations: maximum number of epochs; none for 100 with lbfgs, 30 with l2sgd, else 10.
        c1: weight of the L1 penalty, for lbfgs only; none for 0.
        c2: weight of the L2 penalty, for lbfgs and l2sgd only; none for 0.3 and 1.
        min_count: features that occur less often in training have no weight.
        unseen: which features that training lacks have a weight too: transitions (any label after any label), all
            (also any attribute with any label) or none. auto is none with a larger min_count; else all for ap if
            the training tokens times the labels are at most 5 million, since it needs memory; else transitions.
        window: the number of words on each side of a token that its features read.
        affixes: maximum length of the prefixes and suffixes of the token's word.
        neighbor_affixes: the same for the words next to it.
    """

    def __init__(
        self,
        vocab: Vocab,
        labels: Vocab,
        *,
        algorithm: Annotated[Algorithm, Search(choices=("ap", "lbfgs"))] = "ap",
        max_iterations: Annotated[int, Ge(1), Le(1_000_000)] | None = None,
        c1: Annotated[Annotated[float, Ge(0)] | None, Search(1e-3, 1, log=True, when=ONLY)] = None,
        c2: Annotated[Annotated[float, Ge(0)] | None, Search(1e-3, 1, log=True, when=ONLY)] = None,
        min_count: Annotated[int, Ge(1)] = 1,
        unseen: Literal["none", "transitions", "all", "auto"] = "auto",
        window: Annotated[int, Ge(0), Le(10), Search(1, 3)] = 2,
        affixes: Annotated[int, Ge(0), Le(20), Search(3, 6)] = 5,
        neighbor_affixes: Annotated[int, Ge(0), Le(20)] = 3,
    ) -> None:
        super().__init__()
        if labels.size <= FIRST:
            raise DataError("no training token has a label", where="data", remedy="check the column of labels")
        if unseen in ("transitions", "all") and min_count > 1:
            what, remedy = f"with unseen={unseen} it must be 1", "leave one of them out"
            raise ConfigError(what, where="encoder.min_count", remedy=remedy)
        if algorithm == "l2sgd" and c2 == 0:
            raise ConfigError(
                "l2sgd needs a penalty above 0", where="encoder.c2", remedy="raise it, or leave it out"
            )
        given = {"max_iterations": max_iterations, "c1": c1, "c2": c2}
        self.labels, self.algorithm = labels, algorithm
        self.settings = _settings(algorithm, given) | MEMORIES.get(algorithm, {})
        self.unseen: str = unseen
        self.min_count = min_count
        self.templates = Templates(window, affixes, neighbor_affixes)
        self.weights = b""

    @classmethod
    def is_seeded(cls, options: Mapping[str, Any]) -> bool:
        """Whether the algorithm shuffles the rows."""
        return bool(options["algorithm"] != SEEDLESS)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Learn the weights; dev is not read.

        Raises:
            TrainingError: CRFsuite fails.
            KeyboardInterrupt: after Ctrl-C at the end of an epoch; there is no model then.
        """
        tokens, seed = int(train.tokens.inner.sum()), context.runtime.seed
        if self.unseen == "auto":
            self.unseen = self._unseen(tokens)
        pieces, report = rows.training_pieces(train, self.templates), _Curve(self, tokens, len(train), context)
        settings = self.settings | self._features(self.unseen)
        self.weights = training.train(pieces, self.algorithm, settings, seed, report)
        self.status = "finished"

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``Model.predict``; ``log_probs`` are marginal, from all label sequences of the row."""
        pieces = rows.prediction_pieces(corpus, self.templates)
        events = int(corpus.tokens.inner.sum())
        return tagging.tag(self.weights, pieces, events, self.labels.size - FIRST, probabilities)

    @property
    def parameters(self) -> int:
        """The number of weights, of attributes with labels and of pairs of labels."""
        return model_file.count(self.weights).features

    def save(self, folder: Path) -> None:
        """Write CRFsuite's file, and what it belongs to."""
        files.save(folder, self.weights, self._description())

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Read what ``save`` wrote.

        Raises:
            StoreError: a file is missing or damaged, or belongs to a model with other options or labels.
        """
        self.weights = files.read(folder, self._description())
        self.status = "finished"

    def facts(self) -> dict[str, Any]:
        """The number of epochs, what ``unseen`` is, and the number of attributes with a weight."""
        attributes = model_file.count(self.weights).attributes
        return {"epochs": len(self.history), "unseen": self.unseen, "attributes": attributes}

    def _unseen(self, tokens: int) -> str:
        """What ``unseen=auto`` is."""
        if self.min_count > 1:
            return "none"
        few = tokens * (self.labels.size - FIRST) <= FEW
        return "all" if few and self.algorithm == "ap" else "transitions"

    def _features(self, unseen: str) -> dict[str, int]:
        """CRFsuite's parameters of the features; it counts those that training lacks 0 times."""
        return {
            "feature.minfreq": 0 if self.min_count == 1 else self.min_count,
            "feature.possible_states": int(unseen == "all"),
            "feature.possible_transitions": int(unseen != "none"),
        }

    def _description(self) -> dict[str, Any]:
        """What the weights belong to."""
        templates = self.templates
        features = [templates.window, templates.affixes, templates.neighbor_affixes]
        return {"features": features, "labels": list(self.labels.words)}


class _Curve:
    """Adds a row to the learning curve after each epoch.

    The loss is CRFsuite's: with lbfgs and l2sgd the negative log-likelihood in nats and the penalty, per token;
    with the others per row, which with ap is the share of its tokens that are wrong.
    """

    def __init__(self, model: CRF, tokens: int, rows: int, context: Context) -> None:
        self.model, self.tokens, self.notify = model, max(1, tokens), context.notify
        self.unit = self.tokens if model.algorithm in LIKELIHOOD else max(1, rows)

    def __call__(self, epoch: int, loss: float, seconds: float) -> None:
        speed = self.tokens / max(seconds, 1e-9)
        row = {"epoch": epoch, "loss": loss / self.unit, "seconds": seconds, "tokens_per_second": speed}
        self.model.history.append(row)
        epochs = self.model.settings["max_iterations"]
        left = (epochs - epoch) * seconds
        self.notify(
            "progress", step=epoch, steps=epochs, epochs=epochs, tokens=self.tokens * epoch, left=left, **row
        )
        self.notify("epoch", **row)


def _settings(algorithm: str, given: dict[str, Any]) -> dict[str, Any]:
    """CRFsuite's parameters of an algorithm; ConfigError for one that it does not have."""
    defaults = DEFAULTS[algorithm]
    for key, value in given.items():
        if value is not None and key not in defaults:
            what = f"{algorithm} has no such penalty"
            raise ConfigError(what, where=f"encoder.{key}", remedy="leave it out, or set encoder.algorithm=lbfgs")
    return {key: default if given[key] is None else given[key] for key, default in defaults.items()}
