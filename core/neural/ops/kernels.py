"""Compiled loops of the neural family: softmax of logits in bfloat16, and steps of an LSTM.

A bfloat16 is the upper half of a float32; arrays hold its bits as uint16. Numba's own exponential is a call per
number; with the one here, loops use the vector registers of the CPU. All functions that the kernels call are in
this file, because numba's cache on disk does not notice changes of other files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from core.types import Float32s, Int64s, UInt16s

_FLOAT, _I32, _I16 = ir.FloatType(), ir.IntType(32), ir.IntType(16)
LOG2_E, LOWEST, HIGHEST = 1.4426950408889634, -126.0, 127.0  # the exponents of normal numbers
POWERS = (0.00132647261, 0.00967151278, 0.0555073375, 0.240222421, 0.693146978, 1.0)  # 2^x from -0.5 to 0.5

Typed = tuple[Any, Callable[..., Any]]
_intrinsic: Callable[[Any], Any] = intrinsic


Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile a kernel; sums may be added in another order."""
    compiler: Any = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nsz", "reassoc"}
    )
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
    """e^x with a relative error below 1e-7 (1 + |x|), at least 2^-126 and at most 2^127; NaN for NaN."""

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


@compiled
def softmax_errors(
    logits: UInt16s, bias: Float32s, answers: Int64s, log_probs: Float32s, by_row: Float32s
) -> None:
    """See ``core.neural.ops.half_projection.errors_in_place``; ``by_row`` is added to."""
    peak, total = np.full(len(answers), -np.inf, np.float32), np.zeros(len(answers), np.float32)
    _raise_peaks(logits, bias, peak)
    for event, answer in enumerate(answers):
        log_probs[event] = widened(logits[answer, event]) + bias[answer] - peak[event]
    _exponentials(logits, bias, peak, total)
    for event in range(len(answers)):
        log_probs[event] -= np.log(total[event])
        total[event] = np.float32(1) / total[event]
    _scale(logits, total, by_row)
    for event, answer in enumerate(answers):
        logits[answer, event] = narrowed(np.float32(np.exp(log_probs[event])) - np.float32(1))
        by_row[answer] -= np.float32(1)


@compiled
def _raise_peaks(logits: UInt16s, bias: Float32s, peak: Float32s) -> None:
    """Raise each event's peak to its largest logit."""
    for word in range(len(logits)):
        row = logits[word]
        for event in range(len(row)):
            logit = widened(row[event]) + bias[word]
            peak[event] = logit if logit > peak[event] else peak[event]


@compiled
def _exponentials(logits: UInt16s, bias: Float32s, peak: Float32s, total: Float32s) -> None:
    """Replace logits by their exponentials relative to the peak, and add these up per event."""
    for word in range(len(logits)):
        row = logits[word]
        for event in range(len(row)):
            relative = exponential(widened(row[event]) + bias[word] - peak[event])
            total[event] += relative
            row[event] = narrowed(relative)


@compiled
def _scale(logits: UInt16s, scale: Float32s, by_row: Float32s) -> None:
    """Multiply each event's column by its scale, and add up each row."""
    for word in range(len(logits)):
        row, added = logits[word], np.float32(0)
        for event in range(len(row)):
            prob = widened(row[event]) * scale[event]
            added += prob
            row[event] = narrowed(prob)
        by_row[word] += added


@compiled
def _sigmoid(number: float) -> Any:
    return np.float32(1) / (np.float32(1) + exponential(-number))


@compiled
def _tanh(number: float) -> Any:
    return np.float32(1) - np.float32(2) / (np.float32(1) + exponential(np.float32(2) * number))


@compiled
def lstm_step(gates: UInt16s, states: UInt16s, cells: Float32s, t: int) -> None:
    """Replace the arguments of the gates of step t by their values, and write the cell and the state after it."""
    size = cells.shape[2]
    for row in range(cells.shape[1]):
        gate, before, after, state = gates[t, row], cells[t, row], cells[t + 1, row], states[t + 1, row]
        i, f, g, o = gate[:size], gate[size : 2 * size], gate[2 * size : 3 * size], gate[3 * size :]
        for k in range(size):
            enter, keep, leave = _sigmoid(widened(i[k])), _sigmoid(widened(f[k])), _sigmoid(widened(o[k]))
            new = _tanh(widened(g[k]))
            after[k] = keep * before[k] + enter * new
            state[k] = narrowed(leave * _tanh(after[k]))
            i[k], f[k], g[k], o[k] = narrowed(enter), narrowed(keep), narrowed(new), narrowed(leave)


@compiled
def lstm_step_back(
    gates: UInt16s, cells: Float32s, d_states: Float32s, d_cell: Float32s, d_gates: UInt16s, d_h: UInt16s, t: int
) -> None:
    """Write the gradients of the gates' arguments of step t, and go on to the gradient of the cell before it."""
    size, one = cells.shape[2], np.float32(1)
    for row in range(cells.shape[1]):
        gate, before, after, out = gates[t, row], cells[t, row], cells[t + 1, row], d_gates[t, row]
        i, f, g, o = gate[:size], gate[size : 2 * size], gate[2 * size : 3 * size], gate[3 * size :]
        d_i, d_f, d_g, d_o = out[:size], out[size : 2 * size], out[2 * size : 3 * size], out[3 * size :]
        given, later, d_c = d_states[t, row], d_h[row], d_cell[row]
        for k in range(size):
            enter, keep, new, leave = widened(i[k]), widened(f[k]), widened(g[k]), widened(o[k])
            shown, d_state = _tanh(after[k]), given[k] + widened(later[k])
            d_now = d_c[k] + d_state * leave * (one - shown * shown)
            d_i[k] = narrowed(d_now * new * enter * (one - enter))
            d_f[k] = narrowed(d_now * before[k] * keep * (one - keep))
            d_g[k] = narrowed(d_now * enter * (one - new * new))
            d_o[k] = narrowed(d_state * shown * leave * (one - leave))
            d_c[k] = d_now * keep


@compiled
def lstm_step_of_words(
    sums: Float32s,
    products: Float32s,
    words: Int64s,
    cells: Float32s,
    state: Float32s,
    at: Int64s,
    out: Float32s,
    t: int,
    begin: int,
) -> None:
    """One step in float32, with the products of the words' vectors and weights given.

    Args:
        sums: (n, 4 H), the products of the states before the step.
        products: (U, 4 H), those of each word.
        words: (n,), the word that each row reads.
        cells: (B, H), of which the first n are replaced.
        state: (B, H), as ``cells``.
        at: (n,), the row of ``out`` that each goes to.
        out: (B, T, D), where the states are also written.
        t: the step.
        begin: the first of the H columns of ``out``.
    """
    size = cells.shape[1]
    for row in range(len(words)):
        given, product, cell, h = sums[row], products[words[row]], cells[row], state[row]
        for k in range(4 * size):
            given[k] += product[k]
        i, f, g, o = given[:size], given[size : 2 * size], given[2 * size : 3 * size], given[3 * size :]
        for k in range(size):
            cell[k] = _sigmoid(f[k]) * cell[k] + _sigmoid(i[k]) * _tanh(g[k])
            h[k] = _sigmoid(o[k]) * _tanh(cell[k])
        out[at[row], t, begin : begin + size] = h
