"""The neural family as the runner sees it: an embedding, an encoder and the head of a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from core.data.batching import Batch, Batches, Examples, RowBatches
from core.data.corpus import Corpus
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import PluginError, SeqlabError, StoreError
from core.kinds.base import Kind
from core.model.context import Context
from core.model.interface import Explainable, FilterActivation, Model, Vectorizer
from core.model.runtime import Runtime
from core.neural.base import Carry
from core.neural.concat_embedding import ConcatEmbedding, Prepared
from core.neural.contract_probe import constructor_error, embedding_error, probe
from core.neural.design import Design
from core.neural.network import Network
from core.neural.torch_settings import configure_torch
from core.neural.trainer import Trainer
from core.neural.trainer_state import random_state, set_random_state
from core.task import Task
from core.types import Array, Arrays, Bools, Float32s

FILE = "model.safetensors"
ROWS = 128  # rows per batch of prediction; batch sizes of training do not matter
IDS = 8192  # ids looked up at a time


class NeuralModel(Model, Explainable, Vectorizer):
    """A neural encoder on a task.

    Args:
        kind: what the task predicts.
        task: the task.
        design: what the network is built from.
        vocab: the token vocabulary.
        labels: the label vocabulary; None if the task has none.
        contract_error: creates the error for a part (``encoder`` or ``embedding``) that breaks its contract.
    """

    family = "neural"
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
        contract_error: Callable[[str, str], SeqlabError] = lambda part, what: PluginError(what, where=part),
    ) -> None:
        super().__init__()
        self.kind, self.task, self.design, self.vocab, self.labels = kind, task, design, vocab, labels
        self.contract_error = contract_error

    @property
    def size(self) -> int:
        """The number of answers."""
        return self.vocab.size if self.labels is None else self.labels.size - FIRST

    @property
    def parameters(self) -> int:
        """The number of trained parameters, the word vectors that the embedding's ``fit`` trains included."""
        return _parameters(self.network) + self.network.embedding.fitted_parameters

    def facts(self) -> dict[str, Any]:
        """What the record shows: the trained parameters of each part, the trained epochs and the status."""
        counts = {name: _parameters(part) for name, part in self.network.named_children()}
        counts["embedding"] += self.network.embedding.fitted_parameters
        return {"parameters": counts, "epochs": len(self.history), "status": self.status}

    def build(self, runtime: Runtime) -> None:
        """Create the network with its initial weights.

        Raises:
            SeqlabError: an option does not fit the data, or the encoder breaks its contract.
        """
        configure_torch(runtime)
        design, self.runtime, self.device = self.design, runtime, torch.device(runtime.device)
        torch.manual_seed(runtime.seed)
        parts = {name: make(self.vocab, **options) for name, (make, options) in design.embeddings.items()}
        if message := next(filter(None, map(embedding_error, parts.values())), ""):
            raise self.contract_error("embedding", message)
        embedding = ConcatEmbedding(self.vocab, parts, **design.embedding)
        make_encoder, options = design.encoder
        encoder = make_encoder(embedding.output_size, self.kind.language_model, **options)
        if message := constructor_error(encoder):
            raise self.contract_error("encoder", message)
        head = self.kind.import_class("heads", self.family)(encoder, embedding, self.size, **design.head)
        self.network = Network(embedding, encoder, head).to(self.device)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Fit the embedding, then train the network; Ctrl-C keeps the best weights so far.

        Args:
            train: the training split.
            dev: the split whose score selects the epoch that is kept.
            context: metrics, runtime and observers.

        Raises:
            TrainingError: the loss is not finite.
            PluginError: the encoder does not return states, or sees what it must not see.
        """
        self.fit_embedding(train, dev, context)
        examples = self.kind.examples(train)
        self.network.head.prepare(torch.from_numpy(examples.answers))
        self.network.to(self.device)
        left_only = self.kind.language_model or self.design.sees == "left"

        def check_contract() -> SeqlabError | None:
            problem = probe(self.network, examples, self.vocab, left_only, self.device)
            return self.contract_error(*problem) if problem else None

        if error := check_contract():
            raise error
        trainer = Trainer(self, train, dev, context, **self.design.train)
        trainer.run()
        self.network.eval()
        self.status, self.history = trainer.status, trainer.history
        if error := check_contract():  # initial weights of zero may hide an error until they are trained
            context.notify("note", code="contract", text=f"after training: {error}; do not trust its scores")

    def fit_embedding(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Build the network and fit its embedding."""
        self.build(context.runtime)
        torch.manual_seed(context.runtime.seed)
        self.network.embedding.fit(train, dev, context)

    def batches(self, corpus: Corpus, batch_size: int, bptt: int) -> Batches:
        """The training batches of a corpus."""
        return RowBatches(self.kind.examples(corpus), batch_size, seed=self.runtime.seed)

    def loss(
        self, batch: Batch, carry: Carry = None, prepared: Prepared | None = None
    ) -> tuple[Tensor, Tensor, Carry]:
        """The sum of losses of one batch, the number of events, and the state to carry on."""
        half = self.runtime.precision == "bf16"  # holds for training only
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half):
            lengths = self.put(batch.lengths)
            before = None if batch.fresh else carry
            states, carry = self.network(self.put(batch.ids), lengths, before, prepared)
            total, count = self.network.head.loss(states, lengths, self.put(batch.targets))
        return total, count, carry

    def predict(self, corpus: Corpus) -> Arrays:
        """See ``Model.predict``."""
        return self.predict_examples(corpus, self.kind.examples(corpus))

    def predict_examples(
        self, corpus: Corpus, examples: Examples, batches: Iterable[Batch] | None = None
    ) -> Arrays:
        """As ``predict``, for prepared examples, in the given batches or those of ``prediction_batches``."""
        prepared = self.network.embedding.prepare(corpus.words)
        predictions = self.kind.empty(len(examples.answers), self.size)
        carry: Carry = None
        for batch in self.prediction_batches(examples) if batches is None else batches:
            with self.inference():
                lengths = self.put(batch.lengths)
                before = None if batch.fresh else carry
                states, carry = self.network(self.put(batch.ids), lengths, before, prepared)
                answers = self.network.head.predict(states, lengths, self.put(batch.targets))
            inside = batch.index >= 0
            for name, values in answers.items():
                shift = FIRST if name == "label" else 0
                predictions[name][batch.index[inside]] = values[inside] + shift
        return self.kind.scored(predictions, corpus)

    def prediction_batches(self, examples: Examples) -> Iterable[Batch]:
        """The batches of prediction."""
        batches = RowBatches(examples, ROWS)
        return map(batches.collate, batches.ordered())

    def explain(self, corpus: Corpus) -> list[list[FilterActivation]] | None:
        """See ``Explainable.explain``."""
        embedding, batches = self.network.embedding, RowBatches(self.kind.examples(corpus), ROWS)
        prepared = embedding.prepare(corpus.words)
        activations: list[list[FilterActivation]] = [[] for _ in range(len(corpus))]
        for rows in batches.ordered():
            batch = batches.collate(rows)
            with self.inference():
                vectors = embedding(self.put(batch.ids), prepared)  # (B, T, D)
                strongest = self.network.encoder.explain(vectors, self.put(batch.lengths))
            if strongest is None:
                return None
            for row, filters in zip(rows.tolist(), strongest, strict=True):
                activations[row] = filters
        return activations

    def word_vectors(self) -> tuple[list[str], Float32s]:
        """See ``Vectorizer.word_vectors``."""
        parts = list(self.network.embedding.embeddings)
        tables = [table for part in parts if (table := part.whole()) is not None]
        if tables and len(parts) == 1:
            return list(tables[0][0]), tables[0][1]
        if tables:  # joined: the words of all tables, each with the vectors of all parts
            words = list(dict.fromkeys(word for names, _ in tables for word in names))
            vectors, has = self.look_up(words)
            return [words[i] for i in np.flatnonzero(has).tolist()], vectors[has]
        vectors, has = self.vectors_of_ids(np.arange(FIRST, self.vocab.size))
        return [self.vocab.words[i + FIRST] for i in np.flatnonzero(has).tolist()], vectors[has]

    def look_up(self, words: Sequence[str]) -> tuple[Float32s, Bools]:
        """See ``Vectorizer.look_up``."""
        new = [word for word in dict.fromkeys(words) if word not in self.vocab.ids]
        ids = self.vocab.ids | {word: self.vocab.size + i for i, word in enumerate(new)}
        rows = np.array([ids[word] for word in words], dtype=np.int64)
        vectors, has = self.vectors_of_ids(rows, new)
        return vectors, has & (rows != UNK)

    def vectors_of_ids(self, ids: Array, words: Sequence[str] = ()) -> tuple[Float32s, Bools]:
        """The vectors that the encoder reads.

        Args:
            ids: open ids, int (n,).
            words: the open words that the ids name.

        Returns:
            float32 (n, D), and which words have a vector of their own, bool (n,).
        """
        embedding = self.network.embedding
        prepared = embedding.prepare(words)
        vectors = np.zeros((len(ids), embedding.output_size), dtype=np.float32)
        has = np.zeros(len(ids), dtype=bool)
        for at in range(0, len(ids), IDS):
            with self.inference():
                chunk = self.put(ids[at : at + IDS].astype(np.int64))[None]  # (1, n)
                vectors[at : at + IDS] = embedding(chunk, prepared)[0].float().cpu().numpy()
                has[at : at + IDS] = embedding.has(chunk, prepared)[0].cpu().numpy()
        return vectors, has

    def save(self, folder: Path) -> None:
        """Write the weights to ``folder/model.safetensors``.

        Raises:
            StoreError: the file cannot be written.
        """
        path, weights = folder / FILE, {k: v.contiguous() for k, v in self.network.state_dict().items()}
        try:
            save_file(weights, path)
        except SafetensorError as error:
            what, remedy = (
                f"the weights cannot be written ({error})",
                "free some space, or choose another folder with runs=FOLDER",
            )
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

    def put(self, array: Array) -> Tensor:
        """An array as a tensor on the model's device."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
