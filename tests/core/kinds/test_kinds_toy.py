"""A kind of task from a plugin, with heads of its own, passes through every command."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import toy_kind
from command_line import run_command

from core.__main__ import main
from core.kinds import find_kind
from core.registry import registry

PLUGIN = f"plugin={Path(toy_kind.__file__)}"
SMALL = (PLUGIN, "data.limit=200", "quiet=true")
RUNS = {
    "neural": ("encoder=lstm", "encoder.hidden_size=8", "train.epochs=2", "embedding.random.dim=4"),
    "own": ("encoder=total", "train.epochs=1", "embedding.random.dim=4"),
    "counting": ("encoder=ngram", "encoder.order=1"),
}
Seqlab = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that holds one run per family, and a registry that forgets the plugin at the end."""
    path = tmp_path_factory.mktemp("kinds")
    registry.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        for name, words in RUNS.items():
            with pytest.raises(SystemExit) as end:
                main(["run", "task=row_length", *words, *SMALL, f"name={name}"])
            assert not end.value.code
    yield path
    registry.cache_clear()


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.chdir(folder)
        return run_command(capsys, *words)

    return call


def test_the_kind_is_registered_and_listed(seqlab: Seqlab) -> None:
    assert "length" in seqlab("list", "kind", PLUGIN)[1]
    assert find_kind("length").name == "length"
    assert "scale" in seqlab("describe", "head=length", PLUGIN)[1]


def test_run_trains_both_families_and_takes_a_finished_run_again(seqlab: Seqlab) -> None:
    code, out, err = seqlab("run", "task=row_length", *RUNS["counting"], *SMALL, "name=counting")
    assert code == 0, err
    assert "100.00" in out and "chance" in out and "fresh=true trains again" in out
    assert "ceiling" not in out


def test_bench_compares_both_families(seqlab: Seqlab) -> None:
    words = ("encoder=ngram,total", "train.epochs=1", "encoder.order=1", "format=csv")
    code, out, err = seqlab("bench", "task=row_length", *words, *SMALL)
    assert code == 0, err
    assert re.search(r"^toy,ngram,100\.0", out, re.MULTILINE) and re.search(r"^toy,total,", out, re.MULTILINE)


@pytest.mark.parametrize("run", RUNS)
def test_predict_writes_text_and_json(run: str, seqlab: Seqlab) -> None:
    rows = ("the dog", "a b c d e f", "a b c d e f g h i j k l")
    code, out, err = seqlab("predict", f"run={run}", *rows, PLUGIN)
    assert code == 0, err
    labels = [line.split("\t")[0] for line in out.splitlines()]
    assert set(labels) <= set(toy_kind.CLASSES) and [line.split("\t")[1] for line in out.splitlines()] == list(
        rows
    )
    if run == "counting":
        assert labels == list(toy_kind.CLASSES)
    assert '{"text": "the dog", "label": ' in seqlab("predict", f"run={run}", *rows, "output=jsonl", PLUGIN)[1]
    code, _, err = seqlab("predict", f"run={run}", *rows, "output=conllu", PLUGIN)
    assert code == 2 and "this model predicts kind length" in err


@pytest.mark.parametrize("run", RUNS)
def test_evaluate_scores_other_data_beside_chance(run: str, seqlab: Seqlab, folder: Path) -> None:
    (folder / "other.txt").write_text("a b\nthe dog barks at the cats .\n" + "a " * 20 + "\n")
    code, out, err = seqlab("evaluate", f"run={run}", "data=other.txt", "split=train", PLUGIN)
    assert code == 0, err
    assert "3 rows" in out and "chance" in out and "accuracy" in out


def test_errors_compares_two_runs(seqlab: Seqlab) -> None:
    code, out, err = seqlab("errors", "run=counting,own", "limit=3", PLUGIN)
    assert code == 0, err
    assert "the longest rows first" in out and "4 times in 5" in out


def test_errors_shows_the_mistakes_of_one_run(seqlab: Seqlab) -> None:
    code, out, err = seqlab("errors", "run=own", "limit=1", "rows=1", PLUGIN)
    assert code == 0, err
    pairs = re.findall(r"│ (short|medium|long) +│ (short|medium|long) +│", out)
    assert len(pairs) == 2 and pairs[0] == pairs[1] and pairs[0][0] != pairs[0][1]


def test_commands_for_other_kinds_refuse_it_in_one_sentence(seqlab: Seqlab) -> None:
    code, _, err = seqlab("score", "run=counting", "a b", PLUGIN)
    assert code == 2 and "is of kind length" in err
    code, _, err = seqlab("run", "task=pos", "encoder=total", *SMALL)
    assert code == 2 and "total does not run task=pos" in err
