"""CRFsuite's model file, as far as it must be known: its counts, and whether it refers to places outside itself.

CRFsuite reads its file unchecked. A reference to a place outside the file, or to a label that does not exist,
would make it read or write memory that is not its own.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np

from core.types import Int64s

MAGIC, TYPE, DICTIONARY = b"lCRF", b"FOMC", b"CQDB"
HEADER = struct.Struct("<4sI4s9I")
TABLES = 256  # hash tables of a dictionary
DICTIONARY_HEADER = struct.Struct("<4s5I")
LARGEST = 1e100  # beyond this, sums of weights may be infinite
BYTE_ORDER = 0x62445371
CHUNK = 12  # bytes of the header of a chunk: its name, its size and the number of its entries
FEATURE = np.dtype([("type", "<u4"), ("source", "<u4"), ("label", "<u4"), ("weight", "<f8")])
FEATURES, LABELS, ATTRIBUTES, LABEL_FEATURES, ATTRIBUTE_FEATURES = range(7, 12)  # the offsets in the header


class Counts(NamedTuple):
    """What is in a model file."""

    labels: int
    attributes: int
    features: int  # the weights: of attributes with labels, and of pairs of labels


def is_complete(data: bytes) -> bool:
    """Whether the header, which is written last, is there and names the size of the data."""
    if len(data) <= HEADER.size:
        return False
    fields = HEADER.unpack_from(data)
    return bool((fields[0], fields[1], fields[2]) == (MAGIC, len(data), TYPE))


def count(data: bytes) -> Counts:
    """The counts of a complete file."""
    fields = HEADER.unpack_from(data)
    return Counts(fields[5], fields[6], struct.unpack_from("<I", data, fields[FEATURES] + 8)[0])


def check(data: bytes) -> None:
    """Check that every reference in a file leads to what it should.

    Raises:
        ValueError: one does not, or the file is not complete.
    """
    if not is_complete(data):
        raise ValueError("it is not complete")
    try:
        fields, counts = HEADER.unpack_from(data), count(data)
        features = np.frombuffer(data, FEATURE, counts.features, fields[FEATURES] + CHUNK)
        _require(bool((features["label"] < counts.labels).all()), "a feature has a label that does not exist")
        _require(bool((np.abs(features["weight"]) < LARGEST).all()), "a weight is not a number")
        _check_dictionary(data, fields[LABELS], counts.labels)
        _check_dictionary(data, fields[ATTRIBUTES], counts.attributes)
        _check_references(data, fields[LABEL_FEATURES], counts.labels, counts.features)
        _check_references(data, fields[ATTRIBUTE_FEATURES], counts.attributes, counts.features)
    except (struct.error, IndexError, MemoryError) as error:
        raise ValueError("a reference leads out of it") from error


def _check_references(data: bytes, start: int, entries: int, features: int) -> None:
    """Each label or attribute has the place of a list of features: its length, then their numbers."""
    places = _numbers(data, start + CHUNK, entries)
    lengths = _at(data, places)
    _require(int(lengths.sum()) <= len(data), "a list of features is too long")
    ends = np.cumsum(lengths)
    within = np.arange(int(lengths.sum())) - np.repeat(ends - lengths, lengths)
    numbers = _at(data, np.repeat(places + 4, lengths) + 4 * within)
    _require(bool((numbers < features).all()), "a feature does not exist")


def _check_dictionary(data: bytes, start: int, entries: int) -> None:
    """Hash tables with free places, whose records have numbers and texts that end; and the records by number."""
    name, size, _, order, numbers, by_number = DICTIONARY_HEADER.unpack_from(data, start)
    _require(name == DICTIONARY and order == BYTE_ORDER and start + size <= len(data), "a dictionary is broken")
    _require(numbers == entries and (by_number > 0 or not entries), "a dictionary has other entries")
    tables = _numbers(data, start + DICTIONARY_HEADER.size, 2 * TABLES).reshape(-1, 2).tolist()
    records = [_numbers(data, start + by_number, entries)]
    for place, buckets in tables:
        places = _numbers(data, start + place, 2 * buckets)[1::2]
        _require(place > 0 and np.count_nonzero(places) < buckets or not buckets, "a hash table has no free place")
        records.append(places[places > 0])
    _require(sum(buckets // 2 for _, buckets in tables) == entries, "a dictionary has other entries")
    _check_records(data, start + np.concatenate(records), entries)


def _check_records(data: bytes, places: Int64s, entries: int) -> None:
    """Records: the number of an entry, the length of its text, and the text, which ends with a zero."""
    lengths = _at(data, places + 4)
    _require(bool((_at(data, places) < entries).all() and (lengths > 0).all()), "an entry does not exist")
    last = np.frombuffer(data, np.uint8)[places + 7 + lengths]
    _require(not last.any(), "a text does not end")


def _numbers(data: bytes, start: int, size: int) -> Int64s:
    """Numbers of 32 bits, one after the other: int64 (size,)."""
    if start + 4 * size > len(data):
        raise IndexError
    return np.frombuffer(data, "<u4", size, start).astype(np.int64)


def _at(data: bytes, places: Int64s) -> Int64s:
    """The numbers of 32 bits at any places: int64 (n,)."""
    content = np.frombuffer(data, np.uint8)
    number: Any = content[places].astype(np.int64)
    for byte in range(1, 4):
        number |= content[places + byte].astype(np.int64) << (8 * byte)
    return np.asarray(number)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
