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
    register("bag", "plugins.encoders.bag:Bag", sees="either", help="the vectors themselves; their mean for lm")
    register("cnn", "plugins.encoders.cnn:CNN", sees="either", help="convolutions (Kim 2014; Bai et al. 2018)")
    recurrent = "plugins.encoders.recurrent:{}".format
    register("rnn", recurrent("RNN"), sees="left", help="simple recurrent network, left to right")
    register("lstm", recurrent("LSTM"), sees="left", help="long short-term memory, left to right")
    register("gru", recurrent("GRU"), sees="left", help="gated recurrent units, left to right")
    register("birnn", recurrent("BiRNN"), sees="both", help="two simple RNNs, one in each direction")
    register("bilstm", recurrent("BiLSTM"), sees="both", help="two LSTMs, one in each direction")
    register("bigru", recurrent("BiGRU"), sees="both", help="two GRUs, one in each direction")


@hookimpl
def register_embeddings(register: Register) -> None:
    """The built-in embeddings."""
    register("random", "plugins.embeddings.random:Random", help="one vector a word, random at first, trained")
    register(
        "affix", "plugins.embeddings.affix:Affix", help="spelling: lower-cased word, prefixes, suffixes, shape"
    )
    register("char", "plugins.embeddings.char:Char", help="a CNN or BiLSTM over the word's characters")
    register("file", "plugins.embeddings.file:File", help="outside vectors: word2vec text and binary, GloVe, .gz")


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


@hookimpl
def register_presets(register: Register) -> None:
    """The built-in presets: settings tuned on dev."""
    file = "plugins:presets/{}.yaml".format
    register("sst2-cnn", file("sst2-cnn"), help="sentiment on SST-2 sentences with cnn")
    register("trec-cnn", file("trec-cnn"), help="question types on TREC with cnn")
    register("trec-bilstm", file("trec-bilstm"), help="question types on TREC with bilstm")
    register("ptb-lstm", file("ptb-lstm"), help="language model on PTB with two layers of lstm")
