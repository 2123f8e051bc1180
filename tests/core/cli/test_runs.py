"""``runs``: the list at any width, its filters and its order; how an unknown run is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Done, run_command
from results import made
from rich.cells import cell_len

WIDTHS = ("60", "80", "120", "200", "")  # the last is a pipe of no known width
NAME = "a-name-of-thirty-two-characters-"


@pytest.fixture
def seqlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    for i in range(34):
        named = {"name": f"{NAME}{i}"} if i % 2 else {}
        run = made(50.0 + i, i * 7_654_321, dev=90.0 - i, encoder_hidden_size=8 * i, **named)
        run = replace(
            run, encoder=("lstm", "gru")[i % 2], task=("pos", "chunk")[i % 2], data="x/" * i + "toy", seed=i % 3
        )
        folder = tmp_path / "runs" / run.id
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(run.to_json()), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*words: str, width: str = "") -> Done:
        if width:
            monkeypatch.setenv("COLUMNS", width)
        return run_command(capsys, *words)

    return call


def listed(out: str) -> list[int]:
    """The numbers of the runs in the order of their rows."""
    lines = [line.strip("│ ").split(" ")[0] for line in out.splitlines() if line.startswith("│ 0")]
    return [int(text) // 7_654_321 for text in lines]


@pytest.mark.parametrize("width", WIDTHS)
def test_ids_and_names_are_whole_and_what_is_not_shown_is_named(width: str, seqlab) -> None:
    out = seqlab("runs", width=width).out
    assert sorted(listed(out)) == list(range(34))
    assert all(f" {i * 7_654_321:012d} │ " in out and (not i % 2 or f" {NAME}{i} " in out) for i in range(34))
    hidden = [line for line in out.splitlines() if line.startswith("not shown: ")]
    table = out.splitlines()[: -len(hidden) or None]
    assert max(map(cell_len, table)) <= int(width or 140) and "…" not in out
    order = ["when", "embedding", "seed", "status", "data", "encoder", "task", "dev", "test"]
    if width == "200":
        assert not hidden and all(name in out.splitlines()[1] for name in order)
    else:
        names = hidden[0].removeprefix("not shown: ").partition(" (")[0].split(", ")
        heads = out.splitlines()[1]
        dropped = [name for name in order if f" {name} " not in heads]
        assert sorted(names) == sorted(dropped) == sorted(order[: len(names)])


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["task=chunk", "encoder=gru", "where=seed=0"], [3, 9, 15, 21, 27, 33]),
        (["task=pos,chunk", "where=encoder.hidden_size>=256"], [32, 33]),
        (["where=encoder.hidden_size>=16,encoder.hidden_size<=40,task!=pos"], [3, 5]),
        (["data=toy"], [0]),
        (["where=dev.pos>=88", "sort=-test.pos"], [0, 2]),
        (["where=test>=81", "sort=encoder"], [31, 33, 32]),
        (["where=dev.chunk>85", "sort=dev.chunk"], [1, 3]),
        (["where=encoder.hidden_size<=24", "sort=-encoder.hidden_size"], [3, 2, 1, 0]),
        ([f"where=name={NAME}5"], [5]),
    ],
)
def test_filters_and_order(words: list[str], numbers: list[int], seqlab) -> None:
    done = seqlab("runs", *words)
    assert listed(done.out) == numbers if "sort" in str(words) else sorted(listed(done.out)) == numbers


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["task=chnk"], "task: no run in runs has task=chnk; did you mean 'chunk'?"),
        (["where=encoder.hiden_size=8"], "did you mean 'encoder.hidden_size'"),
        (["where=seed"], "where: 'seed' is not understood"),
        (["sort=dev.pso"], "sort: no run has 'dev.pso'; did you mean 'dev.pos'"),
        (["prune", "task=pos"], "prune removes every run that did not finish"),
        (["ecoder=lstm"], "did you mean 'encoder'"),
    ],
)
def test_a_wrong_filter_is_one_sentence(words: list[str], message: str, seqlab) -> None:
    done = seqlab("runs", *words)
    assert done.code == 2 and message in done.err and not done.out and len(done.err.splitlines()) == 1


def test_no_run_may_be_left(seqlab) -> None:
    assert seqlab("runs", "where=seed=7").out == "no run meets these conditions\n"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (f"{NAME[:-3]}x5", "did you mean"),
        ("zzz", "`seqlab runs` lists the 34 runs"),
        ("0000", "matches 14 runs; choose from: "),
    ],
)
def test_an_unknown_run_is_answered_in_a_short_sentence(name: str, message: str, seqlab) -> None:
    for command in ("report", "predict"):
        err = seqlab(command, f"run={name}").err
        assert message in err and len(err) < 250 and err.count("0000") < 8
