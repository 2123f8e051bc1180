"""Pictures of what a network does while it reads one text."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.cli.pictures.picture import ModelPicture
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.data.corpus import Corpus
    from core.neural.inspection.sample import Window
    from core.neural.model import NeuralModel

LONGEST = 100  # tokens that fit side by side


class TextPicture(ModelPicture):
    """A picture of a network and one text.

    Args:
        text: the text, as one argument in quotes, or word by word.
    """

    what = "this picture"

    def __init__(self, *text: str, **options: Any) -> None:
        super().__init__(**options)
        self.text = " ".join(text)
        if not self.text.strip():
            raise ConfigError("the text is missing", where="plot", remedy='write it at the end: run=ID "the text"')

    @cached_property
    def network(self) -> NeuralModel:
        """The network of the run; ConfigError where it has none."""
        from core.neural.inspection.sample import neural

        return neural(self.model.model, self.what)

    @cached_property
    def row(self) -> Corpus:
        """The text as one row of ids; ConfigError where it has no tokens, or too many."""
        row = self.model.corpus([self.text])
        count = len(row.tokens.values) - 1
        if not count:
            raise ConfigError("the text has no tokens", where="plot", remedy="write at least one word")
        if count > LONGEST:
            what = f"the text has {count:,} tokens, and the picture shows at most {LONGEST}"
            raise ConfigError(what, where="plot", remedy="shorten it")
        return row

    @cached_property
    def window(self) -> Window:
        """The text as a batch of one row."""
        from core.neural.inspection.sample import windows

        (window,) = windows(self.network, self.row, 1, len(self.row.tokens.values))
        return window

    @property
    def tokens(self) -> list[str]:
        """The tokens that are read; a language model reads ``</s>`` first."""
        from core.neural.inspection.sample import spelled

        return spelled(self.row, self.window)

    @property
    def unknown_note(self) -> list[str]:
        """A note that names the words that training lacks."""
        return [f"not in the vocabulary: {', '.join(sorted(self.row.words))}"] if self.row.words else []
