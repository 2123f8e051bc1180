"""The training loop of the neural family, with all of its state."""

from __future__ import annotations

import copy
import math
import time
from dataclasses import asdict
from typing import Annotated, Any, Literal

import torch
from annotated_types import Ge, Gt, Lt

from core.config.space import Search
from core.data.batching import Batch, Examples
from core.data.corpus import Corpus
from core.model.checkpoint import Part
from core.model.context import Context
from core.neural.base import Carry
from core.neural.concat_embedding import Prepared
from core.neural.distributed import training
from core.neural.mean_loss import MeanLoss
from core.neural.ops.devices import QUEUING
from core.neural.optimizers import SGD, AdamW
from core.neural.row_notes import trained_in_pieces
from core.neural.selection_metric import PRIMARY, selecting
from core.neural.timed_length import length_of
from core.neural.trainable import Trainable
from core.neural.trainer_state import Progress, map_tensors, random_state, set_random_state
from core.neural.training_length import batch_size_for, epochs_for
from core.neural.update import QueuedUpdate, Step, Update
from core.signals import delayed

State = dict[str, Any]

INTERVAL = 0.1  # seconds between two progress events


class Trainer:
    """Trains a model, keeps the weights with the best dev score, and can stop and resume at any step.

    Args:
        model: the model whose network is trained.
        train: the training split.
        dev: the split that selects the weights.
        context: metrics and observers.
        examples: those of the training split, where they exist already.
        metric: the metric of the task whose best value on dev selects the weights, such as macro_f1; of equal
            values the one with the lower dev loss; auto: the task's primary metric.
        epochs: the most passes over the training split; auto: as many as train.steps or budget=time take.
        steps: the number of steps that train.epochs=auto aims at.
        min_epochs: the minimum of train.epochs=auto.
        max_epochs: the maximum of train.epochs=auto, also if train.min_epochs is larger.
        batch_size: rows per step; streams per step if rows are one running text; auto: 16 with fewer than 1,000
            rows, 32 with fewer than 50,000, 64 with fewer than 200,000, else 128; fewer, but at least 8, where
            so many rows have more than 8,192 tokens on average.
        max_tokens: the maximum number of tokens of a row in training: of a longer row with one label the beginning
            is read, any other one is split (rows that are one running text have no limit).
        bptt: tokens of each stream per step (truncated back-propagation through time), in stream mode.
        optimizer: AdamW or plain SGD.
        learning_rate: the learning rate of the first step.
        weight_decay: the weight decay; decoupled for AdamW.
        momentum: the momentum of SGD.
        schedule: constant, linear down to 0, or plateau: divided by ``decay`` after each epoch in which neither
            the score nor the dev loss is the best so far.
        decay: the divisor of the plateau schedule.
        clip: the maximum norm of the gradient; none for no limit.
        patience: training ends after so many epochs in a row in which neither the score nor the dev loss is the
            best so far; auto: half of the epochs, and at least 6 (none with budget=time); none: no limit.
    """

    best: State | None = None  # score, dev loss, epoch, weights
    carry: Carry = None
    prepared: Prepared | None = None  # for the open words of train
    status: str = "untrained"
    reported: float = 0.0  # when progress was last reported

    def __init__(
        self,
        model: Trainable,
        train: Corpus,
        dev: Corpus,
        context: Context,
        examples: Examples | None = None,
        *,
        metric: str = PRIMARY,
        epochs: Annotated[int, Ge(1)] | Literal["auto"] = "auto",
        steps: Annotated[int, Ge(1)] = 2000,
        min_epochs: Annotated[int, Ge(1)] = 3,
        max_epochs: Annotated[int, Ge(1)] = 60,
        batch_size: Annotated[int, Ge(1)] | Literal["auto"] = "auto",
        max_tokens: Annotated[int, Ge(1)] = 4096,
        bptt: Annotated[int, Ge(1)] = 35,
        optimizer: Literal["adamw", "sgd"] = "adamw",
        learning_rate: Annotated[float, Gt(0), Search(0.1, 3, log=True, relative=True)] = 2e-3,
        weight_decay: Annotated[float, Ge(0)] = 0.0,
        momentum: Annotated[float, Ge(0), Lt(1)] = 0.0,
        schedule: Literal["constant", "linear", "plateau"] = "constant",
        decay: Annotated[float, Gt(1)] = 4.0,
        clip: Annotated[float, Gt(0)] | None = 5.0,
        patience: Annotated[int, Ge(1)] | Literal["auto"] | None = "auto",
    ) -> None:
        self.model, self.train, self.dev, self.context = model, train, dev, selecting(metric, context)
        self.dev_examples, self.processes = model.kind.examples(dev), training(model, context)
        self.schedule, self.decay, self.learning_rate, self.clip = schedule, decay, learning_rate, clip
        examples = examples or model.kind.examples(train)
        size = batch_size_for(examples.lengths) if batch_size == "auto" else batch_size
        self.batches = self.processes.share(model.batches(examples, size, bptt, max_tokens))
        self.notes = [] if self.batches.carries else trained_in_pieces(examples, max_tokens)
        if (number := epochs) == "auto":
            number = epochs_for(steps, len(self.batches.plan(0)), min_epochs, max_epochs)
        self.length, used = length_of(number, context.time, self.processes.spent, len(dev.tokens.values))
        given = {"epochs": epochs, "batch_size": batch_size, "patience": patience}
        self.patience = used["patience"] if patience == "auto" else patience
        self.chosen = {f"train.{k}": v for k, v in (used | {"batch_size": size}).items() if given[k] == "auto"}
        self.prepare_optimizer(optimizer, {"lr": learning_rate, "weight_decay": weight_decay}, momentum)
        self.progress, self.history = Progress(), list[dict[str, Any]]()

    def prepare_optimizer(self, name: str, shared: State, momentum: float) -> None:
        """Create the optimiser of the trained weights."""
        self.weights = [p for p in self.model.network.parameters() if p.requires_grad]
        shared = {**shared, "fused": self.model.device.type in ("cpu", *QUEUING)}
        self.optimizer: torch.optim.Optimizer
        if name == "sgd":
            self.optimizer = SGD(self.weights, momentum=momentum, **shared)
        else:
            self.optimizer = AdamW(self.weights, **shared)
        update = QueuedUpdate if self.model.device.type in QUEUING else Update
        self.update = update(self.weights, self.optimizer, self.clip)

    def run(self, steps: int | None = None) -> None:
        """Train to the end, or for at most ``steps`` more steps.

        Raises:
            TrainingError: the loss or its gradient is not finite.
        """
        progress = self.progress
        stop = math.inf if steps is None else progress.step + steps
        try:
            self.processes.start()
            self.length.start(progress)
            self.prepared = self.model.network.embedding.prepare(self.train.words)
            while not self.ended and progress.step < stop:
                plan = self.batches.plan(progress.epoch)
                while progress.batch < len(plan) and progress.step < stop and not self.length.is_over(progress):
                    batch = self.batches.collate(plan[progress.batch])
                    self.processes.check_stop()
                    with self.checkpoints.step():
                        self.set_learning_rate(len(plan))
                        self.step(batch)
                        self.length.step_ended(progress)
                    self.report_progress(len(plan))
                    if self.checkpoints.due():
                        self.save_checkpoint()
                if progress.batch >= len(plan) or self.length.is_over(progress):
                    self.finish_epoch(len(plan))
                    if self.checkpoints.due(epoch_ended=True):
                        self.save_checkpoint()
            if self.ended:
                self.finish("finished")
        except KeyboardInterrupt:
            with delayed():
                self.save_checkpoint()
                self.finish("interrupted")

    @property
    def checkpoints(self) -> Part:
        """The checkpoints of this training."""
        return self.processes.checkpoints

    @property
    def ended(self) -> bool:
        """Whether the last epoch, the budget or the patience is over."""
        impatient = self.patience is not None and self.progress.waited >= self.patience
        return self.length.is_over(self.progress) or impatient

    def set_learning_rate(self, batches: int) -> None:
        """Set the learning rate of the schedule at this progress."""
        factor = self.progress.factor
        if self.schedule == "linear":
            factor = 1 - self.length.fraction(self.progress, batches)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * factor

    def step(self, batch: Batch) -> None:
        """Take one step of the optimiser."""
        start, progress = time.perf_counter(), self.progress
        self.model.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        total, count, carry = self.processes.loss(batch, self.carry, self.prepared)
        self.carry = map_tensors(carry, lambda part: part.detach()) if self.batches.carries else None
        summed, count, read = self.processes.sums(total, count, int(batch.lengths.sum()))
        step = Step(progress.step + 1, progress.epoch + 1, int(count), self.optimizer.param_groups[0]["lr"])
        self.processes.backward(total, step.events)
        loss = self.update.step(summed, step)
        progress.add(loss, step.events, int(read), time.perf_counter() - start)

    def read_losses(self) -> None:
        """Wait for the steps that a GPU has queued, and add their losses and the time to the progress."""
        start = time.perf_counter()
        self.progress.loss += self.update.read()
        self.progress.seconds += time.perf_counter() - start

    def finish_epoch(self, batches: int) -> None:
        """Evaluate dev, keep the weights if they are the best, and add a row to the learning curve."""
        self.read_losses()
        start, progress, loss = time.perf_counter(), self.progress, MeanLoss()
        self.carry = None
        self.processes.finish_epoch()
        predictions = self.model.predict_examples(self.dev, self.dev_examples, loss=loss)
        score, metrics = self.context.evaluate(predictions, self.dev)
        score, mean = self.processes.decided(score, math.inf if loss.value is None else loss.value)
        self.length.evaluated(progress)
        row = {"epoch": progress.epoch + 1, "step": progress.step, "loss": progress.mean_loss}
        row |= ({} if loss.value is None else {"dev_loss": loss.value}) | metrics
        with delayed():  # a checkpoint has the row and the observers have it, or none of them
            with self.checkpoints.step():
                self.compare(score, mean)
                row["seconds"] = progress.seconds + time.perf_counter() - start
                row["tokens_per_second"] = progress.tokens_per_second
                self.history.append(row)
                progress.next_epoch(batches)
            self.context.notify("epoch", **row)

    def compare(self, score: float, loss: float) -> None:
        """Keep the weights if they are the best so far; else wait, unless the dev loss is the lowest so far.

        Args:
            score: on dev; more is better.
            loss: the mean dev loss; of equal scores the one with the lower loss is better.
        """
        best, progress = self.best, self.progress
        rises = best is None or score > best["score"]
        if best is None or (score, -loss) > (best["score"], -best["loss"]):
            weights = copy.deepcopy(self.model.network.state_dict())
            self.best = {"score": score, "loss": loss, "epoch": progress.epoch + 1, "weights": weights}
        if rises or loss < progress.lowest:
            progress.waited = 0
        else:
            progress.waited += 1
            if self.schedule == "plateau":
                progress.factor /= self.decay
        progress.lowest = min(progress.lowest, loss)

    def finish(self, status: str) -> None:
        """Restore the best weights."""
        self.status = status
        if self.best is not None:
            self.model.network.load_state_dict(self.best["weights"])

    def report_progress(self, batches: int) -> None:
        """Report the progress to the observers, at most ten times per second."""
        now, progress = time.perf_counter(), self.progress
        if now - self.reported < INTERVAL:
            return
        self.read_losses()
        self.reported, (steps, epochs) = now, self.length.expected(progress, batches)
        spent = progress.seconds + sum(row["seconds"] for row in self.history)
        left = spent / progress.step * max(0, steps - progress.step)
        counts = {"step": progress.step, "steps": steps, "epoch": progress.epoch + 1, "epochs": epochs}
        speed = {"tokens": progress.tokens, "tokens_per_second": progress.tokens_per_second, "left": left}
        self.context.notify("progress", loss=progress.mean_loss, **counts, **speed)

    def save_checkpoint(self) -> None:
        """Save the state, if the last step is complete."""
        self.checkpoints.save(self._state(), self.length.place(self.progress))

    def state_dict(self) -> State:
        """A copy of everything that the next step depends on, and of everything learned so far.

        It has only plain containers, numbers, strings and tensors, so ``torch.load(weights_only=True)`` reads it.
        """
        return copy.deepcopy(self._state())

    def _state(self) -> State:
        self.read_losses()
        return {
            "weights": self.model.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": random_state(self.model.device),
            "progress": asdict(self.progress),
            "carry": self.carry,
            "history": self.history,
            "best": self.best,
            "status": self.status,
        }

    def load_state_dict(self, state: State) -> None:
        """Resume where ``state_dict`` was called, in a trainer with the same arguments."""
        state = copy.deepcopy(state)
        self.model.network.load_state_dict(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        set_random_state(state["random"], self.model.device)
        self.progress, self.history = Progress(**state["progress"]), state["history"]
        self.best, self.status = state["best"], state["status"]
        self.carry = map_tensors(state["carry"], lambda part: part.to(self.model.device))
