"""The neural side of the narrow waist: what the runner sees of an encoder, its embedding and its head."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.data.batching import Batch, Batches, RowBatches, StreamBatches, examples, left_aligned
from core.data.corpus import Corpus
from core.data.vocab import FIRST, Vocab
from core.errors import PluginError, SeqlabError, StoreError
from core.model.context import Context
from core.neural.base import Carry, Embedding, Encoder, Firing
from core.neural.concat_embedding import Vectors
from core.neural.contract_probe import misbuilt, probe
from core.neural.filter_activations import firings
from core.neural.heads.vectors import look_up
from core.neural.network import Network, head_class
from core.neural.trainer import Trainer
from core.types import Arrays, Lookup

Options = Mapping[str, Any]

FILE = "model.safetensors"
ROWS, STREAMS, CHUNK = 128, 32, 64  # prediction's batches: of training's choices none, so that none matters


class NeuralModel:
    """A neural encoder on a task.

    Args:
        kind: ``next``, ``token``, ``sequence`` or ``vector``.
        encoder: the class, and its options.
        embeddings: for each part its name, class and options.
        embedding_options: the options of the joined vectors (``dropout``).
        head_options: the options of the kind's head.
        train_options: the options of ``Trainer``.
        vocab: the token vocabulary.
        labels: the label vocabulary, None where the task has none.
        mode: ``sentence`` (each row alone) or ``stream`` (one running text; kind ``next``).
        warmup: stream mode: tokens read before an evaluation stream that starts inside the text.
        answer: kind ``vector``: the task's own answers from vectors.
        sees: what the encoder was registered to see: ``left``, ``both`` or ``either``.
        fault: makes the error of a part (``encoder`` or ``embedding``) that breaks its contract.
        seed: seeds the first weights and every draw of training.
        device: a torch device.
        precision: training's, ``fp32`` or ``bf16`` (sums stay in fp32); prediction is in fp32.
        threads: CPU threads.
    """

    family = "neural"

    def __init__(
        self,
        kind: str,
        encoder: tuple[type[Encoder], Options],
        embeddings: Mapping[str, tuple[type[Embedding], Options]],
        embedding_options: Options,
        head_options: Options,
        train_options: Options,
        vocab: Vocab,
        labels: Vocab | None,
        *,
        mode: str = "sentence",
        warmup: int = 256,
        answer: Callable[[Corpus, Lookup], Arrays] | None = None,
        sees: str = "either",
        fault: Callable[[str, str], SeqlabError] = lambda part, what: PluginError(what, where=part),
        seed: int = 0,
        device: str = "cpu",
        precision: str = "fp32",
        threads: int = 1,
    ) -> None:
        self.kind, self.vocab, self.labels, self.answer = kind, vocab, labels, answer
        self.stream, self.warmup = kind == "next" and mode == "stream", warmup
        self.seed, self.device, self.precision, self.threads = seed, torch.device(device), precision, threads
        self.train_options = dict(train_options)
        self.status, self.history = "untrained", list[dict[str, Any]]()
        self.chosen: dict[str, Any] = {}
        self.left, self.fault = kind == "next" or sees == "left", fault
        self._settle()
        torch.manual_seed(seed)
        parts = {name: make(vocab, **options) for name, (make, options) in embeddings.items()}
        vectors = Vectors(vocab, parts, **embedding_options)
        states = encoder[0](vectors.output_size, kind == "next", **encoder[1])
        if told := misbuilt(states):
            raise fault("encoder", told)
        head = head_class(kind)(states, vectors, self.size, **head_options)
        self.network = Network(vectors, states, head).to(self.device)

    @property
    def size(self) -> int:
        """The number of answers."""
        return self.vocab.size if self.labels is None else self.labels.size - FIRST

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(p.numel() for p in self.network.parameters() if p.requires_grad)

    def facts(self) -> dict[str, Any]:
        """What the record shows: the trained numbers of each part, and the epoch that was kept."""
        parts = self.network.named_children()
        counts = {name: sum(p.numel() for p in part.parameters() if p.requires_grad) for name, part in parts}
        return {"parameters": counts, "epochs": len(self.history), "status": self.status}

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """Fit the embedding, then train everything; Ctrl-C keeps the best weights so far.

        Args:
            train: the training split.
            dev: chooses the epoch whose weights are kept.
            context: seed, judge and observers.

        Raises:
            TrainingError: the loss is not finite.
            PluginError: the encoder returns something else than states, or sees what it must not.
        """
        self._settle()
        torch.manual_seed(self.seed)
        self.network.embedding.fit(train, dev, context)
        if self.kind == "vector":
            self.network.to(self.device)
            self.status = "finished"
            return
        self.network.head.prepare(torch.from_numpy(examples(train, self.kind).answers))
        self.network.to(self.device)
        ask = partial(probe, self.network, train, self.kind, self.left, self.device)
        if wrong := ask():
            raise self.fault(*wrong)
        trainer = Trainer(self, train, dev, context, **self.train_options)
        trainer.run()
        self.status, self.history = trainer.status, trainer.history
        if wrong := ask():  # weights that begin at zero may hide it until they are trained
            context.notify("note", text=f"after training: {self.fault(*wrong)}; do not trust its figures")

    def batches(self, corpus: Corpus, batch_size: int, bptt: int) -> Batches:
        """The training batches of a corpus."""
        asked = examples(corpus, self.kind)
        return (
            StreamBatches(asked, batch_size, bptt)
            if self.stream
            else RowBatches(asked, batch_size, seed=self.seed)
        )

    def autocast(self) -> AbstractContextManager[Any]:
        """Where training's ``precision`` holds."""
        half = self.precision == "bf16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half)

    def loss(self, batch: Batch, carry: Carry = None) -> tuple[Tensor, Tensor, Carry]:
        """The sum of losses of one batch, the number of events, and the state to carry on."""
        with self.autocast():
            lengths = self.put(batch.lengths)
            states, carry = self.network(self.put(batch.ids), lengths, None if batch.fresh else carry)
            total, count = self.network.head.loss(states, lengths, self.put(batch.targets))
        return total, count, carry

    def predict(self, corpus: Corpus) -> Arrays:
        """Predictions, one entry an event; see ``core.counting.base.CountHead.predict``.

        Args:
            corpus: any split; open words are spelled to the embedding first.
        """
        self.network.embedding.spell(corpus.words)
        if self.answer is not None:
            return self.answer(corpus, partial(look_up, self))
        asked = examples(corpus, self.kind)
        batches: RowBatches | StreamBatches
        if self.stream:
            batches = StreamBatches(asked, STREAMS, CHUNK, self.warmup)
            plan: list[Any] = list(batches.plan(0))
        else:
            batches = RowBatches(asked, ROWS)
            plan = list(batches.ordered())
        found = self._predict_batches(map(batches.collate, plan), len(asked.answers))
        if self.kind == "token":
            found["label"] = found["label"][corpus.tokens.inner]
        return found

    def _predict_batches(self, batches: Iterable[Batch], events: int) -> Arrays:
        """Each batch's predictions put where its events stand."""
        found = self._empty(events)
        carry: Carry = None
        for batch in batches:
            with self.quiet():
                lengths = self.put(batch.lengths)
                states, carry = self.network(self.put(batch.ids), lengths, None if batch.fresh else carry)
                answers = self.network.head.predict(states, lengths, self.put(batch.targets))
            inside = batch.index >= 0
            for name, values in answers.items():
                shift = FIRST if name == "label" else 0
                found[name][batch.index[inside]] = values[inside] + shift
        return found

    def _empty(self, events: int) -> Arrays:
        if self.kind == "next":
            return {"log_prob": np.zeros(events, dtype=np.float32)}
        label = {"label": np.zeros(events, dtype=np.int32)}
        if self.kind == "token":
            return label
        return {**label, "log_probs": np.zeros((events, self.size), dtype=np.float32)}

    def next_log_probs(self, histories: npt.NDArray[np.int32]) -> npt.NDArray[np.floating[Any]]:
        """The distribution of the next word after each history (kind ``next``).

        Args:
            histories: int32 (B, n), right-aligned ids; what stands before the last END is ignored, and a
                history without END starts its row.

        Returns:
            float (B, vocab.size), natural logs.
        """
        (ids, lengths), found = left_aligned(histories), []
        for at in range(0, len(ids), ROWS):
            some, here = self.put(ids[at : at + ROWS]), self.put(lengths[at : at + ROWS])
            with self.quiet():
                states, _ = self.network(some, here)
                last = states[torch.arange(len(some), device=self.device), here - 1]  # (b, H)
                found.append(self.network.head.log_probs(last).cpu().numpy())
        return np.concatenate(found) if found else np.zeros((0, self.vocab.size), dtype=np.float32)

    def spell(self, words: Sequence[str]) -> None:
        """Tell the embedding the open words of the ids that are read next (see ``Embedding.spell``)."""
        self.network.embedding.spell(words)

    def read_on(self, ids: npt.NDArray[np.int32], carry: Carry = None) -> tuple[npt.NDArray[Any], Carry]:
        """The distribution of the next word after more words of each row (kind ``next``).

        Args:
            ids: int32 (B, t), the words that are new; a row begins with END.
            carry: what the call for the words before returned; None at the start.

        Returns:
            float (B, vocab.size), natural logs, and the carry; None from an encoder that carries nothing.
        """
        some = self.put(ids.astype(np.int64))  # (B, t)
        with self.quiet():
            states, carry = self.network(some, torch.full_like(some[:, 0], some.shape[1]), carry)
            return self.network.head.log_probs(states[:, -1]).cpu().numpy(), carry

    def explain(self, corpus: Corpus) -> list[list[Firing]] | None:
        """Which tokens of each row the encoder's strongest filters answered to; None where it has no filters."""
        return firings(self, corpus)

    def save(self, folder: Path) -> None:
        """Write the weights to ``folder/model.safetensors``.

        Raises:
            StoreError: the file cannot be written.
        """
        path, weights = folder / FILE, {k: v.contiguous() for k, v in self.network.state_dict().items()}
        try:
            save_file(weights, path)
        except SafetensorError as error:
            what, remedy = f"the weights cannot be written ({error})", "free some space, or name runs=FOLDER"
            raise StoreError(what, where=str(path), remedy=remedy) from error

    def restore(self, folder: Path) -> None:
        """Read what ``save`` wrote.

        Raises:
            StoreError: the weights do not fit this model.
        """
        path = folder / FILE
        try:
            self.network.load_state_dict(load_file(path, device=str(self.device)))
        except (OSError, RuntimeError, SafetensorError) as error:
            what = f"the weights cannot be read into this model ({str(error).splitlines()[0]})"
            raise StoreError(
                what, where=str(path), remedy="load the run with the config it was saved with"
            ) from error
        self.status = "finished"

    def _settle(self) -> None:
        """Threads, and no denormal numbers, where the running moments of rare words end and which are slow."""
        torch.set_num_threads(self.threads)
        torch.set_flush_denormal(True)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Prediction: no dropout, no gradients, the run's threads; in fp32 whatever training's precision."""
        self._settle()
        self.network.eval()
        with torch.inference_mode():
            yield

    def put(self, array: npt.NDArray[Any]) -> Tensor:
        """An array as a tensor on the model's device."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)
