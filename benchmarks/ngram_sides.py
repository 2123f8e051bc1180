"""The parts of this project and of NLTK that ``benchmarks/ngram.py`` times, each in a process of its own."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path


def estimate(text: str, order: str, threads: str, folder: str) -> None:
    """From text to a model in memory; saved in a folder for ``score`` if one is given."""
    import numpy as np
    import pyarrow.compute  # noqa: F401 - as every run does, before the clock starts

    import plugins.encoders.ngram  # noqa: F401 - likewise
    from core import config
    from core.data.corpus import Corpus, Ragged
    from core.data.interning import Interner, close, split_rows
    from core.data.vocab import build_vocab
    from core.data.vocab_ids import renumber
    from core.model.context import Context
    from core.model.runtime import Runtime
    from core.runs import components
    from plugins.encoders.ngram import NGram

    run_config = config.expand(["task=lm", "encoder=ngram", f"data={text}"])[0]
    start, words = time.perf_counter(), Interner()
    batches = components.source(run_config).batches("train")
    parts = [split_rows(batch.column("text"), "space", words) for batch in batches]
    rows = close(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    counts = np.bincount(rows.values[rows.inner], minlength=len(words.types))
    vocab = build_vocab(words.types, counts, len(rows))
    tokens, open_words = renumber(rows, vocab, words.types)
    closed = Corpus(vocab, {"tokens": tokens}, open_words).closed
    read = time.perf_counter()
    model = NGram(vocab.size, order=int(order), smoothing="modified-kneser-ney")
    none = Ragged(np.zeros(0, np.int32), np.zeros(1, np.int64))
    model.fit(closed, none, Context(lambda predictions, corpus: {}, "", runtime=Runtime(threads=int(threads))))
    end = time.perf_counter()
    if folder:
        for name, array in model.arrays().items():
            np.save(f"{folder}/{name}.npy", array)
        Path(folder, "vocab.json").write_text(json.dumps(vocab.to_json()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": end - start, "reading": read - start, "tokens": len(rows.values), "peak": peak}))


def score(text: str, threads: str, folder: str) -> None:
    """The perplexity of a text under a saved model, which is mapped."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute  # noqa: F401 - as every run does, before the clock starts

    from core import config
    from core.data import whitespace_tokenizer
    from core.data.options import DataOptions
    from core.data.prepare import encode
    from core.data.vocab import Vocab
    from core.runs import components
    from plugins.encoders.ngram import NGram
    from plugins.encoders.ngram.level import Level
    from plugins.encoders.ngram.scan import scan, table

    whitespace_tokenizer.cut(pa.array(["a"]), 1)  # compiled code is loaded before the clock starts
    one, none = np.zeros(2, np.int32), np.zeros(2, np.float32)
    tiny = [Level(one, one, none, none)] * 3
    scan(tiny, one, 0.0, np.zeros(0, np.int64), table(tiny))
    run_config = config.expand(["task=lm", "encoder=ngram", f"data={text}"])[0]
    start = time.perf_counter()
    arrays = {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in Path(folder).glob("*.npy")}
    sizes = [len(arrays["log_probs.1"]), sum(name.startswith("log_probs.") for name in arrays)]
    model = NGram(sizes[0], order=sizes[1], smoothing="modified-kneser-ney")
    model.restore(arrays)
    model.threads = int(threads)
    mapped = time.perf_counter()
    vocab = Vocab.from_json(json.loads(Path(folder, "vocab.json").read_text()))
    ready, busy = time.perf_counter(), time.process_time()
    spec = run_config.kind.token_spec(components.task(run_config))
    source = components.source(run_config)
    corpus, _ = encode(source, "train", spec, vocab, None, DataOptions(), int(threads))
    rows = corpus.closed
    log_probs = model.answers(rows)["log_prob"]
    result = {"seconds": time.perf_counter() - ready, "map": mapped - start, "ready": ready - start}
    result["cpu"] = time.process_time() - busy
    print(json.dumps({**result, "tokens": len(log_probs), "perplexity": float(np.exp(-log_probs.mean()))}))


def nltk_speed(text: str) -> None:
    """Tokens per second that NLTK's interpolated Kneser-Ney scores, order 3 on 2,000 sentences."""
    from nltk.lm import KneserNeyInterpolated
    from nltk.lm.preprocessing import padded_everygram_pipeline

    rows = [line.split() for line in Path(text).read_text("utf-8").splitlines()[:2000]]
    model = KneserNeyInterpolated(3)
    model.fit(*padded_everygram_pipeline(3, rows))
    start, done = time.perf_counter(), 0
    for row in rows:
        for i in range(len(row)):
            model.logscore(row[i], ["<s>", "<s>", *row[:i]][-2:])
            done += 1
            if time.perf_counter() - start > 10:
                print(json.dumps({"rate": done / (time.perf_counter() - start)}))
                return


if __name__ == "__main__":
    {"estimate": estimate, "score": score, "nltk_speed": nltk_speed}[sys.argv[1]](*sys.argv[2:])
