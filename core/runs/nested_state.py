"""A nested state as JSON data and tensors, and back: the same types, the same bits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

State = Any  # nested dict, list, tuple, None, bool, int, float, str, torch tensor, numpy array


class Packer:
    """Splits a state into JSON data and tensors by name; a tensor that occurs twice is stored once."""

    def __init__(self) -> None:
        self.tensors: dict[str, Any] = {}
        self._names: dict[Any, str] = {}
        self._storages: set[int] = set()

    def pack(self, value: State) -> Any:
        """The JSON data of a value; its tensors are added to ``tensors``.

        Raises:
            TypeError: a value, or one in it, is of a type that is not saved.
        """
        if value is None or isinstance(value, bool | int | str) and not isinstance(value, np.generic):
            return value
        if isinstance(value, float | np.generic):
            return self._number(value)
        if isinstance(value, list):
            return [self.pack(item) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [self.pack(item) for item in value]}
        if isinstance(value, Mapping):
            return {"dict": [[self.pack(key), self.pack(item)] for key, item in value.items()]}
        if isinstance(value, np.ndarray):
            return self._array(value)
        return self._tensor(value)

    def _number(self, value: Any) -> Any:
        plain = value.item() if isinstance(value, np.generic) else value
        if not isinstance(plain, float):
            return self.pack(plain)
        return plain if math.isfinite(plain) else {"float": str(plain)}

    def _array(self, value: Any) -> Any:
        import torch

        if value.dtype.hasobject or value.dtype.names:
            raise TypeError(f"an array of {value.dtype}")
        flat = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        data = torch.from_numpy(flat if flat.flags.writeable else flat.copy())
        return {"array": self._add(data), "dtype": value.dtype.str, "shape": list(value.shape)}

    def _tensor(self, value: Any) -> Any:
        import torch

        if not isinstance(value, torch.Tensor) or value.layout is not torch.strided or value.is_quantized:
            raise TypeError(f"{type(value).__module__}.{type(value).__qualname__}")
        value = value.detach()
        key = (value.data_ptr(), value.shape, value.stride(), value.dtype, value.device)
        if not value.numel() or key not in self._names:
            self._names[key] = self._add(value)
        spread = 0 not in value.stride() and not value.is_contiguous()  # a fused optimiser goes by the memory
        return {"tensor": self._names[key]} | ({"stride": list(value.stride())} if spread else {})

    def _add(self, tensor: Any) -> str:
        storage = tensor.untyped_storage().data_ptr()
        if storage in self._storages:  # another part of the same memory
            tensor = tensor.clone()
        self._storages.add(storage)
        name = str(len(self.tensors))
        self.tensors[name] = tensor.contiguous()
        return name


def unpack(data: Any, tensors: Mapping[str, Any]) -> State:
    """The state that ``Packer.pack`` turned into JSON data and tensors.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, RuntimeError: this is something else.
    """
    if isinstance(data, list):
        return [unpack(item, tensors) for item in data]
    if not isinstance(data, dict):
        return data
    if "tensor" in data:
        return _laid_out(tensors[data["tensor"]], data.get("stride"))
    if "array" in data:
        return tensors[data["array"]].numpy().view(np.dtype(data["dtype"])).reshape(data["shape"])
    if "tuple" in data:
        return tuple(unpack(item, tensors) for item in data["tuple"])
    if "float" in data:
        return float(data["float"])
    return {unpack(key, tensors): unpack(item, tensors) for key, item in data["dict"]}


def _laid_out(tensor: Any, stride: list[int] | None) -> Any:
    """A tensor with its numbers in memory as they were."""
    if stride is None:
        return tensor
    import torch

    return torch.empty_strided(tensor.shape, stride, dtype=tensor.dtype).copy_(tensor)
