"""The benchmark: its plan, what it runs again, and its table in each format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from command_line import run_command

from core import config
from core.experiment.grid import run_grid
from core.runs import store
from core.view.bench_table import add_verdicts, bench_tables

WORDS = [
    "task=sentiment,lm",
    "encoder=ngram",
    "encoder.order=1,2",
    "encoder.smoothing=witten-bell",
    "data.limit=200",
]


def bench(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.chdir(folder)
    return run_command(capsys, "bench", *(words or WORDS))


def test_a_dry_run_plans_and_runs_nothing(tmp_path: Path, monkeypatch, capsys) -> None:
    status, out, err = bench(tmp_path, monkeypatch, capsys, *WORDS, "dry_run=true")
    assert (status, out) == (0, "")
    assert "4 runs, 4 to do" in err and "?" in err
    assert not (tmp_path / "runs").exists()


def test_what_is_kept_is_not_run_again(tmp_path: Path, monkeypatch, capsys) -> None:
    assert bench(tmp_path, monkeypatch, capsys)[0] == 0
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/run.json")}
    words = [word.replace("order=1,2", "order=1,2,3") for word in WORDS]
    status, out, err = bench(tmp_path, monkeypatch, capsys, *words)
    assert status == 0 and "6 runs, 2 to do" in err and "min" in err
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    assert len(list(tmp_path.glob("runs/*/run.json"))) == 6


def test_a_model_without_a_seed_is_trained_once_and_has_no_deviation(tmp_path: Path, monkeypatch, capsys) -> None:
    words = ["task=sentiment", "encoder.order=1", "encoder.smoothing=witten-bell", "data.limit=100"]
    assert bench(tmp_path, monkeypatch, capsys, *words, "encoder=ngram", "seed=7")[0] == 0
    (saved,) = tmp_path.glob("runs/*/run.json")
    words += ["encoder=ngram,window", "train.epochs=1", "seed=2,3"]
    status, out, err = bench(tmp_path, monkeypatch, capsys, *words)
    assert status == 0 and "3 runs, 2 to do" in err and saved.exists()
    lines = {line.split("│")[1].strip(): line for line in out.splitlines() if line.startswith("│")}
    assert "±" in lines["window"] and "±" not in lines["ngram"]
    assert "ngram does not depend on the seed: it is trained once, with seed=1" in err
    assert "note: ngram does not depend on the seed: it is trained once, so there is no deviation" in err
    assert "2 seeds" in out  # the run of the n-gram is compared with both of the window's


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "tsv", "json", "latex"])
def test_each_format_holds_the_same_scores(form: str, tmp_path: Path, monkeypatch, capsys) -> None:
    status, out, _ = bench(tmp_path, monkeypatch, capsys, *WORDS, f"format={form}")
    assert status == 0
    scores = {}
    for record in tmp_path.glob("runs/*/run.json"):
        run = json.loads(record.read_text())
        scores[run["task"], run["config"]["encoder.order"]] = run["metrics"]["test"][run["primary"]]
    if form == "json":
        rows = json.loads(out)["rows"]
        assert rows["ngram order=2"]["lm"]["mean"] == pytest.approx(scores["lm", "2"])
        assert rows["ngram order=2"]["lm"]["runs"] == 1
    elif form in ("csv", "tsv"):
        rows = {row["encoder"]: row for row in csv.DictReader(io.StringIO(out), delimiter=",\t"[form == "tsv"])}
        assert float(rows["ngram order=1"]["sentiment accuracy"]) == pytest.approx(scores["sentiment", "1"])
        assert float(rows["ceiling"]["sentiment accuracy"]) > float(rows["ngram order=1"]["sentiment accuracy"])
    else:
        for score in scores.values():
            assert f"{score:,.2f}" in out
        assert "ceiling" in out and "chance" in out


def test_rows_are_compared_unless_verdicts_are_left_out(tmp_path: Path, monkeypatch, capsys) -> None:
    _, out, _ = bench(tmp_path, monkeypatch, capsys)
    assert out.count("group") == 2 and "lm perplexity: ngram order=2 is better than ngram order=1, by " in out
    assert "sentiment accuracy: " in out and "about these trained models" not in out  # counting needs no seed
    _, out, err = bench(tmp_path, monkeypatch, capsys, *WORDS, "verdicts=false", "format=json")
    assert "letters" not in out and "verdicts" not in out and "no verdict" not in err
    _, out, _ = bench(tmp_path, monkeypatch, capsys, *WORDS, "format=json")
    document = json.loads(out)
    pair = document["verdicts"]["lm"]["pairs"][0]
    gap = document["rows"]["ngram order=2"]["lm"]["mean"] - document["rows"]["ngram order=1"]["lm"]["mean"]
    assert pair["difference"] == pytest.approx(gap) and pair["low"] < gap < pair["high"] < 0 and pair["p"] < 0.001
    assert document["rows"]["ngram order=1"]["lm"]["letters"] == "b" and "pos" not in document["verdicts"]["dev"]


def test_rows_without_saved_predictions_are_named_on_standard_error(tmp_path: Path, monkeypatch, capsys) -> None:
    _, out, err = bench(tmp_path, monkeypatch, capsys, *WORDS, "save=none")
    assert "group" not in out and "note: lm: ngram order=1 is not compared: its predictions are not saved" in err


def test_sort_puts_the_best_first_whichever_way_the_metric_runs(tmp_path: Path, monkeypatch, capsys) -> None:
    def order(key: str) -> list[str]:
        _, out, _ = bench(tmp_path, monkeypatch, capsys, *WORDS, f"sort={key}", "format=csv")
        rows = list(csv.DictReader(io.StringIO(out)))[:2]
        assert [row["encoder"] for row in rows] != []
        return [row["encoder"] for row in rows], [float(row[f"{key} {metric[key]}"]) for row in rows]

    metric = {"lm": "perplexity", "sentiment": "accuracy"}
    assert order("lm")[1] == sorted(order("lm")[1])
    assert order("sentiment")[1] == sorted(order("sentiment")[1], reverse=True)


def test_a_cell_that_fails_is_a_row_with_its_reason_and_the_others_go_on(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    words = [
        "task=sentiment",
        "encoder=ngram,window",
        "data.limit=200",
        "train.learning_rate=1e30",
        "train.epochs=2",
    ]
    status, out, _ = bench(tmp_path, monkeypatch, capsys, *words)
    assert status == 1
    assert "failed: sentiment window: train.learning_rate" in out and "ngram" in out


def test_each_format_says_why_cells_failed_even_where_all_did(tmp_path: Path, monkeypatch, capsys) -> None:
    words = [
        "task=sentiment",
        "encoder=window",
        "data.limit=40",
        "train.learning_rate=1e30",
        "train.epochs=2",
        "quiet=true",
    ]
    for form in ("table", "markdown", "csv", "json", "latex"):
        status, out, err = bench(tmp_path, monkeypatch, capsys, *words, f"format={form}")
        assert status == 1 and "window" in out
        if form == "table":
            assert "failed: sentiment window: train.learning_rate: step" in out
        else:
            assert "error: sentiment on toy: window, random: train.learning_rate: step" in err
        if form == "json":
            assert "train.learning_rate" in json.loads(out)["rows"]["window"]["sentiment"]["failed"]


def test_a_dry_run_gives_no_kept_run_another_name(tmp_path: Path, monkeypatch, capsys) -> None:
    words = [
        "task=sentiment",
        "encoder=ngram",
        "encoder.order=1",
        "encoder.smoothing=witten-bell",
        "data.limit=50",
    ]
    assert bench(tmp_path, monkeypatch, capsys, *words, "name=first")[0] == 0
    (record,) = tmp_path.glob("runs/*/run.json")
    before = record.read_bytes()
    status, _, err = bench(tmp_path, monkeypatch, capsys, *words, "name=second", "dry_run=true")
    assert status == 0 and "1 run, 0 to do" in err
    assert record.read_bytes() == before
    assert bench(tmp_path, monkeypatch, capsys, *words, "name=second")[0] == 0
    assert json.loads(record.read_text())["config"]["name"] == "second"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("format=tabel", "did you mean 'table'"),
        ("sort=ml", "lm"),
        ("sort=dev.pos", "did you mean 'dev.lm'"),
        ("sort=train.lm", "dev.lm"),
        ("split=train", "one of dev|test|both"),
        ("dry_run=maybe", "true or false"),
    ],
)
def test_a_wrong_word_is_reported_before_anything_runs(
    word: str, message: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    status, _, err = bench(tmp_path, monkeypatch, capsys, *WORDS, word)
    assert status == 2 and message in err
    assert not (tmp_path / "runs").exists()


def test_encoder_all_is_every_name_that_the_task_lets_in(tmp_path: Path, monkeypatch, capsys) -> None:
    status, _, err = bench(tmp_path, monkeypatch, capsys, "task=pos,lm", "encoder=all", "dry_run=true")
    assert status == 0
    plan = [line.split()[1:6:2] for line in err.splitlines() if line.startswith("│")]
    assert ["lm", "lstm"] in [[p[0], p[2]] for p in plan if len(p) > 2] or "lstm" in err
    lines = [line for line in err.splitlines() if "bilstm" in line]
    assert len(lines) == 1 and "pos" in lines[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the saved runs of ``WORDS``."""
    folder = tmp_path_factory.mktemp("saved")
    assert run_grid(config.expand([*WORDS, "quiet=true", f"runs={folder / 'runs'}"])).status == 0
    return folder


