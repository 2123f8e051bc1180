"""The pictures of ``plot``: one class per picture, imported when it is drawn."""

PICTURES: dict[str, tuple[str, str]] = {  # name -> where its class is, and one line of help
    "curves": ("core.cli.pictures.curves:Curves", "Learning curves, a band over seeds: run=A,B or runs=FOLDER."),
    "metric": ("core.cli.pictures.metric:Metric", "Any metric against any option: x=KEY series=KEY runs=FOLDER."),
    "vectors": ("core.cli.pictures.vectors:Vectors", "Words in two dimensions: run=ID."),
}
