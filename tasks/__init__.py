"""The built-in tasks."""

from core.hooks import RegisterTask, hookimpl


@hookimpl
def register_tasks(register: RegisterTask) -> None:
    """The built-in tasks."""
    register("lm", "tasks.lm:LanguageModelling", kind="next", help="predict each next token (perplexity)")
    register("pos", "tasks.pos:PartOfSpeech", kind="token", help="a part of speech for each word (accuracy)")
    register("ner", "tasks.ner:NamedEntities", kind="token", help="names in a text and their types (span F1)")
    register("chunk", "tasks.chunk:Chunking", kind="token", help="phrases that do not overlap (span F1)")
    register("sentiment", "tasks.sentiment:Sentiment", kind="sequence", help="a class for each text (accuracy)")
    register("topic", "tasks.topic:Topic", kind="sequence", help="what a document is about (accuracy)")
    register("langid", "tasks.langid:LanguageId", kind="sequence", help="the language of each text (accuracy)")
    register("regression", "tasks.regression:Regression", kind="number", help="a number for each text (RMSE)")
    register("cloze", "tasks.cloze:Cloze", kind="cloze", help="the word at each place, from both sides (accuracy)")
    about = "the next item of a session (MRR, hit@k, NDCG@k)"
    register("next-item", "tasks.next_item:NextItem", kind="item", help=about)
    register(
        "multilabel", "tasks.multilabel:MultiLabel", kind="set", help="any number of labels for each text (F1)"
    )
    register("memory", "tasks.memory:Memory", kind="sequence", help="what is far back in a row (accuracy)")
    relation = "tasks.relation:Relation"
    register("relation", relation, kind="sequence", help="how two marked spans are related (macro F1)")
    translation = "tasks.translate:Translation"
    register("translate", translation, kind="transduce", help="a text in another language for each text (BLEU)")
    similarity = "tasks.similarity:Similarity"
    register("similarity", similarity, kind="vector", help="rank pairs of words as annotators do (Spearman)")
    analogies = "tasks.analogy:Analogies"
    register("vectors", "tasks.vectors:Vectors", kind="vector", help="train or read word vectors; no evaluation")
    register("analogy", analogies, kind="vector", help="a is to b as c is to which word (3CosAdd, 3CosMul)")
