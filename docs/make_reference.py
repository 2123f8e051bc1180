"""Make docs/reference.md from the constructors' signatures, as ``describe`` reads them.

python docs/make_reference.py
"""

from __future__ import annotations

import inspect
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.config import describe, presettings
from core.config.describe import Row
from core.registry import Spec, registry
from core.registry.loading import import_target
from plugins.datasets import known
from plugins.datasets.table import TABLE

PAGE = Path(__file__).with_name("reference.md")
HEAD = """\
# Configuration reference

Every option of every built-in: its type, its default, what it does. The page is made from the constructors by
`python docs/make_reference.py`; `python -m core describe encoder=lstm` shows the same, of plugins too.

An option is `key=value`. A comma makes a grid: `seed=1,2,3` is three runs. A list has brackets:
`encoder.widths=[2,3]`. In a file (`config=FILE.yaml`) keys are dotted or nested. A task or a preset may set other
defaults; the run's `config.yaml` says what was taken.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    for title, word in (("The run", "run"), ("Training", "train")):
        yield from (f"## {title}\n", _table(describe([word])), "")
    for title, section in (("Tasks", "task"), ("Encoders", "encoder"), ("Embeddings", "embedding")):
        yield from (f"## {title}\n", *_tables([spec.where for spec in _built_in(section)]))
    yield from ("## Heads\n", *_tables([f"head={kind}" for kind in registry().names("kind")]))
    yield from ("### What tasks set\n", _presettings(), "")
    yield from ("## Data\n", *_data())
    yield from ("## Observers\n", *_tables([spec.where for spec in _built_in("observer")]))
    yield from ("## Presets\n", "| preset | what |", "|---|---|")
    yield from (f"| `{spec.where}` | {_text(spec.help)} |" for spec in _built_in("preset"))
    yield from ("\n## Known data sets\n", "| name | what | rows | on the hub | licence |", "|---|---|---|---|---|")
    for entry in TABLE.values():
        about = getattr(known, entry.class_name).about
        cells = (f"`{entry.name}`", *(_text(about[key]) for key in ("what", "rows", "hub", "license")))
        yield f"| {' | '.join(cells)} |"


def _built_in(section: str) -> list[Spec]:
    """What this repository registers; other plugins may be installed."""
    specs = registry().specs(section).values()
    return [spec for spec in specs if str(spec.target).startswith(("plugins", "tasks"))]


def _tables(words: Sequence[str]) -> Iterator[str]:
    """A table for each class that has options, under the names of all that have them from it; shared ones last."""
    rows: dict[str, dict[str, Row]] = {}
    users: dict[str, dict[str, None]] = {}
    for word in words:
        for row in describe([word]):
            rows.setdefault(row.source, {})[row.key] = row
            users.setdefault(row.source, {})[word] = None
    for source in sorted(rows, key=lambda source: len(users[source])):
        every = len(words) > 1 and len(users[source]) == len(words)
        title = (
            f"every {words[0].partition('=')[0]}" if every else ", ".join(f"`{word}`" for word in users[source])
        )
        if words[0].startswith("head="):
            title += f" ({source.split('.')[1]})"  # each family has its own
        yield from _part(title, source, rows[source].values())


def _presettings() -> str:
    """The defaults that each task has for neural encoders, a column each."""
    tasks = {spec.name: presettings(spec.where) for spec in _built_in("task")}
    tasks = {name: found for name, found in tasks.items() if found}
    keys = dict.fromkeys(key for found in tasks.values() for key in found)
    lines = [f"| option | {' | '.join(f'`{name}`' for name in tasks)} |", "|---" * (len(tasks) + 1) + "|"]
    for key in keys:
        cells = [f"`{found[key][0]}`" if key in found else "" for found in tasks.values()]
        lines.append(f"| `{key}` | {' | '.join(cells)} |")
    return "In the place of the defaults above, for neural encoders:\n\n" + "\n".join(lines)


def _data() -> Iterator[str]:
    """The sources, each under what a user writes, and what they all share."""
    shared = describe(["data"])
    with tempfile.TemporaryDirectory() as saved:
        (Path(saved) / "state.json").touch()  # what tells a folder that `datasets` saved
        forms = {
            "`data=` a file, a folder or a pattern": "data=.",
            "`data=hub:OWNER/NAME[:CONFIG]`": "data=hub:a/b",
            "`data=` a folder that `datasets` saved, or a `DatasetDict`": f"data={saved}",
            "`data=` a known name": f"data={next(iter(TABLE))}",
        }
        for title, word in forms.items():
            own = [row for row in describe([word]) if row.source != shared[0].source]
            yield from _part(title, own[0].source, own)
    yield from _part("every data", shared[0].source, shared)


def _part(title: str, source: str, rows: Iterable[Row]) -> Iterator[str]:
    """One class: its names, the first line of its docstring, its options."""
    doc = inspect.getdoc(import_target(source, source)) or ""
    yield from (f"### {title}\n", _text(doc.partition("\n")[0]) + "\n", _table(rows), "")


def _table(rows: Iterable[Row]) -> str:
    lines = ["| option | type | default | what |", "|---|---|---|---|"]
    for row in rows:
        default = f"`{row.default}`" if row.default else "required"
        kind = _text(row.type.replace("|", ", "))
        lines.append(f"| `{row.key}` | {kind} | {default} | {_text(row.help)} |")
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text for a cell: what Markdown would take for markup is escaped, except within back-quotes."""
    parts = re.split(r"(``.*?``|`.*?`)", text.replace("|", "\\|"))
    escaped = [part if part.startswith("`") else re.sub(r"([*_])", r"\\\1", part) for part in parts]
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in escaped)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
