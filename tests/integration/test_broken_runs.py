"""Run folders that were cut short, changed or written by another program: a clear error, and the others stay."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import entries
from hypothesis import given, settings
from hypothesis import strategies as st

import core
from core.data.vocab import END, FIRST
from core.errors import SeqlabError
from core.runs import store
from core.runs.predictions import rebuild
from core.runs.saved_config import read_config
from core.runs.trained_model import load

TINY: dict[str, Any] = {"train.epochs": 1, "encoder.hidden_size": 3, "embedding.dim": 3}
RUNS: dict[str, dict[str, Any]] = {
    "counts": {"task": "pos", "encoder": "ngram", "encoder.order": 2},
    "network": {"task": "sentiment", "encoder": "lstm", **TINY},
    "letters": {
        "task": "lm",
        "encoder": "lstm",
        "embedding": "affix",
        "train.epochs": 1,
        "encoder.hidden_size": 6,
    },
}
FILES = {
    "pos": ("tags.conll", "the DT\ncats NN\nsleep VB\n\na DT\ndog NN\n\n" * 10),
    "sentiment": ("films.tsv", "text\tlabel\n" + "the cats sleep\tgood\na dog barks\tbad\n" * 10),
    "lm": ("lines.txt", "the cats are sleeping\na dog is barking\nthe dogs bark\n" * 20),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of each case, named after it."""
    folder = tmp_path_factory.mktemp("kept")
    for name, words in RUNS.items():
        (folder / FILES[words["task"]][0]).write_text(FILES[words["task"]][1])
        data = str(folder / FILES[words["task"]][0])
        core.run(**{"runs": str(folder / "runs"), "name": name, "quiet": True, "data": data} | words)
    return folder / "runs"


@pytest.fixture
def runs(saved: Path, place: Path) -> Path:
    """A copy of it in the working folder."""
    shutil.copytree(saved, place / "runs")
    return place / "runs"


def folder_of(runs: Path, name: str) -> Path:
    return store.find(runs, name)


def test_a_truncated_record_is_an_error_and_the_other_runs_stay(runs: Path, seqlab, error_of) -> None:
    folder = folder_of(runs, "counts")
    record = folder / "run.json"
    record.write_text(record.read_text()[: record.stat().st_size // 2])
    for words in (["predict", f"run={folder.name}", "a"], ["report", f"run=runs/{folder.name}"]):
        assert f"{folder.name}/run.json: the record cannot be read (" in error_of(*words)
    done = seqlab("runs")
    assert done.code == 0 and "lstm" in done.out and f"warning: {record.relative_to(runs.parent)}" in done.err


def test_a_record_without_the_kind_of_its_task_cannot_be_read(runs: Path, error_of) -> None:
    record = folder_of(runs, "counts") / "run.json"
    for facts in ({}, {"kind": None}):
        record.write_text(json.dumps(json.loads(record.read_text()) | {"facts": facts}))
        assert "run.json: the record cannot be read (" in error_of("report", f"run=runs/{record.parent.name}")


def test_a_later_format_asks_for_a_newer_program(runs: Path, error_of) -> None:
    record = folder_of(runs, "counts") / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"format": 99}))
    sentence = error_of("predict", f"run={record.parent.name}", "a")
    assert "run.json: format 99 of the record is newer than 2, which this version reads; update seqlab" in sentence


def test_weights_of_another_model_are_an_error(runs: Path, error_of) -> None:
    path = folder_of(runs, "network") / "model.safetensors"
    path.write_bytes((folder_of(runs, "letters") / "model.safetensors").read_bytes())
    assert "model.safetensors: the file has changed since the run was saved" in error_of(
        "predict", "run=network", "a"
    )
    (path.parent / "checksums.json").unlink()  # as a run of an earlier version
    assert "model.safetensors: the weights cannot be read into this model" in error_of(
        "predict", "run=network", "a"
    )


def test_truncated_counts_are_an_error(runs: Path, error_of) -> None:
    folder = folder_of(runs, "counts")
    for path in sorted(folder.rglob("*.npy")):
        path.write_bytes(path.read_bytes()[:20])
    assert "the file has changed since the run was saved; train it again" in error_of("predict", "run=counts", "a")
    (folder / "checksums.json").unlink()
    assert "the counts cannot be read" in error_of("predict", "run=counts", "a")


