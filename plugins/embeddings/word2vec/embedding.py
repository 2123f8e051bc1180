"""The embedding: vectors trained by word2vec before the encoder is trained."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from annotated_types import Ge, Gt

from core.config.space import Search, Size
from core.data.corpus import Corpus
from core.data.turns import turn
from core.data.vocab import FIRST, Vocab
from core.errors import ConfigError, StoreError
from core.model.context import Context
from core.types import Int64s
from plugins.embeddings import vector_store
from plugins.embeddings.table import TableEmbedding
from plugins.embeddings.vector_store import Fallback, Table
from plugins.embeddings.word2vec import text as texts
from plugins.embeddings.word2vec import warm_start
from plugins.embeddings.word2vec.gpu import train_on
from plugins.embeddings.word2vec.native.compiled import version
from plugins.embeddings.word2vec.outputs import OutputStore
from plugins.embeddings.word2vec.phrases import join_phrases
from plugins.embeddings.word2vec.progress import Trained
from plugins.embeddings.word2vec.settings import ModelName, Output, Settings, Subsampling
from plugins.embeddings.word2vec.text import KEY, Text
from plugins.embeddings.word2vec.train import train
from plugins.embeddings.word2vec.vocabulary import choose_words
from plugins.embeddings.word2vec.warm_start import WarmStart, join_tables, joined_words


class Word2Vec(TableEmbedding):
    """Vectors trained by word2vec (Mikolov et al., 2013a and b) on the training text of the run or on other text.

    They are trained once and stored in the cache folder by a hash of the text and of everything that affects them.
    All words without a vector share one vector that is trained with the encoder and starts as the mean of the
    others; if the vectors are fine-tuned, each training word among them gets one of its own.

    Args:
        vocab: the closed vocabulary.
        dim: the dimension of a vector.
        model: skipgram: each context word predicts the word; cbow: the mean of the context words predicts it.
        output: negative: negative sampling from a noise distribution proportional to f ** 0.75; hierarchical:
            hierarchical softmax with a Huffman tree; softmax: the full softmax, slow.
        window: the maximum distance of a context word, per side (a "window of 5" that includes the word itself is
            2 per side); the actual window is drawn from 1 .. window.
        min_count: rarer words have no vector and are removed from the text.
        max_vocab: the maximum number of words, the most frequent ones; none for no limit.
        negative: noise words per window (output=negative).
        sample: the threshold t of subsampling: words with a larger share f of the text are dropped at random;
            0 for no subsampling.
        subsampling: the probability of keeping such a word: word2vec: sqrt(t/f) + t/f, as in word2vec.c; paper:
            sqrt(t/f).
        epochs: passes over the text, each in a new random order.
        alpha: the initial learning rate; none: 0.025, or 0.075 for cbow with divide=true.
        min_alpha: the final learning rate; the decay is linear.
        divide: cbow: divide the gradient by the number of context words (Irsoy, Benton and Stratos, 2020); false
            for the historical behaviour of word2vec.c.
        phrases: the number of passes that first join frequent bigrams to one word (new_york).
        phrase_threshold: the score above which a bigram is a phrase.
        corpus: a file or folder to train on instead (of a folder its training split), split at white space.
        start: vectors to continue from: a saved run (its folder, or its id or name in the folder runs) or a file
            of vectors. Words of the text that are missing there are added by min_count; vectors of words that are
            not in the text stay as they are.
        engine: what trains the vectors: cpu: the compiled kernels, also in a run on a GPU; gpu: torch on the GPU
            of the run, which has not been timed and is likely to be slower than one CPU thread.
        tune: whether the vectors of the training words are fine-tuned with the encoder; else they are frozen.
        word_dropout: with tune, a training word without a vector that occurs n times is read as an unknown word
            with probability a / (a + n), where this is a; 0 for never.
        fallback: which other forms of a missing word to look up: none; lower: lower case; cases: lower case,
            Capitalised and CAPITALS.
        normalize: whether each vector is scaled to length 1.
    """

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0), Size(), Search(50, 300, log=True)] = 100,
        model: Annotated[ModelName, Search(choices=("skipgram", "cbow"))] = "skipgram",
        output: Output = "negative",
        window: Annotated[int, Gt(0), Search(1, 10)] = 5,
        min_count: Annotated[int, Ge(1)] = 5,
        max_vocab: Annotated[int, Ge(2)] | None = None,
        negative: Annotated[int, Gt(0), Search(5, 20, log=True, when=("output", ("negative",)))] = 5,
        sample: Annotated[float, Ge(0), Search(1e-5, 1e-2, log=True)] = 1e-3,
        subsampling: Subsampling = "word2vec",
        epochs: Annotated[int, Gt(0), Search(3, 20, log=True)] = 5,
        alpha: Annotated[float, Gt(0)] | None = None,
        min_alpha: Annotated[float, Ge(0)] = 1e-4,
        divide: bool = True,
        phrases: Annotated[int, Ge(0)] = 0,
        phrase_threshold: Annotated[float, Gt(0)] = 100.0,
        corpus: str | None = None,
        start: str | None = None,
        engine: Literal["cpu", "gpu"] = "cpu",
        tune: Annotated[bool, Search(choices=(False, True))] = True,
        word_dropout: Annotated[float, Ge(0), Search(0.0, 1.0, when=("tune", (True,)))] = 0.25,
        fallback: Fallback = "cases",
        normalize: bool = False,
    ) -> None:
        shared: dict[str, Any] = {"word_dropout": word_dropout, "fallback": fallback, "normalize": normalize}
        super().__init__(vocab, dim, tune=tune, **shared)
        self.corpus, self.start, self.engine = corpus, start, engine
        words: dict[str, Any] = {"min_count": min_count, "max_vocab": max_vocab, "phrases": phrases}
        draws: dict[str, Any] = {"negative": negative, "sample": sample, "subsampling": subsampling}
        rates: dict[str, Any] = {"epochs": epochs, "alpha": alpha, "min_alpha": min_alpha, "divide": divide}
        self.settings = Settings(
            model, output, dim, window, phrase_threshold=phrase_threshold, **words, **draws, **rates
        )
        if min_alpha > self.settings.rate:
            what = f"{min_alpha} is above the initial learning rate, {self.settings.rate}"
            raise ConfigError(what, where=f"{KEY}.min_alpha", remedy="lower it, or raise alpha")

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the other text and of the initial vectors; see ``Embedding.fingerprint``."""
        corpus, start = options["corpus"], options["start"]
        text = texts.fingerprint(corpus) if corpus and Path(corpus).expanduser().exists() else None
        return text if start is None else f"{text} {warm_start.fingerprint(start)}"

    @classmethod
    def needs_text(cls, options: dict[str, Any]) -> bool:
        """Only if it trains on the text of the run; see ``Embedding.needs_text``."""
        return options["corpus"] is None

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Train the vectors or load stored ones, take those of the vocabulary, and note the coverage."""
        if self.engine == "gpu" and not context.runtime.device.startswith("cuda"):
            what = f"engine=gpu trains on a GPU, and this run is on device={context.runtime.device}"
            raise ConfigError(what, where=f"{KEY}.engine", remedy="set device=cuda, or engine=cpu")
        threads = context.runtime.threads
        text = texts.of_corpus(corpus) if self.corpus is None else texts.of_path(self.corpus, threads)
        for note in text.notes:
            _note(context, "corpus", f"{self.corpus}: {note}")
        start = self._start()
        where = "gpu" if self.engine == "gpu" else threads
        digest = _digest(text, self.settings, start, [context.runtime.seed, where])
        reuse = context.time is None or context.time.may_reuse
        entry = vector_store.folder() / digest.hex()
        with turn(entry) if context.time is None else nullcontext():  # of a budget, waiting would be a part
            table = vector_store.load(digest) if reuse else None
            if table is None:
                table = self._train(text, digest, start, context)
            else:
                _note(context, "cached", f"{len(table.words):,} vectors were trained before")
        self.take(table)
        self.report("word2vec", corpus, context)

    @property
    def fitted_parameters(self) -> int:
        """The vectors of the table; see ``Embedding.fitted_parameters``."""
        tuned = int((~self.lacks).sum()) if self.changes is not None else 0
        return 0 if self.table is None else self.output_size * (len(self.table.first) - tuned)

    def count_fitted(self, corpus: Corpus) -> int:
        """See ``Embedding.count_fitted``: the words are chosen, but their vectors are not trained."""
        start = self._start()
        text = texts.of_corpus(corpus) if self.corpus is None else texts.of_path(self.corpus, 1)
        text, chosen = self._choose(text, start)
        words = pa.array([text.words[code] for code in chosen.tolist()], pa.large_string())
        if start is not None:
            words = joined_words(words, start)[0]
        table = Table(b"", words, np.empty((len(words), 0), dtype=np.float32))
        rows = table.find(self.vocab.words, self.fallback)
        tuned = int((rows[FIRST:] >= 0).sum()) if self.changes is not None else 0
        return self.output_size * (len(table.first) - tuned)

    def find_again(self, digest: bytes) -> Table:
        """The stored vectors; see ``TableEmbedding.find_again``."""
        if (table := vector_store.load(digest)) is not None:
            return table
        what = f"the vectors of this run are not in {vector_store.folder()} any more"
        raise StoreError(what, where=KEY, remedy="train it again with fresh=true")

    def _start(self) -> WarmStart | None:
        """The vectors to continue from."""
        if self.start is None:
            return None
        start = warm_start.find(self.start)
        start.check(self.settings.dim)
        return start

    def _choose(self, text: Text, start: WarmStart | None) -> tuple[Text, Int64s]:
        """The text with phrases as words, and the codes of the words that get vectors: int64 (V,)."""
        settings = self.settings
        for _ in range(settings.phrases):
            text = join_phrases(text, settings.min_count, settings.phrase_threshold)
        known = None if start is None else start.knows(text.words)
        return text, choose_words(text, settings.min_count, settings.max_vocab, known)

    def _train(self, text: Text, digest: bytes, start: WarmStart | None, context: Context) -> Table:
        """Train and store the vectors."""
        settings, checkpoint = self.settings, context.checkpoints.part(KEY)
        text, chosen = self._choose(text, start)
        options: dict[str, Any] = {"seed": context.runtime.seed, "notify": context.notify}
        options |= {"start": start, "checkpoint": checkpoint}
        if self.engine == "gpu":
            trained = train_on(context.runtime.device, text, chosen, settings, **options)
        else:
            trained = train(text, chosen, settings, threads=context.runtime.threads, **options)
        _note_training(trained, context)
        if self.engine == "cpu" and context.runtime.threads > 1:
            _note(context, "threads", "with several threads the vectors differ from run to run, whatever the seed")
        words = [text.words[code] for code in chosen.tolist()]
        table, outputs = join_tables(digest, words, trained, start)
        if start is not None:
            old, new = int(start.knows(words).sum()), len(table.words) - len(start.table.words)
            kept = len(table.words) - len(words)
            message = f"{old:,} vectors of {self.start} were trained further, {kept:,} kept; {new:,} words are new"
            _note(context, "start", message)
        try:
            vector_store.store(table)
            OutputStore(digest).save(outputs)
            checkpoint.finish()
        except OSError as error:
            _note(context, "not_stored", f"the vectors could not be stored ({error})")
        return table


def _note(context: Context, code: str, message: str) -> None:
    context.notify("note", code=f"word2vec.{code}", text=f"word2vec: {message}")


def _note_training(trained: Trained, context: Context) -> None:
    """Note the losses and the speed."""
    losses = " ".join(f"{loss:.4f}" for loss in trained.losses)
    message = f"{len(trained.vectors):,} vectors; loss per prediction by epoch {losses}"
    _note(context, "trained", f"{message}; {trained.tokens_per_second:,.0f} words/s")


def _digest(text: Text, settings: Settings, start: WarmStart | None, how: list[Any]) -> bytes:
    """The hash of everything that affects the vectors, including the code that trains them."""
    parts: list[Any] = [text.digest, asdict(settings), *how, version()]
    if start is not None:
        parts.append(start.digest)
    return hashlib.sha256(json.dumps(parts).encode()).digest()
