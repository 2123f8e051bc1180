"""``errors run=A``: the mistakes of a saved run by pairs of answers; ``run=A,B``: where two runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from core.cli.console import print_table
from core.cli.shared_keys import Names, OtherDataCommand, Positive, Split
from core.errors import ConfigError
from core.printable import echo_lines

if TYPE_CHECKING:
    from core.data.sources.base import Source
    from core.evaluation.mistakes import Mistakes
    from core.kinds.base import Kind
    from core.runs.result import Result
    from core.types import Table


class Errors(OtherDataCommand):
    """Print what a saved run gets wrong, by pairs of right and predicted answer, with the words around.

    The most frequent pairs come first, and in each the answers that cost the most probability. For a language
    model, print the tokens with the largest loss. Two runs (run=A,B) are compared instead: the events on which
    they differ, hardest first, and how they compare overall.

    Args:
        overrides: data=NAME or data=PATH, and its options data.KEY=VALUE, with the right answers: the run predicts
            that; none takes the saved predictions of its own data.
        run: ID or name of a saved run, or of two, A,B (see `seqlab runs`).
        split: none is test, with data= test or the only split; the saved predictions are those of test and dev.
        limit: how many pairs are shown; of a language model or two runs, how many events.
        rows: how many examples per pair; none: 3, or as limit says with pair=.
        pair: the only pair to show, as RIGHT:PREDICTED; an empty side is any answer.
        output: table, or markdown, csv, tsv or json; csv and tsv are the events alone.
    """

    def __init__(
        self,
        *overrides: str,
        run: Names,
        split: str | None = None,
        limit: Positive = 20,
        rows: Positive | None = None,
        pair: str | None = None,
        output: Literal["table", "markdown", "csv", "tsv", "json"] = "table",
        **options: Any,
    ) -> None:
        super().__init__(*overrides, run=run[0], split=split, **options)
        if len(run) > 2:
            remedy = "name one, or two to compare: run=A,B (see `seqlab runs`)"
            raise ConfigError(f"it takes one run or two, not {len(run)}", where="run", remedy=remedy)
        for key, value in (("data", self.given), ("pair", pair)):
            if len(run) == 2 and value:
                remedy = f"leave {key}= out, or name one run"
                raise ConfigError("it shows the mistakes of one run", where=key, remedy=remedy)
        if not self.given and self.split not in (None, *get_args(Split)):
            what = f"'{self.split}' does not fit; it takes one of {'|'.join(get_args(Split))}"
            remedy = "these are the splits whose predictions are saved; data= predicts others"
            raise ConfigError(what, where="split", remedy=remedy)
        self.names, self.limit, self.rows, self.pair, self.output = run, limit, rows, pair, output

    def execute(self) -> None:
        """Print the tables."""
        if len(self.names) == 2:
            return self._compare()
        if not self.given:
            return self._show(self._saved().tables(self.limit, self.rows, self.pair))
        source, split = self.source_and_split()
        self._show(self._predicted(source, split).tables(self.limit, self.rows, self.pair))
        self.print_notes(source, error=self.output != "table")

    def _show(self, tables: Sequence[Table]) -> None:
        """Print the tables; in CSV and TSV, only the one with the events."""
        from core.view.plain_tables import cell_text, render

        if self.output != "table":
            return echo_lines(render(tables, self.output))
        for table in tables:
            print_table(table.title, table.header, [list(map(cell_text, row)) for row in table.rows])

    def _compare(self) -> None:
        """The differences of two runs, how they compare, and whether one is better by more than chance."""
        from core.runs.predictions import read_pair

        pair = read_pair(Path(self.runs), self.names, self.split or "test", self.plugins)
        _check_kind(pair.kind, pair.names[0])
        tables = [pair.disagreements(self.rows or self.limit), pair.summary()]
        tables += [found] if (found := pair.verdict()) else []
        self._show(tables[:1] if self.output in ("csv", "tsv") else tables)

    def _saved(self) -> Mistakes:
        """Those of the saved predictions; no model is loaded."""
        from core.evaluation.mistakes import Mistakes
        from core.runs.predictions import read_scored, rebuild

        self.load_plugins()
        run: Result = read_scored(Path(self.runs), self.run_id)
        _check_kind(run.kind, run.task)
        split = self.split or "test"
        task, corpus, arrays = rebuild(run, split, self.plugins)
        return Mistakes(run.kind, task, corpus, f"{run.title} on {split}", arrays)

    def _predicted(self, source: Source, split: str) -> Mistakes:
        """Those on other data."""
        from core.evaluation.mistakes import Mistakes

        model = self.model
        _check_kind(model.kind, model.config.task.name)
        _, corpus, arrays = model.evaluate(source, split)
        kind, has = model.kind, "log_probs" in arrays
        if kind.has_probabilities and model.model.normalized and not kind.language_model and not has:
            arrays = model.model.predict(corpus, probabilities=True)
        title = f"{model.config.encoder.name} {self.run_id} on {split}"
        return Mistakes(model.kind, model.task, corpus, title, arrays)


def _check_kind(kind: Kind, task: str) -> None:
    if not kind.reads_rows:
        what = f"task={task} evaluates the vectors of words, and it predicts no rows"
        raise ConfigError(what, where="run", remedy="name a run that predicts rows")
