"""``plot connectivity run=ID "text"``: which inputs each prediction depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.cli.pictures.text_picture import TextPicture

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing


class Connectivity(TextPicture):
    """Draw how much each prediction over a text depends on each of its words.

    Row i is a prediction: of a language model the next word, else the predicted label. Column j is an input. The
    color is the norm of the gradient of -log p(answer i) with respect to the vector of input j, as its share of
    the row.

    Args:
        text: the text, as one argument in quotes, or word by word.
    """

    what = "connectivity"

    def drawing(self) -> Drawing:
        """The gradients of each answer."""
        from core.neural.inspection.connectivity import connectivity
        from core.view.plots.connectivity import connectivity_drawing

        found = connectivity(self.network, self.row, self.window)
        config = self.model.config
        title = f"{config.encoder.name} on {config.task.name}: what each prediction depends on"
        return connectivity_drawing(title, found, self.model.kind.language_model, self.unknown_note)
