"""The counts of a model file, and references that lead out of it, which CRFsuite would follow."""

from __future__ import annotations

import struct

import numpy as np
import pycrfsuite
import pytest
from counting_cases import corpora, tagged_rows

from plugins.models.crf import model_file, training
from plugins.models.crf.features import Templates
from plugins.models.crf.rows import training_pieces


def learn(rows: int = 60) -> bytes:
    (train,) = corpora(tagged_rows(1, rows))
    pieces = training_pieces(train, Templates(1, 2, 0))
    return training.train(pieces, "ap", {"max_iterations": 5}, 0, lambda *row: None)


DATA = learn()
FIELDS = model_file.HEADER.unpack_from(DATA)


def changed(place: int, value: int) -> bytes:
    data = bytearray(DATA)
    struct.pack_into("<I", data, place, value)
    return bytes(data)


def test_the_counts_are_those_of_crfsuite() -> None:
    model_file.check(DATA)
    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(DATA)
    dump = tagger.info()
    features = len(dump.state_features) + len(dump.transitions)
    assert model_file.count(DATA) == (len(dump.labels), len(dump.attributes), features)
    assert features > 100


@pytest.mark.parametrize("size", [0, 10, 48, 100, len(DATA) - 1])
def test_a_part_is_not_complete(size: int) -> None:
    with pytest.raises(ValueError, match="it is not complete"):
        model_file.check(DATA[:size])


def first_feature() -> int:
    return FIELDS[model_file.FEATURES] + model_file.CHUNK


def record(field: int) -> int:
    """The place of the first record of a dictionary, and of its reference."""
    start = FIELDS[field]
    return start + struct.unpack_from("<I", DATA, start + 20)[0]


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (first_feature() + 8, 3, "a feature has a label that does not exist"),
        (first_feature() + 16, 0x7FF00000, "a weight is not a number"),
        (FIELDS[7] + 8, 1 << 31, "buffer|out of"),
        (36, len(DATA) - 3, "out of it"),
        (FIELDS[8], 7, "a dictionary is broken"),
        (FIELDS[9] + 4, len(DATA), "a dictionary is broken"),
        (FIELDS[9] + 16, 1, "a dictionary has other entries"),
        (FIELDS[9] + 20, 0, "a dictionary has other entries"),
        (record(8), len(DATA), "out of it"),
        (record(9), len(DATA) - FIELDS[9] - 4, "out of it"),
        (FIELDS[10] + 12, len(DATA) - 2, "out of it"),
        (FIELDS[11] + 12, len(DATA) + 4, "out of it"),
        (struct.unpack_from("<I", DATA, FIELDS[11] + 12)[0], 1 << 30, "a list of features is too long"),
        (struct.unpack_from("<I", DATA, FIELDS[11] + 12)[0] + 4, 1 << 30, "a feature does not exist"),
    ],
)
def test_a_reference_out_of_the_file_is_found(place: int, value: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model_file.check(changed(place, value))


def test_a_full_hash_table_is_found_since_a_search_in_it_would_not_end() -> None:
    start = FIELDS[8]
    tables = np.frombuffer(DATA, "<u4", 2 * model_file.TABLES, start + 24).reshape(-1, 2)
    place, buckets = next((int(p), int(b)) for p, b in tables if b)
    data = bytearray(DATA)
    buckets_view = np.frombuffer(data, "<u4", 2 * buckets, start + place)
    buckets_view[1::2] = buckets_view[1::2].max()
    with pytest.raises(ValueError, match="a hash table has no free place"):
        model_file.check(bytes(data))


def test_a_text_without_an_end_is_found() -> None:
    start = FIELDS[9]
    text = start + struct.unpack_from("<I", DATA, record(9))[0]
    length = struct.unpack_from("<I", DATA, text + 4)[0]
    data = bytearray(DATA)
    data[text + 7 + length] = 65
    with pytest.raises(ValueError, match="a text does not end"):
        model_file.check(bytes(data))
