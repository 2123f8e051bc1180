"""Labels of spans as they are read, repaired and converted with the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from kinds_cases import spec_of
from memory_source import Rows

from core.data.corpus import Corpus
from core.data.options import DataOptions
from core.data.prepare import Data, encode, prepare
from core.errors import DataError
from core.types import Note
from tasks.ner import NamedEntities


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def rows(*labels: str) -> list[tuple[list[str], list[str]]]:
    return [([f"w{i}" for i in range(len(row.split()))], row.split()) for row in labels]


def read(
    train: list, dev: list | None = None, key: str | None = None, scheme: str = "auto", **options: int
) -> Data:
    source = Rows(key, train=train, dev=dev or rows("O"), test=rows("O"))
    return prepare(source, spec_of(NamedEntities(scheme=scheme)), DataOptions(**options))  # type: ignore[arg-type] # any text here


def labels_of(corpus: Corpus) -> list[str]:
    names = corpus.label_names
    return [" ".join(names[i] for i in corpus.targets[row][:-1].tolist()) for row in range(len(corpus))]


def notes_of(data: Data, code: str) -> list[Note]:
    return [note for note in data.notes if note.code == f"labels.{code}"]


def test_labels_keep_the_scheme_of_the_training_data_unless_another_one_is_asked_for() -> None:
    train = rows("I-X I-X B-X O", "I-Y O I-X")
    kept, bio, bioes = (read(train, scheme=scheme) for scheme in ("auto", "iob2", "iobes"))
    assert labels_of(kept.splits["train"]) == ["I-X I-X B-X O", "I-Y O I-X"]
    assert labels_of(bio.splits["train"]) == ["B-X I-X B-X O", "B-Y O B-X"]
    assert labels_of(bioes.splits["train"]) == ["B-X E-X S-X O", "S-Y O S-X"]
    schemes = [data.labels.scheme for data in (kept, bio, bioes) if data.labels]
    assert schemes == ["iob1", "bio", "bioes"]


def test_a_note_says_the_scheme_and_which_split_is_in_another_one() -> None:
    train = rows("I-X I-X B-X O")
    assert [str(note) for note in notes_of(read(train, rows("B-X O")), "scheme")] == [
        "the labels are IOB1, those of dev BIO; they are converted to IOB1 (task.scheme)"
    ]
    assert [str(note) for note in notes_of(read(rows("B-X O")), "scheme")] == ["the labels are BIO"]
    (note,) = notes_of(read(rows("B-X O"), rows("S-X"), scheme="bioes"), "scheme")
    assert note.values["data"] == {"train": "bio", "dev": "bioes", "test": "bio"}
    assert note.values["scheme"] == "bioes"


def test_labels_that_are_not_valid_are_repaired_and_counted_with_the_first_place() -> None:
    dev = rows("O O", "B-X I-X O I-Y I-Y", "I-X")
    data = read(rows("B-X I-X O", "B-Y B-X"), dev)
    assert labels_of(data.splits["dev"]) == ["O O", "B-X I-X O B-Y I-Y", "B-X"]
    (note,) = notes_of(data, "repaired")
    assert note.values == {"split": "dev", "count": 2, "row": 2, "label": "I-Y"}
    assert "2 of 8 labels are not valid BIO, the first is 'I-Y' after 'O' in row 2" in str(note)


@pytest.mark.parametrize(
    ("row", "where"),
    [("I-X O B-X I-X B-Y", "'I-X' at the start of row 1"), ("B-X E-X S-X B-X", "'B-X' at the end of row 1")],
)
def test_the_place_of_a_label_at_the_ends_of_a_row_is_named(row: str, where: str) -> None:
    (note,) = notes_of(read(rows(row, "B-X E-X" if "E-X" in row else "B-X I-X B-X")), "repaired")
    assert where in str(note)


def test_mixed_schemes_are_read_span_by_span_and_what_does_not_fit_is_counted() -> None:
    data = read(rows("B-X E-X S-Y O", "S-X S-X B-X I-X E-X", "B-Y I-Y O", "I-X O"))
    assert labels_of(data.splits["train"]) == ["B-X E-X S-Y O", "S-X S-X B-X I-X E-X", "B-Y E-Y O", "S-X O"]
    (note,) = notes_of(data, "repaired")
    assert note.values["count"] == 3 and note.values["row"] == 3  # O after I-Y; I-X at the start, O after it


def test_rows_that_are_shortened_have_valid_labels_too() -> None:
    data = read(rows("O B-X I-X E-X", "S-X"), scheme="bioes", max_length=3)
    assert labels_of(data.splits["train"]) == ["O B-X E-X", "S-X"]
    assert not notes_of(data, "repaired")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("O NN", "'NN' is not a label of spans"),
        ("B-X PER", "'PER' is not a label of spans"),
        ("B-X B-", "the label 'B-' has no type after its hyphen"),
    ],
)
def test_labels_that_are_not_of_a_scheme_are_an_error_with_its_row(row: str, what: str) -> None:
    with pytest.raises(DataError, match=what) as caught:
        read(rows("B-X O", row))
    assert caught.value.where == "train row 2" and caught.value.code == "data.scheme"
    assert "data.label=" in str(caught.value.remedy)


def test_a_type_may_look_like_a_label_and_labels_may_have_no_type() -> None:
    data = read(rows("B-B-PER I-B-PER O", "B-I I-I"), scheme="bioes")
    assert labels_of(data.splits["train"]) == ["B-B-PER E-B-PER O", "B-I E-I"]
    assert labels_of(read(rows("B I O B"), scheme="bioes").splits["train"]) == ["B E O S"]


def test_the_cache_keeps_schemes_apart_and_their_notes() -> None:
    train = rows("B-X I-X O I-Y")
    first = read(train, key="k", scheme="bioes")
    again = read(train, key="k", scheme="bioes")
    other = read(train, key="k")
    assert labels_of(again.splits["train"]) == labels_of(first.splits["train"]) == ["B-X E-X O S-Y"]
    assert again.labels is not None and again.labels.scheme == "bioes" and again.notes == first.notes
    assert labels_of(other.splits["train"]) == ["B-X I-X O B-Y"]


def test_other_data_of_a_model_are_converted_to_its_scheme() -> None:
    model = read(rows("B-X E-X O S-X"))
    assert model.labels is not None
    source = Rows(test=rows("I-X I-X O B-X"))
    spec = spec_of(NamedEntities())
    corpus, notes = encode(source, "test", spec, model.vocab, model.labels, DataOptions())
    assert labels_of(corpus) == ["B-X E-X O S-X"]
    assert [note.code for note in notes] == ["labels.scheme", "labels.repaired"]


def test_rows_without_tokens_have_no_labels() -> None:
    data = read([([], []), *rows("B-X O")], scheme="bioes")
    assert labels_of(data.splits["train"]) == ["", "S-X O"]
