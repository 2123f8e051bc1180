"""Translation, or any other second text for each row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np

from core.data.corpus import Corpus
from core.errors import ConfigError
from core.evaluation import metrics
from core.kinds.transduction import Transduction
from core.task import Task
from core.types import Arrays, Table


class Translation(Task):
    """A text in another language for each row; scored by BLEU on the tokens as they are given.

    BLEU and chrF are those of ``sacrebleu``. The tokens are joined by single spaces and not cut again
    (``tok:none``), except that characters (``task.tokens=char``) are joined to a text and compared one by one.
    """

    kind = "transduce"
    primary = "bleu"
    minimized = ("perplexity",)
    probabilistic = ("perplexity",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if find_spec("sacrebleu") is None:
            remedy = "install the extra: pip install -e '.[translate]' in the checkout"
            raise ConfigError("the package sacrebleu is missing, which computes BLEU", where="task", remedy=remedy)
        self.texts = Transduction()

    @cached_property
    def scorers(self) -> dict[str, Any]:
        """Metric -> its scorer of sacrebleu."""
        from sacrebleu.metrics import BLEU, CHRF

        return {"bleu": BLEU(tokenize="char" if self.tokens == "char" else "none", force=True), "chrf": CHRF()}

    def signatures(self) -> dict[str, str]:
        """How each metric is computed; see ``Task.signatures``."""
        for scorer in self.scorers.values():
            scorer.corpus_score([""], [[""]])
        return {name: str(scorer.get_signature()) for name, scorer in self.scorers.items()}

    def metrics(self, predictions: Arrays, corpus: Corpus) -> Mapping[str, float]:
        """BLEU, chrF2, the share of exact outputs, and where known the perplexity per token of the target."""
        outputs, references = self._texts(predictions, corpus)
        found = {name: self.scorers[name].corpus_score(outputs, [references]).score for name in self.scorers}
        found["exact"] = 100 * float(np.mean(self.texts.exact(predictions, corpus))) if len(corpus) else 0.0
        if "log_prob" in predictions:
            total = float(predictions["log_prob"].sum(dtype=np.float64))
            found["perplexity"] = metrics.perplexity(np.array([total / max(1, len(corpus.targets.values))]))
        return found

    def _texts(self, predictions: Arrays, corpus: Corpus) -> tuple[list[str], list[str]]:
        """Outputs and references, one text per row."""
        separator = "" if self.tokens == "char" else " "
        pair = self.texts.words(predictions, corpus), self.texts.references(corpus)
        outputs, references = ([separator.join(words) for words in rows] for rows in pair)
        return outputs, references

    def report(self, predictions: Arrays, corpus: Corpus) -> list[Table]:
        """What BLEU is made of: the precisions, the lengths and the brevity penalty."""
        outputs, references = self._texts(predictions, corpus)
        score = self.scorers["bleu"].corpus_score(outputs, [references])
        header = ("BLEU", "1-grams", "2-grams", "3-grams", "4-grams", "brevity", "tokens", "reference tokens")
        cells = (score.score, *score.precisions, score.bp, score.sys_len, score.ref_len)
        return [Table("BLEU and the precision of n-grams in percent", header, [cells])]
