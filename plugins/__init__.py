"""The built-in plugins, registered through the same hooks as any other plugin."""

from core.data.sources.formats import register_formats as register_formats  # the formats of files are core's
from core.hooks import Register, RegisterEncoder, hookimpl
from plugins.datasets.table import TABLE


@hookimpl
def register_encoders(register: RegisterEncoder) -> None:
    """The built-in encoders of every family."""
    counting = "plugins.encoders.ngram:NGram"
    register("ngram", counting, family="counting", sees="left", help="n-gram counts with smoothing, any order")
    register(
        "window", "plugins.encoders.window:Window", sees="either", help="a window of words (Bengio et al. 2003)"
    )
    kinds: tuple[str, ...] = ("next", "item", "cloze", "token", "sequence", "number", "set", "transduce", "vector")
    bag = "plugins.encoders.bag:Bag"
    register("bag", bag, sees="either", kinds=kinds, help="no weights: the word vectors; for lm their mean")
    register("cnn", "plugins.encoders.cnn:CNN", sees="either", help="convolutions (Kim 2014; Bai et al. 2018)")
    recurrent = "plugins.encoders.recurrent:{}".format
    register("rnn", recurrent("RNN"), sees="left", help="simple recurrent network, left to right")
    register("lstm", recurrent("LSTM"), sees="left", help="long short-term memory, left to right")
    register("gru", recurrent("GRU"), sees="left", help="gated recurrent units, left to right")
    register("birnn", recurrent("BiRNN"), sees="both", help="two simple RNNs, one in each direction")
    register("bilstm", recurrent("BiLSTM"), sees="both", help="two LSTMs, one in each direction")
    register("bigru", recurrent("BiGRU"), sees="both", help="two GRUs, one in each direction")
    linear, kinds = "plugins.models.linear.model:Linear", ("sequence", "number", "set")
    about = "logistic or ridge regression over n-grams of words and characters"
    register("linear", linear, family="model", kinds=kinds, help=about)
    crf, about = "plugins.models.crf.model:CRF", "conditional random field over words and spelling (CRFsuite)"
    register("crf", crf, family="model", kinds=("token",), help=about)


@hookimpl
def register_embeddings(register: Register) -> None:
    """The built-in embeddings."""
    register("random", "plugins.embeddings.random:Random", help="one trained vector per word, random at first")
    register(
        "affix", "plugins.embeddings.affix:Affix", help="spelling: lower-cased word, prefixes, suffixes, shape"
    )
    register("char", "plugins.embeddings.char:Char", help="a CNN or BiLSTM over the word's characters")
    register(
        "file", "plugins.embeddings.file:File", help="pretrained vectors: word2vec text and binary, GloVe, .gz"
    )
    position = "plugins.embeddings.position:Position"
    register("position", position, help="the distance of each word to two marked spans (task=relation)")
    word2vec = "plugins.embeddings.word2vec.embedding:Word2Vec"
    register(
        "word2vec", word2vec, help="vectors trained on the run's text, or on other text (Mikolov et al. 2013)"
    )


@hookimpl
def register_datasets(register: Register) -> None:
    """The built-in data sets."""
    about = "synthetic sessions of items with known best scores, for next-item"
    register("sessions", "plugins.datasets.sessions:Sessions", help=about)
    about = "sessions from a table of events (CSV, TSV, Parquet): session, item, time"
    register("events", "plugins.datasets.events:Events", help=about)
    register("toy", "plugins.datasets.toy:Toy", help="a small synthetic language with known best scores")
    synthetic = "plugins.datasets.synthetic.{}".format
    numbers, sets = synthetic("numbers:ToyNumbers"), synthetic("label_sets:ToyLabels")
    register("toy-numbers", numbers, help="short texts with a number, whose least error is known")
    register("toy-labels", sets, help="short texts with a set of labels, whose least error is known")
    topics, languages = synthetic("topics:ToyTopics"), synthetic("languages:ToyLanguages")
    register("toy-topics", topics, help="documents of any length about six topics, with a known best score")
    register("toy-languages", languages, help="texts in eight languages of letter pairs, with a known best score")
    memory, about = "plugins.datasets.memory:Memory", "recall the first of n symbols; the adding problem"
    register("memory", memory, help=about)
    about = "sentences with two marked nouns, and a known best score"
    register("toy-relations", synthetic("relations:ToyRelations"), help=about)
    pairs = "plugins.datasets.pairs:{}".format
    register("toy-copy", pairs("Copy"), help="rows of letters and their copies, for task=translate")
    register("toy-reverse", pairs("Reversal"), help="rows of letters and the same backwards, for task=translate")
    register("toy-translate", pairs("TwoLanguages"), help="a small language and its translation into another")
    for dataset in TABLE.values():
        register(dataset.name, f"plugins.datasets.known:{dataset.class_name}", help=dataset.help)


@hookimpl
def register_observers(register: Register) -> None:
    """The built-in observers."""
    register(
        "progress", "plugins.observers.progress:ProgressDisplay", help="epoch, loss, dev metric and time left"
    )
    register("csv", "plugins.observers.csv:LearningCurve", help="the learning curve as a table, one row per epoch")
    tensorboard = "plugins.observers.tensorboard:TensorBoard"
    register("tensorboard", tensorboard, help="curves for TensorBoard, which is installed separately")


@hookimpl
def register_presets(register: Register) -> None:
    """The built-in presets: settings tuned on dev."""
    tagger, question = "tags of the English Web Treebank with {}", "question types on TREC with {}"
    model = "language model on PTB with {}"
    for name, what in {
        "conll2000-bilstm": "chunks of CoNLL-2000 with two layers of bilstm, affix, char and a CRF",
        "ewt-best": tagger.format("two layers of bilstm, affix and char"),
        "ewt-bilstm": tagger.format("bilstm"),
        "ewt-window": tagger.format("window"),
        "semeval-cnn": "relations of SemEval-2010 task 8 with cnn and positions",
        "sst2-bilstm": "sentiment on SST-2 sentences with bilstm",
        "sst2-cnn": "sentiment on SST-2 sentences with cnn",
        "trec-bilstm": question.format("bilstm"),
        "trec-cnn": question.format("cnn"),
        "ptb-char-lstm": "language model on PTB in characters with lstm",
        "ptb-cnn": model.format("a dilated gated cnn"),
        "ptb-gru": model.format("two layers of gru"),
        "ptb-gru-13m": model.format("two layers of 650 gru units, as in published tables"),
        "ptb-lstm": model.format("two layers of lstm"),
        "ptb-lstm-13m": model.format("two layers of 650 lstm units, as in published tables"),
        "ptb-rnn": model.format("rnn and tied weights"),
        "ptb-window": model.format("window and tied weights"),
        "multi30k-bilstm": "German to English on Multi30k with bilstm and attention",
        "tinyshakespeare-lstm": "language model on Shakespeare in characters with lstm",
        "wnut17-bilstm": "names in WNUT 2017 with two layers of bilstm, affix, char and a CRF",
    }.items():
        register(name, f"plugins:presets/{name}.yaml", help=what)


@hookimpl
def register_grids(register: Register) -> None:
    """The built-in grids for ``bench``: default settings, except where their first line says otherwise."""
    for name, what in {
        "toy": "every encoder on every task of toy, five seeds",
        "ewt": "universal tags of the English Web Treebank, three seeds",
        "sst2": "sentiment on SST-2 sentences, three seeds",
        "trec": "question types on TREC, three seeds",
        "ptb": "small language models on 10,000 rows of PTB, three seeds",
    }.items():
        register(name, f"plugins:grids/{name}.yaml", help=what)
