"""``plot gates run=ID "text"``: the gates over a text, and how often they saturate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from core.cli.pictures.text_picture import TextPicture
from core.cli.pictures.unit_choice import Numbers, chosen_layer, chosen_units
from core.cli.shared_keys import Positive

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing

WIDTH = 200  # tokens of a row of dev that are read


class Gates(TextPicture):
    """Draw the gates of single units of a layer over a text, and count how often the gates of all layers saturate.

    A gate is from 0 (closed) to 1 (open): of an LSTM i (input), f (forget) and o (output), of a GRU r (reset) and
    z (how much of the old state stays). The shares above 0.9 and below 0.1 are those of all units over rows of dev
    (Karpathy et al., 2015).

    Args:
        text: the text, as one argument in quotes, or word by word.
        units: which units, from 0; none: those whose gates vary most.
        n: how many units, where none are named.
        layer: the number of the layer; none: the last one.
        rows: how many rows of dev are read.
    """

    what = "gates"

    def __init__(
        self,
        *text: str,
        units: Numbers = (),
        n: Annotated[int, Ge(1)] = 10,
        layer: Positive | None = None,
        rows: Positive = 500,
        **options: Any,
    ) -> None:
        super().__init__(*text, **options)
        self.units, self.limit, self.layer, self.rows = units, n, layer, rows

    def drawing(self) -> Drawing:
        """A heat map per gate."""
        from core.neural.inspection.reading import places, read_gates, saturation
        from core.neural.inspection.sample import windows
        from core.runs.own_data import own_data
        from core.view.plots.states import saturation_table, units_drawing

        tracks = chosen_layer(read_gates(self.network, self.row, [self.window]), self.layer, None)
        units = chosen_units(tracks, self.units, self.limit)
        dev = own_data(self.model).splits["dev"]
        parts = windows(self.network, dev, self.rows, WIDTH)
        found = saturation(read_gates(self.network, dev, parts))
        table, config = saturation_table(found, len(places(parts))), self.model.config
        title = f"{config.encoder.name} on {config.task.name}: gates"
        return units_drawing(
            title, self.tokens, tracks, [units] * len(tracks), [table], self.unknown_note, gates=True
        )
