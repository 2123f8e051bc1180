"""The notes of several runs: each once, with the names of the rows where others have it not."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

from core.types import Note
from core.view.notes import few_rows, note_lines, score_notes, without_seeds

seeds = count(1)


def run(*notes: Note) -> Any:
    """A result with a seed of its own, of which only the notes are read besides."""
    return SimpleNamespace(notes=list(notes), seed=next(seeds))


CUT = Note("split.cut", "no dev split")
WORSE = [Note("score.baseline", f"no better ({score})") for score in (50.1, 50.2)]


def test_a_note_of_every_row_is_shown_once_without_names() -> None:
    assert note_lines({"a": [run(CUT), run(CUT)], "b": [run(CUT)]}) == ["note: no dev split"]


def test_a_note_of_some_rows_names_them() -> None:
    rows = {"a": [run(CUT, WORSE[0])], "b": [run(CUT)], "c": [run(WORSE[0])]}
    assert note_lines(rows) == ["note: a, b: no dev split", "note: a, c: no better (50.1)"]


def test_seeds_with_numbers_of_their_own_share_a_line() -> None:
    rows = {"a": [run(WORSE[0]), run(WORSE[1]), run()]}
    assert note_lines(rows) == ["note: no better (50.1) (2 of 3 seeds)"]
    assert note_lines({"a": [run(WORSE[0])]}) == ["note: no better (50.1)"]


def test_splits_with_numbers_of_their_own_share_a_line() -> None:
    cut = [
        Note("split.cut", f"no {name} split (seed {i})", {"split": name})
        for i in (1, 2)
        for name in ("test", "dev")
    ]
    rows = {"a": [run(*cut[:2]), run(*cut[2:])]}
    rows["a"][1].seed = rows["a"][0].seed
    assert note_lines(rows) == [
        "note: no test split (seed 1) (2 of 2 runs)",
        "note: no dev split (seed 1) (2 of 2 runs)",
    ]


def test_what_is_on_the_screen_is_not_repeated() -> None:
    rows = {"a": [run(CUT, WORSE[0]), run(WORSE[1])]}
    assert note_lines(rows, {"no dev split"}) == ["note: no better (50.1) (2 of 2 seeds)"]
    assert note_lines(rows, {"no dev split", "no better (50.1)", "no better (50.2)"}) == []


def test_notes_about_scores_name_their_row_and_leave_the_others_out() -> None:
    rows = {"pos rnn size=1": [run(CUT, WORSE[0]), run()], "pos rnn size=2": [run(CUT)]}
    assert score_notes(rows, ("score.",)) == ["pos rnn size=1: no better (50.1) (1 of 2 seeds)"]


def small(rows: int, seed: int = 1, data: str = "toy", epochs: int = 1, history: str = "row") -> Any:
    """A result on a training split of so many rows."""
    curve, events = [{"epoch": 1}] * epochs, {"train": {"rows": rows}}
    return SimpleNamespace(data=data, seed=seed, split_seed=0, curve=curve, events=events, history=history)


def test_few_training_rows_and_few_seeds_are_noted_once_per_data_set() -> None:
    runs = [small(999), small(999, 2), small(500, 1, "reviews"), small(1_000, 1, "large")]
    assert [note.code for note in few_rows(runs)] == ["data.few_rows"] * 2
    assert [note.text for note in few_rows(runs)] == [
        f"{data}: train has {rows} rows, so scores depend much on the seed: give seed=1,2,3,4,5"
        for data, rows in (("toy", 999), ("reviews", 500))
    ]
    assert few_rows(runs)[0].values == {"data": "toy", "rows": 999, "seeds": 2}


def test_five_seeds_counting_models_running_text_and_many_rows_have_no_such_note() -> None:
    assert few_rows([small(9, history="stream")]) == []
    assert few_rows([small(9, seed) for seed in range(5)]) == []
    assert few_rows([small(9, epochs=0), small(1_000)]) == []
    assert len(few_rows([small(9, seed) for seed in range(4)])) == 1


def test_rows_without_seeds_are_named_where_others_have_several() -> None:
    def row(seeded: bool, *seeds: int) -> list[Any]:
        return [SimpleNamespace(seeded=seeded, seed=seed, split_seed=0) for seed in seeds]

    several, once = {"lstm": row(True, 1, 2)}, "trained once, so there is no deviation"
    one = {"ngram": row(False, 1)}
    assert without_seeds(one | several) == [f"ngram does not depend on the seed: it is {once}"]
    two = {"ngram": row(False, 1), "linear": row(False, 1)}
    assert without_seeds(two | several) == [f"ngram, linear do not depend on the seed: each is {once}"]
    one["ngram"] += [SimpleNamespace(seeded=False, seed=1, split_seed=2)]
    (text,) = without_seeds(one | several)
    assert text.endswith("it is trained once per split, so there is no deviation over seeds")
    assert without_seeds(two | {"lstm": row(True, 1)}) == without_seeds(several) == without_seeds(two) == []
