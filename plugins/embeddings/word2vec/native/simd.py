"""Memory access by address and vectors of sixteen floats for numba, used by the training kernels.

Numba has no vector type, and counts references of every array that is passed between functions, which takes longer
than the arithmetic of a row. An address is an int64; the caller keeps its array alive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 16
BYTES = 4 * LANES  # a cache line too
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_I32, _I64 = ir.IntType(32), ir.IntType(64)


class FloatsType(types.Type):
    """Numba's type of sixteen float32 in a register."""

    def __init__(self) -> None:
        super().__init__(name="Floats16")


FLOATS = FloatsType()


@register_model(FloatsType)
class _FloatsModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _FLOATS)


def _pointer(builder: Any, address: Any, target: Any) -> Any:
    return builder.inttoptr(address, target.as_pointer())


def _vector(builder: Any, scalar: Any) -> Any:
    """A scalar in every lane."""
    lane = builder.insert_element(ir.Constant(_FLOATS, ir.Undefined), scalar, _I32(0))
    first = ir.Constant(ir.VectorType(_I32, LANES), None)
    return builder.shuffle_vector(lane, ir.Constant(_FLOATS, ir.Undefined), first)


def _call(builder: Any, name: str, returns: Any, args: list[Any], **how: Any) -> Any:
    signature = ir.FunctionType(returns, [arg.type for arg in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), args, **how)


Typed = tuple[Any, Callable[..., Any]]


def _reader(kind: Any, returns: Any, summary: str) -> Any:
    """An intrinsic that reads the number at an address."""

    def read(typing: Any, address: Any) -> Typed:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            value = builder.load(_pointer(builder, args[0], kind))
            return builder.sext(value, _I64) if kind is _I32 else value

        return returns(types.int64), code

    read.__doc__ = summary
    return intrinsic(read)


def _writer(kind: Any, takes: Any, summary: str) -> Any:
    """An intrinsic that writes a number at an address."""

    def write(typing: Any, address: Any, number: Any) -> Typed:
        def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            number = builder.trunc(args[1], kind) if kind is _I32 else args[1]
            builder.store(number, _pointer(builder, args[0], kind))
            return context.get_dummy_value()

        return types.void(types.int64, takes), code

    write.__doc__ = summary
    return intrinsic(write)


read_int32 = _reader(_I32, types.int64, "The int32 at an address, as int64.")
read_int64 = _reader(_I64, types.int64, "The int64 at an address.")
read_uint64 = _reader(_I64, types.uint64, "The uint64 at an address.")
read_float32 = _reader(ir.FloatType(), types.float32, "The float32 at an address.")
write_int32 = _writer(_I32, types.int64, "Write an int32.")
write_int64 = _writer(_I64, types.int64, "Write an int64.")
write_uint64 = _writer(_I64, types.uint64, "Write a uint64.")
write_float32 = _writer(ir.FloatType(), types.float32, "Write a float32.")


@intrinsic
def zeros(typing: Any) -> Typed:
    """Sixteen zeros."""
    return FLOATS(), lambda context, builder, signature, args: ir.Constant(_FLOATS, None)


@intrinsic
def load(typing: Any, address: Any) -> Typed:
    """Sixteen floats from an address, an integer."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(builder, args[0], _FLOATS), align=4)

    return FLOATS(types.int64), code


@intrinsic
def store(typing: Any, address: Any, floats: Any) -> Typed:
    """Write sixteen floats to an address."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[1], _pointer(builder, args[0], _FLOATS), align=4)
        return context.get_dummy_value()

    return types.void(types.int64, FLOATS), code


@intrinsic
def plus(typing: Any, one: Any, other: Any) -> Typed:
    """The sum of two, lane by lane."""
    return FLOATS(FLOATS, FLOATS), lambda context, builder, signature, args: builder.fadd(*args)


@intrinsic
def plus_product(typing: Any, one: Any, other: Any, onto: Any) -> Typed:
    """``onto + one * other``, lane by lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _call(builder, f"llvm.fmuladd.v{LANES}f32", _FLOATS, list(args))

    return FLOATS(FLOATS, FLOATS, FLOATS), code


@intrinsic
def plus_scaled(typing: Any, floats: Any, scale: Any, onto: Any) -> Typed:
    """``onto + scale * floats`` for a float32 scale."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        floats, scale, onto = args
        return _call(builder, f"llvm.fmuladd.v{LANES}f32", _FLOATS, [floats, _vector(builder, scale), onto])

    return FLOATS(FLOATS, types.float32, FLOATS), code


@intrinsic
def total(typing: Any, floats: Any) -> Typed:
    """The sum of the sixteen floats, in a fixed order chosen for speed."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        start = ir.Constant(ir.FloatType(), -0.0)
        name = f"llvm.vector.reduce.fadd.v{LANES}f32"
        return _call(builder, name, ir.FloatType(), [start, args[0]], fastmath=("reassoc",))

    return types.float32(FLOATS), code


@intrinsic
def prefetch(typing: Any, address: Any) -> Typed:
    """Prefetch the cache line at an address for reading and writing."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(builder, args[0], ir.IntType(8))
        _call(builder, "llvm.prefetch.p0", ir.VoidType(), [pointer, _I32(0), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return types.void(types.int64), code
