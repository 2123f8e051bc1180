from __future__ import annotations

import pytest
import torch

from core.neural.ops.dropout import Dropout

SIZE = 400_000


def dropped(share: float, **how: object) -> torch.Tensor:
    torch.manual_seed(3)
    return Dropout(share)(torch.ones(SIZE, **how))  # type: ignore[arg-type] # a keyword of torch.ones


@pytest.mark.parametrize("share", [0.1, 0.4, 0.5, 0.9])
def test_the_share_is_dropped_and_the_mean_stays(share: float) -> None:
    result = dropped(share)
    spread = (share * (1 - share) / SIZE) ** 0.5  # the standard deviation of a share
    assert float((result == 0).double().mean()) == pytest.approx(share, abs=5 * spread + 1e-5)
    assert result.unique().tolist() == pytest.approx([0, 1 / (1 - share)], rel=1e-4)


def test_adjacent_numbers_are_dropped_independently() -> None:
    zero = (dropped(0.5) == 0).double() - 0.5
    for distance in (1, 2, 3, 4, 8, 100):  # four numbers share one draw of 64 bits
        assert abs(float((zero[:-distance] * zero[distance:]).mean())) < 5 * 0.25 / SIZE**0.5


def test_the_seed_of_torch_decides_and_each_call_differs() -> None:
    layer, values = Dropout(0.5), torch.ones(1000)
    torch.manual_seed(1)
    first, second = layer(values), layer(values)
    torch.manual_seed(1)
    assert torch.equal(layer(values), first) and not torch.equal(first, second)


def test_the_gradient_passes_where_the_value_did() -> None:
    values = torch.randn(7, 5, 3, requires_grad=True)
    result = Dropout(0.3)(values)
    result.sum().backward()
    assert torch.allclose(values.grad * values.detach(), result.detach())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_the_type_stays(dtype: torch.dtype) -> None:
    assert dropped(0.5, dtype=dtype).dtype == dtype


def test_prediction_and_a_share_of_zero_change_nothing() -> None:
    values = torch.randn(4)
    assert torch.equal(Dropout(0.0)(values), values) and torch.equal(Dropout(0.5).eval()(values), values)
    assert Dropout(0.5)(torch.ones(3, 0)).shape == (3, 0)
