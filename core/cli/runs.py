"""``runs``: the saved runs as a table or a file; ``runs prune``, ``runs verify`` and ``runs index``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.cli.command import Command
from core.cli.console import console
from core.cli.shared_keys import Names
from core.errors import ConfigError
from core.printable import counted, echo, echo_lines

if TYPE_CHECKING:
    from core.runs.result import Result
    from core.runs.unfinished import Unfinished
    from core.view.layout import Column

Format = Literal["table", "csv", "json", "parquet"]
ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet"}
ACTIONS = {  # and why they take no filters
    "": "",
    "prune": "prune removes every run that did not finish",
    "verify": "verify takes one run, or all",
    "index": "the index has all runs",
}
FILTERS = ("task", "data", "encoder")
DROPPED = ("when", "embedding", "seed", "status", "data", "encoder", "task", "dev", "test")  # on a narrow terminal


class Runs(Command):
    """List the runs of a folder, oldest first, then unfinished ones with their place; `runs prune` removes these.

    `runs verify` compares every byte of the saved files with their checksums. `runs index` rebuilds
    index.sqlite, a table of all runs for SQL; from 100 runs on it exists without this command.

    A terminal that is too narrow does not show, in this order: when, embedding, seed, status, data, encoder, task,
    dev, test. The id and the name are always whole.

    Args:
        action: prune, verify, index, or nothing for the list.
        runs: the folder of the saved runs.
        run: verify: ID or name of the run; none for all.
        task: list only the runs of these tasks.
        data: list only the runs on these data sets.
        encoder: list only the runs of these encoders.
        where: list only the runs that meet conditions KEY=VALUE, also with !=, <, <=, > or >=, joined by and, or,
            not, parentheses, or commas for and. A KEY is an option, a score (score for the primary metric on test,
            SPLIT.TASK, SPLIT.TASK.METRIC), a cost (parameters, tokens/s, seconds, memory, gpu_memory) or another
            column: where="task='pos' and encoder.order>=3 and dev>95".
        trials: whether to list also the runs without a score on test, such as the trials of a search.
        sort: a KEY of where, or when; the best score first, other values upwards; - in front turns the order.
        format: table, csv, json or parquet, with all options as columns; none is that of out, or table.
        out: the file to write; none prints (not parquet).
        dry_run: prune: remove nothing, list what would be removed.
    """

    def __init__(
        self,
        *action: str,
        runs: str = "runs",
        run: str | None = None,
        task: Names = (),
        data: Names = (),
        encoder: Names = (),
        where: str | None = None,
        trials: bool = False,
        sort: str | None = None,
        format: Format | None = None,
        out: str | None = None,
        dry_run: bool = False,
    ) -> None:
        self.root, self.action, self.run_id, self.dry_run = Path(runs), " ".join(action), run, dry_run
        self.trials = trials
        self.filters, self.where, self.sort = dict(zip(FILTERS, (task, data, encoder), strict=True)), where, sort
        self.path = Path(out).expanduser() if out else None
        self.format = format or (self._format_of(self.path) if self.path else "table")
        if self.action not in ACTIONS:
            remedy = "write `runs`, `runs prune`, `runs verify` or `runs index`"
            raise ConfigError(f"'{self.action}' is not understood", where="runs", remedy=remedy)
        if run is not None and self.action != "verify":
            raise ConfigError("only `runs verify` takes one run", where="run", remedy="leave it out")
        if dry_run and self.action != "prune":
            raise ConfigError("only `runs prune` takes it", where="dry_run", remedy="leave it out")
        if self.action and (sort or format or out or self._is_selective):
            remedy = "leave task, data, encoder, where, sort, format and out out"
            raise ConfigError(ACTIONS[self.action], where="runs", remedy=remedy)
        if self.format == "table" and out:
            raise ConfigError("a table is printed", where="out", remedy="leave it out, or choose another format=")
        if self.format == "parquet" and not out:
            raise ConfigError("parquet is not text, so it is not printed", where="format", remedy="add out=FILE")
        if self.root.exists() and not self.root.is_dir():
            what = f"{self.root} is not a folder of runs"
            raise ConfigError(what, where="runs", remedy="name a folder: runs=FOLDER")

    @staticmethod
    def _format_of(path: Path) -> str:
        """The format that the ending of a file names."""
        if (found := ENDINGS.get(path.suffix.lower())) is None:
            what = f"'{path.name}' does not end in {', '.join(ENDINGS)}"
            raise ConfigError(what, where="out", remedy="name the format with format=")
        return found

    def execute(self) -> int | None:
        """Print one row per run, or what was removed or changed."""
        from core.cli import runs_verify
        from core.runs import store

        if self.action == "verify":
            return runs_verify.execute(self.root, self.run_id)
        if self.action == "prune":
            self._prune()
            return None
        read = store.rebuild_index if self.action == "index" else store.all_runs
        results, broken = read(self.root)
        if self.action == "index":
            echo(f"wrote {self.root / store.INDEX} ({counted(len(results), 'run')})", error=True)
        elif self.format == "table":
            self._list(results)
        else:
            self._write(results)
        for error in broken:
            echo(f"warning: {error}", error=True)
        return None

    def _list(self, results: list[Result]) -> None:
        """Print the table of the runs, and the unfinished ones."""
        from core.runs.unfinished import unfinished_runs

        waiting, shown = unfinished_runs(self.root), self._shown(results)
        if shown:
            _show(self._chosen(shown))
        if hidden := len(results) - len(shown):
            echo(f"{counted(hidden, 'run')} without a score on test (trials of searches): trials=true lists them")
        if not results and not waiting:
            echo(self._nothing)
        for run in waiting if not self._is_selective else ():
            echo(_unfinished_line(run))

    def _write(self, results: list[Result]) -> None:
        """Print or write the runs in a format for other programs."""
        from core.view import run_records

        chosen = self._chosen(self._shown(results))
        content = run_records.FORMATS[self.format](run_records.columns(chosen))
        if self.path is None:
            echo_lines(content.decode().rstrip("\n"))
        else:
            run_records.write(content, self.path)
            echo(f"wrote {self.path} ({counted(len(chosen), 'run')}, {len(content):,} bytes)", error=True)
        if not results:
            echo(f"note: {self._nothing}", error=True)

    def _shown(self, results: list[Result]) -> list[Result]:
        """The runs with a score on test, or all."""
        return [result for result in results if self.trials or result.scores_test]

    @property
    def _nothing(self) -> str:
        return f"there are no runs in {self.root}; try: python -m core run task=pos encoder=bilstm"

    @property
    def _is_selective(self) -> bool:
        """Whether only some runs are asked for."""
        return bool(self.where is not None or any(self.filters.values()))

    def _prune(self) -> None:
        """Remove what did not finish, and print what is removed and what stays."""
        from core.runs.prune import prune

        pruned = prune(self.root, self.dry_run)
        verb = "would remove" if self.dry_run else "removed"
        if not pruned.removed:
            echo(f"nothing to remove in {self.root}")
        else:
            echo(f"{verb} {len(pruned.removed)} from {self.root}", *pruned.removed, separator="\n  ")
        for name, reason in pruned.kept.items():
            echo(f"note: {name} stays: {reason}", error=True)

    def _chosen(self, results: list[Result]) -> list[Result]:
        """The runs that pass the filters, in the order that is asked for."""
        from core.runs.chosen import filtered
        from core.view.sorting import sorted_runs

        chosen = filtered(results, self.filters, self.where, str(self.root))
        return sorted_runs(chosen, self.sort) if self.sort else chosen


def _show(results: list[Result]) -> None:
    """Print a table with one row per run."""
    from core.config.search_options import row_label
    from core.runs import keys
    from core.view.layout import print_fitted

    columns = _columns(any(result.config.get("name", "none") != "none" for result in results))
    rows = []
    for result in results:
        values = {key: str(keys.value(result, key)) for key in keys.FIELDS}
        values |= {key: "-" for key in ("name", "embedding") if values[key] == "none"}
        values["encoder"] = row_label(result.encoder, result.config.get("tuned"))
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(result.path.stat().st_mtime))
        dev, test = (keys.number(keys.value(result, split)) for split in keys.SPLITS)  # an imported model has none
        values |= {"when": when, "dev": "-" if dev is None else f"{dev:,.2f}"}
        values["test"] = "-" if test is None else f"{result.primary} {test:,.2f}"
        rows.append([values[column.heading] for column in columns])
    if rows:
        print_fitted(console(), "", columns, rows)
    else:
        echo("no run meets these conditions")


def _unfinished_line(run: Unfinished) -> str:
    """What an unfinished run is, how far it is, and what resumes it."""
    from core.runs.checkpoint_texts import place_text

    if not run.header:
        return f"unfinished: {run.id}: no checkpoint of it can be read; `runs prune` removes it"
    about = run.header["about"]
    parts = ", ".join(str(about[name]) for name in ("encoder", "embedding", "name") if about.get(name))
    what = f"{about.get('task')} on {about.get('data')}: {parts}, seed {about.get('seed')}"
    how = "it is being trained" if run.runs else "the same command resumes it"
    return f"unfinished: {run.id} ({what}), {how}; checkpoint {place_text(run.header)}"


def _columns(has_names: bool) -> list[Column]:
    from core.view.layout import Column

    names = ("id", *(("name",) if has_names else ()), "when", "task", "data", "encoder", "embedding", "seed")
    ranks = {name: len(DROPPED) - i for i, name in enumerate(DROPPED)}
    return [
        Column(name, right=name in ("seed", "dev"), whole=name != "data", rank=ranks.get(name, 0))
        for name in (*names, "dev", "test", "status")
    ]
