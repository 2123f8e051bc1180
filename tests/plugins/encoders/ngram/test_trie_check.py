"""Arrays of a saved trie that do not fit together are refused when they are loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from arpa_cases import WORDS, trained
from command_line import run_command

import core
from core.runs import checksums
from plugins.encoders.ngram import NGram, trie_check
from plugins.encoders.ngram.trie import Trie

V = len(WORDS)


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def apply(arrays: dict[str, Any]) -> None:
        arrays[name] = change(arrays[name].copy())

    return apply


def at(place: int, value: Any) -> Callable[[Any], Any]:
    def put(array: Any) -> Any:
        array[place] = value
        return array

    return put


FAULTS = {
    "a word beyond the last": (changed("words.2", at(3, V)), rf"words\.2 has {V}, outside 0 to {V - 1}"),
    "a negative word": (changed("words.3", at(0, -1)), r"words\.3 has -1"),
    "a child beyond the last": (changed("children.1", at(-1, 10**9)), r"children\.1 has 1000000000, outside"),
    "a negative child": (changed("children.2", at(1, -5)), r"children\.2 has -5"),
    "children that fall": (changed("children.1", at(2, 0)), r"children\.1 does not rise"),
    "children that begin late": (
        changed("children.1", lambda a: np.maximum(a, 1)),
        r"children\.1 do not lead to all",
    ),
    "children that end early": (changed("children.1", lambda a: np.minimum(a, a[-1] - 1)), "do not lead to all"),
    "too few children": (changed("children.1", lambda a: a[:-1]), r"children\.1 is of shape"),
    "words that are not sorted": (changed("words.2", lambda a: a[::-1].copy()), r"words\.2 are not sorted"),
    "words of 64 bits": (changed("words.2", lambda a: a.astype(np.int64)), r"words\.2 has values of type int64"),
    "words of floats": (
        changed("words.2", lambda a: a.astype(np.float32)),
        r"words\.2 has values of type float32",
    ),
    "too few words": (changed("words.2", lambda a: a[:-1]), r"words\.2 is of shape"),
    "a table of words": (changed("words.2", lambda a: a[:, None]), r"words\.2 is of shape"),
    "too few back-offs": (changed("backoffs.1", lambda a: a[:2]), r"backoffs\.1 is of shape"),
    "NaN": (changed("log_probs.2", at(0, np.nan)), r"log_probs\.2 has a number"),
    "an infinite back-off": (changed("backoffs.1", at(0, np.inf)), r"backoffs\.1 has a number"),
    "a negative count": (changed("counts.1", at(0, -1)), r"counts\.1 has -1"),
    "too many counts": (changed("counts.2", lambda a: np.append(a, a)), r"counts\.2 is of shape"),
    "a weight above 1": (changed("missing", lambda a: a + 1), "missing has a number"),
    "discounts of another order": (changed("discounts", lambda a: a[:1]), "discounts is of shape"),
    "types of text": (changed("types", lambda a: a.astype(str)), "types has values of type <U"),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("block", [2, 1 << 22])
def test_each_fault_is_named(name: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trie_check, "BLOCK", block)
    arrays = dict(trained(order=3, smoothing="modified-kneser-ney").arrays())
    model = NGram(V, order=3)
    model.restore(arrays)
    change, message = FAULTS[name]
    change(arrays)
    with pytest.raises(ValueError, match=message):
        model.restore(arrays)


@pytest.mark.parametrize("block", [1, 3, 1 << 22])
def test_every_trained_trie_passes(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trie_check, "BLOCK", block)
    for options in ({"order": 1}, {"order": 5, "prune": [0, 1]}, {"order": 3, "smoothing": "stupid-backoff"}):
        model = trained(**options)
        trie_check.check_levels(Trie.of(model.arrays()).levels, V)


def test_a_saved_run_whose_words_point_outside_is_a_clear_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("the cats sleep .\na dog barks .\n" * 10)
    how = {"data": str(tmp_path / "text.txt"), "runs": str(tmp_path / "runs"), "quiet": True}
    run = core.run(task="lm", encoder="ngram", **{"encoder.order": 2}, **how)
    path = run.path / "model" / "words.2.npy"
    words = np.load(path)
    words[-1] = 10**6
    np.save(path, words)
    checksums.write(run.path)  # as somebody would who meant to
    done = run_command(capsys, "score", f"run={run.path}", "the cats")
    assert done.code == 1 and "model: the counts cannot be read (words.2 has 1000000, outside" in done.err
