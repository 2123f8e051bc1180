"""``data=toy-topics``."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ConfigError
from core.testing import check_dataset
from plugins.datasets.synthetic.topics import TOPICS, ToyTopics, distributions, vocabulary


def test_it_keeps_the_contract() -> None:
    check_dataset("toy-topics", rows=60)


def test_lengths_are_options_and_the_words_follow_the_distributions() -> None:
    source = ToyTopics(rows=200, shortest=300, longest=900)
    sample = source.draw("train")
    assert 300 <= sample.lengths.min() < 400 and 800 < sample.lengths.max() <= 900
    assert np.allclose(distributions().sum(axis=1), 1)
    owner = np.repeat(sample.topics, sample.lengths)
    own = np.flatnonzero(distributions()[2] > 2 * distributions()[3])
    shares = [np.isin(sample.words[owner == topic], own).mean() for topic in (2, 3)]
    expected = [distributions()[topic, own].sum() for topic in (2, 3)]
    assert shares == pytest.approx(expected, abs=0.01)
    (batch,) = source.batches("train")
    words = [vocabulary()[i] for i in sample.words[: sample.lengths[0]]]
    assert batch.column("tokens")[0].as_py() == words


def test_a_long_document_is_nearly_always_decided_and_a_short_one_is_not() -> None:
    def ceiling(longest: int) -> float:
        source = ToyTopics(rows=500, shortest=longest // 2, longest=longest)
        truth = [TOPICS[topic] for topic in source.draw("test").topics]
        answers = source.oracle("row", "test", "both")["label"]
        return float(np.mean([a == b for a, b in zip(truth, answers, strict=True)]))

    assert ceiling(400) > 0.98 and 0.2 < ceiling(10) < 0.7


def test_lengths_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="data.shortest: the shortest document has 9 words, the longest 8"):
        ToyTopics(shortest=9, longest=8)
