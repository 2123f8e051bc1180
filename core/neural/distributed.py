"""Training in several processes: each reads its rows or streams of every batch, and all take the same step.

The loss of a step is the sum over the events of all processes divided by their number, as in one process, however
unequal the shares are.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from core import processes, signals
from core.data.batching import Batch, Batches
from core.model.checkpoint import Part
from core.model.context import Context
from core.model.time_budget import TimeBudget
from core.neural.base import Carry
from core.neural.concat_embedding import Prepared
from core.neural.ops.devices import QUEUING
from core.neural.shared_part import SharedPart
from core.neural.trainable import Trainable
from core.neural.trainer_state import map_tensors

NONE, SPARSE, DENSE = range(3)  # the gradients that a table may have


class Alone:
    """The training of one process.

    Args:
        model: what is trained.
        checkpoints: those of the training.
        time: its budget of seconds, if there is one.
    """

    def __init__(self, model: Trainable, checkpoints: Part, time: TimeBudget | None = None) -> None:
        self.model, self.checkpoints, self.time = model, checkpoints, time

    def spent(self) -> float:
        """The seconds of the budget that the training has spent, the same in every process."""
        return 0.0 if self.time is None else self.time.spent()

    def loss(self, batch: Batch, carry: Carry, prepared: Prepared | None) -> tuple[Tensor, Tensor, Carry]:
        """The summed loss of this process's part of a batch, its number of events, and the state to carry on."""
        return self.model.loss(batch, carry, prepared)

    def share(self, batches: Batches) -> Batches:
        """The part of every batch that this process reads."""
        return batches

    def start(self) -> None:
        """Begin to train."""

    def check_stop(self) -> None:
        """Before a step: stop if one of the processes was interrupted before the step that all have just taken.

        Raises:
            Interrupted: one was.
        """

    def sums(self, total: Tensor, count: Tensor, read: int) -> tuple[Tensor, Tensor, Tensor | int]:
        """The loss, its number of events and the tokens read, summed over all processes; gradients are not."""
        return total.detach(), count, read

    def backward(self, total: Tensor, events: int) -> None:
        """Compute the gradients of the mean loss, summed over all processes.

        Args:
            total: the summed loss of this process's part of a batch.
            events: the number of events of all processes.
        """
        scale = 1 / max(1, events)
        if total.device.type in QUEUING:
            total.backward(torch.full_like(total, scale))  # type: ignore[no-untyped-call] # torch's own
        else:  # with a gradient torch imports sympy, which takes longer than some trainings
            (total * scale).backward()  # type: ignore[no-untyped-call] # torch's own

    def finish_epoch(self) -> None:
        """Before a prediction: make what is trained the same in every process."""

    def decided(self, *values: float) -> Sequence[float]:
        """Values that decide what happens next, which are the same in every process."""
        return values


