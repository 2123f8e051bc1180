"""Text in pictures: as it is where a font has its letters, else as escapes."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="pictures need the extra plot")

from core.view.plots import style  # noqa: E402 - it needs matplotlib
from core.view.plots.style import drawable, shortened, text_width  # noqa: E402 - after the skip


@pytest.fixture(autouse=True)
def _only_the_font_of_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    style.known_letters.cache_clear()
    monkeypatch.setattr(style, "families", lambda: (style.BASE,))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller's $x_1$ – \\alpha", "Müller's $x_1$ – \\alpha"),
        ("中文", "\\u4e2d\\u6587"),
        ("🙈!", "\\U0001f648!"),
        ("x\u1ac0", "x"),
        ("a\tb\nc\x1b[31m", "a\\tb\\nc\\x1b[31m"),
    ],
)
def test_letters_without_a_glyph_become_escapes(text: str, shown: str) -> None:
    assert drawable(text) == shown


def test_a_long_text_loses_its_middle() -> None:
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghijk", 10) == "abcdef…ijk"
    assert len(shortened("x" * 1000, 18)) == 18
    wide = shortened("W" * 1000, 18)
    assert 10 < len(wide) < 14 and text_width(wide, 1.0) <= 18 * style.WIDE_LETTER


def test_no_two_of_the_first_lines_look_alike() -> None:
    looks = {(style.color(n), style.mark(n), str(style.dash(n))) for n in range(32)}
    assert len(looks) == 32
