"""The neural family: embedding, encoder, head, and the one training loop."""

HEADS = {
    "next": "core.neural.language:LanguageHead",
    "token": "core.neural.tagging:TaggingHead",
    "sequence": "core.neural.classification:ClassificationHead",
    "vector": "core.neural.vector:VectorHead",
}
