"""The neural family as the runner sees it: an embedding, an encoder and the head of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core import processes
from core.data.batching import Batch, Batches, Examples, RowBatches, in_pieces
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import PluginError, SeqlabError, StoreError
from core.kinds.base import Kind
from core.model.context import Context
from core.model.interface import Explainable, FilterActivation, Model
from core.model.runtime import Runtime
from core.neural.base import Carry
from core.neural.concat_embedding import Prepared
from core.neural.contract_probe import probe
from core.neural.design import ContractError, Design
from core.neural.dev_decisions import decide_on_dev
from core.neural.mean_loss import MeanLoss
from core.neural.network import Network, Read, count_trained
from core.neural.ops.collation import to_device
from core.neural.pieces import is_approximate, read_in_pieces
from core.neural.place_probe import left_only_notes, place_error
from core.neural.predictions import Predictions, own_batches
from core.neural.restore_training import restore_training
from core.neural.row_notes import predicted_in_pieces
from core.neural.selection_metric import PRIMARY, check_metric
from core.neural.torch_settings import configure_torch
from core.neural.trainer import Trainer
from core.neural.trainer_state import random_state, set_random_state
from core.neural.vectorizer import NetworkVectorizer
from core.task import Task
from core.types import Arrays, Note

FILE = "model.safetensors"
ROWS = 128  # rows per batch of prediction; batch sizes of training do not matter


class NeuralModel(NetworkVectorizer, Model, Explainable):
    """A neural encoder on a task.

    Args:
        kind: what the task predicts.
        task: the task.
        design: what the network is built from.
        vocab: the token vocabulary.
        labels: the label vocabulary; None if the task has none.
        contract_error: creates the error for a part (``encoder`` or ``embedding``) that breaks its contract.
    """

    family, folder = "neural", ""
    network: Network  # exists once the model is fitted or restored
    device: torch.device
    runtime: Runtime

    def __init__(
        self,
        kind: Kind,
        task: Task,
        design: Design,
        vocab: Vocab,
        labels: Vocab | None,
        contract_error: ContractError = lambda part, what: PluginError(what, where=part),
    ) -> None:
        super().__init__()
        self.kind, self.task, self.design, self.vocab, self.labels = kind, task, design, vocab, labels
        self.contract_error = contract_error
        self.bought: dict[str, float] = {}  # steps and epochs, with a budget of seconds

    @property
    def size(self) -> int:
        """The number of answers."""
        return self.vocab.size if self.labels is None else self.labels.size - FIRST

    @property
    def parameters(self) -> int:
        """The number of trained parameters, the word vectors that the embedding's ``fit`` trains included."""
        return count_trained(self.network) + self.network.embedding.fitted_parameters

    def facts(self) -> dict[str, Any]:
        """What the record shows: the trained parameters of each part, the trained epochs and the status."""
        counts = {name: count_trained(part) for name, part in self.network.named_children()}
        counts["embedding"] += self.network.embedding.fitted_parameters
        facts = {"parameters": counts, "epochs": len(self.history), "status": self.status}
        return facts | ({"budget": self.bought} if self.bought else {})

    def build(self, runtime: Runtime) -> None:
        """Create the network with its initial weights.

        Raises:
            SeqlabError: an option does not fit the data, or the encoder breaks its contract.
        """
        configure_torch(runtime)
        self.runtime, self.device = runtime, torch.device(runtime.device)
        torch.manual_seed(runtime.seed)
        network = self.design.build(self.kind, self.vocab, self.size, self.contract_error)
        if self.labels is not None:
            network.head.read_labels(self.labels)
        self.network = network.to(self.device)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Fit the embedding, then train the network; Ctrl-C keeps the best weights so far.

        Args:
            train: the training split.
            dev: the split whose score selects the epoch that is kept.
            context: metrics, runtime and observers.

        Raises:
            TrainingError: the loss is not finite.
            PluginError: the encoder does not return states, or sees what it must not see.
            ConfigError: an option of training does not fit the task.
        """
        check_metric(self.design.train.get("metric", PRIMARY), self.kind, dev, context)
        examples = self.kind.examples(train)
        head = self.kind.import_class("heads", self.family)
        self.design, self.chosen = self.design.for_rows(head, examples.lengths)
        with processes.first(context.runtime.processes > 1):  # the others find its vectors in a cache
            self.fit_embedding(train, dev, context)
        self.network.head.prepare(torch.from_numpy(examples.answers))
        self.network.to(self.device)
        if error := self._broken_contract(examples):
            raise error
        trainer = Trainer(self, train, dev, context, examples, **self.design.train)
        for note in [*trainer.notes, *left_only_notes(self.kind, self.design.sees)]:
            context.notify("note", code=note.code, text=note.text, values=dict(note.values))
        restore_training(trainer)
        trainer.run()
        self.network.eval()
        self.status, self.history = trainer.status, trainer.history
        self.bought = trainer.length.bought(trainer.progress)
        self.chosen |= trainer.chosen | decide_on_dev(self, dev, context)
        if error := self._broken_contract(examples):  # weights of zero may hide one until they are trained
            context.notify("note", code="contract", text=f"after training: {error}; do not trust its scores")

    def _broken_contract(self, examples: Examples) -> SeqlabError | None:
        left_only = self.kind.language_model or self.design.sees == "left"
        check = place_error if self.kind.reads_around else None
        problem = probe(self.network, examples, self.vocab, left_only, self.device, check)
        return self.contract_error(*problem) if problem else None

    def fit_embedding(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Build the network and fit its embedding."""
        self.build(context.runtime)
        torch.manual_seed(context.runtime.seed)
        self.network.embedding.fit(train, dev, context)

    def batches(self, examples: Examples, batch_size: int, bptt: int, max_tokens: int) -> Batches:
        """The training batches of examples."""
        return RowBatches(in_pieces(examples, max_tokens), batch_size, seed=self.runtime.seed)

    def loss(
        self, batch: Batch, carry: Carry = None, prepared: Prepared | None = None
    ) -> tuple[Tensor, Tensor, Carry]:
        """The sum of losses of one batch, the number of events, and the state to carry on."""
        network, half = self.network, self.runtime.precision == "bf16"  # holds for training only
        own = network.collate(batch, prepared), network.collate_answers(batch)
        ids, lengths, targets, found, events = self.put((batch.ids, batch.lengths, batch.targets, *own))
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half):
            states, carry = network(ids, lengths, None if batch.fresh else carry, prepared, found)
            total, count = network.head.loss(states, lengths, targets, *(() if events is None else (events,)))
        return total, count, carry

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``Model.predict``."""
        return self.predict_examples(corpus, self.kind.examples(corpus), probabilities=probabilities)

    def predict_examples(
        self,
        corpus: Corpus,
        examples: Examples,
        batches: Iterable[Batch] | None = None,
        probabilities: bool = False,
        loss: MeanLoss | None = None,
    ) -> Arrays:
        """As ``predict``, for prepared examples, in the given batches or those of ``prediction_batches``.

        ``loss`` adds up the losses of the batches.
        """
        prepared = self.network.embedding.prepare(corpus.words)
        events, read = examples.events, self.network.reader(len(corpus.tokens.values))
        predictions, carry = Predictions(self.kind.empty(events, self.size), events), None
        for batch in self.prediction_batches(examples) if batches is None else batches:
            with self.inference():
                answers, carry = self._predict_batch(read, batch, carry, prepared, probabilities, loss)
            predictions.add(batch, answers)
        if self.runtime.processes > 1:
            predictions.exchange(loss)
        return self.kind.scored(predictions.arrays, corpus)

    def _predict_batch(
        self, read: Read, batch: Batch, carry: Any, prepared: Any, probabilities: bool, loss: MeanLoss | None
    ) -> tuple[Arrays, Carry]:
        """The answers to one batch; a row that is too long is a batch of its own, and read in pieces."""
        network, more = self.network, self.asked(probabilities, loss is not None)
        if len(batch.ids) == 1 and batch.ids.shape[1] > self.max_tokens:
            pieces = read_in_pieces(network, batch.ids[0], self.max_tokens, prepared, self.device, batch.spans)
            return network.head.predict_pieces(pieces, self.put(batch.targets), **more), None
        arrays = self.put((batch.ids, batch.lengths, batch.targets, network.collate(batch, prepared)))
        ids, lengths, targets, found = arrays
        states, carry = read(ids, lengths, None if batch.fresh else carry, prepared, found)
        answers = network.head.predict(states, lengths, targets, **more)
        if loss is not None:
            loss.add(network.head, states, lengths, targets, answers)
        return answers, carry

    def asked(self, probabilities: bool, in_training: bool) -> dict[str, Any]:
        """What the head's ``predict`` is asked for; ``in_training``: the predictions of dev after an epoch."""
        return {"probabilities": True} if probabilities else {}  # a head of a plugin may have none

    def prediction_batches(self, examples: Examples) -> Iterable[Batch]:
        """The batches of prediction."""
        batches = RowBatches(examples, ROWS, cells=self.max_tokens)
        return map(batches.collate, own_batches(batches.ordered(), self.runtime))

    @property
    def max_tokens(self) -> int:
        """The maximum number of tokens that are read at a time in prediction."""
        return self.design.max_tokens

    def notes(self, corpus: Corpus) -> list[Note]:
        """See ``Model.notes``: how many rows are read in pieces with another result than as a whole."""
        differs = self.kind.reads_rows and is_approximate(self.network.encoder)
        return predicted_in_pieces(self.kind.examples(corpus), self.max_tokens) if differs else []

    def explain(self, corpus: Corpus) -> list[list[FilterActivation]] | None:
        """See ``Explainable.explain``."""
        batches = RowBatches(self.kind.examples(corpus), ROWS, cells=self.max_tokens)
        network, activations = self.network, dict[int, list[FilterActivation]]()
        prepared = network.embedding.prepare(corpus.words)
        for rows in batches.ordered():
            batch = batches.collate(rows)
            with self.inference():
                ids, lengths, found = self.put((batch.ids, batch.lengths, network.collate(batch, prepared)[0]))
                strongest = network.encoder.explain(network.embedding(ids, prepared, found), lengths)
            if strongest is None:
                return None
            activations |= dict(zip(rows.tolist(), strongest, strict=True))
        return [activations[row] for row in range(len(corpus))]

    def save(self, folder: Path) -> None:
        """Write the weights to ``folder/model.safetensors``.

        Raises:
            StoreError: the file cannot be written.
        """
        path, weights = folder / FILE, {k: v.contiguous() for k, v in self.network.state_dict().items()}
        try:
            save_file(weights, path)
        except SafetensorError as error:
            what = f"the weights cannot be written ({error})"
            remedy = "free some space, or choose another folder with runs=FOLDER"
            raise StoreError(what, where=str(path), remedy=remedy) from error

    def restore(self, folder: Path, runtime: Runtime) -> None:
        """Build the network and read what ``save`` wrote.

        Raises:
            StoreError: the weights do not fit this model.
        """
        state = random_state(torch.device("cpu"))
        self.build(runtime)
        set_random_state(state, torch.device("cpu"))  # the initial weights, drawn from a seed, are replaced
        path = folder / FILE
        try:
            self.network.load_state_dict(load_file(path, device=str(self.device)))
        except (OSError, RuntimeError, SafetensorError) as error:
            what = f"the weights cannot be read into this model ({str(error).splitlines()[0]})"
            remedy = "load the run with the config that it was saved with"
            raise StoreError(what, where=str(path), remedy=remedy) from error
        self.network.eval()
        self.status = "finished"

    @contextmanager
    def inference(self) -> Iterator[None]:
        """Run prediction: no dropout, no gradients, the run's threads, always fp32."""
        configure_torch(self.runtime)
        if self.network.training:  # only between the epochs of a fit: a trained network never changes
            self.network.eval()
        with torch.inference_mode():
            yield

    def put(self, arrays: Any) -> Any:
        """An array, or a tuple with arrays, as tensors on the model's device; see ``to_device``."""
        return to_device(arrays, self.device)
