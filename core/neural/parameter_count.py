"""The number of parameters of a neural model before it is built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.data.corpus import Corpus
from core.neural.model import NeuralModel
from core.neural.network import Network
from core.neural.trainer_state import random_state, set_random_state


def count_parameters(model: NeuralModel, train: Corpus) -> int:
    """What ``model.parameters`` will be once it is fitted: all trained values of embedding, encoder and head.

    The network is created on torch's meta device, which allocates no numbers; where a constructor needs them, on
    the CPU.

    Args:
        model: not built yet.
        train: the training split.

    Raises:
        SeqlabError: an option does not fit the data.
    """
    network = _network(model)
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad) if model.kind.reads_rows else 0
    return trained + network.embedding.count_fitted(train)


def _network(model: NeuralModel) -> Network:
    arguments = model.kind, model.vocab, model.size, model.contract_error
    try:
        with torch.device("meta"):
            return model.design.build(*arguments)
    except (NotImplementedError, RuntimeError, TypeError, ValueError):  # a constructor reads numbers
        return model.design.build(*arguments)


@contextmanager
def unchanged_random_numbers() -> Iterator[None]:
    """Put the random generators back to where they were before a ``with`` block."""
    cpu = torch.device("cpu")
    state = random_state(cpu)
    yield
    set_random_state(state, cpu)
