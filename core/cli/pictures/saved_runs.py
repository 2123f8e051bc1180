"""What pictures of many saved runs have in common: which runs, the bands, the axes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.cli.pictures.picture import Picture
from core.cli.shared_keys import Names
from core.errors import ConfigError
from core.printable import counted, echo

if TYPE_CHECKING:
    from core.runs.result import Result


class SavedRunsPicture(Picture):
    """A picture of saved runs.

    Args:
        run: IDs or names of saved runs, separated by commas; none is all.
        runs: the folder of the saved runs; also several folders, or runs by ID, name or folder.
        task: only the runs of these tasks.
        data: only the runs on these data sets.
        encoder: only the runs of these encoders.
        where: only the runs that meet conditions KEY=VALUE (see `seqlab runs --help`).
        trials: whether to draw also the runs without a score on test, such as the trials of a search.
        band: what is drawn around the mean over seeds: range (lowest to highest), sd (one standard deviation to
            both sides, n - 1) or none.
        log: the logarithmic axes: x, y, xy, none, or auto (scores that differ by much, data.limit, costs).
    """

    def __init__(
        self,
        *,
        run: Names = (),
        runs: Names = ("runs",),
        task: Names = (),
        data: Names = (),
        encoder: Names = (),
        where: str | None = None,
        trials: bool = False,
        band: Literal["range", "sd", "none"] = "range",
        log: Literal["auto", "none", "x", "y", "xy"] = "auto",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.names, self.roots, self.where, self.trials = run, runs, where, trials
        self.filters = {"task": task, "data": data, "encoder": encoder}
        self.band, self.log = band, log

    def chosen(self) -> list[Result]:
        """The runs of the picture.

        Raises:
            ConfigError: there are none.
        """
        from core.runs.chosen import filtered, read_runs

        place = ", ".join(self.roots)
        found, broken = read_runs(self.roots, self.names)
        for error in broken:
            echo(f"warning: {error}", error=True)
        if not found:
            remedy = "try: python -m core run task=pos encoder=bilstm"
            if waiting := self._unfinished():
                remedy = f"{counted(waiting, 'run')} did not finish; the same commands resume them"
            raise ConfigError(f"there are no saved runs in {place}", where="runs", remedy=remedy)
        chosen = filtered(found, self.filters, self.where, place)
        drawn = [run for run in chosen if self.trials or self.names or run.scores_test]
        if not chosen:
            remedy = "see `seqlab runs`, or leave task, data, encoder and where out"
            raise ConfigError("no run meets these conditions", where="runs", remedy=remedy)
        if not drawn:
            what = f"none of the runs that meet these conditions has a score on test ({len(chosen):,} in all)"
            raise ConfigError(what, where="runs", remedy="trials=true draws them")
        if left := len(chosen) - len(drawn):
            what = f"{counted(left, 'run')} without a score on test left out"
            echo(f"note: {what}; trials=true draws them", error=True)
        return drawn

    def _unfinished(self) -> int:
        """The number of runs that did not finish."""
        from core.runs.unfinished import unfinished_runs

        return sum(len(unfinished_runs(Path(root))) for root in self.roots if Path(root).is_dir())
