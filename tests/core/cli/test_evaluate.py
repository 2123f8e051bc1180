"""``evaluate``, ``predict`` and ``score`` read other data as the run's own was, if no argument says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Done, Seqlab, run_command

FAST = ("encoder=ngram", "encoder.order=1", "encoder.smoothing=witten-bell", "quiet=true")
HEAD = ("head.unknown=score", "head.bag=0")
ROWS = [("bad awful", "one"), ("good nice", "five")]


@pytest.fixture
def seqlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Done:
        return run_command(capsys, *words)

    return call


def reviews(path: str, columns: tuple[str, ...], rows: int, separator: str = ",", encoding: str = "utf-8") -> None:
    """A table in which ``title`` and ``lang`` would be guessed as text or label, or could be."""
    lines = [separator.join(columns)]
    for i in range(rows):
        text, stars = ROWS[i % 2]
        cells = {"title": f"x{i % 3}", "review": f"{text} café {i}", "stars": stars, "label": f"l{i % 5}"}
        lines.append(separator.join(cells[column] for column in columns))
    Path(path).write_text("\n".join(lines) + "\n", encoding=encoding)


def accuracy(done: Done) -> float:
    """The accuracy of the model in a printed table."""
    assert done.code == 0, done.err
    row = next(line for line in done.out.splitlines() if "│ ngram" in line)
    return float(row.split("│")[2])


@pytest.fixture
def stars(seqlab: Seqlab) -> Seqlab:
    """A run on a table whose columns had to be named."""
    reviews("own.csv", ("title", "review", "label", "stars"), 40)
    columns = "data.text=review", "data.label=stars"
    done = seqlab("run", "task=sentiment", "data=own.csv", *columns, *FAST, *HEAD, "name=x")
    assert done.code == 0, done.err
    return seqlab


def test_the_columns_of_the_run_are_read_from_other_tables(stars: Seqlab) -> None:
    reviews("other.csv", ("label", "stars", "title", "review"), 10)
    reviews("other.tsv", ("review", "label", "stars"), 10, "\t")
    rows = [{"review": f"{text} {i}", "label": "a", "stars": label} for i in range(5) for text, label in ROWS]
    Path("other.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("other.csv", "other.tsv", "other.jsonl"):
        assert accuracy(stars("evaluate", "run=x", f"data={name}")) == 100.0, name
    assert accuracy(stars("evaluate", "run=x", "data=other.csv", "data.label=label")) == 0.0  # an argument decides
    lines = stars("predict", "run=x", "file=other.jsonl").out.splitlines()
    assert lines[0] == "one\tbad awful 0" and len(lines) == 10


def test_a_column_that_other_data_lacks_is_named(stars: Seqlab) -> None:
    reviews("other.csv", ("review", "label"), 4)
    done = stars("evaluate", "run=x", "data=other.csv")
    assert done.code == 1 and "no column 'stars'; data.label= is one of review, label" in done.err


def test_columns_of_one_format_mean_nothing_in_another(seqlab: Seqlab) -> None:
    columns = "".join(f"w{i % 3} x T{i % 3}\n" + "\n" * (i % 4 == 3) for i in range(40))
    Path("own.conll").write_text(columns)
    done = seqlab(
        "run", "task=pos", "data=own.conll", "data.label=3", *FAST, "head.words=0", "head.capital=false", "name=x"
    )
    assert done.code == 0, done.err
    Path("same.conll").write_text(columns)
    cells = "".join(
        f"{i % 4 + 1}\tw{i % 3}\t_\tT{i % 3}\t_\t_\t_\t_\t_\t_\n" + "\n" * (i % 4 == 3) for i in range(40)
    )
    Path("other.conllu").write_text(cells)  # its column 3 is the lemma
    for name in ("same.conll", "other.conllu"):
        assert accuracy(seqlab("evaluate", "run=x", f"data={name}")) == 100.0, name


def test_format_and_encoding_are_remembered_unless_the_ending_says_otherwise(seqlab: Seqlab) -> None:
    reviews("own.dat", ("review", "stars"), 40, "\t", "latin-1")
    done = seqlab(
        "run", "task=sentiment", "data=own.dat", "data.format=tsv", "data.encoding=latin-1", *FAST, *HEAD, "name=x"
    )
    assert done.code == 0, done.err
    reviews("other.dat", ("review", "stars"), 10, "\t", "latin-1")
    reviews("other.csv", ("review", "stars"), 10, ",", "latin-1")
    for name in ("other.dat", "other.csv"):
        assert accuracy(seqlab("evaluate", "run=x", f"data={name}")) == 100.0, name
    assert "not utf-8" in seqlab("evaluate", "run=x", "data=other.csv", "data.encoding=utf-8").err.lower()
    Path("lines.txt").write_text("good café\n", encoding="latin-1")
    assert seqlab("predict", "run=x", "file=lines.txt").out == "five\tgood café\n"
    done = seqlab("predict", "run=x", "file=lines.txt", "encoding=utf-8")
    assert done.code == 1 and "name the encoding of a file with encoding=" in done.err
    assert (
        "encoding: 'utf-99' is not a text encoding"
        in seqlab("predict", "run=x", "file=lines.txt", "encoding=utf-99").err
    )


def test_score_reads_its_file_in_the_encoding_of_the_run(seqlab: Seqlab) -> None:
    Path("own.txt").write_text("un café noir\nun thé\n" * 10, encoding="utf-16")
    assert seqlab("run", "task=lm", "data=own.txt", "data.encoding=utf-16", *FAST, "name=x").code == 0
    Path("other.txt").write_text("un café\n", encoding="utf-16")
    done = seqlab("score", "run=x", "file=other.txt")
    assert done.out.endswith("3\t0\tun café\n"), done
    Path("utf8.txt").write_text("un café\n")
    assert seqlab("score", "run=x", "file=utf8.txt", "encoding=utf-8").out == done.out


def test_the_whole_of_one_file_is_evaluated_and_a_note_says_so(stars: Seqlab) -> None:
    reviews("other.csv", ("review", "stars"), 10)
    done = stars("evaluate", "run=x", "data=other.csv")
    assert "x on train: 10 rows" in done.out
    assert "note: no test split: every row of the data is used (split=train)\n" in done.out
    own = stars("evaluate", "run=x", "data=./own.csv")
    assert "x on train: 40 rows" in own.out and "also those that the model was trained on" in own.out


def test_splits_that_the_run_cut_from_its_file_are_evaluated_as_they_were(stars: Seqlab) -> None:
    record = json.loads(next(Path("runs").glob("*/run.json")).read_text())
    for split, words in (("test", []), ("dev", ["split=dev"])):
        done = stars("evaluate", "run=x", *words)
        assert f"x on {split}: 4 rows" in done.out and f"no {split} split: the rows that the run cut" in done.out
        assert accuracy(done) == pytest.approx(record["metrics"][split]["accuracy"], abs=0.005)
    assert "x on train: 40 rows" in stars("evaluate", "run=x", "split=train").out


def test_a_folder_without_test_asks_for_the_split(stars: Seqlab) -> None:
    Path("folder").mkdir()
    for split in ("train", "dev"):
        reviews(f"folder/{split}.csv", ("review", "stars"), 4)
    done = stars("evaluate", "run=x", "data=folder")
    assert done.code == 2 and "there is no test split, only train, dev; say which" in done.err


def test_a_file_of_the_same_name_elsewhere_is_not_the_runs_data(
    stars: Seqlab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    reviews("own.csv", ("review", "stars"), 6)
    run = f"run={next((tmp_path / 'runs').glob('*/run.json')).parent}"
    assert "40 rows" in stars("evaluate", run, "split=train").out
    assert " 6 rows" in stars("evaluate", run, "data=own.csv").out  # a path on the command line is from here
