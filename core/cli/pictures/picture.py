"""What all pictures have in common: the file, the numbers behind it, and where these are printed or written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.cli.console import print_table
from core.cli.shared_keys import ModelCommand, PluginCommand
from core.errors import ConfigError
from core.printable import counted, echo, echo_lines

if TYPE_CHECKING:
    from core.types import Table
    from core.view.plots.drawing import Drawing

ENDINGS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "markdown"}  # of a file of numbers


class Picture(PluginCommand):
    """A picture: a subclass makes a ``Drawing``, and this class writes it and the numbers behind it.

    Args:
        out: the picture to write, FILE.png or FILE.svg; none, with format= or table=, writes no picture.
        format: how the numbers behind the picture are printed: table, csv or json; none prints nothing.
        table: the file to which these numbers are written, FILE.csv, .tsv, .json or .md.
        title: the title of the picture; none: what it shows.
    """

    def __init__(
        self,
        *,
        out: str | None = None,
        format: Literal["table", "csv", "json"] | None = None,
        table: str | None = None,
        title: str | None = None,
        **options: Any,
    ) -> None:
        from core.view.output_path import output_path

        super().__init__(**options)
        if out is None and format is None and table is None:
            remedy = "write out=FILE.png or out=FILE.svg for the picture, or format=table for its numbers"
            raise ConfigError("out is missing", where="plot", remedy=remedy)
        self.format, self.title = format, title
        self.table = None if table is None else output_path(table, "table", tuple(ENDINGS), "table")
        self.path: Path | None = None
        if out is not None:
            from core.view.figures import picture_path

            self.path = picture_path(out, "out")

    def drawing(self) -> Drawing:
        """What is drawn, and the numbers behind it; matplotlib is not imported before it is drawn."""
        raise NotImplementedError

    def execute(self) -> None:
        """Write the picture and its numbers, and print them."""
        from core.view.plots.drawing import write_drawing

        self.load_plugins()
        drawing = self.drawing()
        if self.title is not None:
            drawing = drawing.titled(self.title)
        for note in drawing.notes:
            echo(f"note: {note}", error=True)
        if self.path is not None:
            write_drawing(drawing, self.path)
            echo(f"wrote {self.path} ({drawing.about})", error=True)
        self._show(drawing.tables)

    def _show(self, tables: Sequence[Table]) -> None:
        """Print and write the numbers; CSV and TSV have only the last table."""
        from core.view.plain_tables import cell_text, render

        if self.table is not None:
            from core.data.atomic import new_file

            with new_file(self.table) as new:
                new.write_bytes((render(tables, ENDINGS[self.table.suffix]) + "\n").encode("utf-8", "replace"))
            echo(f"wrote {self.table} ({counted(len(tables[-1].rows), 'row')})", error=True)
        if self.format == "table":
            for table in tables:
                print_table(table.title, table.header, [list(map(cell_text, row)) for row in table.rows])
        elif self.format is not None:
            echo_lines(render(tables, self.format))


class ModelPicture(Picture, ModelCommand):
    """A picture of the trained model of a saved run."""
