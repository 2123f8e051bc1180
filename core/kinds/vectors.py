"""Kind ``vector``: the vectors of words are evaluated by questions that the task brings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.data.corpus import Corpus
from core.data.spec import TokenSpec
from core.kinds.base import Kind
from core.registry import Spec
from core.task import Task


class WordVectors(Kind):
    """Nothing is predicted for rows: the embedding is fitted, and the task answers its questions from vectors."""

    name = "vector"
    heads = {"neural": "core.neural.heads.vectors:VectorHead"}
    models = {"neural": "core.neural.vector_model:VectorModel"}
    reads_rows = False

    def incompatibility(self, task: str, encoder: Spec) -> str:
        """An encoder that reads sentences is of no use here."""
        if self.name in (encoder.extra["kinds"] or ()):
            return ""
        return f"task={task} evaluates the vectors of words alone, and {encoder.name} is made to read sentences"

    def token_spec(self, task: Task) -> TokenSpec:
        """The questions are read first, so that their faults are reported before the text is read."""
        return replace(super().token_spec(task), questions=tuple(task.questions()))

    def count_events(self, task: Task, corpus: Corpus) -> int:
        """Every question is an event."""
        return len(corpus)

    def hash_parts(self, task: Task, corpus: Corpus) -> Iterator[bytes]:
        """The questions."""
        yield f"{self.name} {task.end}".encode()
        for question in task.questions():
            yield "\t".join([*question.words, question.answer, "\n"]).encode("utf-8", "surrogatepass")
