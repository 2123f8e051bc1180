"""How well the default options train: the old ones, the present ones and the best of 20 trials.

    python benchmarks/defaults.py data=FOLDER [trials=20] [out=defaults] [only=sst2-300,ewt-300]

``FOLDER`` holds the data sets that ``benchmarks/cut_data.py`` names; they are cut to sizes. Scores are on test;
the best trial is the best on dev. Trial k has the same options for every encoder and data set: learning rate,
steps, batch size and dropout are drawn at random from its number. ``out/results.jsonl`` has the results; the same
command runs what is missing.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cut_data import cut_all

import core

SEEDS = (0, 1, 2)  # of the old and the present defaults
BASELINES = {"sentiment": "linear", "pos": "crf"}
ENCODERS = {"sentiment": ("bag", "cnn", "bilstm"), "pos": ("window", "bilstm")}
OLD: dict[str, dict[str, Any]] = {
    "sentiment": {"train.learning_rate": 1e-3, "train.epochs": 8, "train.patience": 5, "train.batch_size": 32}
    | {"embedding.dropout": 0.5, "head.dropout": 0.5},
    "pos": {"train.learning_rate": 3e-3, "train.epochs": 6, "train.patience": 3, "train.batch_size": 32}
    | {"embedding.dropout": 0.4, "head.dropout": 0.4},
}
Result = dict[str, Any]


def trial(number: int, rows: int) -> dict[str, Any]:
    """The options of one trial for so many training rows."""
    draw = random.Random(str(number))
    rate, steps = 10 ** draw.uniform(-3.5, -1.7), 10 ** draw.uniform(2.5, 3.5)
    size, inputs, states = draw.choice([8, 16, 32, 64]), draw.choice([0.1, 0.3, 0.5]), draw.choice([0.1, 0.3, 0.5])
    epochs = max(2, min(100, round(steps / math.ceil(rows / size))))
    length = {"train.batch_size": size, "train.epochs": epochs, "train.patience": max(4, epochs // 3)}
    return length | {"train.learning_rate": round(rate, 6), "embedding.dropout": inputs, "head.dropout": states}


def plan(folder: Path, trials: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is run on a data set: a name for it, and the overrides."""
    is_text = (folder / "train.tsv").exists()
    task = "sentiment" if is_text else "pos"
    rows = _rows(folder)
    yield f"{BASELINES[task]} baseline 0", {"task": task, "encoder": BASELINES[task]}
    for encoder in ENCODERS[task]:
        chosen = {"task": task, "encoder": encoder}
        for seed in SEEDS:
            yield f"{encoder} old {seed}", chosen | OLD[task] | {"seed": seed}
            yield f"{encoder} new {seed}", chosen | {"seed": seed}
        for number in range(1, trials + 1):
            yield f"{encoder} trial {number}", chosen | trial(number, rows)


def _rows(folder: Path) -> int:
    if (folder / "train.tsv").exists():
        return len((folder / "train.tsv").read_text("utf-8").splitlines()) - 1
    return (folder / "train.conllu").read_text("utf-8").count("\n\n")


def run(folder: Path, name: str, overrides: dict[str, Any]) -> Result:
    """One run, not kept."""
    with tempfile.TemporaryDirectory() as runs:
        start = time.process_time()
        result = core.run(data=str(folder), threads=1, quiet=True, runs=runs, **overrides)
    scores = {split: result.metrics[split][result.primary] for split in ("dev", "test")}
    return {
        "data": folder.name,
        "rows": _rows(folder),
        "run": name,
        "seconds": time.process_time() - start,
    } | scores


def table(results: list[Result]) -> str:
    """The results as a table in Markdown."""
    found: dict[tuple[str, int, str], dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    best_known = {r["data"]: r["test"] for r in results if " baseline " in r["run"]}
    for result in results:
        encoder, what, _ = result["run"].split()
        if what != "baseline":
            found[result["data"], result["rows"], encoder][what].append(result)
    lines = ["| data | rows | encoder | old | new | best trial | linear, crf |", "|---|---|---|---|---|---|---|"]
    for (data, rows, encoder), by_kind in found.items():
        cells = [_mean(by_kind[what]) for what in ("old", "new")]
        best = max(by_kind["trial"], key=lambda result: float(result["dev"]), default=None)
        cells += [f"{best['test']:.1f}" if best else "", f"{best_known[data]:.1f}" if data in best_known else ""]
        lines.append(f"| `{data}` | {rows:,} | `{encoder}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean(results: list[Result]) -> str:
    scores = [result["test"] for result in results]
    if not scores:
        return ""
    return f"{statistics.mean(scores):.1f}" + (f" ± {statistics.stdev(scores):.1f}" if len(scores) > 1 else "")


def main() -> None:
    """Run what is missing, then print the table."""
    options = {"trials": "20", "out": "defaults", "only": ""} | dict(word.split("=", 1) for word in sys.argv[1:])
    out, only = Path(options["out"]), options["only"].split(",")
    if not (out / "data").exists():
        cut_all(Path(options["data"]), out / "data")
    kept = out / "results.jsonl"
    results = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {(result["data"], result["run"]) for result in results}
    for folder in sorted((out / "data").iterdir()):
        if only != [""] and folder.name not in only:
            continue
        for name, overrides in plan(folder, int(options["trials"])):
            if (folder.name, name) in done:
                continue
            results.append(run(folder, name, overrides))
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(results[-1]) + "\n")
            print(results[-1], file=sys.stderr, flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
