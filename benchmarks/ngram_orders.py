"""A plot of perplexity and size by order: python benchmarks/ngram_orders.py data=FOLDER [out=docs/ngram.svg]

Needs matplotlib. FOLDER is the value of ``data=``, Penn Treebank for the plot in the docs.
"""

from __future__ import annotations

import sys

import matplotlib
import numpy as np
from matplotlib import pyplot

from core import config
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.model.context import Context
from core.runs import components
from plugins.encoders.ngram import NGram

ORDERS = range(1, 7)
SMOOTHINGS = ("modified-kneser-ney", "jelinek-mercer", "katz", "witten-bell")


def curves(folder: str) -> tuple[dict[str, list[float]], list[float], str]:
    """Test perplexities of each smoothing, megabytes of the first one, by order; and the size of the data."""
    run_config = config.expand(["task=lm", "encoder=ngram", f"data={folder}"])[0]
    spec = run_config.kind.token_spec(components.task(run_config))
    data = prepare(components.source(run_config), spec, DataOptions(**run_config.data_options))
    train, dev, test = (data.splits[split].closed for split in ("train", "dev", "test"))
    found: dict[str, list[float]] = {name: [] for name in SMOOTHINGS}
    sizes = []
    for name in SMOOTHINGS:
        for order in ORDERS:
            model = NGram(data.vocab.size, order=order, smoothing=name)
            model.fit(train, dev, Context(lambda predictions, corpus: {}, ""))
            found[name].append(float(np.exp(-model.log_probs(test).mean())))
            if name == SMOOTHINGS[0]:
                sizes.append(sum(array.nbytes for array in model.arrays().values()) / 1e6)
            print(f"{name} order {order}: {found[name][-1]:.2f}", flush=True)
    return found, sizes, f"{len(train.values):,} training tokens, {data.vocab.size:,} words"


def draw(found: dict[str, list[float]], sizes: list[float], title: str, out: str) -> None:
    """Two panels with one axis of orders."""
    matplotlib.rcParams.update({"svg.hashsalt": "ngram", "font.size": 10})
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name, values in found.items():
        left.plot(ORDERS[1:], values[1:], marker="o")
        left.annotate(name, (ORDERS[-1], values[-1]), xytext=(8, 0), textcoords="offset points", va="center")
    left.set(
        xlabel="order", ylabel="perplexity on test", xticks=ORDERS[1:], xlim=(ORDERS[1] - 0.2, ORDERS[-1] + 2.6)
    )
    right.bar(ORDERS, sizes, color="tab:gray")
    right.set(xlabel="order", ylabel="megabytes", xticks=ORDERS)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=10)
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    options = dict(word.split("=", 1) for word in sys.argv[1:])
    draw(*curves(options["data"]), options.get("out", "docs/ngram.svg"))
