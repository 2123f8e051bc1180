"""Runs with hostile labels and words, and what a page consists of."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from random import Random

from core import config
from core.experiment.grid import Outcome, run_grid

SCRIPT = "</script><script>alert(1)</script>"
LABELS = (SCRIPT, "<b>&amp;'\"", "{{ 7*7 }}")
VOID = {"meta", "br", "img", "link", "input", "hr", "wbr"}


def hostile_file(folder: Path) -> Path:
    """Texts whose labels and words are HTML, as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "texts.jsonl"
    random, rows = Random(0), []
    for number in range(150):
        first, second = random.randrange(3), random.randrange(3)
        own = f"rare{number}" if number % 5 == 0 else "<!--"
        words = [f"<img/src=x/onerror=alert({first})>", f"]]>{second}", own]
        rows.append(json.dumps({"text": " ".join(words), "label": LABELS[(first + second) % 3]}))
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def run_all(*words: str) -> Outcome:
    """The outcome of a grid, without output."""
    return run_grid(config.expand([*words, "quiet=true"]))


class Page(HTMLParser):
    """The elements of a page, checked for nesting.

    Args:
        text: the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> within {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.found if name == tag]

    def text(self, tag: str = "") -> str:
        """The text within elements of a kind, or all text but scripts and styles."""
        return "\n".join(
            data for own, data in self.texts if own == tag or not tag and own not in ("script", "style")
        )

    def headings(self) -> list[int]:
        """The levels of the headings, in order."""
        return [int(tag[1]) for tag, _ in self.found if re.fullmatch("h[1-6]", tag)]

    def specs(self) -> list[dict]:
        """The charts."""
        data = [text for own, text in self.texts if own == "script" and text.startswith("{")]
        return [found for text in data if "height" in (found := json.loads(text))]
