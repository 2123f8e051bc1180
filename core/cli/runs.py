"""``runs``: the saved runs; ``runs prune`` removes what did not finish, ``runs verify`` compares checksums."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.command import Command
from core.cli.console import console
from core.cli.shared_keys import Names
from core.errors import ConfigError, UnknownName, nearest
from core.printable import counted, echo

if TYPE_CHECKING:
    from core.runs.result import Result
    from core.runs.unfinished import Unfinished
    from core.view.layout import Column

FILTERS = ("task", "data", "encoder")
DROPPED = ("when", "embedding", "seed", "status", "data", "encoder", "task", "dev", "test")  # on a narrow terminal


class Runs(Command):
    """List the runs of a folder, oldest first, then unfinished ones with their place; `runs prune` removes these.

    `runs verify` compares every byte of the saved files with their checksums.

    A terminal that is too narrow does not show, in this order: when, embedding, seed, status, data, encoder, task,
    dev, test. The id and the name are always whole.

    Args:
        action: prune, verify, or nothing for the list.
        runs: the folder of the saved runs.
        run: verify: ID or name of the run; none for all.
        task: list only the runs of these tasks.
        data: list only the runs on these data sets.
        encoder: list only the runs of these encoders.
        where: list only the runs that meet all conditions KEY=VALUE, also with !=, <, <=, > or >=. A KEY is an
            option, a score (SPLIT.TASK or SPLIT.TASK.METRIC), a cost (parameters, tokens/s, seconds, memory,
            gpu_memory) or another column: where="encoder.order>=3,dev.pos>95".
        trials: whether to list also the runs without a score on test, such as the trials of a search.
        sort: a KEY of where, or when; the best score first, other values upwards; - in front turns the order.
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
        where: Names = (),
        trials: bool = False,
        sort: str | None = None,
        dry_run: bool = False,
    ) -> None:
        self.root, self.prune, self.verify = Path(runs), action == ("prune",), action == ("verify",)
        self.run_id, self.dry_run, self.trials = run, dry_run, trials
        self.filters, self.where, self.sort = dict(zip(FILTERS, (task, data, encoder), strict=True)), where, sort
        if action and not self.prune and not self.verify:
            remedy = "write `runs`, `runs prune` or `runs verify`"
            raise ConfigError(f"'{' '.join(action)}' is not understood", where="runs", remedy=remedy)
        if run is not None and not self.verify:
            raise ConfigError("only `runs verify` takes one run", where="run", remedy="leave it out")
        if dry_run and not self.prune:
            raise ConfigError("only `runs prune` takes it", where="dry_run", remedy="leave it out")
        if action and (sort or self._is_selective):
            what = "prune removes every run that did not finish" if self.prune else "verify takes one run, or all"
            raise ConfigError(what, where="runs", remedy="leave task, data, encoder, where and sort out")
        if self.root.exists() and not self.root.is_dir():
            what = f"{self.root} is not a folder of runs"
            raise ConfigError(what, where="runs", remedy="name a folder: runs=FOLDER")

    def execute(self) -> int | None:
        """Print one row per run, or what was removed or changed."""
        from core.cli import runs_verify
        from core.runs import store
        from core.runs.unfinished import unfinished_runs

        if self.verify:
            return runs_verify.execute(self.root, self.run_id)
        if self.prune:
            self._prune()
            return None
        results, broken = store.all_runs(self.root)
        waiting = unfinished_runs(self.root)
        shown = [result for result in results if self.trials or result.scores_test]
        if shown:
            _show(self._chosen(shown))
        if hidden := len(results) - len(shown):
            echo(f"{counted(hidden, 'run')} without a score on test (trials of searches): trials=true lists them")
        if not results and not waiting:
            echo(f"there are no runs in {self.root}; try: python -m core run task=pos encoder=bilstm")
        for run in waiting if not self._is_selective else ():
            echo(_unfinished_line(run))
        for error in broken:
            echo(f"warning: {error}", error=True)
        return None

    @property
    def _is_selective(self) -> bool:
        """Whether only some runs are asked for."""
        return bool(self.where or any(self.filters.values()))

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
        from core.runs import keys
        from core.view.sorting import sorted_runs

        chosen = results
        for key, names in self.filters.items():
            known = {str(keys.value(result, key)) for result in results}
            for name in names:
                if name not in known:
                    what = f"no run in {self.root} has {key}={name}"
                    raise UnknownName(what, where=key, remedy=nearest(name, known))
            chosen = [result for result in chosen if not names or keys.value(result, key) in names]
        chosen = keys.where(chosen, self.where)
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
