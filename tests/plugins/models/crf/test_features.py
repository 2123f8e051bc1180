"""The attributes of a token, against examples worked by hand."""

from __future__ import annotations

import pytest

from plugins.models.crf import features
from plugins.models.crf.features import Templates, shape, short_shape, traits


def attributes(words: list[str], token: int, **options: int) -> list[str]:
    templates = Templates(**{"window": 1, "affixes": 2, "neighbor_affixes": 1} | options)
    (item,) = templates.items(words, token, token + 1)
    return [attribute.decode() for attribute in item]


def test_a_token_at_the_end_of_a_row_worked_by_hand() -> None:
    assert sorted(attributes(["the", "U.S.-led"], 1)) == sorted(
        [
            "bias",
            "w[-1]=the",
            "prefix[-1]=t",
            "suffix[-1]=e",
            "shape[-1]=x",
            "w[0]=u.s.-led",
            "prefix[0]=u",
            "prefix[0]=u.",
            "suffix[0]=d",
            "suffix[0]=ed",
            "shape[0]=X.X.-x",
            "form=U.S.-led",
            "long=X.X.-xxx",
            "hyphen",
            "capital",
            "inner-capital",
            "outside[1]",
            "w[-1,0]=the u.s.-led",
            "w[0,1]=u.s.-led ",
            "w[-1,1]=the ",
            "ending[-1],w[0]=the u.s.-led",
            "w[0],ending[1]=u.s.-led ",
        ]
    )


def test_a_wide_window_reads_only_the_words_of_far_neighbours_and_one_end_of_the_row() -> None:
    far = attributes(["a", "b", "c", "d"], 1, window=2, affixes=0, neighbor_affixes=0)
    assert {name for name in far if "2]" in name} == {"w[2]=d", "outside[-2]"}
    assert "outside[2]" not in attributes(["a"], 0, window=2), "only the first place outside the row is marked"
    alone = attributes(["a"], 0, window=0)
    assert "w[0]=a" in alone and not [name for name in alone if "," in name]


def test_affixes_are_no_longer_than_the_word() -> None:
    names = attributes(["ab"], 0, affixes=4)
    assert [n for n in names if n.startswith(("prefix", "suffix"))] == [
        "prefix[0]=a",
        "suffix[0]=b",
        "prefix[0]=ab",
        "suffix[0]=ab",
    ]


@pytest.mark.parametrize(
    ("word", "long", "short", "having"),
    [
        ("McDonald's", "XxXxxxxx'x", "XxXx'x", ["capital", "inner-capital"]),
        ("1990s", "ddddx", "dx", ["digit"]),
        ("NATO-led", "XXXX-xxx", "X-x", ["hyphen", "capital", "inner-capital"]),
        ("É", "X", "X", ["capital", "all-capitals"]),
        ("東京", "xx", "x", []),
        ("", "", "", []),
    ],
)
def test_shapes_and_traits(word: str, long: str, short: str, having: list[str]) -> None:
    assert (shape(word), short_shape(word), traits(word)) == (long, short, having)


def test_a_part_of_a_row_has_the_attributes_of_the_whole() -> None:
    words = [f"w{i % 7}" for i in range(40)]
    templates = Templates(2, 2, 2)
    whole = templates.items(words, 0, 40)
    assert [
        item for start in range(0, 40, 9) for item in templates.items(words, start, min(40, start + 9))
    ] == whole


def test_the_stored_words_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"word{i}" for i in range(50)]
    expected = Templates(2, 3, 2).items(words, 0, 50)
    monkeypatch.setattr(features, "STORED", 7)
    templates = Templates(2, 3, 2)
    assert templates.items(words, 0, 50) == expected and len(templates.stored) <= 7


def test_half_a_character_is_an_attribute_too() -> None:
    assert b"w[0]=a\xed\xa0\x80" in Templates(0, 0, 0).items(["a\ud800"], 0, 1)[0]
