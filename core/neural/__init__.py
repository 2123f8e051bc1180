"""The neural family: embedding, encoder, head, and the one training loop."""

HEADS = {
    "next": "core.neural.heads.language:LanguageHead",
    "token": "core.neural.heads.tagging:TaggingHead",
    "sequence": "core.neural.heads.classification:ClassificationHead",
    "vector": "core.neural.heads.vectors:VectorHead",
}