@pytest.fixture
def saved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str, str], float]:
    """(Task, order, split) -> the primary metric of the runs of ``WORDS``, in whose folder the test runs."""
    monkeypatch.chdir(folder)
    records = [json.loads(path.read_text()) for path in folder.glob("runs/*/run.json")]
    return {
        (run["task"], run["config"]["encoder.order"], split): run["metrics"][split][run["primary"]]
        for run in records
        for split in ("dev", "test")
    }


@pytest.mark.parametrize("command", ["bench", "run"])
@pytest.mark.parametrize("split", [None, "dev", "test", "both"])
def test_split_chooses_whose_scores_are_shown(command: str, split: str | None, saved, capsys) -> None:
    words = [*WORDS, "quiet=true", *([f"split={split}"] if split else [])]
    status, out, _ = run_command(capsys, command, *words)
    shown = {"both": ("dev", "test"), None: ("test",)}.get(split, (split,))
    assert status == 0
    for (_, _, of), score in saved.items():
        assert (f" {score:,.2f} " in out) == (of in shown), (of, score)
    assert ("chance" in out) == ("test" in shown)


@pytest.mark.parametrize("form", ["markdown", "csv", "tsv", "json", "latex"])
@pytest.mark.parametrize("split", [None, "dev", "test"])
def test_other_formats_hold_dev_and_test_unless_one_is_chosen(form: str, split: str | None, saved, capsys) -> None:
    words = [*WORDS, "quiet=true", f"format={form}", *([f"split={split}"] if split else [])]
    out = run_command(capsys, "bench", *words).out
    for (_, _, of), score in saved.items():
        text = repr(score) if form in ("csv", "tsv", "json") else f"{score:,.2f}"
        assert (text in out) == (split in (None, of)), (of, text)


