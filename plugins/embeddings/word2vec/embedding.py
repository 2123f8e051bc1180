"""The embedding: vectors trained by word2vec before the encoder is."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Gt

from core.data.corpus import Corpus
from core.data.vocab import Vocab
from core.errors import ConfigError, StoreError
from core.model.context import Context
from plugins.embeddings import vector_store
from plugins.embeddings.table import TableEmbedding
from plugins.embeddings.vector_store import Fallback, Table
from plugins.embeddings.word2vec import phrases as joining
from plugins.embeddings.word2vec import text as texts
from plugins.embeddings.word2vec import warm_start as starting
from plugins.embeddings.word2vec.checkpoint import Checkpoint
from plugins.embeddings.word2vec.gpu import train_on
from plugins.embeddings.word2vec.native.compiled import version
from plugins.embeddings.word2vec.progress import Trained
from plugins.embeddings.word2vec.settings import ModelName, Output, Settings, Subsampling
from plugins.embeddings.word2vec.text import KEY, Text
from plugins.embeddings.word2vec.train import train
from plugins.embeddings.word2vec.vocabulary import choose_words
from plugins.embeddings.word2vec.warm_start import WarmStart, joined


class Word2Vec(TableEmbedding):
    """Vectors trained by word2vec (Mikolov et al., 2013a and b) on the run's training text, or on other text.

    They are trained once and kept in the cache folder, by the hash of the text and of all that decides them. All
    words without a vector share one that the encoder trains, which starts as the mean of the others.

    Args:
        vocab: the closed vocabulary.
        dim: numbers a vector.
        model: skipgram: each word around predicts the word; cbow: the mean of the words around does.
        output: negative: told from noise words (proportional to f ** 0.75); hierarchical: by a Huffman tree;
            softmax: over all words, slow.
        window: the longest distance of a context word, a side (a textbook's "window of 5" that counts the word
            itself is 2 a side); each window is shrunk at random to 1 .. window.
        min_count: rarer words have no vector, and the window closes over them.
        max_vocab: at most so many words, the most frequent; none for no bound.
        negative: noise words a window (output=negative).
        sample: from which share of the text on a word counts as frequent, and is left out at times; 0 never.
        subsampling: the chance that it stays: word2vec: sqrt(t/f) + t/f, as in word2vec.c; paper: sqrt(t/f).
        epochs: passes over the text, in a fresh random order each.
        alpha: the learning rate at first; none: 0.025, with cbow whose gradient is divided 0.075.
        min_alpha: the learning rate at last; it falls linearly.
        divide: cbow: divide the gradient by the number of context words (Irsoy, Benton and Stratos, 2020); false:
            the historical form of word2vec.c.
        phrases: join frequent bigrams to one word so many times first (new_york).
        phrase_threshold: the score above which a bigram is a phrase.
        corpus: a file or folder to train on instead (of a folder its training split), cut at white space.
        start: vectors to go on from: a kept run (its folder, or its id or name in the folder runs), or a file of
            vectors. Words of the text that they lack join them by min_count; those that the text lacks stay.
        tune: whether the encoder trains the vectors of the training words on; else they stay as they are.
        fallback: what to try for a word without a vector: none; lower (case); cases: lower case, Capitalised
            and CAPITALS.
        normalize: whether each vector is brought to length 1.
    """

    def __init__(
        self,
        vocab: Vocab,
        *,
        dim: Annotated[int, Gt(0)] = 100,
        model: ModelName = "skipgram",
        output: Output = "negative",
        window: Annotated[int, Gt(0)] = 5,
        min_count: Annotated[int, Ge(1)] = 5,
        max_vocab: Annotated[int, Ge(2)] | None = None,
        negative: Annotated[int, Gt(0)] = 5,
        sample: Annotated[float, Ge(0)] = 1e-3,
        subsampling: Subsampling = "word2vec",
        epochs: Annotated[int, Gt(0)] = 5,
        alpha: Annotated[float, Gt(0)] | None = None,
        min_alpha: Annotated[float, Ge(0)] = 1e-4,
        divide: bool = True,
        phrases: Annotated[int, Ge(0)] = 0,
        phrase_threshold: Annotated[float, Gt(0)] = 100.0,
        corpus: str | None = None,
        start: str | None = None,
        tune: bool = False,
        fallback: Fallback = "cases",
        normalize: bool = False,
    ) -> None:
        super().__init__(vocab, dim, tune=tune, fallback=fallback, normalize=normalize)
        self.corpus, self.start = corpus, start
        self.settings = Settings(
            model=model,
            output=output,
            dim=dim,
            window=window,
            min_count=min_count,
            max_vocab=max_vocab,
            negative=negative,
            sample=sample,
            subsampling=subsampling,
            epochs=epochs,
            alpha=alpha,
            min_alpha=min_alpha,
            divide=divide,
            phrases=phrases,
            phrase_threshold=phrase_threshold,
        )
        if min_alpha > self.settings.rate:
            what = f"{min_alpha} is above the rate at first, {self.settings.rate}"
            raise ConfigError(what, where=f"{KEY}.min_alpha", remedy="lower it, or raise alpha")

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        """The content hash of the other text, and of what is gone on from; see ``Embedding.fingerprint``."""
        corpus, start = options["corpus"], options["start"]
        text = texts.fingerprint(corpus) if corpus and Path(corpus).expanduser().exists() else None
        return text if start is None else f"{text} {starting.fingerprint(start)}"

    def fit(self, corpus: Corpus, dev: Corpus, context: Context) -> None:
        """Train the vectors, or find them trained, take those of the vocabulary, and say what is covered."""
        threads = context.runtime.threads
        text = texts.of_corpus(corpus) if self.corpus is None else texts.of_path(self.corpus, threads)
        for note in text.notes:
            context.notify("note", text=f"word2vec: {self.corpus}: {note}")
        start = self._start()
        digest = _digest(text, self.settings, start, context)
        table = vector_store.kept(digest)
        if table is None:
            table = self._train(text, digest, start, context)
        else:
            context.notify("note", text=f"word2vec: {len(table.words):,} vectors were trained before")
        self.take(table, corpus)
        self.report("word2vec", corpus, context)

    def find_again(self, digest: bytes) -> Table:
        """The vectors that are kept; see ``TableEmbedding.find_again``."""
        if (table := vector_store.kept(digest)) is not None:
            return table
        what = f"the vectors that this run was trained with are not in {vector_store.folder()} any more"
        raise StoreError(what, where=KEY, remedy="train it again with fresh=true")

    def _start(self) -> WarmStart | None:
        """The vectors to go on from."""
        if self.start is None:
            return None
        start = starting.find(self.start)
        start.check(self.settings.dim)
        return start

    def _train(self, text: Text, digest: bytes, start: WarmStart | None, context: Context) -> Table:
        """Train and keep the vectors."""
        settings, state = self.settings, Checkpoint(digest)
        for _ in range(settings.phrases):
            text = joining.join(text, settings.min_count, settings.phrase_threshold)
        known = None if start is None else start.knows(text.words)
        chosen = choose_words(text, settings.min_count, settings.max_vocab, known)
        how: dict[str, Any] = {"seed": context.runtime.seed, "notify": context.notify}
        how |= {"start": start, "state": state}
        if _on_gpu(context):
            trained = train_on(context.runtime.device, text, chosen, settings, **how)
        else:
            trained = train(text, chosen, settings, threads=context.runtime.threads, **how)
        _tell(trained, context)
        words = [text.words[code] for code in chosen.tolist()]
        table, outputs = joined(digest, words, trained, start)
        if start is not None:
            old, new = int(start.knows(words).sum()), len(table.words) - len(start.table.words)
            said = f"{old:,} vectors of {self.start} were trained on, {len(table.words) - len(words):,} stay"
            context.notify("note", text=f"word2vec: {said}; {new:,} words are new")
        try:
            vector_store.keep(table)
            state.finish(outputs)
        except OSError as error:
            context.notify("note", text=f"word2vec: the vectors could not be kept ({error})")
        return table


def _tell(trained: Trained, context: Context) -> None:
    """Tell the losses and the speed, and what a seed promises."""
    losses = " ".join(f"{loss:.4f}" for loss in trained.losses)
    note = f"word2vec: {len(trained.vectors):,} vectors; loss a prediction by epoch {losses}"
    context.notify("note", text=f"{note}; {trained.tokens_per_second:,.0f} words/s")
    if context.runtime.threads > 1 and not _on_gpu(context):
        several = "word2vec: several threads give other vectors each time, whatever the seed"
        context.notify("note", text=several)


def _digest(text: Text, settings: Settings, start: WarmStart | None, context: Context) -> bytes:
    """The hash of all that decides the vectors, the code that makes them included."""
    where = "gpu" if _on_gpu(context) else context.runtime.threads
    said: list[Any] = [text.digest, asdict(settings), context.runtime.seed, where, version()]
    if start is not None:
        said.append(start.digest)
    return hashlib.sha256(json.dumps(said).encode()).digest()


def _on_gpu(context: Context) -> bool:
    """Whether torch trains (elsewhere than on NVIDIA's devices it lacks what is needed, and the CPU does)."""
    return context.runtime.device.startswith("cuda")
