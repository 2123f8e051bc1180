"""``plot attention run=ID "a text"``: which words of a text each word of the output comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.cli.pictures.picture import ModelPicture
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.view.plots.drawing import Drawing


class Attention(ModelPicture):
    """Draw the attention of a model that writes a text for each row: the words from which each output word comes.

    A line is a word of the output, a column a word of the text; the weights of a line sum to 1.

    Args:
        text: the text, one argument.
    """

    def __init__(self, *text: str, **options: Any) -> None:
        super().__init__(**options)
        if len(text) != 1:
            what = "it draws one text" if text else "the text is missing"
            raise ConfigError(what, where="plot", remedy='quote it: plot attention run=ID "a text" out=FILE.png')
        self.text = text[0]

    def drawing(self) -> Drawing:
        """The heat map."""
        from core.model.interface import Attentive
        from core.view.plots.attention import attention_drawing

        model, name = self.model.model, self.model.config.encoder.name
        found = model.attention(self.model.corpus([self.text])) if isinstance(model, Attentive) else None
        if not found:
            what = f"task={self.model.config.task.name} encoder={name} has no attention between two texts"
            raise ConfigError(what, where="run", remedy="name a run of a task such as translate with attention")
        source, output, weights = found[0]
        return attention_drawing(source, output, weights, f"{name} {self.run_id}: attention")
