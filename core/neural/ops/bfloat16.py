"""Numbers in bfloat16 and a fast exponential for numba, whose own is a call per number.

A bfloat16 is the upper half of a float32; arrays hold its bits as uint16. Loops over these functions use the
vector registers of the CPU. Kernels are not cached on disk: numba would not notice a change of this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import torch
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from torch import Tensor

from core.types import Array

_FLOAT, _I32, _I16 = ir.FloatType(), ir.IntType(32), ir.IntType(16)
LOG2_E, LOWEST, HIGHEST = 1.4426950408889634, -126.0, 127.0  # the exponents of normal numbers
POWERS = (0.00958284985, 0.0559064262, 0.240240987, 0.693124193, 1.0)  # 2^x from -0.5 to 0.5, exact at 0

Typed = tuple[Any, Callable[..., Any]]
_intrinsic: Callable[[Any], Any] = intrinsic


Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a kernel; sums may be added in another order."""
    compiler: Any = numba.njit(nogil=True, error_model="numpy", fastmath={"contract", "nsz", "reassoc"})
    kernel: Function = compiler(function)
    return kernel


@_intrinsic
def widened(typing: Any, bits: Any) -> Typed:
    """The float32 of the bits of a bfloat16."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(builder.shl(builder.zext(args[0], _I32), _I32(16)), _FLOAT)

    return types.float32(types.uint16), code


@_intrinsic
def narrowed(typing: Any, number: Any) -> Typed:
    """The bits of the bfloat16 that is nearest to a finite float32, the even one of two."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _I32)
        odd = builder.and_(builder.lshr(bits, _I32(16)), _I32(1))
        rounded = builder.add(bits, builder.add(odd, _I32(0x7FFF)))
        return builder.trunc(builder.lshr(rounded, _I32(16)), _I16)

    return types.uint16(types.float32), code


@_intrinsic
def exponential(typing: Any, number: Any) -> Typed:
    """e^x with a relative error below 1e-5, between the smallest and the largest normal float32; NaN stays NaN."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def call(name: str, *given: Any) -> Any:
            kind = ir.FunctionType(_FLOAT, [_FLOAT] * len(given))
            function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.f32")  # type: ignore[no-untyped-call] # numba's own
            return builder.call(function, given)

        power = builder.fmul(args[0], _FLOAT(LOG2_E))
        power = builder.select(builder.fcmp_ordered("<", power, _FLOAT(LOWEST)), _FLOAT(LOWEST), power)
        power = builder.select(builder.fcmp_ordered(">", power, _FLOAT(HIGHEST)), _FLOAT(HIGHEST), power)
        whole = call("rint", power)
        rest = builder.fsub(power, whole)  # -0.5 to 0.5
        result = _FLOAT(POWERS[0])
        for factor in POWERS[1:]:
            result = call("fmuladd", result, rest, _FLOAT(factor))
        scale = builder.shl(builder.add(builder.fptosi(whole, _I32), _I32(127)), _I32(23))
        return builder.fmul(result, builder.bitcast(scale, _FLOAT))

    return types.float32(types.float32), code


def bits_of(tensor: Tensor) -> Array:
    """The bits of a bfloat16 tensor as a numpy array of uint16 that shares its memory."""
    return tensor.view(torch.uint16).numpy()
