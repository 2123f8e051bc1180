"""Pictures of any data can be drawn: hostile names, one point, missing values; nothing warns."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

from matplotlib.figure import Figure  # noqa: E402 - after it is known to be there
from results import made  # noqa: E402 - it needs matplotlib

from core.errors import ConfigError  # noqa: E402 - after the skip
from core.view.plots.attention import attention_drawing  # noqa: E402 - after the skip
from core.view.plots.confusion import confusion_drawing  # noqa: E402 - after the skip
from core.view.plots.curves import curves_drawing  # noqa: E402 - after the skip
from core.view.plots.drawing import Canvas, Drawing, write_drawing  # noqa: E402 - after the skip
from core.view.plots.filters import Filter, filters_drawing  # noqa: E402 - after the skip
from core.view.plots.metric_picture import metric_drawing  # noqa: E402 - after the skip
from core.view.plots.words import words_drawing  # noqa: E402 - after the skip

NAMES = ["$x_1$", "\\frac{", "w" * 300, "🙈", "日本語", "a\nb\x1b[31m", "_b_ & <i>", ""]


def hostile_runs() -> list:
    runs = [made(50.0 + n, n, encoder_note=name, encoder_size=n % 2) for n, name in enumerate(NAMES)]
    for n, run in enumerate(runs):
        run.encoder = f"e{NAMES[n % 3]}"
        run.curve = [{"epoch": 1, "accuracy": float(n)}, {"epoch": 2, "accuracy": float("nan")}]
    return runs


def attention() -> Drawing:
    weights = np.full((len(NAMES), len(NAMES)), np.nan, dtype=np.float32)
    weights[0] = np.linspace(0, 1, len(NAMES))
    return attention_drawing(NAMES, NAMES[::-1], weights, NAMES[3])


DRAWINGS = {
    "curves": lambda: curves_drawing(hostile_runs(), (), "epoch", "range", "auto"),
    "two panels": lambda: curves_drawing(hostile_runs(), ("accuracy", "accuracy"), "epoch", "sd", "none"),
    "lines": lambda: metric_drawing(hostile_runs(), None, "test", "encoder.size", (), "range", "auto"),
    "bars": lambda: metric_drawing(hostile_runs(), None, "test", "encoder.note", ("encoder",), "sd", "auto"),
    "marks": lambda: metric_drawing(hostile_runs(), None, "test", "encoder.note", (), "none", "y"),
    "one point": lambda: metric_drawing(hostile_runs()[:1], None, "test", "encoder.size", (), "range", "y"),
    "confusion": lambda: confusion_drawing({(a, b): 3 for a in NAMES for b in NAMES[2:]}, NAMES[0], "counts", 20),
    "one label": lambda: confusion_drawing({("a", "a"): 3}, NAMES[5], "shares", 1),
    "filters": lambda: filters_drawing(
        [Filter(2, 1, 3, spans={name: (-1.0, 2) for name in NAMES})], NAMES[6], 1, 9, 9
    ),
    "words": lambda: words_drawing(NAMES[4], NAMES, np.zeros((len(NAMES), 2), dtype=np.float32), "pca"),
    "attention": attention,
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_hostile_names_are_drawn_as_they_are_without_a_warning(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{'png' if len(name) % 2 else 'svg'}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_drawing(DRAWINGS[name](), path)
    assert path.stat().st_size > 1000 and (path.suffix == ".png" or "\x1b" not in path.read_text("utf-8"))


def test_the_words_of_an_svg_are_whole_and_those_of_a_png_are_legible(tmp_path: Path) -> None:
    drawing = confusion_drawing({(a, b): 3 for a in NAMES for b in NAMES}, "日本語", "counts", 20)
    write_drawing(drawing, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert ">日本語</text>" in text and ">$x_1$</text>" in text and "a\\nb\\x1b[31m" in text


def test_a_png_is_small_and_says_what_it_shows(tmp_path: Path) -> None:
    from PIL import Image

    write_drawing(confusion_drawing({("a", "b"): 3, ("a", "a"): 9}, "Über a", "counts", 20), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "P" and picture.width == 1200
        assert picture.text["Title"] == "Über a" and "a as b 3 times" in picture.text["Description"]


def test_a_value_that_a_logarithmic_axis_cannot_show_is_an_error_and_no_file_is_left(tmp_path: Path) -> None:
    runs = [made(-5.0, 1, encoder_size=1), made(7.0, 2, encoder_size=2)]
    drawing = metric_drawing(runs, None, "test", "encoder.size", (), "range", "y")
    with pytest.raises(ConfigError, match="log: a logarithmic axis has no place for -5; leave y out of log="):
        write_drawing(drawing, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_text_without_words_has_no_attention() -> None:
    with pytest.raises(ConfigError, match="there is no word to attend to"):
        attention_drawing([], ["</s>"], np.zeros((1, 0), dtype=np.float32), "title")


@pytest.mark.parametrize("x", ["encoder.size", "encoder.note"])
def test_a_name_that_begins_with_an_underscore_is_in_the_key(x: str) -> None:
    runs = [made(50.0 + n, n, encoder_size=n % 2, encoder_note=f"n{n % 2}") for n in range(4)]
    for n, run in enumerate(runs):
        run.encoder = "_first" if n < 2 else "second"
    drawing = metric_drawing(runs, None, "test", x, ("encoder",), "none", "auto")
    canvas = Canvas(Figure(), False)
    drawing.draw(canvas)
    (key,) = [*canvas.figure.legends, *filter(None, (axes.get_legend() for axes in canvas.figure.axes))]
    assert {text.get_text().strip() for text in key.get_texts()} == {"_first", "second"}
