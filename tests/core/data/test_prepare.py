"""From a source to the splits of a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from kinds_cases import spec_of
from memory_source import Rows, text

from core.data import id_cache
from core.data.options import DataOptions
from core.data.prepare import Data, encode, prepare
from core.data.sources.base import Source
from core.data.vocab import END, UNK
from core.errors import ConfigError, DataError
from tasks.lm import LanguageModelling
from tasks.pos import PartOfSpeech
from tasks.sentiment import Sentiment


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))


def test_the_vocabulary_is_from_train_alone_by_falling_frequency() -> None:
    source = Rows(train=text("b a b", "c b a"), dev=text("a z"), test=text("z z y a"))
    data = prepare(source, spec_of(LanguageModelling()), DataOptions())
    assert data.vocab.words == ["</s>", "<unk>", "b", "a", "c"]
    assert data.vocab.counts.tolist() == [2, 0, 3, 2, 1]
    test = data.splits["test"]
    assert test.tokens.values.tolist() == [5, 5, 6, 3, END]
    assert test.words == ["z", "y"]
    assert test.closed.values.tolist() == [UNK, UNK, UNK, 3, END]
    assert test.spell(test.tokens.values[:4]) == ["z", "z", "y", "a"]


def test_rare_words_are_open_in_train_and_a_literal_unk_is_unk() -> None:
    source = Rows(train=text("b a b <unk>", "a c"), dev=text("a"), test=text("<unk> c"))
    data = prepare(source, spec_of(LanguageModelling(min_count=2)), DataOptions())
    assert data.vocab.words == ["</s>", "<unk>", "b", "a"]
    assert data.vocab.counts.tolist() == [2, 2, 2, 2]  # UNK: the literal one and c
    assert data.splits["train"].words == ["c"]
    assert data.splits["test"].tokens.values.tolist() == [UNK, 4, END]


def test_vocab_size_counts_the_two_marks() -> None:
    data = prepare(
        Rows(train=text("b b b a a c"), dev=text("a"), test=text("a")),
        spec_of(LanguageModelling(vocab_size=4)),
        DataOptions(),
    )
    assert data.vocab.words == ["</s>", "<unk>", "b", "a"]


def test_splits_of_a_text_are_cut_from_its_end_with_a_note() -> None:
    data = prepare(Rows(train=text(*"abcdefghij")), spec_of(LanguageModelling()), DataOptions(fraction=0.2))
    spelled = {s: "".join(c.spell(c.tokens.values[c.tokens.inner])) for s, c in data.splits.items()}
    assert spelled == {"train": "abcdef", "dev": "gh", "test": "ij"}
    assert data.cut == ("test", "dev")
    assert ["no test split" in str(note) or "no dev split" in str(note) for note in data.notes] == [True, True]


def test_a_cut_sample_depends_on_split_seed_alone() -> None:
    rows = [(f"w{i}", "yes" if i % 2 else "no") for i in range(50)]

    def dev(seed: int) -> list[str]:
        data = prepare(Rows(train=rows, test=rows[:3]), spec_of(Sentiment()), DataOptions(split_seed=seed))
        return data.splits["dev"].spell(data.splits["dev"].tokens.values[data.splits["dev"].tokens.inner])

    assert dev(0) == dev(0)
    assert dev(0) != dev(1)
    assert len(dev(0)) == 5


def spelled(data: Data, split: str) -> list[str]:
    corpus = data.splits[split]
    return corpus.spell(corpus.tokens.values[corpus.tokens.inner])


def test_splits_are_cut_again_with_the_sizes_that_they_have() -> None:
    rows = [(f"w{i} x", "yes" if i % 2 else "no") for i in range(60)]
    source = Rows(train=rows[:30], dev=rows[30:40], test=rows[40:])
    options = [DataOptions(resplit=True, split_seed=seed) for seed in (0, 1)]
    plain, first, second = (prepare(source, spec_of(Sentiment()), own) for own in (DataOptions(), *options))
    assert plain.cut == () and plain.splits["test"].source_rows.tolist() == list(range(20))
    tests = []
    for data in (first, second):
        assert [len(data.splits[split]) for split in ("train", "dev", "test")] == [30, 10, 20]
        words = {split: set(spelled(data, split)) - {"x"} for split in data.splits}
        assert set().union(*words.values()) == {f"w{i}" for i in range(60)}  # every row, in one split only
        assert data.cut == ("train", "dev", "test") and [note.code for note in data.notes] == ["split.again"]
        numbers = data.splits["test"].source_rows
        assert [f"w{i}" for i in numbers.tolist()] == spelled(data, "test")[::2]
        answers = data.splits["test"].targets.values[::2]
        assert [data.labels.words[i] for i in answers] == [rows[i][1] for i in numbers]  # type: ignore[union-attr] # not None
        tests.append(spelled(data, "test"))
    assert tests[0] != tests[1] and tests[0] == spelled(prepare(source, spec_of(Sentiment()), options[0]), "test")
    assert str(first.notes[0]) == (
        "train (30 rows), dev (10) and test (20) are cut again at random (data.resplit, data.split_seed=0)"
    )


def test_a_missing_split_is_cut_after_the_others_are_cut_again() -> None:
    rows = [(f"w{i}", "yes" if i % 2 else "no") for i in range(60)]
    data = prepare(Rows(train=rows[:40], test=rows[40:]), spec_of(Sentiment()), DataOptions(resplit=True))
    assert [len(data.splits[split]) for split in ("train", "dev", "test")] == [36, 4, 20]
    assert len({word for split in data.splits for word in spelled(data, split)}) == 60
    assert [note.code for note in data.notes] == ["split.again", "split.cut"]
    alone = [prepare(Rows(train=rows), spec_of(Sentiment()), DataOptions(resplit=own)) for own in (True, False)]
    assert spelled(alone[0], "test") == spelled(alone[1], "test")  # one split alone is cut at random anyway


def test_cut_rows_are_known_again_by_their_number_in_the_source(tmp_path: Path) -> None:
    rows = [(["a", f"w{i}"], ["X", "Y"]) for i in range(50)]
    for seed in (3, 3, 4):  # the second is from the cache
        options = DataOptions(split_seed=seed, limit=5, max_length=1)
        data = prepare(Rows(train=rows), spec_of(PartOfSpeech()), options)
        assert len(data.splits["test"]) == 5 and len(set(data.splits["test"].source_rows.tolist())) == 5
    whole = prepare(Rows(train=rows), spec_of(PartOfSpeech()), DataOptions(split_seed=4)).splits["test"]
    assert [f"w{i}" for i in whole.source_rows.tolist()] == whole.spell(whole.tokens.values)[1::3]
    assert whole.source_rows.tolist() == data.splits["test"].source_rows.tolist()


def test_running_text_is_not_cut_again() -> None:
    source = Rows(train=text("a", "b"), test=text("c"))
    with pytest.raises(ConfigError, match="as one text, so they are not cut at random") as caught:
        prepare(source, spec_of(LanguageModelling()), DataOptions(resplit=True))
    assert caught.value.where == "data.resplit"


def test_limit_makes_nested_samples_and_shrinks_the_vocabulary() -> None:
    rows = [(f"w{i}", "yes") for i in range(50)]
    splits = {"dev": rows[:2], "test": rows[:2]}
    small = prepare(Rows(train=rows, **splits), spec_of(Sentiment()), DataOptions(limit=5))
    large = prepare(Rows(train=rows, **splits), spec_of(Sentiment()), DataOptions(limit=20))
    assert small.vocab.size == 5 + 2
    assert set(small.vocab.words) < set(large.vocab.words)


def test_labels_that_are_not_in_train_are_open_labels() -> None:
    source = Rows(
        train=[(["a", "b"], ["X", "Y"])], dev=[(["a"], ["X"])], test=[(["a", "b", "c"], ["Z", "Y", "W"]), ([], [])]
    )
    data = prepare(source, spec_of(PartOfSpeech()), DataOptions())
    test = data.splits["test"]
    assert data.labels is not None and data.labels.words == ["</s>", "<unk>", "X", "Y"]
    assert test.targets.values.tolist() == [4, 3, 5, END, END]
    assert test.label_words == ["Z", "W"]
    figures = PartOfSpeech().metrics({"label": np.array([2, 3, 3])}, test)
    assert figures["accuracy"] == pytest.approx(100 / 3)
    assert figures["unknown"] == 0.0
    assert figures["known"] == 50.0


def test_the_same_words_make_the_same_ids_for_other_data() -> None:
    source = Rows(train=text("a b"), dev=text("a"), test=text("b q"))
    data = prepare(source, spec_of(LanguageModelling()), DataOptions())
    other, _ = encode(source, "test", spec_of(LanguageModelling()), data.vocab, None, DataOptions())
    assert other.tokens.values.tolist() == data.splits["test"].tokens.values.tolist()


@pytest.mark.parametrize(
    ("source", "task", "message"),
    [
        (Rows(dev=text("a")), LanguageModelling(), "data.train=dev"),
        (Rows(train=text("a")), PartOfSpeech(), "no label per token"),
        (Rows(train=text("a")), Sentiment(), "no label per row"),
        (
            Rows(train=text("a", "a </s> b")),
            LanguageModelling(),
            "data: train row 2: the text contains the token </s>",
        ),
        (
            Rows(train=text("a"), test=text("b", "a", "<s> b")),
            LanguageModelling(),
            "data: test row 3: .* token <s>",
        ),
        (Rows(train=[(["a", "b"], ["X"])]), PartOfSpeech(), "train row 1: 2 tokens but 1 labels"),
        (Rows(train=text("a"), dev=[], test=text("a")), LanguageModelling(), "dev split has no rows"),
    ],
)
def test_data_without_a_column_that_the_task_needs_is_an_error(source: Source, task, message: str) -> None:
    with pytest.raises(DataError, match=message.replace("(", "\\(")):
        prepare(source, spec_of(task), DataOptions())


def test_the_start_mark_is_a_word_for_taggers() -> None:
    data = prepare(Rows(train=[("a <s>", "x")] * 9), spec_of(Sentiment()), DataOptions())
    assert "<s>" in data.vocab.words


def test_other_text_with_a_mark_is_refused() -> None:
    data = prepare(
        Rows(train=text("a"), dev=text("a"), test=text("a")), spec_of(LanguageModelling()), DataOptions()
    )
    for mark in ("<s>", "</s>"):
        with pytest.raises(DataError, match=f"data: test row 2: .* {mark}"):
            encode(
                Rows(test=text("a", f"a {mark}")),
                "test",
                spec_of(LanguageModelling()),
                data.vocab,
                None,
                DataOptions(),
            )


def test_ids_are_cached_by_content_and_a_truncated_entry_is_built_again() -> None:
    splits = {"train": text("a b a"), "dev": text("a"), "test": text("b q")}
    first = Rows("key", **splits)
    made = prepare(first, spec_of(LanguageModelling()), DataOptions())
    again = Rows("key", **splits)
    mapped = prepare(again, spec_of(LanguageModelling()), DataOptions())
    assert (first.reads, again.reads) == (3, 0)
    assert mapped.vocab.words == made.vocab.words
    assert np.array_equal(mapped.splits["test"].tokens.values, made.splits["test"].tokens.values)
    assert mapped.splits["test"].words == made.splits["test"].words
    values = next(id_cache.folder().glob("*/test.tokens.values.npy"))
    values.write_bytes(values.read_bytes()[:-4])
    third = Rows("key", **splits)
    assert prepare(third, spec_of(LanguageModelling()), DataOptions()).vocab.words == made.vocab.words
    assert third.reads == 3


def test_other_options_are_another_cache_entry() -> None:
    splits = {"train": text("a b a"), "dev": text("a"), "test": text("b")}
    prepare(Rows("key", **splits), spec_of(LanguageModelling()), DataOptions())
    other = Rows("key", **splits)
    prepare(other, spec_of(LanguageModelling(min_count=2)), DataOptions())
    assert other.reads == 3