@pytest.mark.parametrize("key", ["dev.lm", "-dev.lm", "test.sentiment", "dev.sentiment.macro_f1", "encoder"])
def test_bench_and_run_sort_by_the_split_that_is_named(key: str, saved, capsys) -> None:
    out = run_command(capsys, "bench", *WORDS, f"sort={key}", "format=json", "quiet=true").out
    order = [name.removeprefix("ngram order=") for name in json.loads(out)["rows"]]
    split, task, *metric = [*key.removeprefix("-").split("."), "", ""][:2]
    if key in ("dev.lm", "test.sentiment"):
        best = (min if task == "lm" else max)(("1", "2"), key=lambda order: saved[task, order, split])
        assert order[0] == best
    assert sorted(order) == ["1", "2"]
    table = run_command(capsys, "run", *WORDS, f"sort={key}", "quiet=true").out
    lines = [line for line in table.splitlines() if line.startswith("│ ngram order=")]
    shown = [line.split("order=")[1][0] for line in lines]
    start = 2 if task == "lm" else 0  # the table of sentiment is the first
    assert shown[start : start + 2] == order


@pytest.mark.parametrize("width", ["60", "80", "120", "200"])
def test_no_number_is_lost_at_any_width_and_other_formats_do_not_change(
    width: str, saved, monkeypatch, capsys
) -> None:
    forms = ("csv", "json", "markdown")
    expected = [run_command(capsys, "bench", *WORDS, f"format={form}").out for form in forms]
    monkeypatch.setenv("COLUMNS", width)
    for command in ("bench", "run"):
        out = run_command(capsys, command, *WORDS, "split=both", "quiet=true").out
        assert all(f" {score:,.2f} " in out for score in saved.values()) and "…" not in out
        assert max(len(line) for line in out.splitlines() if line[0] in "┏┃│└") <= int(width)
    assert [
        run_command(capsys, "bench", *WORDS, f"format={f}").out for f in ("csv", "json", "markdown")
    ] == expected


@pytest.mark.parametrize("command", ["bench", "run"])
def test_after_an_unknown_metric_the_scores_are_still_shown(command: str, saved, capsys) -> None:
    done = run_command(capsys, command, *WORDS, "sort=dev.sentiment.f1", "quiet=true")
    assert done.code == 2 and "task=sentiment has no metric 'f1'; " in done.err
    assert all(f" {score:,.2f} " in done.out for (_, _, split), score in saved.items() if split == "test")


def sentences(folder: Path, splits: dict[str, int]) -> str:
    """Files of sentences whose label is the one of a word, which is wrong in a fifth of the rows."""
    random = np.random.default_rng(0)
    for split, rows in splits.items():
        words, wrong = random.integers(0, 40, (rows, 3)), random.random(rows) < 0.2
        labels = (words[:, 0] % 2 == 0) ^ wrong
        lines = [f"w{a} w{b} w{c}\t{label}" for (a, b, c), label in zip(words, labels, strict=True)]
        (folder / f"{split}.tsv").write_text("text\tlabel\n" + "\n".join(lines) + "\n")
    return f"data={folder}"


