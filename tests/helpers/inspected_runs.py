"""Small saved runs whose networks are looked into."""

from __future__ import annotations

from pathlib import Path

from core import run

SMALL = {"data.limit": 60, "train.epochs": 1, "threads": 1, "quiet": True, "embedding.dim": 6}
TEXT = "the brothers near the families like the meal ."

PLUGIN = '''
import torch
from core import hookimpl
from core.neural.base import Encoder


class Doubled(Encoder):
    """Twice the input."""

    def __init__(self, input_size, causal):
        super().__init__(input_size, causal)
        self.output_size = input_size

    def forward(self, inputs, lengths, carry=None):
        return 2 * inputs, None


@hookimpl
def register_encoders(register):
    register("doubled", Doubled, sees="left", help="twice the input")
'''


def train_all(folder: Path) -> dict[str, str]:
    """Name -> id of runs of several encoders and kinds in ``folder/runs``."""
    plugin = folder / "doubled.py"
    plugin.write_text(PLUGIN)
    small = {**SMALL, "runs": folder / "runs"}
    sized = {**small, "encoder.hidden_size": 5}
    counting = {key: value for key, value in small.items() if "." not in key or key == "data.limit"}
    tagged = {**sized, "encoder.num_layers": 2, "embedding": "random"}
    made = {
        "lm": run(task="lm", encoder="lstm", **sized),
        "tags": run(task="pos", encoder="bilstm", **tagged),
        "crf": run(task="pos", encoder="rnn", **{**sized, "embedding": "random", "head.crf": True}),
        "class": run(task="sentiment", encoder="gru", **sized),
        "cnn": run(task="sentiment", encoder="cnn", **{**small, "encoder.channels": 4}),
        "counts": run(task="lm", encoder="ngram", **counting),
        "plugin": run(task="lm", encoder="doubled", plugin=str(plugin), **small),
    }
    return {name: result.id for name, result in made.items()}
