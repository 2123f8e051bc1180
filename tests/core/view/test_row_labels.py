"""Short labels of rows."""

from __future__ import annotations

from core.view.row_labels import LONGEST, labels


def _labels(*rows: dict[str, str]) -> list[str]:
    return list(labels({str(number): own for number, own in enumerate(rows)}).values())


def test_a_row_alone_is_named_after_its_encoder() -> None:
    assert _labels({"encoder": "gru", "data.limit": "500"}, {"encoder": "cnn"}) == ["gru", "cnn"]


def test_rows_of_an_encoder_have_the_fewest_options_that_distinguish_each() -> None:
    common = {"encoder": "lstm", "hidden_size": "128", "embedding.random.dim": "100"}
    found = _labels(
        {**common, "data.limit": "500", "train.steps": "50"},
        {**common, "data.limit": "500", "train.steps": "600"},
        {**common, "data.limit": "2000", "train.steps": "600"},
    )
    assert found == ["lstm steps=50", "lstm limit=500 steps=600", "lstm limit=2000"]


def test_keys_with_the_same_end_are_whole() -> None:
    rows = [{"encoder": "cnn", "random.dim": str(a), "affix.dim": str(b)} for a, b in ((1, 2), (1, 1), (2, 2))]
    assert _labels(*rows)[1:] == ["cnn affix.dim=1", "cnn random.dim=2"]


def test_rows_are_numbered_where_options_do_not_fit_or_labels_are_taken() -> None:
    rows = [{"encoder": "cnn", "path": letter * 40} for letter in "ab"]
    assert _labels(*rows, {"encoder": "cnn 1"}) == ["cnn 1", "cnn 2", "cnn 1 1"]


def test_no_two_labels_are_equal_and_none_is_long() -> None:
    rows = [{"encoder": f"{'long' * 10}{i % 3}", "size": str(i)} for i in range(60)]
    rows += [{"encoder": "bag", "a": str(i % 7), "b": str(i % 11)} for i in range(77)]
    found = _labels(*rows)
    assert len(set(found)) == len(rows) and max(map(len, found)) <= LONGEST
