"""``plot gradients encoder=rnn,lstm task=lm``: how far back a loss reaches, before and after training."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.cli.pictures.picture import Picture
from core.cli.shared_keys import ConfigCommand, Names, Positive
from core.errors import ConfigError
from core.printable import echo

if TYPE_CHECKING:
    from core.runs.result import Result
    from core.runs.trained_model import TrainedModel
    from core.view.plots.drawing import Drawing
    from core.view.plots.gradients import RunFlow


class Gradients(Picture, ConfigCommand):
    """Draw the norm of the gradient of a loss with respect to the inputs before it, for one or more encoders.

    For each distance k it is the mean of the norm of d loss(t) / d input(t - k) over rows and positions of dev,
    before and after training; where each row has one answer, its loss is at the last token. The encoders are
    trained as by `run`, which reuses saved runs. Beside it: the spectral radius of W_h, and the mean of the forget
    gate (of an LSTM f, of a GRU z).

    Args:
        overrides: the configuration of the runs, as of `run`: encoder=rnn,lstm task=lm encoder.activation=relu.
        run: IDs or names of saved runs, instead of a configuration.
        runs: the folder of the saved runs.
        device: auto, cpu, cuda, cuda:1 or mps, where saved runs are read.
        reach: the largest k.
        rows: how many rows of dev are read.
        losses: at how many positions of a batch a loss is derived, spread evenly.
    """

    overrides: ClassVar[Collection[str]] = tuple(name for name in ConfigCommand.overrides if name != "device")

    def __init__(
        self,
        *overrides: str,
        run: Names = (),
        runs: str = "runs",
        device: str = "auto",
        reach: Positive = 50,
        rows: Positive = 64,
        losses: Positive = 30,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.given, self.run_ids, self.runs, self.device = overrides, run, runs, device
        self.reach, self.rows, self.losses = reach, rows, losses
        if bool(run) == bool(overrides):
            what = "which networks?" if not run else "a saved run has its configuration already"
            remedy = "write encoder=rnn,lstm task=lm, or run=ID"
            raise ConfigError(what, where="gradients", remedy=remedy)

    def drawing(self) -> Drawing:
        """Both times of each run on the same rows."""
        from core.view.plots.gradients import gradients_drawing
        from core.view.plots.lines_of_runs import data_name

        models = self._saved() if self.run_ids else self._trained()
        first = models[0][1].config
        found = [self._flow(name, model) for name, model in models]
        title = f"Gradients through time: {first.task.name} on {data_name(first.data.name)}"
        return gradients_drawing(title, found)

    def _saved(self) -> list[tuple[str, TrainedModel]]:
        from core.runs import store
        from core.runs.trained_model import load

        results = [store.read(store.find(Path(self.runs), name)) for name in self.run_ids]
        how: Any = {"device": self.device, "plugins": self.plugins}
        return [(name, load(run.folder, **how)) for name, run in zip(_names(results), results, strict=True)]

    def _trained(self) -> list[tuple[str, TrainedModel]]:
        """The runs of a grid, trained where they are not saved yet."""
        from core import config
        from core.experiment.grid import run_grid
        from core.runs.trained_model import load

        given = [*self.given, f"runs={self.runs}", f"device={self.device}"]
        grid = config.expand([*given, *([f"plugin={','.join(self.plugins)}"] if self.plugins else [])])
        for note in grid.notes:
            echo(f"note: {note}", error=True)
        for run in grid:
            if run.budget.trials:
                remedy = "search with `run`, then name the tuned run with run=ID"
                raise ConfigError("a picture does not search", where="budget", remedy=remedy)
            if "train" not in run.traits.sections or not run.kind.reads_rows:
                what = f"encoder={run.encoder.name} on task={run.task.name} is not a network that reads rows"
                raise ConfigError(what, where="encoder", remedy="name neural encoders, such as encoder=rnn,lstm")
        outcome = run_grid(grid)
        for failure in outcome.failures:
            raise failure.error
        if outcome.interrupted is not None:
            raise KeyboardInterrupt
        names = _names(outcome.results)
        how: Any = {"device": self.device, "plugins": self.plugins}
        return [(name, load(run.folder, **how)) for name, run in zip(names, outcome.results, strict=True)]

    def _flow(self, name: str, run: TrainedModel) -> RunFlow:
        from core.neural.inspection.flow import flow
        from core.neural.inspection.sample import neural, windows
        from core.runs.own_data import before_training, own_data
        from core.view.plots.gradients import RunFlow

        model, data = neural(run.model, "gradients"), own_data(run)
        dev = data.splits["dev"]
        parts = windows(model, dev, self.rows, 2 * self.reach)
        how = dev, parts, self.reach, self.losses
        return RunFlow(name, flow(before_training(run, data), *how), flow(model, *how))


def _names(results: Sequence[Result]) -> list[str]:
    """A short name per run: the encoder and the options that differ; seeds where nothing else does."""
    from core.view.row_labels import labels
    from core.view.rows import row_options, run_key

    by_key = labels(row_options(results, ("dev",)))
    names = [by_key[run_key(run)] for run in results]
    repeated = len(set(names)) < len(names)
    return [f"{name} seed={run.seed}" if repeated else name for name, run in zip(names, results, strict=True)]
