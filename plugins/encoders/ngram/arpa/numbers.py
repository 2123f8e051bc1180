"""Compiled parsing of the numbers in ARPA files."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

TAB, NEWLINE, RETURN, BLANK, MINUS, PLUS, POINT, NOUGHT, NINE, BACKSLASH = b"\t\n\r -+.09\\"
LOWER = 32  # the bit that makes a letter lower case
INF, INFINITY, NAN = (np.frombuffer(name, dtype=np.uint8) for name in (b"inf", b"infinity", b"nan"))
POWERS = 10.0 ** np.arange(-30, 31)  # what an exponent multiplies by
MANTISSA = 10**17  # digits beyond are too small for a float64


@numba.njit(cache=True)
def past(data: Any, at: Any) -> Any:
    """The end of the field that starts here."""
    while data[at] > BLANK or data[at] not in (BLANK, TAB, NEWLINE, RETURN):
        at += 1
    return at


@numba.njit(cache=True)
def number(data: Any, at: Any) -> Any:
    """Parse a decimal number: (whether it is valid, its value, where it ends)."""
    first, negative = at, data[at] == MINUS
    if data[at] == MINUS or data[at] == PLUS:
        at += 1
    mantissa, power, digits, behind = 0, 0, 0, 0
    while (NOUGHT <= data[at] <= NINE) or (data[at] == POINT and not behind):
        if data[at] == POINT:
            behind = 1
        else:
            digits += 1
            if mantissa < MANTISSA:
                mantissa = mantissa * 10 + (data[at] - NOUGHT)
                power -= behind
            else:
                power += 1 - behind
        at += 1
    if digits and (data[at] == 101 or data[at] == 69):  # e or E
        at += 1
        sign = -1 if data[at] == MINUS else 1
        if data[at] == MINUS or data[at] == PLUS:
            at += 1
        digits, exponent = 0, 0
        while NOUGHT <= data[at] <= NINE:
            digits, exponent = digits + 1, min(exponent * 10 + (data[at] - NOUGHT), 999)
            at += 1
        power += sign * exponent
    if not digits or past(data, at) != at:
        return False, 0.0, first
    value = float(mantissa)
    while power < -30:
        value, power = value * POWERS[0], power + 30
    while power > 30:
        value, power = value * POWERS[-1], power - 30
    value *= POWERS[power + 30]
    return True, -value if negative else value, at


@numba.njit(cache=True)
def says(data: Any, at: Any, end: Any, name: Any) -> Any:
    """Whether some bytes are a name, in any case."""
    if end - at != len(name):
        return False
    for b in range(len(name)):
        if data[at + b] | LOWER != name[b]:
            return False
    return True


@numba.njit(cache=True)
def infinite(data: Any, at: Any) -> Any:
    """Parse what is no finite number: (-1 for -inf, 1 for inf and nan, 0 for anything else; where it ends)."""
    sign = -1 if data[at] == MINUS else 1
    start = at + 1 if data[at] == MINUS or data[at] == PLUS else at
    end = past(data, start)
    if says(data, start, end, INF) or says(data, start, end, INFINITY):
        return sign, end
    return (1, end) if says(data, start, end, NAN) else (0, at)
