"""The pictures of ``plot``: one class per picture, imported when it is drawn."""

PICTURES: dict[str, tuple[str, str]] = {  # name -> where its class is, and one line of help
    "vectors": ("core.cli.pictures.vectors:Vectors", "Words in two dimensions: run=ID."),
}
