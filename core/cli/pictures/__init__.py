"""The pictures of ``plot``: one class per picture, imported when it is drawn."""

PICTURES: dict[str, tuple[str, str]] = {  # name -> where its class is, and one line of help
    "curves": ("core.cli.pictures.curves:Curves", "Learning curves, a band over seeds: run=A,B or runs=FOLDER."),
    "metric": ("core.cli.pictures.metric:Metric", "Any metric against any option: x=KEY series=KEY runs=FOLDER."),
    "confusion": ("core.cli.pictures.confusion:Confusion", "Which labels are taken for which: run=ID."),
    "filters": ("core.cli.pictures.filters:Filters", "The n-grams to which the filters of a CNN respond: run=ID."),
    "attention": (
        "core.cli.pictures.attention:Attention",
        'Which words of a text each word of the output comes from: run=ID "text".',
    ),
    "vectors": ("core.cli.pictures.vectors:Vectors", "Words in two dimensions: run=ID."),
    "gradients": (
        "core.cli.pictures.gradients:Gradients",
        "The norm of d loss(t) / d input(t-k) against k: encoder=rnn,lstm task=..., or run=ID.",
    ),
    "connectivity": (
        "core.cli.pictures.connectivity:Connectivity",
        'Which inputs each prediction depends on: run=ID "text".',
    ),
    "states": ("core.cli.pictures.states:States", 'States of single units over a text: run=ID "text".'),
    "gates": ("core.cli.pictures.gates:Gates", 'Gates over a text, and how often they saturate: run=ID "text".'),
}
