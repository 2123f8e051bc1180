"""The counting head of kind ``transduce``: a noisy channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, astuple
from typing import Annotated, Any, ClassVar, Literal
from weakref import WeakKeyDictionary

import numpy as np
from annotated_types import Ge, Gt, Le

from core.config.space import Search
from core.counting.alignment.bitext import Bitext
from core.counting.alignment.channel import Settings, check_table, learn_channel, table_of
from core.counting.alignment.phrase_table import PhraseTable
from core.counting.alignment.phrases import LONGEST
from core.counting.base import CountHead, CountModel
from core.counting.checks import check_floats
from core.counting.decoding.beam import Decoder, Derivations, Limits, Weights
from core.counting.decoding.compiling import compile_kernels
from core.counting.decoding.output import outputs
from core.counting.decoding.tuning import tune
from core.counting.inner_notes import InnerNotes
from core.data.corpus import Corpus, Ragged
from core.data.vocab import FIRST, UNK, Vocab
from core.errors import DataError
from core.model.context import Context
from core.types import Arrays

LONG_ROWS = "channel.long_rows"  # the code of the note that some rows are not aligned
TUNED_ROWS = 500  # rows of dev on which weights are chosen
BAYES = Weights()  # all parts count as Bayes' rule says

_learned: WeakKeyDictionary[Corpus, tuple[Settings, PhraseTable]] = WeakKeyDictionary()  # see ``forget_channel``


class TranslationCountHead(CountHead):
    """The most probable target given the source by Bayes' rule: P(source | target) times P(target).

    The channel P(source | target) is one of phrases (Koehn, Och and Marcu, 2003): IBM models 1 and 2 (Brown et
    al., 1993) align the words in both directions, and phrases that agree with both alignments are counted.
    P(target) is the count model. A beam search looks for the best target, and copies words that training lacks.

    Args:
        make_model: creates the count model.
        vocab: the token vocabulary.
        labels: the vocabulary of the targets.
        model1: iterations of EM of IBM model 1.
        model2: iterations of EM of IBM model 2, which starts from model 1.
        smoothing: what EM adds to the expected count of each pair of words.
        longest_row: training rows with more words, of source or target, are not aligned.
        phrase: the longest phrase, in words; 1: a channel of single words.
        prior: how many occurrences of a phrase the probabilities of its single words count as much as.
        entries: targets per source phrase.
        beam: hypotheses kept per row and number of translated words.
        moves: extensions per row, number of translated words and length of a phrase that the count model scores.
        distortion: how many source words may be skipped, to be translated later; 0: in the order of the source.
        weights: fitted: the weights of the count model, the target's length, the number of phrases and the jumps
            are chosen on dev by the metric; bayes: the rule itself.
    """

    models_text: ClassVar[bool] = True

    def __init__(
        self,
        make_model: Callable[[int], CountModel],
        vocab: Vocab,
        labels: Vocab | None,
        *,
        model1: Annotated[int, Ge(0)] = 5,
        model2: Annotated[int, Ge(0)] = 5,
        smoothing: Annotated[float, Ge(0)] = 0.0,
        longest_row: Annotated[int, Ge(1)] = 100,
        phrase: Annotated[int, Ge(1), Le(LONGEST), Search(1, LONGEST)] = 5,
        prior: Annotated[float, Gt(0), Search(0.1, 20, log=True)] = 5.0,
        entries: Annotated[int, Ge(1)] = 20,
        beam: Annotated[int, Ge(1)] = 20,
        moves: Annotated[int, Ge(1)] = 20,
        distortion: Annotated[int, Ge(0), Search(0, 8)] = 5,
        weights: Literal["fitted", "bayes"] = "fitted",
    ) -> None:
        super().__init__(make_model, vocab, labels)
        if labels is None or labels.size <= FIRST:
            raise DataError("no training row has a translation", where="data", remedy="check the second text")
        self.targets, self.fits = labels, weights == "fitted"
        self.settings = Settings(model1, model2, smoothing, longest_row, phrase, prior, entries)
        self.limits = Limits(beam, moves, distortion)
        self.weights, self.table = BAYES, table_of({}, vocab.size)
        self.model = make_model(labels.size)

    def fit(self, train: Corpus, dev: Corpus, context: Context) -> None:
        """See ``CountHead.fit``."""
        bitext = Bitext(_closed_targets(train), train.closed, (self.targets.size, self.vocab.size))
        usable = bitext.alignable(self.settings.longest_row)
        if not len(usable):
            what = f"no training row has from 1 to {self.settings.longest_row} words on both sides"
            raise DataError(what, where="data", remedy="check the rows, or raise head.longest_row")
        self._note_long_rows(bitext, context)
        known = _learned.get(train)
        self.table = known[1] if known and known[0] == self.settings else learn_channel(usable, self.settings)
        _learned[train] = self.settings, self.table
        self.model = self.make_model(self.targets.size)
        notes = InnerNotes(context)
        self.model.fit(bitext.given, _closed_targets(dev), notes.of_model())
        notes.report()
        self.weights = BAYES
        if self.fits and len(dev):
            rows = np.linspace(0, len(dev) - 1, min(len(dev), TUNED_ROWS)).astype(np.int64)
            some = dev.select(rows)

            def score(weights: Weights) -> float:
                return context.score(outputs(self.translate(some, weights), self.table), some)

            self.weights = tune(score)

    def _note_long_rows(self, bitext: Bitext, context: Context) -> None:
        limit = self.settings.longest_row
        left_out = int((np.maximum(*bitext.lengths) > limit).sum())
        if left_out:
            text = f"{left_out} training rows have more than {limit} words and are not aligned (head.longest_row)"
            context.notify("note", code=LONG_ROWS, text=text, values={"rows": left_out, "longest_row": limit})

    def predict(self, corpus: Corpus, probabilities: bool = False) -> Arrays:
        """See ``CountHead.predict``."""
        return outputs(self.translate(corpus, self.weights), self.table)

    def translate(self, corpus: Corpus, weights: Weights) -> Derivations:
        """The best derivation of each row that the search finds with some weights."""
        return Decoder(self.table, self.model, weights, self.limits).translate(corpus.closed)

    @classmethod
    def compile(cls) -> None:
        """Compile EM and the search."""
        compile_kernels()

    def arrays(self) -> Arrays:
        """See ``CountHead.arrays``."""
        parts = {"model": self.model.arrays(), "channel": self.table.arrays()}
        named = {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}
        return {"weights": np.array(astuple(self.weights)), **named}

    def restore(self, arrays: Arrays) -> None:
        """See ``CountHead.restore``."""
        parts: dict[str, Arrays] = {"model": {}, "channel": {}}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            if rest:
                parts[part][rest] = array
        check_floats("weights", arrays["weights"], (len(astuple(BAYES)),))
        self.weights = Weights(*arrays["weights"].tolist())
        self.table = table_of(parts["channel"], self.vocab.size)
        check_table(self.table, self.targets.size)
        self.model = self.make_model(self.targets.size)
        self.model.restore(parts["model"])

    def facts(self) -> dict[str, Any]:
        """The facts of the count model, the size of the channel, and the weights."""
        phrases = {"source_phrases": int((np.diff(self.table.starts) > 0).sum()), "phrase_pairs": len(self.table)}
        return {**self.model.facts(), **phrases, "weights": asdict(self.weights)}


def forget_channel(train: Corpus) -> None:
    """Forget the channel that the fits of one model share, so that the next model spends its own time on it."""
    _learned.pop(train, None)


def _closed_targets(corpus: Corpus) -> Ragged:
    """The second texts, in which words that training lacks are unknown."""
    rows, size = corpus.targets, corpus.labels.size if corpus.labels else 0
    return Ragged(np.where(rows.values < size, rows.values, np.int32(UNK)), rows.offsets)
