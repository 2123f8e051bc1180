"""The one training loop of the neural family, and all of its state."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Lt

from core.data.batching import Batch
from core.data.corpus import Corpus
from core.errors import TrainingError
from core.model.context import Context
from core.neural.base import Carry
from core.neural.ops.sparse_gradients import Rows
from core.neural.trainer_state import Place, mapped, random_state, set_random_state

if TYPE_CHECKING:
    from core.neural.model import NeuralModel

State = dict[str, Any]

TICK = 0.1  # seconds between two progress events


class Trainer:
    """Trains a model, keeps the weights that are best on dev, and can stop and go on anywhere.

    Args:
        model: the model whose network is trained.
        train: the training split.
        dev: the split whose primary metric chooses the weights that are kept.
        context: judge, seed and observers.
        epochs: passes over the training split, at most.
        batch_size: rows a step; streams a step where rows are one running text.
        bptt: stream mode: tokens of each stream a step (truncated back-propagation through time).
        optimizer: AdamW, or plain SGD.
        learning_rate: at the first step.
        weight_decay: decoupled for AdamW.
        momentum: of SGD.
        schedule: constant; linear down to 0; or divided by ``decay`` after an epoch that is not the best.
        decay: what the plateau schedule divides by.
        clip: the gradient's norm at most; none for no bound.
        patience: epochs in a row that may pass without a new best; none for no bound.
    """

    def __init__(
        self,
        model: NeuralModel,
        train: Corpus,
        dev: Corpus,
        context: Context,
        *,
        epochs: Annotated[int, Ge(1)] = 10,
        batch_size: Annotated[int, Ge(1)] = 32,
        bptt: Annotated[int, Ge(1)] = 35,
        optimizer: Literal["adamw", "sgd"] = "adamw",
        learning_rate: Annotated[float, Gt(0)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.0,
        momentum: Annotated[float, Ge(0), Lt(1)] = 0.0,
        schedule: Literal["constant", "linear", "plateau"] = "constant",
        decay: Annotated[float, Gt(1)] = 4.0,
        clip: Annotated[float, Gt(0)] | None = 5.0,
        patience: Annotated[int, Ge(1)] | None = None,
    ) -> None:
        self.model, self.train, self.dev, self.context = model, train, dev, context
        self.epochs, self.schedule, self.decay = epochs, schedule, decay
        self.learning_rate, self.clip, self.patience = learning_rate, clip, patience
        self.batches = model.batches(train, batch_size, bptt)
        self.weights = [p for p in model.network.parameters() if p.requires_grad]
        self.rows = Rows(self.weights)
        fused = model.device.type in ("cpu", "cuda")
        shared: State = {"lr": learning_rate, "weight_decay": weight_decay, "fused": fused}
        self.optimizer: torch.optim.Optimizer
        if optimizer == "sgd":
            self.optimizer = torch.optim.SGD(self.weights, momentum=momentum, **shared)
        else:
            self.optimizer = torch.optim.AdamW(self.weights, **shared)
        self.place = Place()
        self.history: list[dict[str, Any]] = []
        self.best: State | None = None  # score, epoch, weights
        self.carry: Carry = None
        self.status = "untrained"
        self.ticked = 0.0

    def run(self, steps: int | None = None) -> None:
        """Train to the end, or so many steps more.

        Raises:
            TrainingError: the loss or its gradient is not finite.
        """
        place = self.place
        stop = math.inf if steps is None else place.step + steps
        try:
            while not self.ended and place.step < stop:
                plan = self.batches.plan(place.epoch)
                self.model.network.embedding.spell(self.train.words)  # dev's words were spelled since
                while place.batch < len(plan) and place.step < stop:
                    self.set_learning_rate(len(plan))
                    self.step(self.batches.collate(plan[place.batch]))
                    self.tell_progress(len(plan))
                if place.batch >= len(plan):
                    self.finish_epoch()
            if self.ended:
                self.finish("finished")
        except KeyboardInterrupt:
            self.finish("interrupted")

    @property
    def ended(self) -> bool:
        """Whether the last epoch is over, or patience is."""
        impatient = self.patience is not None and self.place.waited >= self.patience
        return self.place.epoch >= self.epochs or impatient

    def set_learning_rate(self, batches: int) -> None:
        """The rate of the schedule at this place."""
        factor = self.place.factor
        if self.schedule == "linear":
            factor = 1 - (self.place.epoch + self.place.batch / batches) / self.epochs
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * factor

    def step(self, batch: Batch) -> None:
        """One step of the optimiser."""
        start, place = time.perf_counter(), self.place
        self.model.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        total, count, carry = self.model.loss(batch, self.carry)
        self.carry = mapped(carry, lambda part: part.detach()) if self.model.stream else None
        (total / count.clamp(min=1)).backward()  # type: ignore[no-untyped-call] # torch's own
        gradients = self.rows.parts()
        norm = float(torch.nn.utils.get_total_norm(gradients))
        loss, events, read = float(total.detach()), int(count), int(batch.lengths.sum())
        self.check_finite(loss / max(1, events), norm)
        if self.clip is not None and norm > self.clip:
            for part in gradients:
                part.mul_(self.clip / norm)
        self.rows.spread()
        self.optimizer.step()
        place.step, place.batch, place.tokens = place.step + 1, place.batch + 1, place.tokens + read
        place.loss, place.events, place.read = place.loss + loss, place.events + events, place.read + read
        place.seconds += time.perf_counter() - start

    def check_finite(self, loss: float, norm: float) -> None:
        """Stop where going on would only spoil the weights."""
        if math.isfinite(loss) and math.isfinite(norm):
            return
        rate = self.optimizer.param_groups[0]["lr"]
        raise TrainingError(
            f"step {self.place.step + 1} (epoch {self.place.epoch + 1}) has loss {loss} and gradient norm {norm}"
            f" at learning rate {rate:g}",
            where="train.learning_rate",
            remedy="set a smaller train.learning_rate or train.clip, or precision=fp32",
        )

    def finish_epoch(self) -> None:
        """Score dev, keep the weights if they are the best, write a row of the learning curve."""
        start, place = time.perf_counter(), self.place
        self.carry = None
        predictions = self.model.predict(self.dev)
        self.compare(self.context.score(predictions, self.dev))
        metrics = {name: float(value) for name, value in self.context.metrics(predictions, self.dev).items()}
        row = {"epoch": place.epoch + 1, "loss": place.mean_loss, **metrics}
        row["seconds"] = place.seconds + time.perf_counter() - start
        row["tokens_per_second"] = place.tokens_per_second
        self.history.append(row)
        place.next_epoch()
        self.context.notify("epoch", **row)

    def compare(self, score: float) -> None:
        """Keep the weights if dev likes them best, else wait (and cool down, on a plateau)."""
        if self.best is None or score > self.best["score"]:
            weights = copy.deepcopy(self.model.network.state_dict())
            self.best = {"score": score, "epoch": self.place.epoch + 1, "weights": weights}
            self.place.waited = 0
            return
        self.place.waited += 1
        if self.schedule == "plateau":
            self.place.factor /= self.decay

    def finish(self, status: str) -> None:
        """Put the best weights back."""
        self.status = status
        if self.best is not None:
            self.model.network.load_state_dict(self.best["weights"])

    def tell_progress(self, batches: int) -> None:
        """Tell the observers where training stands, at most ten times a second."""
        now, place = time.perf_counter(), self.place
        if now - self.ticked < TICK:
            return
        self.ticked, steps = now, batches * self.epochs
        spent = place.seconds + sum(row["seconds"] for row in self.history)
        self.context.notify(
            "progress",
            step=place.step,
            steps=steps,
            epoch=place.epoch + 1,
            epochs=self.epochs,
            loss=place.mean_loss,
            tokens=place.tokens,
            tokens_per_second=place.tokens_per_second,
            left=spent / place.step * max(0, steps - place.step),
        )

    def state_dict(self) -> State:
        """Everything that the next step depends on, and everything learned so far; a copy.

        Only dictionaries, lists, tuples, numbers, strings and tensors, so ``torch.load(weights_only=True)``
        reads it.
        """
        state = {
            "weights": self.model.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": random_state(self.model.device),
            "place": asdict(self.place),
            "carry": self.carry,
            "history": self.history,
            "best": self.best,
            "status": self.status,
        }
        return copy.deepcopy(state)

    def load_state_dict(self, state: State) -> None:
        """Go on from where ``state_dict`` was taken, in a trainer made with the same arguments."""
        state = copy.deepcopy(state)
        self.model.network.load_state_dict(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        set_random_state(state["random"], self.model.device)
        self.place, self.history = Place(**state["place"]), state["history"]
        self.best, self.status = state["best"], state["status"]
        self.carry = mapped(state["carry"], lambda part: part.to(self.model.device))
