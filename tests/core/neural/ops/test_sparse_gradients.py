from __future__ import annotations

import pytest
import torch
from torch import nn

from core.neural.ops.sparse_gradients import SparseGradients, look_up


def step(sparse: bool, tied: bool, seed: int = 0) -> list[list[torch.Tensor]]:
    """The gradients of a few steps, as an optimiser sees them."""
    random = torch.Generator().manual_seed(seed)
    table = nn.Parameter(torch.randn(20, 3, generator=random))
    weight = nn.Parameter(torch.randn(3, 20, generator=random))
    rows, result = SparseGradients([table, weight]), []
    for _ in range(4):
        ids = torch.randint(20, (2, 5), generator=random)
        table.grad = weight.grad = None
        vectors = look_up(ids, table) if sparse else nn.functional.embedding(ids, table)
        loss = (vectors @ (table.T if tied else weight)).tanh().sum() + vectors.square().sum()
        loss.backward()
        norm = torch.nn.utils.get_total_norm(rows.parts())
        for part in rows.parts():
            part.mul_(0.5)
        rows.densify()
        result.append([norm, *(g.clone() for g in (table.grad, weight.grad) if g is not None)])
        with torch.no_grad():
            table.add_(table.grad, alpha=-0.1)
    return result


@pytest.mark.parametrize("tied", [False, True])
def test_gradients_equal_those_of_a_dense_table_at_each_step(tied: bool) -> None:
    for ours, dense in zip(step(True, tied), step(False, tied), strict=True):
        assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(ours, dense, strict=True))
        assert not any(part.is_sparse for part in ours)


def test_a_row_that_is_read_twice_counts_once_in_the_norm() -> None:
    table = nn.Parameter(torch.zeros(4, 1))
    (look_up(torch.tensor([[2, 2]]), table)).sum().backward()
    (part,) = SparseGradients([table]).parts()
    assert part.tolist() == [[2.0]]


def test_the_buffer_is_reused() -> None:
    table = nn.Parameter(torch.zeros(4, 1))
    rows, places = SparseGradients([table]), []
    for place in (1, 3):
        table.grad = None
        look_up(torch.tensor([place]), table).sum().backward()
        rows.parts()
        rows.densify()
        places.append((table.grad.data_ptr(), table.grad.flatten().tolist()))
    assert places[0][0] == places[1][0] and [p[1] for p in places] == [[0, 1, 0, 0], [0, 0, 0, 1]]
