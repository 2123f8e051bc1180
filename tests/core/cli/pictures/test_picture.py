"""``plot WHAT``: which picture is drawn, the file, the numbers behind it, and pictures of plugins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import entries, run_command

from core.registry import registry

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

PLUGIN = '''
from core import hookimpl
from core.cli.pictures.picture import Picture
from core.types import Table
from core.view.plots.drawing import Drawing

class Squares(Picture):
    """Draw squares.

    Args:
        n: how many.
    """

    def __init__(self, *, n: int = 3, **options) -> None:
        super().__init__(**options)
        self.n = n

    def drawing(self) -> Drawing:
        """Points."""
        rows = [(x, 10 // (self.n - 9) * 0 + x * x) for x in range(self.n)]

        def draw(canvas):
            canvas.figure.add_subplot().plot(*zip(*rows))

        return Drawing("squares", [Table("squares", ("x", "y"), rows)], draw, f"{self.n} points", notes=["a note"])

@hookimpl
def register_pictures(register):
    register("squares", Squares, help="some squares")
    register("vectors", Squares, help="hidden by the built-in picture")
    register("nothing", print, help="not a picture")
'''


@pytest.fixture(autouse=True)
def _with_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    (tmp_path / "squares.py").write_text(PLUGIN)
    (tmp_path / "work").mkdir()
    registry.cache_clear()
    assert not registry().load(str(tmp_path / "squares.py")).error
    monkeypatch.chdir(tmp_path / "work")
    yield
    registry.cache_clear()


def test_a_picture_and_its_numbers_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["n=4", "out=a.svg", "format=csv", "table=a.json", "title=a $x_1$"]
    done = run_command(capsys, "plot", "squares", *words)
    assert done == (
        0,
        "x,y\n0,0\n1,1\n2,4\n3,9\n",
        "note: a note\nwrote a.svg (4 points)\nwrote a.json (4 rows)\n",
    )
    assert entries(tmp_path / "work") == ["a.json", "a.svg"]
    assert ">a $x_1$</text>" in Path("a.svg").read_text()
    rows = [{"x": x, "y": x * x} for x in range(4)]
    assert json.loads(Path("a.json").read_text()) == [{"title": "squares", "rows": rows}]
    assert "3" in run_command(capsys, "plot", "squares", "n=4", "format=table").out


def test_the_same_picture_has_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.png", "b.png", "a.svg", "b.svg"):
        assert run_command(capsys, "plot", "squares", f"out={name}").code == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["squares"], "plot: out is missing; write out=FILE.png or out=FILE.svg for the picture, or format=table"),
        (["squares", "out=a.gif"], "out: 'a.gif' is not a picture; end the name in .png or .svg"),
        (["squares", "out=no/a.png"], "out: there is no folder no; create the folder first"),
        (
            ["squares", "table=a.txt"],
            "table: 'a.txt' is not a table; end the name in .csv or ",
        ),
        (["squares", "format=xml"], "format: 'xml' does not fit; "),
        (["squares", "m=3"], "m: plot squares has no key 'm'; "),
        (["squaress", "out=a.png"], "plot: there is no picture 'squaress'; did you mean 'squares'?"),
        ([], "plot: which picture?; name the picture first: plot WHAT key=value ...; WHAT is one of "),
        (["out=a.png"], "plot: which picture?; name the picture first: "),
        (["run=ID", "out=a.png"], "plot: which picture?; words in two dimensions: plot vectors ..."),
        (["nothing", "out=a.png"], "command=plot nothing: <built-in function print> is not a command; "),
        (["squares", "n=9", "out=a.png"], "picture=squares: raised ZeroDivisionError: "),
    ],
)
def test_a_mistake_is_one_sentence(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_command(capsys, "plot", *words)
    assert done.code in (1, 2) and done.out == "" and done.err.startswith(f"error: {message}"), done.err
    assert done.err.count("\n") == 1 and entries(Path()) == []


def test_the_help_lists_the_pictures_and_the_keys_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    text = " ".join(run_command(capsys, "plot", "--help").out.split())
    assert "squares some squares" in text and "plot squares: keys: n int (default 3): how many." in text
    assert "hidden by" not in text and text.count(" out text or none") == 1
    own = " ".join(run_command(capsys, "plot", "squares", "--help").out.split())
    assert own.startswith("Usage: seqlab plot squares [KEY=VALUE]... Draw squares.") and " out text or none" in own
    assert "picture" in run_command(capsys, "list", "picture").out


def test_the_picture_of_the_docs_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[4] / "docs" / "plots.md").read_text("utf-8")
    Path("seeds.py").write_text(page.partition("```python\n")[2].partition("```")[0])
    assert not registry().load("seeds.py").error
    Path("runs").mkdir()
    done = run_command(capsys, "plot", "seeds", "format=csv")
    assert done.err.startswith("error: runs: there are no saved runs in runs; ")
    assert "number (default 20" in run_command(capsys, "plot", "seeds", "--help").out
