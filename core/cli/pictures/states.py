"""``plot states run=ID "text"``: single units over a text, and the one that follows a property best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from annotated_types import Ge

from core.cli.pictures.text_picture import TextPicture
from core.cli.pictures.unit_choice import Numbers, chosen_layer, chosen_units
from core.cli.shared_keys import Positive

if TYPE_CHECKING:
    from core.neural.inspection.reading import Track
    from core.runs.followed_property import Followed
    from core.types import Int64s
    from core.view.plots.drawing import Drawing


class States(TextPicture):
    """Draw the states of single units of a layer over a text.

    With property= all units of all layers are searched on dev for the one that follows the property best; it is
    graded on test, beside two controls: the property shuffled over the tokens, and the network before training.

    Args:
        text: the text, as one argument in quotes, or word by word.
        units: which units, from 0; none: those that vary most, or that follow the property best.
        n: how many units, where none are named.
        layer: the number of the layer; none: the last one, or that of the best unit.
        part: which states: c (the cells of an LSTM) or h; none: c where there is one.
        property: quotes (inside quotes), position (in the row), tag:TAG, or since:TAG (tokens since the last TAG).
        rows: how many rows of dev and of test are read for the property.
    """

    what = "states"

    def __init__(
        self,
        *text: str,
        units: Numbers = (),
        n: Annotated[int, Ge(1)] = 20,
        layer: Positive | None = None,
        part: str | None = None,
        property: str | None = None,
        rows: Positive = 500,
        **options: Any,
    ) -> None:
        super().__init__(*text, **options)
        if property is not None:
            from core.neural.inspection.properties import needs_tags

            needs_tags(property)  # it is there
        self.units, self.limit, self.layer, self.part = units, n, layer, part
        self.property, self.rows = property, rows

    def drawing(self) -> Drawing:
        """A heat map per direction of the layer."""
        from core.neural.inspection.reading import read_states
        from core.view.plots.states import property_table, units_drawing

        tracks = read_states(self.network, self.row, [self.window])
        followed = self._followed()
        best = followed.answers[0] if followed else None
        if best and self.layer is None and self.part is None and not self.units:
            shown = [track for track in tracks if (track.layer, track.part) == (best.layer, best.part)]
        else:
            shown = chosen_layer(tracks, self.layer, self.part)
        units = [self._units(track, followed) for track in shown]
        config, tables = self.model.config, [property_table(followed)] if followed else []
        title = f"{config.encoder.name} on {config.task.name}: states"
        title += f"; units that follow {self.property}, the best on top" if followed else ""
        return units_drawing(title, self.tokens, shown, units, tables, self.unknown_note)

    def _followed(self) -> Followed | None:
        from core.runs.followed_property import follow

        return None if self.property is None else follow(self.model, self.network, self.property, self.rows)

    def _units(self, track: Track, followed: Followed | None) -> Int64s:
        if self.units or followed is None:
            return chosen_units([track], self.units, self.limit)
        import numpy as np

        strengths = np.abs(followed.strengths[track.layer, track.part])
        return np.argsort(-strengths, kind="stable")[: self.limit]