class Together(Alone):
    """The training of one of several processes.

    ``DistributedDataParallel`` sums the gradients while they are computed. It does not know the sparse gradients
    that tables have on a CPU, so those of the embedding are summed after it.

    Args:
        model: its weights become those of process 0.
        checkpoints: those that this process has.
        time: the budget that this process has; that of process 0 counts.
    """

    checkpoints: SharedPart

    def __init__(self, model: Trainable, checkpoints: Part, time: TimeBudget | None = None) -> None:
        super().__init__(model, SharedPart(checkpoints), time)
        self.clock = 0.0  # what process 0 had spent when all of them last met
        weights = [p for p in model.network.parameters() if p.requires_grad]
        on_cpu = model.device.type == "cpu"
        embedding = {id(p) for p in model.network.embedding.parameters()} if on_cpu else set[int]()
        self.tables = [p for p in weights if id(p) in embedding]
        self.rank, self.size = processes.rank(), processes.size()
        self.stops, self.lost = torch.zeros(()), False
        with processes.answered():
            for tensor in model.network.state_dict().values():
                distributed.broadcast(tensor, 0)
            module = _Loss(model, [p for p in weights if id(p) not in embedding])
            self.parallel = DistributedDataParallel(module.to(model.device), find_unused_parameters=True)
        self.parallel.register_comm_hook(self, lambda training, bucket: _sum(training, bucket.buffer()))
        if self.rank:  # dropout differs in each process; the first one draws what a single process draws
            torch.manual_seed(model.runtime.seed + self.rank)
            np.random.seed((model.runtime.seed + self.rank) % 2**32)
            random.seed(model.runtime.seed + self.rank)

    def share(self, batches: Batches) -> Batches:
        """See ``Alone.share``."""
        return batches.share(self.rank, self.size)

    def start(self) -> None:
        """From now on Ctrl-C and signals wait until all processes stop at the same step."""
        signals.postpone()
        self.decided()

    def spent(self) -> float:
        """See ``Alone.spent``."""
        return self.clock

    def check_stop(self) -> None:
        """See ``Alone.check_stop``."""
        if self.stops:
            raise signals.Interrupted

    def loss(self, batch: Batch, carry: Carry, prepared: Prepared | None) -> tuple[Tensor, Tensor, Carry]:
        """See ``Alone.loss``."""
        output: tuple[Tensor, Tensor, Carry] = self.parallel(batch, carry, prepared)
        return output

    def sums(self, total: Tensor, count: Tensor, read: int) -> tuple[Tensor, Tensor, Tensor | int]:
        """See ``Alone.sums``; three more: who is to stop, whether a checkpoint is due, the time spent."""
        spent = super().spent() if self.rank == 0 else 0.0
        own = [read, signals.postponed(), self.checkpoints.own.due(), spent]
        numbers = torch.tensor(own, dtype=torch.float64, device=total.device)
        own_sums = torch.stack([total.detach().double(), count.to(total.device).double()])
        sums = torch.cat([own_sums, numbers])  # (6,)
        with processes.answered():
            distributed.all_reduce(sums)
        loss, events, tokens, self.stops, self.checkpoints.is_due, clock = sums.unbind()
        self.clock = 0.0 if self.time is None else float(clock)
        return loss, events.long(), tokens

    def backward(self, total: Tensor, events: int) -> None:
        """See ``Alone.backward``."""
        try:
            super().backward(total, events)
        except RuntimeError:
            with processes.answered() if self.lost else nullcontext():
                raise
        if self.tables:
            with processes.answered():
                self._sum_tables()

    def _sum_tables(self) -> None:
        """Sum the gradients of tables: of the rows that were read, or whole ones where all rows have one."""
        kinds = torch.tensor([_kind(p.grad) for p in self.tables])
        distributed.all_reduce(kinds, distributed.ReduceOp.MAX)
        for weight, kind in zip(self.tables, kinds.tolist(), strict=True):
            if kind != NONE:
                weight.grad = _as(kind, weight)
                distributed.all_reduce(weight.grad)

    def finish_epoch(self) -> None:
        """See ``Alone.finish_epoch``; the statistics of batch normalisation are those of process 0."""
        network = self.model.network
        with processes.answered():
            for tensor in (*network.encoder.buffers(), *network.head.buffers()):
                distributed.broadcast(tensor, 0)

    def decided(self, *values: float) -> Sequence[float]:
        """See ``Alone.decided``: those of process 0."""
        decided: list[float]
        *decided, self.clock = processes.from_first([*values, super().spent()])
        return decided


def training(model: Trainable, context: Context) -> Alone:
    """How a model is trained: alone, or together with other processes."""
    together = model.runtime.processes > 1
    return (Together if together else Alone)(model, context.checkpoints.part("training"), context.time)


class _Loss(nn.Module):
    """The loss as the ``forward`` that ``DistributedDataParallel`` needs; its parameters are those to sum."""

    def __init__(self, model: Trainable, weights: Sequence[nn.Parameter]) -> None:
        super().__init__()
        self.compute = model.loss
        self.weights = nn.ParameterList(weights)
        self.unused = nn.Parameter(torch.zeros(1))  # where each one is used, the search for unused ones warns

    def forward(self, batch: Batch, carry: Carry, prepared: Prepared | None) -> tuple[Tensor, Tensor, Carry]:
        """The outputs are what ``backward`` may start from, so the carry is detached."""
        total, count, carry = self.compute(batch, carry, prepared)
        return total, count, map_tensors(carry, lambda part: part.detach())


def _sum(training: Together, gradients: Tensor) -> torch.futures.Future[Tensor]:
    """Sum gradients: each process has divided its loss by the number of events of all."""

    def result(done: torch.futures.Future[list[Tensor]]) -> Tensor:
        try:
            return done.value()[0]
        except RuntimeError:
            training.lost = True
            raise

    work = distributed.all_reduce(gradients, async_op=True)
    future: torch.futures.Future[Tensor] = work.get_future().then(result)
    return future


def _kind(gradient: Tensor | None) -> int:
    return NONE if gradient is None else SPARSE if gradient.is_sparse else DENSE


def _as(kind: int, weight: nn.Parameter) -> Tensor:
    """The gradient of a table as one of this kind; zero where there is none."""
    if weight.grad is None:
        empty = torch.zeros(1, 0, dtype=torch.int64), weight.new_zeros(0, *weight.shape[1:])
        return _sparse(*empty, weight) if kind == SPARSE else torch.zeros_like(weight)
    if kind == DENSE:
        return weight.grad.to_dense() if weight.grad.is_sparse else weight.grad
    return weight.grad.coalesce()


def _sparse(rows: Tensor, values: Tensor, weight: Tensor) -> Tensor:
    return torch.sparse_coo_tensor(rows, values, weight.shape, is_coalesced=True, check_invariants=False)
