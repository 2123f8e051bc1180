"""The page in a real browser without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from report_cases import hostile_file, run_all

pytest.importorskip("altair", reason="the page needs the extra report")
pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on this machine", allow_module_level=True)

from core.view.report.page import write_page  # noqa: E402 - it needs altair

pytestmark = pytest.mark.slow
NAMES = "[...document.querySelectorAll('table')][0].tBodies[0].rows"
COLUMN = f"[...{NAMES}].map((row) => row.cells[1].textContent)"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    runs = f"runs={folder / 'runs'}"
    orders = ["encoder=ngram", "encoder.order=1,2,3", "encoder.smoothing=witten-bell", runs]
    found = run_all("task=pos,lm", *orders, "data.limit=150").results
    found += run_all("task=sentiment", f"data={hostile_file(folder)}", *orders).results
    found += run_all(
        "task=pos", "encoder=bag", "embedding=random", "train.epochs=2", "seed=1,2", "data.limit=150", runs
    ).results
    write_page(folder / "page.html", found)
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_opens_from_disk_without_an_error_and_fits(
    width: int, dark: bool, path: Path, browser: Browser
) -> None:
    browser.open(path, width, dark)
    assert browser.errors == []
    assert browser.run(
        "document.querySelectorAll('.chart').length === document.querySelectorAll('.chart svg').length"
    )
    assert browser.run("document.querySelectorAll('.chart svg').length") > 15
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(
        "[...document.querySelectorAll('.chart svg')].every((s) => s.getBoundingClientRect().width <= innerWidth)"
    )


def test_a_click_and_a_key_sort_the_table(path: Path, browser: Browser) -> None:
    browser.open(path)
    before = [float(text.split()[0]) for text in browser.run(COLUMN)]
    browser.run("document.querySelectorAll('table')[0].tHead.rows[0].cells[1].querySelector('button').click()")
    assert [float(text.split()[0]) for text in browser.run(COLUMN)] == sorted(before)
    browser.run("document.querySelectorAll('table')[0].tHead.rows[0].cells[0].querySelector('button').focus()")
    browser.press("Tab")
    browser.press("Enter")
    assert [float(text.split()[0]) for text in browser.run(COLUMN)] == sorted(before, reverse=True)
    sorted_by = browser.run(
        "[...document.querySelectorAll('table')[0].tHead.rows[0].cells].map((c) => c.ariaSort)"
    )
    assert sorted_by[1] == "descending" and set(sorted_by[2:]) == {"none"}


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_marks_stand_out_from_the_paper(dark: bool, path: Path, browser: Browser) -> None:
    """Contrast as WCAG 2 defines it: 4.5 for text, and for the marks of charts, whose names are beside them."""
    browser.open(path, dark=dark)
    names = ["ink", "soft", "link", "heat", *(f"series-{number}" for number in range(8))]
    read = "getComputedStyle(document.documentElement).getPropertyValue('--%s').trim()"
    paper = luminance(browser.run(read % "paper"))
    for name in names:
        lights = sorted((luminance(browser.run(read % name)), paper))
        assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5, name


def luminance(color: str) -> float:
    """The relative luminance of ``#rrggbb``."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_an_injected_script_does_not_run(path: Path, browser: Browser, tmp_path: Path) -> None:
    """The policy holds even if a text were not escaped."""
    injected = "<script>window.injected = 1</script><img src=x onerror='window.injected = 2'>"
    copy = tmp_path / "copy.html"
    copy.write_text(path.read_text("utf-8").replace("<main", f"{injected}<main", 1), "utf-8")
    browser.open(copy)
    assert browser.run("window.injected === undefined")
    assert any("Content Security Policy" in error for error in browser.errors)
    browser.errors.clear()


def test_it_prints(path: Path, browser: Browser, tmp_path: Path) -> None:
    browser.open(path, dark=True)
    browser.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF") and browser.errors == []