def test_a_changed_size_in_the_config_does_not_fit_the_weights(runs: Path, error_of) -> None:
    config = folder_of(runs, "network") / "config.yaml"
    changed = config.read_text().replace("encoder.hidden_size: '3'", "encoder.hidden_size: '4'")
    assert changed != config.read_text()
    config.write_text(changed)
    assert "the weights cannot be read into this model" in error_of("predict", "run=network", "a")


@pytest.mark.parametrize("gone", ["model.safetensors", "vocab.json", "labels.json", "config.yaml"])
def test_a_missing_part_of_a_run_is_named(gone: str, runs: Path, error_of) -> None:
    (folder_of(runs, "network") / gone).unlink()
    sentence = error_of("predict", "run=network", "a")
    assert gone in sentence or "only scores" in sentence


VALUES = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=3), st.just([]), st.just({}))


@st.composite
def changed(draw: st.DrawFn, path: Path) -> bytes | None:
    """A file with a few bytes changed, cut short or gone; of JSON also one value that is another."""
    data = path.read_bytes()
    how = draw(st.sampled_from(["cut", "gone", "bytes", "random"] + ["value"] * 3 * (path.suffix == ".json")))
    if how == "gone":
        return None
    if how == "cut":
        return data[: draw(st.integers(0, len(data)))]
    if how == "random":
        return draw(st.binary(max_size=60))
    if how == "value":
        whole = json.loads(data)
        key = draw(st.sampled_from(sorted(whole)))
        inner = whole[key]
        if isinstance(inner, dict) and inner and draw(st.booleans()):
            inner[draw(st.sampled_from(sorted(inner)))] = draw(VALUES)
        elif isinstance(inner, list) and inner and draw(st.booleans()):
            inner[draw(st.integers(0, len(inner) - 1))] = draw(VALUES)
        else:
            whole[key] = draw(VALUES)
        return json.dumps(whole).encode()
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(st.binary(max_size=4)) + data[start + draw(st.integers(0, 6)) :]
    return data


@settings(max_examples=50, deadline=None)
@given(data=st.data(), name=st.sampled_from(["counts", "network"]))
def test_any_change_of_a_run_folder_gives_a_model_or_a_clear_error(saved: Path, data, name: str) -> None:
    source = folder_of(saved, name)
    parts = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    file = data.draw(st.sampled_from(parts))
    content = data.draw(changed(source / file))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / source.name
        shutil.copytree(source, folder)
        (folder / file).unlink()
        if content is not None:
            (folder / file).write_bytes(content)
        for use in (_predict, _report, _listed):
            try:
                use(folder)
            except SeqlabError as error:
                assert error.remedy or error.where


def _predict(folder: Path) -> None:
    assert len(load(folder, device="cpu").predict(["the cats sleep ."])) == 1


def _report(folder: Path) -> None:
    task, corpus, arrays = rebuild(store.read(folder), "test")
    task.report(arrays, corpus)


def _listed(folder: Path) -> None:
    results, broken = store.all_runs(folder.parent)
    assert len(results) + len(broken) == (folder / "run.json").exists()
    assert all(isinstance(result.score, float | int) for result in results)


def test_a_run_used_from_another_folder_finds_its_data_and_vectors(place: Path, put, seqlab) -> None:
    rows = "".join(f"the film {i}\tgood\na cast {i}\tbad\n" for i in range(10))
    put("in/data/train.tsv", "text\tlabel\n" + rows)
    put("in/v.txt", "the 1 2\nfilm 3 4\na 5 6\n")
    (place / "in" / "job").mkdir()
    os.chdir(place / "in" / "job")
    words = ["task=sentiment", "encoder=lstm", "train.epochs=1", "encoder.hidden_size=3", "quiet=true", "name=a"]
    vectors = ["embedding=file", "embedding.path=../v.txt"]
    assert seqlab("run", *words, "data=../data", *vectors).code == 0
    here = [
        seqlab("evaluate", "run=a", "split=train"),
        seqlab("predict", "run=a", "the film"),
        seqlab("report", "run=a"),
    ]
    assert [done.code for done in here] == [0, 0, 0], here
    os.chdir(place)
    run = f"run={next((place / 'in/job/runs').iterdir())}"
    there = [seqlab("evaluate", run, "split=train"), seqlab("predict", run, "the film"), seqlab("report", run)]
    bodies = [[[line for line in done.out.split("\n") if "│" in line] for done in all] for all in (here, there)]
    assert bodies[0] == bodies[1] and there[1].out == here[1].out
    shutil.rmtree(place / "in" / "data")
    gone = seqlab("evaluate", run, "split=train")
    assert gone.code == 1 and gone.err.endswith(
        "../data: there is no such file or folder; name the data with data=PATH\n"
    )
    assert seqlab("predict", run, "the film").code == 0


