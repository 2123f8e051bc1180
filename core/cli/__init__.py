"""The command line: one class per command, imported when it is called."""

COMMANDS: dict[str, tuple[str, str]] = {  # name -> where its class is, and one line of help
    "run": ("core.cli.run:Run", "Train and evaluate: task=... encoder=...; commas make a grid: seed=1,2,3."),
    "bench": ("core.cli.bench:Bench", "Fill a table of encoders and tasks: as run; dry_run=true shows the plan."),
    "list": (
        "core.cli.list:List",
        "List tasks, encoders, embeddings, data sets, observers, presets, grids.",
    ),
    "describe": ("core.cli.describe:Describe", "Options of one thing with type, default, help: encoder=lstm."),
    "plugins": ("core.cli.plugins:Plugins", "Where everything comes from, and which plugins failed to load."),
    "new": ("core.cli.new:New", "Write a package for a plugin: new encoder|embedding|task|dataset|observer NAME."),
    "runs": (
        "core.cli.runs:Runs",
        "List the saved runs: task=lm sort=dev.lm; `prune` removes unfinished ones.",
    ),
    "predict": ("core.cli.predict:Predict", "Predict with a saved run: run=ID, then sentences or file=FILE."),
    "score": ("core.cli.score:Score", "Log-probability and perplexity: run=ID, then sentences or file=FILE."),
    "generate": ("core.cli.generate:Generate", 'Text from a saved language model: run=ID prompt="..." n=3.'),
    "report": (
        "core.cli.report:Report",
        "Scores per label, confusions: run=ID; a page about many runs: out=FILE.html.",
    ),
    "errors": ("core.cli.errors:Errors", "The mistakes of a saved run in context: run=ID; run=A,B compares two."),
    "mix": ("core.cli.mix:Mix", "Interpolate saved language models, weights by EM on dev: run=A,B."),
    "evaluate": ("core.cli.evaluate:Evaluate", "Evaluate a saved run on other data: run=ID data=PATH split=test."),
    "probs": ("core.cli.probs:Probs", 'Next words and their probabilities: run=ID context="in the" n=10.'),
    "neighbors": ("core.cli.neighbors:Neighbors", "The words with the nearest vectors: run=ID, then words."),
    "plot": (
        "core.cli.plot:Plot",
        "Draw a picture: WHAT, its keys, out=FILE.png, or .svg; `plot --help` lists them.",
    ),
    "export": ("core.cli.export:Export", "Write a saved run in the format of another program: run=ID out=FILE."),
    "import": ("core.cli.import:Import", "Save a model of another program: file=FILE task=... encoder=..."),
}
