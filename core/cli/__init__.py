"""The verbs of the command line, one file a verb: each has a function ``verb(words) -> exit status or None``."""

VERBS: dict[str, str] = {
    "run": "Train and score: task=... encoder=...; commas make a grid, as in seed=1,2,3.",
    "bench": "Fill a table of encoders against tasks: as run, and dry_run=true, format=markdown, sort=pos.",
    "list": "What there is: tasks, encoders, embeddings, data sets, presets, observers.",
    "describe": "The options of one thing with type, default and help: encoder=lstm.",
    "plugins": "Where everything comes from, and which plugins failed to load.",
    "new": "Write a package for a plugin: new encoder|embedding|task|dataset|observer NAME, family=counting.",
    "runs": "The runs that were kept; `runs prune` removes those that did not finish.",
    "predict": "Predict with a kept run: run=ID, then sentences, file=FILE or standard input; output=jsonl.",
    "score": "Log-probability and perplexity of sentences: run=ID, then sentences, file=FILE or standard input.",
    "generate": 'Text from a kept language model: run=ID prompt="..." n=3 rows=1 length=50 temperature=1.',
    "report": "A row a tag or class, and the confusion matrix: run=ID; also run ... report=full.",
    "errors": "Where two kept runs disagree, hardest first: runs=A,B split=test limit=20 folder=runs.",
    "mix": "Kept language models interpolated, weights by EM on dev: runs=A,B folder=runs; keeps nothing.",
    "evaluate": "Score a kept run on other data: run=ID data=PATH split=test.",
    "probs": 'The likeliest next words and how they come by their probabilities: run=ID context="in the" n=10.',
    "neighbors": "The words whose vectors are nearest: run=ID, then words; n=10.",
    "plot": "Words in two dimensions: run=ID out=FILE.png, or .svg; n=200 method=pca|tsne|umap, or words.",
    "export": "Write a kept run to a file of other programs: run=ID out=FILE format=NAME.",
    "import": "Keep a model from a file of other programs: file=FILE task=... encoder=... name=... format=NAME.",
}