def test_files_that_the_options_of_plugins_name_are_found_from_another_folder(place: Path, put, seqlab) -> None:
    for name in ("a", "b"):
        put(f"in/text/{name}.txt", f"red blue {name}\nred one two\n" * 10)
    put("in/pairs.txt", "red blue 9\none two 8\nred one 2\n")
    tiny = [f"embedding.{word}" for word in ("dim=4", "min_count=1", "sample=0", "epochs=1")]
    files = ["task.pairs=pairs.txt", "embedding.corpus=text/a.txt"]
    data = ["data=text/*.txt", "data.train=[text/a.txt,text/b.txt]", "data.dev=text/a.txt", "data.test=text/b.txt"]
    os.chdir(place / "in")
    words = ["task=similarity", "encoder=bag", "embedding=word2vec", "quiet=true"]
    done = seqlab("run", *words, *tiny, *files, *data)
    assert done.code == 0, done
    run = next((place / "in/runs").iterdir())
    here = seqlab("report", f"run={run}")
    os.chdir(place)
    assert seqlab("report", f"run={run}") == here and here.code == 0
    config, there = read_config(run), place / "in"
    assert config.data.name == str(there / "text/*.txt")
    assert config.data.options["train"] == [str(there / "text/a.txt"), str(there / "text/b.txt")]
    assert config.embeddings["word2vec"].options["corpus"] == str(there / "text/a.txt")
    os.chdir(there)
    again = ["embedding.corpus=none", f"embedding.start=runs/{run.name}"]
    done = seqlab("run", *words, *tiny, "task.pairs=pairs.txt", "data=text/a.txt", *again, "name=on")
    os.chdir(place)
    options = read_config(store.find(there / "runs", "on")).embeddings["word2vec"].options
    assert done.code == 0 and options["start"] == str(run)


def test_generation_reads_the_letters_of_new_words_of_the_prompt(runs: Path) -> None:
    model = load("letters", runs=runs)
    generated = {}
    for word in ("zyzzying", "Qwertz"):
        row = model.corpus([["the", word]])
        prepared = model.model.prepare(row.words)
        history = np.array([[END, *row.tokens.values[:-1]]], dtype=np.int32)
        assert history[0, 2] == model.vocab.size
        probs = np.exp(model.model.next_log_probs(history, prepared)[0].astype(np.float64))
        probs[FIRST - 1] = 0  # the unknown word is never drawn
        draws = np.random.default_rng(1).random((2000, 1))[:, 0]
        wanted = np.searchsorted(np.cumsum(probs / probs.sum()), draws, side="right")
        samples = model.generate(["the", word], n=2000, length=1)
        generated[word] = [sample.split()[2:] for sample in samples]
        assert generated[word] == [[model.vocab.words[i]] if i else [] for i in wanted.tolist()]
    assert generated["zyzzying"] != generated["Qwertz"]  # as unknown words they would be the same


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format": 1, "metrics": null}', b"\xff\xfe"])
def test_a_run_whose_record_is_broken_is_run_again_and_replaced(content: bytes, seqlab, put, place: Path) -> None:
    put("tags.conll", FILES["pos"][1])
    words = ["task=pos", "encoder=ngram", "encoder.order=1", "data=tags.conll", "quiet=true"]
    assert seqlab("run", *words).code == 0
    (folder,) = (place / "runs").iterdir()
    whole = store.read(folder).score
    (folder / "run.json").write_bytes(content)
    done = seqlab("run", *words)
    assert done.code == 0 and "saved run in" not in done.out
    assert folder.name in entries(place / "runs") and store.read(folder).score == whole
