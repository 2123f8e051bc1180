"""A nested state comes back with the same types and the same bits."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from core.runs.nested_state import Packer, unpack


def there_and_back(state: Any) -> Any:
    packer = Packer()
    data = json.loads(json.dumps(packer.pack(state), allow_nan=False))
    return unpack(data, {name: tensor.clone() for name, tensor in packer.tensors.items()})


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        1,
        0,
        1.0,
        -0.0,
        0.1 + 0.2,
        5e-324,
        math.inf,
        -math.inf,
        2**80,
        "",
        "é\0\ud800",
        [],
        (),
        {},
        [1, (2, [3.5, None]), {"a": (1,)}],
        {1: "int", "1": "text", (1, 2): "tuple", None: 0, False: 1.5},
        {"tensor": "0"},
        {"tuple": [1]},
        {"dict": {"float": "nan"}},
    ],
)
def test_plain_values(value: Any) -> None:
    back = there_and_back(value)
    assert repr(back) == repr(value) and type(back) is type(value)


def test_nan_and_numpy_scalars() -> None:
    assert math.isnan(there_and_back(math.nan)) and math.isnan(there_and_back(np.float32("nan")))
    assert there_and_back([np.float32(0.1), np.int64(7), np.bool_(True)]) == [float(np.float32(0.1)), 7, True]


@pytest.mark.parametrize(
    "dtype",
    [
        torch.bfloat16,
        torch.float16,
        torch.float32,
        torch.float64,
        torch.int64,
        torch.bool,
        torch.uint8,
        torch.complex64,
    ],
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3)])
def test_tensors_of_every_type_and_shape(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    value = torch.randn(shape).to(dtype)
    back = there_and_back({"x": value})["x"]
    assert back.dtype == dtype and back.shape == value.shape and torch.equal(back, value)


def test_parts_of_the_same_memory_and_strided_tensors() -> None:
    base = torch.arange(12.0).reshape(3, 4)
    state = {"whole": base, "again": base, "row": base[1], "column": base[:, 2], "turned": base.T}
    back = there_and_back(state)
    for name, value in state.items():
        assert torch.equal(back[name], value), name
    assert back["whole"] is back["again"], "a tensor that occurs twice is stored once"
    back["row"].zero_()
    assert torch.equal(back["whole"], base)


def test_a_parameter_is_a_tensor() -> None:
    back = there_and_back(torch.nn.Parameter(torch.ones(2)))
    assert type(back) is torch.Tensor and not back.requires_grad


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.uint32).reshape(2, 3).T,
        np.zeros((0, 3)),
        np.array(1.5),
        np.array(["a", "bc"]),
        np.array([2**63], dtype=np.uint64),
    ],
)
def test_arrays(array: np.ndarray) -> None:
    back = there_and_back([array])[0]
    assert back.dtype == array.dtype and back.shape == array.shape and np.array_equal(back, array)
    assert back.flags.writeable and not np.shares_memory(back, array)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", np.array([object()]), torch.eye(2).to_sparse()])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        Packer().pack({"inner": [value]})


@pytest.mark.parametrize(
    "tensor",
    [torch.arange(6.0).view(2, 3).t(), torch.arange(24).view(2, 3, 4)[:, 1], torch.arange(3).expand(2, 3)],
    ids=["transposed", "sliced", "expanded"],
)
def test_a_tensor_keeps_its_layout(tensor: torch.Tensor) -> None:
    back = there_and_back(tensor)
    assert torch.equal(back, tensor)
    assert back.stride() == tensor.stride() or 0 in tensor.stride()
