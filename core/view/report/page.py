"""The page as one HTML file: its chapters, and the script and style that it needs, all inside it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from core.data.atomic import new_file
from core.experiment.grid import Failure
from core.printable import counted, one_line, printable
from core.runs.result import Result
from core.view.report import scores
from core.view.report.breakdowns import confused, disputed, groups, labels
from core.view.report.charts import CONFIG, Charts
from core.view.report.content import Chapter, Grid, Mark, Part, Value
from core.view.report.costs import costs
from core.view.report.learning import learning
from core.view.report.material import DRAWN, MOST, SPLIT, ColumnRuns, collect
from core.view.report.options import options
from core.view.report.runs import runs
from core.view.report.search import search
from core.view.report.task_tables import task_tables

SNIPPET = "window.vegaEmbed = vegaEmbed"  # what the page's own script calls

BREAKS = re.compile(r"(?<==)|(?<=\.)(?=[^\W\d])")  # of names: after = and after the dot of a key

Maker = Callable[[ColumnRuns, Charts], Part | Sequence[Part] | None]
MAKERS: dict[str, Maker] = {  # what a chapter about a column has, in order
    "ranks": scores.ranks,
    "costs": costs,
    "options": options,
    "learning curves": learning,
    "search": search,
    "groups of events": groups,
    "labels": labels,
    "confusions": confused,
    "disagreements": lambda column, charts: disputed(column),
    "tables of the task": lambda column, charts: task_tables(column),
}


def write_page(
    path: Path, results: Sequence[Result], failures: Sequence[Failure] = (), plugins: Sequence[str] = ()
) -> None:
    """Write a page about runs; the file is renamed when it is complete.

    Args:
        path: where.
        results: the runs.
        failures: the runs that failed.
        plugins: files or modules of plugins that the runs need.

    Raises:
        DataError: it cannot be written.
    """
    text = page(results, failures, plugins)
    with new_file(path) as new:
        new.write_text(text, "utf-8")


def page(results: Sequence[Result], failures: Sequence[Failure], plugins: Sequence[str]) -> str:
    """The text of the page; runs without a score on test, such as trials, are left out."""
    results = [run for run in results if SPLIT in run.metrics]
    tables, columns = collect(results, failures, plugins)
    drawn = [name for column in columns for name in column.best(DRAWN)]
    charts = Charts([*drawn, *(name for table in tables for name in table.rows)])
    chapters = [scores.summary(tables, results, columns), scores.scores(tables)]
    chapters += [_chapter(column, charts) for column in columns]
    chapters += [runs(columns)] if columns else []
    return render(_title(results), chapters)


def _title(results: Sequence[Result]) -> str:
    data = list(dict.fromkeys(run.data for run in results))
    shown = data[0] if len(data) == 1 else counted(len(data), "data set")
    return f"Encoders on {shown}" if data else "Encoders"


def _chapter(column: ColumnRuns, charts: Charts) -> Chapter:
    """What the runs of a column show; what fails in a plugin is left out, with a note."""
    parts, notes, charts = [], list(column.notes), charts.labelled(column.labels)
    for name, maker in MAKERS.items():
        try:
            found = maker(column, charts)
        except Exception as error:  # of a plugin's task or kind; the other parts are there
            notes.append(f"The part about {name} is left out: {type(error).__name__}: {error}")
            continue
        parts += [found] if isinstance(found, Part) else list(found or ())
    first = next(iter(column.rows.values()))[0]
    size = first.events["test"]
    text = f"{counted(len(column.rows), 'model')}, evaluated by {column.metric} on {counted(size['rows'], 'row')}"
    text += f" of test ({counted(size['tokens'], 'token')})."
    key = [Mark(*charts.mark(name), column.labels[name]) for name in column.best(DRAWN)]
    return Chapter(column.title, column.title, [text], parts, notes, key, _names(column))


def _names(column: ColumnRuns) -> Grid | None:
    """The name of each label; None where all labels are names."""
    pairs = [(column.labels[name], name) for name in column.best(MOST)]
    rows = [[Value(label, label), Value(name)] for label, name in pairs]
    caption = "Labels in charts and tables below, and the rows that they stand for"
    return Grid(caption, ["label", "row"], rows, left=frozenset({1})) if any(a != b for a, b in pairs) else None


def render(title: str, chapters: Sequence[Chapter]) -> str:
    """The chapters as HTML; every text in them is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("core.view.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters |= {"line": one_line, "name": _name}
    style, script = _source(environment, "style.css"), _source(environment, "script.js")
    drawing = _drawing() if any(part.charts for chapter in chapters for part in chapter.parts) else ""
    numbers: Iterator[int] = count(1)
    return environment.get_template("page.html").render(
        title=title,
        chapters=chapters,
        config=CONFIG,
        number=lambda: next(numbers),
        policy=_policy([drawing, script], style),
        style=_inline(style),
        scripts=[_inline(text) for text in (drawing, script) if text],
        json=_json,
    )


def _source(environment: Any, name: str) -> str:
    text: str = environment.loader.get_source(environment, name)[0]
    return text


def _drawing() -> str:
    """The JavaScript of Vega, Vega-Lite and Vega-Embed in the version that Altair writes for."""
    import vl_convert
    from altair import SCHEMA_VERSION

    text: str = vl_convert.javascript_bundle(SNIPPET, vl_version="_".join(SCHEMA_VERSION.split(".")[:2]))
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _json(value: Any) -> Any:
    """Data for the script: JSON in which nothing can end the element."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - no letter is left that HTML reads


def _name(value: Any) -> Any:
    """A name of a row as HTML that may break at spaces and after = and a dot, but not within words."""
    from markupsafe import Markup

    return Markup("<wbr>").join(BREAKS.split(printable(one_line(value))))  # which escapes the pieces


def _inline(text: str) -> Any:
    """The page's own source, which is not escaped."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - it comes from this package and from Vega


def _policy(scripts: Sequence[str], style: str) -> str:
    """The Content-Security-Policy: these scripts and this style, and nothing from outside."""
    own = " ".join(_hash(text) for text in scripts if text)
    return f"default-src 'none'; script-src {own}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
