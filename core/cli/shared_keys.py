"""The keys that several commands share: plugins, the saved run, the overrides of a run's configuration."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Ge

from core.cli.command import Command, Rows, key_rows
from core.cli.console import console
from core.config import GRID_LIMIT, LIMIT, LOADERS
from core.config.options import options_of
from core.config.schema import RUN_KEYS, SECTIONS, RunOptions
from core.config.search_options import SECTION as SEARCH
from core.errors import ConfigError, DataError
from core.printable import echo
from core.registry import registry

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.data.sources.base import Source
    from core.experiment.grid import Outcome
    from core.runs.trained_model import TrainedModel
    from core.types import Note

INTERRUPTED = "interrupted; the same command reuses the finished runs and resumes the interrupted one"
Names = tuple[str, ...]
Positive = Annotated[int, Ge(1)]
Split = Literal["test", "dev"]  # whose predictions are saved
Shown = Literal["dev", "test", "both"]  # whose scores a table shows


def shown_splits(split: Shown) -> tuple[str, ...]:
    """The splits that ``split=`` names, in the order in which they are shown."""
    return ("dev", "test") if split == "both" else (split,)


def show_interruption(outcome: Outcome, grid: Sequence[RunConfig]) -> None:
    """Say on standard error which run of a grid was interrupted, and which are saved; nothing if none was."""
    from core.experiment.runner import title

    if (number := outcome.interrupted) is None:
        return
    if len(grid) > 1:
        saved = ", ".join(result.id for result in outcome.finished) or "none"
        numbers = [number, *outcome.others]
        which = ("run " if len(numbers) == 1 else "runs ") + ", ".join(str(n + 1) for n in numbers)
        names = [title(grid[n]) for n in numbers]
        if len({config.run["seed"] for config in grid}) > 1:
            names = [f"{name}, seed {grid[n].run['seed']}" for name, n in zip(names, numbers, strict=True)]
        place = f"in {which} of {len(grid)} ({'; '.join(names)})"
        echo(f"interrupted {place}; finished and saved: {saved}", error=True)
    echo(INTERRUPTED, error=True)


class PluginCommand(Command):
    """A command that may load plugins first.

    Args:
        plugin: files or modules of plugins to load first, separated by commas.
    """

    def __init__(self, *, plugin: Names = (), **options: Any) -> None:
        super().__init__(**options)
        self.plugins, self._are_loaded = plugin, False

    def load_plugins(self) -> None:
        """Load the plugins; one that does not load is a note on standard error, a missing file an UnknownName."""
        for name in () if self._are_loaded else self.plugins:
            if error := registry().load(name).error:
                echo(f"note: {error}", error=True)
        self._are_loaded = True


class SavedRunCommand(PluginCommand):
    """A command that reads a saved run.

    Args:
        run: ID or name of a saved run (see `seqlab runs`).
        runs: the folder of the saved runs.
    """

    def __init__(self, *, run: str, runs: str = "runs", **options: Any) -> None:
        super().__init__(**options)
        self.run_id, self.runs = run, runs


class ModelCommand(SavedRunCommand):
    """A command that uses the trained model of a saved run.

    Args:
        device: auto, cpu, cuda, cuda:1 or mps.
    """

    max_tokens: int | None = None  # of the commands that read rows

    def __init__(self, *, device: str = "auto", **options: Any) -> None:
        super().__init__(**options)
        self.device = device

    @cached_property
    def model(self) -> TrainedModel:
        """The trained model of the run; StoreError where there is no such run, or it has no model."""
        from core.runs.trained_model import load

        self.load_plugins()
        how: Any = {"runs": self.runs, "device": self.device, "plugins": self.plugins}
        return load(self.run_id, max_tokens=self.max_tokens, **how)


class OtherDataCommand(ModelCommand):
    """A command that may predict a split of other data.

    Args:
        overrides: data=NAME or data=PATH, and its options data.KEY=VALUE; none is the run's own data.
        split: the split; none is test, or the only one that the data has.
        max_tokens: the maximum number of tokens that a neural model reads at a time; none: the predict.max_tokens
            of the run.
    """

    overrides: ClassVar[Collection[str]] = ("data",)

    def __init__(
        self, *overrides: str, split: str | None = None, max_tokens: Positive | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.given, self.split, self.max_tokens = overrides, split, max_tokens
        self.split_notes: list[Note] = []

    def source_and_split(self) -> tuple[Source, str]:
        """The data, and which of its splits is predicted; ConfigError where that is not clear."""
        from core.data.split_choice import choose_split

        own = self.other.data.name == self.model.config.data.name
        own_cut = own and self.model.config.data_options["resplit"]
        split, self.split_notes = choose_split(self.source, self.split, own, own_cut)
        return self.source, split

    @cached_property
    def other(self) -> RunConfig:
        """The run on the other data, or on its own where none is named."""
        from core import config

        if not self.given and not self.model.vocab.counts.any():  # the training data is not known
            what = "the model was imported: it has no data of its own"
            raise ConfigError(what, where="evaluate", remedy="name the data with data=PATH")
        return config.other_data(self.model.config, self.given)

    @cached_property
    def source(self) -> Source:
        """The data."""
        from core.runs import components

        try:
            return components.source(self.other)
        except DataError as error:
            if not self.given:
                error.remedy = "name the data with data=PATH"
            raise

    def print_notes(self, source: Source, error: bool = False) -> None:
        """Print what the user should know about the data, after it was predicted; to standard error if asked."""
        for note in [*self.split_notes, *source.notes(), *self.model.notes]:
            console(error).print(f"note: {note}", style="dim", soft_wrap=True)


class SentencesCommand(ModelCommand):
    """A command that applies a saved model to sentences.

    Args:
        file: the file of the sentences; none reads standard input.
        encoding: of the file, such as utf-8 or latin-1; none: that of the run's own data.
        max_tokens: the maximum number of tokens that a neural model reads at a time; none: the predict.max_tokens
            of the run.
    """

    def __init__(
        self,
        *sentences: str,
        file: str | None = None,
        encoding: str | None = None,
        max_tokens: Positive | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.sentences, self.file, self.encoding, self.max_tokens = sentences, file or None, encoding, max_tokens
        if sentences and file is not None:
            what = "sentences are given too, and one of the two would be ignored"
            raise ConfigError(what, where="file", remedy="give one")
        if encoding and not self.file:
            what = "only a file has an encoding of its own"
            raise ConfigError(what, where="encoding", remedy="leave it out, or name a file")

    def own_options(self, format: str | None) -> dict[str, Any]:
        """The ``data`` options of the run that fit the input, with the encoding of the file if one is given.

        Args:
            format: of the input; None: not known yet.
        """
        from core.config.remembered import fitting
        from core.data.sources.blocks import check_encoding

        data = self.model.config.data
        own = fitting(data.load().reading(data.options), data.target, self.file, format)
        try:
            own["encoding"] = check_encoding(self.encoding or own.get("encoding") or "utf-8")
        except ConfigError as error:
            error.where = "encoding"
            raise
        return own


class ConfigCommand(Command):
    """A command whose other keys configure runs."""

    overrides: ClassVar[Collection[str]] = (
        *SECTIONS,
        *RUN_KEYS,
        *LOADERS,
        SEARCH,
        GRID_LIMIT.partition(".")[0],
    )

    @classmethod
    def help_sections(cls, name: str) -> list[tuple[str, Rows]]:
        """Own keys, those of a run, and where the options of its parts are shown."""
        parts = [
            ("task, encoder", "names (see `list`); commas make a grid, all is every encoder that fits the task"),
            ("data", "name of a data set, or path of a file or folder"),
            ("embedding, observer", "names, several joined by +"),
            ("preset, config", "name of a preset and path of a YAML file whose settings come first"),
            ("plugin", "files or modules of plugins to load first, separated by commas"),
            (GRID_LIMIT, f"the most runs that a grid may have, counted before any is built (default {LIMIT:,})"),
            ("search.OPTION", "how budget=trials:N searches; `describe search` lists them"),
            ("SECTION.OPTION", f"an option of one of {', '.join(SECTIONS)}; `describe encoder=NAME` lists them"),
        ]
        run = ("Keys of the run", key_rows(options_of(RunOptions)))
        return [*super().help_sections(name), run, ("Parts of the run", parts)]


def follow(grid: Sequence[RunConfig]) -> int:
    """Take part in the runs of a grid as one of the processes that print nothing; returns the exit status."""
    from core.experiment.grid import run_grid
    from core.experiment.split_seeds import without_repeats
    from core.search.search import check_processes

    runs, _ = without_repeats(grid)
    check_processes(runs)
    return run_grid(runs).status
