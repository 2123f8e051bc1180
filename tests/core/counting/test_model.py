"""Choosing on dev, saving and restoring, for the three kinds."""

from __future__ import annotations

import numpy as np
import pytest
from counting_cases import context, corpora, mean_log_prob, row_accuracy, tagged_rows, token_accuracy

from core.counting.selection import NOT_SEPARATED
from core.errors import StoreError
from core.kinds import find_kind
from core.model.runtime import Runtime
from core.row_sums import RowSums, mean, per_row
from plugins.encoders.ngram import NGram

AUTO = {"order": "auto", "smoothing": "auto", "delta": "auto"}


def class_rows(rows):
    return [(words, ["even" if len(words) % 2 else "odd"]) for words, _ in rows]


def case(kind):
    train, dev = tagged_rows(0, 60), tagged_rows(1, 30, words=20)
    if kind == "sequence":
        train, dev = class_rows(train), class_rows(dev)
    train, dev = corpora(train, dev)
    scoring = {
        "next": context(mean_log_prob, "perplexity", minimize=True),
        "token": context(token_accuracy),
        "sequence": context(row_accuracy),
    }[kind]
    return train, dev, scoring


def make(kind, corpus, options, head_options=None):
    labels = None if kind == "next" else corpus.labels
    make_model = find_kind(kind).import_class("models", "counting")
    return make_model(find_kind(kind), (NGram, options), head_options or {}, corpus.vocab, labels)


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_without_sums_over_rows_no_single_change_is_better_on_dev(kind):
    train, dev, scoring = case(kind)
    model = make(kind, train, AUTO)
    model.fit(train, dev, scoring)
    score = scoring.score(model.predict(dev), dev)
    chosen = model.selection
    heads = find_kind(kind).import_class("heads", "counting").choices({})
    models = NGram.choices(AUTO, kind == "next")
    for options, head in [(m, chosen.head) for m in models] + [(chosen.model, h) for h in heads]:
        other = make(kind, train, options, head)
        other.fit(train, dev, scoring)
        assert scoring.score(other.predict(dev), dev) <= score
    assert not chosen.tested


def test_what_dev_does_not_separate_stays_and_is_noted(monkeypatch):
    monkeypatch.setattr("core.counting.separation.LEVEL", 0.0)
    train, dev, _ = case("token")
    notes = []

    def row_sums(corpus, predictions, scores):
        right = predictions[0]["label"] == corpus.targets.values[corpus.targets.inner]
        lengths = corpus.tokens.lengths - 1
        return [RowSums(np.stack([per_row(right, lengths), lengths], axis=-1).astype(float), mean)]

    scoring = context(
        token_accuracy,
        notify=lambda event, **facts: notes.append(facts) if event == "note" else None,
        row_sums=row_sums,
    )
    model = make("token", train, AUTO)
    model.fit(train, dev, scoring)
    first = model.selection.model, model.selection.head
    facts = model.facts()["selection"]
    assert facts["tested"] and facts["tried"] >= 20
    assert (first[0]["order"], first[0]["smoothing"], first[1]["words"]) == (3, "kneser-ney", 50)
    assert facts["its_score"] > facts["score"] and facts["better"]
    (note,) = [note for note in notes if note["code"] == NOT_SEPARATED]
    assert note["values"] == facts and all(key in note["text"] for key in facts["better"])


def test_without_dev_rows_the_usual_options_stay():
    train, dev, scoring = case("sequence")
    model = make("sequence", train, AUTO)
    model.fit(train, dev.select(np.zeros(0, dtype=np.int64)), scoring)
    assert model.selection.tried == 0 and model.facts()["order"] == 3 and "selection" not in model.facts()
    assert len(model.predict(dev)["label"]) == len(dev)


@pytest.mark.parametrize("kind", ["next", "token", "sequence"])
def test_a_model_with_the_chosen_options_is_bit_identical_after_restore(kind, tmp_path):
    train, dev, scoring = case(kind)
    model = make(kind, train, AUTO)
    model.fit(train, dev, scoring)
    model.save(tmp_path)
    chosen = {section: {} for section in ("encoder", "head")}
    for key, value in model.chosen.items():
        section, _, name = key.partition(".")
        chosen[section][name] = value
    again = make(kind, train, chosen["encoder"], chosen["head"])
    again.restore(tmp_path, Runtime())
    before, after = model.predict(dev), again.predict(dev)
    assert before.keys() == after.keys()
    assert all((before[name] == after[name]).all() for name in before)
    assert again.parameters == model.parameters > 0
    assert set(chosen["encoder"]) - {"delta"} == {"order"} | ({"smoothing"} if kind != "next" else set())
    assert (
        set(chosen["head"]) == {"next": set(), "token": {"words", "capital"}, "sequence": {"unknown", "bag"}}[kind]
    )