SPLITS = ["task=sentiment", "encoder=ngram", "encoder.order=1,2", "encoder.smoothing=laplace", "quiet=true"]


def test_split_seeds_are_a_level_of_one_table_and_of_its_verdict(tmp_path: Path, monkeypatch, capsys) -> None:
    words = [*SPLITS, sentences(tmp_path, {"train": 100, "dev": 30, "test": 30}), "data.resplit=true"]
    seeds = "data.split_seed=1,2,3,4,5"
    status, out, err = bench(tmp_path, monkeypatch, capsys, *words, seeds, "format=json")
    assert status == 0 and "10 runs, 10 to do" in err
    found = json.loads(out)
    assert list(found["rows"]) == ["ngram order=1", "ngram order=2"]
    own = [json.loads(path.read_text()) for path in tmp_path.glob("runs/*/run.json")]
    for order in ("1", "2"):
        scores = [run["metrics"]["test"]["accuracy"] for run in own if run["config"]["encoder.order"] == order]
        score = found["rows"][f"ngram order={order}"]["sentiment"]
        assert (score["runs"], score["splits"]) == (5, 5) and score["mean"] == pytest.approx(np.mean(scores))
    (pair,) = found["verdicts"]["sentiment"]["pairs"]
    assert (pair["about"], pair["splits"], pair["seeds"], pair["runs"]) == ("splits", 5, 1, 5)
    means = [found["rows"][pair[side]]["sentiment"]["mean"] for side in ("first", "second")]
    assert pair["difference"] == pytest.approx(means[0] - means[1])
    assert 75 < found["verdicts"]["sentiment"]["units"] <= 160  # the test rows of five splits, each once
    _, out, _ = bench(tmp_path, monkeypatch, capsys, *words, seeds)
    assert "mean ± standard deviation over 5 splits (data.split_seed) x 1 seed" in out
    assert "This is about the methods on other splits of the same data (5 splits x 1 seed)" in out


def test_a_row_without_runs_on_a_split_is_compared_on_the_others(tmp_path: Path, monkeypatch, capsys) -> None:
    words = [*SPLITS, sentences(tmp_path, {"train": 100})]
    assert bench(tmp_path, monkeypatch, capsys, *words, "data.split_seed=1,2,3")[0] == 0
    runs = [store.read(path.parent) for path in tmp_path.glob("runs/*/run.json")]
    kept = [run for run in runs if (run.config["encoder.order"], run.split_seed) != ("2", 3)]
    (table,) = bench_tables(kept)
    (note,) = add_verdicts(table)
    assert str(note).startswith(
        "sentiment: ngram order=2 has no run with data.split_seed=3: its mean is over fewer"
    )
    verdict = table.verdict(0)
    assert verdict is not None and (verdict.pairs[0].splits, verdict.pairs[0].about) == (2, "methods")


def test_split_seeds_that_change_nothing_are_not_run(tmp_path: Path, monkeypatch, capsys) -> None:
    data = sentences(tmp_path, {"train": 40, "dev": 10, "test": 10})
    status, _, err = bench(tmp_path, monkeypatch, capsys, *SPLITS, data, "data.split_seed=1,2", "dry_run=true")
    assert status == 0 and "2 runs, 2 to do" in err and "data.split_seed changes nothing in sentiment on " in err


def test_five_data_sets_are_drawn(tmp_path: Path, monkeypatch, capsys) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra plot")
    for name in "abcde":
        (tmp_path / name).mkdir()
        sentences(tmp_path / name, {"train": 60 + ord(name)})
    words = [*SPLITS, "data=" + ",".join(f"./{name}" for name in "abcde")]
    status, out, err = bench(tmp_path, monkeypatch, capsys, *words, "plot=ranks.svg")
    assert status == 0 and "wrote ranks.svg (1 diagram)" in err and "over 5 data sets, mean ranks" in out
    assert "mean ranks over 5 data sets" in (tmp_path / "ranks.svg").read_text()
    for word, error in {
        "plot=ranks.txt": "plot: 'ranks.txt' is not a picture; end the name in .png or .svg",
        "data=./a,./b": "plot: mean ranks need 5 data sets or more, not 2",
        "verdicts=false": "plot: the picture shows verdicts; leave verdicts=false out",
    }.items():
        given = [each for each in [*words, "plot=ranks.svg"] if each.split("=")[0] != word.split("=")[0]]
        done = run_command(capsys, "bench", *given, word)
        assert done.code == 2 and error in done.err
    done = run_command(capsys, "bench", *words, "plot=ranks.svg", "save=none", "fresh=true")
    assert done.code == 1 and "there is no picture: no task has two rows with verdicts on 5 data sets" in done.err
