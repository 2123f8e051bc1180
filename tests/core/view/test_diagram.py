"""Critical difference diagrams: nothing overlaps, bars and lengths are those of the ranking, files are alike."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core.evaluation.verdicts.data_sets import Ranking, rank

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

from core.view.diagram import described, diagram, write_diagram  # noqa: E402 - it needs matplotlib

DEMSAR = """4 3 2 1, 1 2 3 4, 4 1 2 3, 4 1 3 2, 4 2 3 1, 1 2.5 4 2.5, 3 2 4 1, 2.5 2.5 4 1, 4 3 2 1,
    2.5 2.5 2.5 2.5, 4 2.5 1 2.5, 3 2 4 1, 4 1 2 3, 3 1 4 2"""  # table 6 of Demšar (2006)
LONG = "bilstm hidden_size=400 embedding=random+affix train.lr=0.003 number "


def demsar() -> Ranking:
    scores = -np.array([row.split() for row in DEMSAR.split(",")], dtype=np.float64)
    return rank(["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"], scores)


def made(rows: int, name: str = "m", ties: bool = False, data_sets: int = 12) -> Ranking:
    random = np.random.default_rng(rows)
    scores = np.ones((data_sets, rows)) if ties else random.normal(size=(data_sets, rows)) + np.arange(rows)
    return rank([f"{name}{i}" for i in range(rows)], scores)


@pytest.mark.parametrize("name", ["m", LONG])
@pytest.mark.parametrize(
    ("rows", "ties"), [(2, False), (3, False), (3, True), (7, False), (15, False), (15, True)]
)
def test_no_text_overlaps_another_or_leaves_the_picture(rows: int, ties: bool, name: str) -> None:
    figure = diagram({"pos accuracy": made(rows, name, ties), "chunking macro F1 " + name: made(4, "b")})
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    assert len(boxes) == 2 * 3 + 2 * (rows + 4)  # titles and critical differences, numbers of the axes, names
    for first, second in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        down = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across <= 0 or down <= 0
    edges = figure.bbox
    assert all(0 <= box.x0 and box.x1 <= edges.x1 and 0 <= box.y0 and box.y1 <= edges.y1 for box in boxes)


def lines(ranking: Ranking, width: float) -> list[np.ndarray]:
    """The horizontal lines of this width, in ranks."""
    axes = diagram({"t": ranking}).axes[0]
    (axis,) = [
        line
        for line in axes.lines
        if line.get_linewidth() == 1.2
        and _length(line.get_xdata()) == max(_length(other.get_xdata()) for other in axes.lines)
    ]
    left, right = sorted(axis.get_xdata())
    found = [np.asarray(line.get_xdata()) for line in axes.lines if line.get_linewidth() == width]
    return [1 + (own - left) / (right - left) * (len(ranking.names) - 1) for own in found]


def _length(xs: np.ndarray) -> float:
    return float(max(xs) - min(xs))


def test_demsars_example_has_its_ranks_critical_difference_and_groups() -> None:
    ranking = demsar()
    texts = [text.get_text() for text in diagram({"pos accuracy": ranking}).axes[0].texts]
    assert texts[:3] == [
        "pos accuracy",
        "mean ranks over 14 data sets, Friedman's p = 0.012",
        "critical difference 1.25",
    ]
    assert texts[-4:] == ["C4.5+m+cf  1.96", "C4.5+m  2.00", "2.89  C4.5+cf", "3.14  C4.5"]
    horizontal = [line for line in lines(ranking, 1.2) if _length(line)]
    assert any(line == pytest.approx([1, 1 + ranking.critical_difference]) for line in horizontal)
    verticals = sorted(line[0] for line in lines(ranking, 0.8))
    assert verticals == pytest.approx([1.964, 2.0, 2.893, 3.143], abs=5e-4)
    (bar,) = lines(ranking, 4)
    assert bar == pytest.approx([1.964, 3.143], abs=0.06)  # one bar over all


def test_every_group_has_its_bar() -> None:
    ranking = Ranking(("a", "b", "c", "d"), (1.0, 1.9, 2.5, 3.9), 0.0001, 1.5, 6)
    assert [np.round(bar, 1).tolist() for bar in lines(ranking, 4)] == [[1.0, 2.5], [2.5, 3.9]]
    assert described("pos accuracy", ranking) == (
        "pos accuracy, mean ranks over 6 data sets: a 1.00, b 1.90, c 2.50, d 3.90."
        " Critical difference: 1.50. Not separated: a, b, c; c, d."
    )
    assert lines(Ranking(("a", "b"), (1.0, 2.0), 0.01, 0.5, 20), 4) == []


def test_files_are_the_same_each_time_and_svg_has_its_text_as_text(tmp_path: Path) -> None:
    ranking = {"pos $accuracy$": made(4, "a$b$ <i>")}
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        write_diagram(ranking, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    shown = [
        "".join(part.itertext()).strip() for part in ElementTree.fromstring(text).iter() if "text" in part.tag
    ]
    assert "pos $accuracy$" in shown and any(part.startswith("a$b$ <i>3") for part in shown)
    assert "Not separated" in text and "<dc:date>" not in text
