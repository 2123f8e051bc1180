"""``export run=ID out=FILE``: a saved run, or a table of saved runs, in the format of another program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.cli.shared_keys import ModelCommand
from core.errors import ConfigError
from core.printable import counted, echo

OF_RUNS = "bencheval"  # the format of many runs; the others are of one model
ENDINGS = {".csv": "csv", ".parquet": "parquet"}


class Export(ModelCommand):
    """Write a saved run in one of the formats of its encoder or embedding, or a table of the errors of saved runs.

    `format=bencheval` writes one row per run, with the columns that TabArena's evaluation package `bencheval`
    reads, as CSV or Parquet.

    Args:
        run: ID or name of a saved run (see `seqlab runs`); none only with format=bencheval.
        out: the file to write.
        format: the format; none is the first one that the encoder or embedding has.
        where: format=bencheval: only the runs that meet conditions, as those of `runs where=`.
    """

    def __init__(
        self,
        *,
        run: str | None = None,
        out: str,
        format: str | None = None,
        where: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(run=run or "", **options)
        self.path, self.format, self.where = Path(out).expanduser(), format, where
        if format == OF_RUNS:
            if run is not None:
                remedy = "leave it out, or choose some runs with where="
                raise ConfigError(f"format={OF_RUNS} writes all runs", where="run", remedy=remedy)
            if self.path.suffix.lower() not in ENDINGS:
                what = f"'{self.path.name}' does not end in {' or '.join(ENDINGS)}"
                raise ConfigError(what, where="out", remedy="write out=FILE.csv")
            return
        if run is None:
            remedy = f"write run=...: ID or name of a saved run, or format={OF_RUNS} for a table of all runs"
            raise ConfigError("run is missing", where="export", remedy=remedy)
        if where is not None:
            raise ConfigError(f"only format={OF_RUNS} takes it", where="where", remedy="leave it out")

    def execute(self) -> None:
        """Write the file."""
        if self.format == OF_RUNS:
            self._export_runs()
            return
        from core.evaluation.word_vectors import vectors_of
        from core.experiment.interchange import export

        model = self.model
        export(model, self.path, self.format)
        has_vectors = "embedding" in model.config.traits.sections
        words = len(vectors_of(model.model)[0]) if has_vectors else model.vocab.size
        echo(f"wrote {self.path} ({counted(words, 'word')}, {self.path.stat().st_size:,} bytes)", error=True)

    def _export_runs(self) -> None:
        """Write the errors of all saved runs, or of those that are asked for."""
        from core.runs import store
        from core.runs.chosen import filtered
        from core.view import bencheval, run_records

        results, broken = store.all_runs(Path(self.runs))
        for each in broken:
            echo(f"warning: {each}", error=True)
        columns, notes = bencheval.table(filtered(results, {}, self.where, self.runs))
        run_records.write(run_records.FORMATS[ENDINGS[self.path.suffix.lower()]](columns), self.path)
        for note in notes:
            echo(f"note: {note}", error=True)
        sizes = (counted(len(set(columns[name])), name) for name in ("method", "task", "seed"))
        echo(f"wrote {self.path} ({counted(len(columns['seed']), 'row')}: {', '.join(sizes)})", error=True)
