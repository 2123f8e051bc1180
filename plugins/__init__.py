"""The built-in plugins, registered through the hooks that a stranger uses."""

from core.hooks import Register, RegisterEncoder, hookimpl


@hookimpl
def register_encoders(register: RegisterEncoder) -> None:
    """The built-in encoders of both families."""
    counting = "plugins.encoders.ngram:NGram"
    register("ngram", counting, family="counting", sees="left", help="n-gram counts with smoothing, any order")
    register(
        "window", "plugins.encoders.window:Window", sees="either", help="the words around (Bengio et al. 2003)"
    )
    register("lstm", "plugins.encoders.recurrent:LSTM", sees="left", help="long short-term memory, left to right")
    register("bilstm", "plugins.encoders.recurrent:BiLSTM", sees="both", help="two LSTMs, one in each direction")


@hookimpl
def register_embeddings(register: Register) -> None:
    """The built-in embeddings."""
    register("random", "plugins.embeddings.random:Random", help="one vector a word, random at first, trained")


@hookimpl
def register_datasets(register: Register) -> None:
    """The built-in data sets."""
    register("toy", "plugins.datasets.toy:Toy", help="a small language with a known truth, so with known ceilings")


@hookimpl
def register_observers(register: Register) -> None:
    """The built-in observers."""
    register(
        "progress", "plugins.observers.progress:ProgressDisplay", help="epoch, loss, dev metric and time left"
    )
