"""The Penn Treebank: the events that the published tables score, the same for every encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
from kinds_cases import spec_of

import core
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources import open_source
from tasks.lm import LanguageModelling

pytestmark = pytest.mark.data


def test_ptb_has_ten_thousand_words_and_82430_test_events(real_data: Path) -> None:
    data = prepare(open_source(str(real_data / "ptb")), spec_of(LanguageModelling()), DataOptions())
    assert data.vocab.size == 10_000
    assert [len(data.splits[s].tokens.values) for s in ("train", "dev", "test")] == [929_589, 73_760, 82_430]
    assert not data.splits["test"].words  # the literal <unk> is the unknown word; nothing else is new


def test_ptb_as_characters_has_the_events_of_the_published_tables(real_data: Path) -> None:
    for blank, events in (("keep", 442_424), ("skip", 442_423)):
        source = open_source(str(real_data / "ptb-char"), blank=blank)
        data = prepare(source, spec_of(LanguageModelling()), DataOptions())
        assert len(data.splits["test"].tokens.values) == events


def test_a_counting_and_a_neural_encoder_score_the_same_events(real_data: Path, tmp_path: Path) -> None:
    common = {"task": "lm", "data": str(real_data / "ptb"), "data.limit": 1000}
    common |= {"runs": str(tmp_path), "quiet": True}
    ngram = core.run(encoder="ngram", **common, **{"encoder.order": 2, "encoder.smoothing": "witten-bell"})
    small = {"encoder.hidden_size": 8, "embedding.dim": 8, "train.epochs": 1}
    window = core.run(encoder="window", **common, **small)
    assert ngram.fingerprints == window.fingerprints
    assert ngram.events == window.events


def test_kneser_ney_of_order_five_gives_the_known_perplexity(real_data: Path, tmp_path: Path) -> None:
    words = {"encoder.order": 5, "encoder.smoothing": "kneser-ney", "runs": str(tmp_path), "quiet": True}
    result = core.run(task="lm", encoder="ngram", data=str(real_data / "ptb"), **words)
    assert result.score == pytest.approx(143.5117, abs=6e-4)
