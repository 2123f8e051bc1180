"""Write docs/reference.md from the signatures of the constructors, as ``describe`` reads them.

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
TOP = (("The run", "run"), ("Search", "search"), ("Training", "train"), ("Prediction", "predict"))
HEAD = """\
# Configuration reference

The options of all built-in components with type, default and meaning. `python docs/make_reference.py` writes this
page from the constructors. `python -m core describe encoder=lstm` shows the same, also for plugins, and
`python -m core describe bench`, or `python -m core bench --help`, lists the keys of a command.

An override has the form `key=value`. A comma makes a grid: `seed=1,2,3` is three runs. A list is in brackets:
`encoder.widths=[2,3]`. In a file (`config=FILE.yaml`) keys are dotted or nested. The head of a kind, an encoder, a
task and a preset may set other defaults, each over those before it; the `config.yaml` of a run has the values that
were used.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    for title, target in TOP:
        yield from (f"## {title}\n", _table(describe([target])), "")
    for title, section in (("Tasks", "task"), ("Encoders", "encoder"), ("Embeddings", "embedding")):
        yield from (f"## {title}\n", *_tables([spec.where for spec in _built_in(section)]))
    yield from ("## Heads\n", *_tables([f"head={kind}" for kind in registry().names("kind")]))
    yield from ("### Defaults set by tasks\n", _presettings(), "")
    yield from _encoder_defaults()
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


def _tables(targets: Sequence[str]) -> Iterator[str]:
    """A table per class that has options, titled with the components that inherit them; shared classes last."""
    rows: dict[str, dict[str, Row]] = {}
    users: dict[str, dict[str, None]] = {}
    for target in targets:
        for row in describe([target]):
            rows.setdefault(row.source, {})[row.key] = row
            users.setdefault(row.source, {})[target] = None
    for source in sorted(rows, key=lambda source: len(users[source])):
        every = len(targets) > 1 and len(users[source]) == len(targets)
        names = ", ".join(f"`{target}`" for target in users[source])
        title = f"every {targets[0].partition('=')[0]}" if every else names
        if targets[0].startswith("head="):
            title += f" ({source.split('.')[1]})"  # each family has its own
        yield from _part(title, source, rows[source].values())


def _presettings() -> str:
    """The defaults that tasks set for neural encoders, one column per task."""
    tasks = {spec.name: presettings(spec.where) for spec in _built_in("task")}
    tasks = {name: defaults for name, defaults in tasks.items() if defaults}
    keys = dict.fromkeys(key for defaults in tasks.values() for key in defaults)
    lines = [f"| option | {' | '.join(f'`{name}`' for name in tasks)} |", "|---" * (len(tasks) + 1) + "|"]
    for key in keys:
        cells = [f"`{defaults[key][0]}`" if key in defaults else "" for defaults in tasks.values()]
        lines.append(f"| `{key}` | {' | '.join(cells)} |")
    return "Instead of the defaults above, for neural encoders:\n\n" + "\n".join(lines)


def _encoder_defaults() -> Iterator[str]:
    """The defaults that encoders set for the kinds of task; nothing where none does."""
    rows = [
        f"| `{spec.where}` | `{key}` | {_text(value)} |"
        for spec in _built_in("encoder")
        for key, (value, _) in presettings(spec.where).items()
    ]
    if rows:
        head = "Over those of tasks' heads, for the kinds of task in parentheses:"
        yield from ("### Defaults set by encoders\n", head, "", "| encoder | option | default |", "|---|---|---|")
        yield from (*rows, "")


def _data() -> Iterator[str]:
    """The sources, each under what a user writes, and the options that all of them have."""
    shared = describe(["data"])
    with tempfile.TemporaryDirectory() as saved:
        (Path(saved) / "state.json").touch()  # marks a folder saved by `datasets`
        pairs = Path(saved) / "pairs"
        pairs.mkdir()
        for language in ("de", "en"):
            (pairs / f"train.{language}").touch()
        forms = {
            "`data=` a file, a folder or a pattern": "data=.",
            "`data=` a folder with a file per split and language (`train.de`, `train.en`)": f"data={pairs}",
            "`data=hub:OWNER/NAME[:CONFIG]`": "data=hub:a/b",
            "`data=` a folder saved by `datasets`, or a `DatasetDict`": f"data={saved}",
            "`data=` a known name": f"data={next(iter(TABLE))}",
        }
        for title, target in forms.items():
            own = [row for row in describe([target]) if row.source != shared[0].source]
            yield from _part(title, own[0].source, own)
    yield from _part("every data", shared[0].source, shared)


def _part(title: str, source: str, rows: Iterable[Row]) -> Iterator[str]:
    """A class: its title, the first line of its docstring, its options."""
    doc = inspect.getdoc(import_target(source, source)) or ""
    yield from (f"### {title}\n", _text(doc.partition("\n")[0]) + "\n", _table(rows), "")


def _table(rows: Iterable[Row]) -> str:
    rows = list(rows)
    searched = any(row.search for row in rows)  # most options are not
    names = ["option", "type", "default", *(["searched"] if searched else []), "what"]
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for row in rows:
        default = f"`{row.default}`" if row.default else "required"
        kind, search = (_text(text.replace("|", ", ")) for text in (row.type, row.search))
        cells = [f"`{row.key}`", kind, default, *([search] if searched else []), _text(row.help)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text for a table cell, with Markdown characters escaped except within back-quotes."""
    parts = re.split(r"(``.*?``|`.*?`)", text.replace("|", "\\|"))
    escaped = [part if part.startswith("`") else re.sub(r"([*_])", r"\\\1", part) for part in parts]
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in escaped)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
