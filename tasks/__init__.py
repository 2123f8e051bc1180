"""The built-in tasks."""

from core.hooks import RegisterTask, hookimpl


@hookimpl
def register_tasks(register: RegisterTask) -> None:
    """The built-in tasks."""
    register("lm", "tasks.lm:LanguageModelling", kind="next", help="predict each next token (perplexity)")
    register("pos", "tasks.pos:PartOfSpeech", kind="token", help="a part of speech for each word (accuracy)")
    register("sentiment", "tasks.sentiment:Sentiment", kind="sequence", help="a class for each text (accuracy)")
    register("memory", "tasks.memory:Memory", kind="sequence", help="what is far back in a row (accuracy)")
    similarity = "tasks.similarity:Similarity"
    register("similarity", similarity, kind="vector", help="rank pairs of words as annotators do (Spearman)")
    analogies = "tasks.analogy:Analogies"
    register("vectors", "tasks.vectors:Vectors", kind="vector", help="train or read word vectors; no evaluation")
    register("analogy", analogies, kind="vector", help="a is to b as c is to which word (3CosAdd, 3CosMul)")