def test_set_options_stay_and_are_not_reported_as_chosen():
    train, dev, scoring = case("next")
    model = make("next", train, {**AUTO, "order": 2, "smoothing": "witten-bell"})
    model.fit(train, dev, scoring)
    assert model.facts()["order"] == 2 and model.facts()["smoothing"] == "witten-bell"
    assert model.chosen == {}


def test_a_single_candidate_is_not_reported_as_chosen():
    train, dev, scoring = case("next")
    model = make("next", train, {**AUTO, "order": 2})
    model.fit(train, dev, scoring)
    assert model.facts()["smoothing"] == "modified-kneser-ney" and model.chosen == {}


def test_next_log_probs_agree_with_predict():
    train, dev, scoring = case("next")
    model = make("next", train, {"order": 3, "smoothing": "kneser-ney", "delta": 0.1})
    model.fit(train, dev, scoring)
    row = dev.closed[2]
    start = dev.tokens.offsets[2]
    scores = model.predict(dev)["log_prob"]
    for i, symbol in enumerate(row):
        assert model.next_log_probs(row[None, :i])[0, symbol] == scores[start + i]


def test_trials_report_progress_and_nothing_else():
    train, dev, _ = case("token")
    events = []
    scoring = context(token_accuracy, notify=lambda event, **facts: events.append((event, facts)))
    make("token", train, {**AUTO, "smoothing": "witten-bell"}, {"words": 0, "capital": False}).fit(
        train, dev, scoring
    )
    steps = [facts["step"] for event, facts in events if event == "progress"]
    assert steps == [1, 2, 3, 4, 5]
    assert not [facts for event, facts in events if event == "note"]


def test_an_order_that_cannot_run_is_not_chosen():
    labels = [f"T{i}" for i in range(150)]
    train, dev = corpora([([f"w{i}" for i in range(150)], labels)], [(["w1", "w2"], ["T1", "T2"])])
    model = make("token", train, {**AUTO, "smoothing": "witten-bell"})
    model.fit(train, dev, context())
    assert model.facts()["order"] <= 4


def test_a_missing_or_damaged_file_is_a_clear_error(tmp_path):
    train, dev, scoring = case("next")
    model = make("next", train, {"order": 2, "smoothing": "witten-bell", "delta": 0.1})
    with pytest.raises(StoreError, match="model"):
        model.restore(tmp_path, Runtime())
    model.fit(train, dev, scoring)
    model.save(tmp_path)
    file = next((tmp_path / "model").glob("log_probs*.npy"))
    whole = file.read_bytes()
    for damaged in (b"no counts", b"", whole[:40], whole[:-4]):
        file.write_bytes(damaged)
        with pytest.raises(StoreError, match="model"):
            model.restore(tmp_path, Runtime())
    file.unlink()
    with pytest.raises(StoreError, match="model"):
        model.restore(tmp_path, Runtime())


def test_saved_counts_are_memory_mapped(tmp_path):
    train, dev, scoring = case("next")
    model = make("next", train, {"order": 2, "smoothing": "witten-bell", "delta": 0.1})
    model.fit(train, dev, scoring)
    model.save(tmp_path)
    model.restore(tmp_path, Runtime())
    array = model.head.model.trie.levels[1].log_probs
    assert isinstance(array.base, np.memmap) and not array.flags.writeable


def test_a_restored_model_uses_the_threads_of_the_runtime(tmp_path):
    train, dev, scoring = case("next")
    model = make("next", train, {**AUTO, "order": 2})
    model.fit(train, dev, scoring)
    model.save(tmp_path)
    options = {**AUTO, "order": 2, "smoothing": "modified-kneser-ney"}
    again = make("next", train, options)
    again.restore(tmp_path, Runtime(threads=3))
    assert again.head.model.threads == 3
    assert (again.predict(dev)["log_prob"] == model.predict(dev)["log_prob"]).all()
