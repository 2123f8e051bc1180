"""The cache of ids on disk: named by a hash of the data and its options, read by memory mapping."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.data import leftovers
from core.data.atomic import RECORD, replace_folder, temporary_folder
from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.memory import is_exhausted
from core.types import Note

if TYPE_CHECKING:
    from core.data.options import DataOptions
    from core.data.spec import TokenSpec

FORMAT = 6
DAMAGED = Note("cache.damaged", "the ids in the cache are damaged, so they are built again")


class Cached(NamedTuple):
    """One entry: the fields of ``core.data.prepare.Data`` without its source."""

    vocab: Vocab
    labels: Vocab | None
    splits: dict[str, Corpus]
    cut: tuple[str, ...]
    notes: list[Note]


def folder() -> Path:
    """Where ids are cached: ``SEQLAB_CACHE``, else ``seqlab`` in the user's cache folder."""
    if named := os.environ.get("SEQLAB_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seqlab"


def key(fingerprint: str | None, spec: TokenSpec, options: DataOptions) -> str | None:
    """The name of an entry: a hash of the content and of every option that affects the ids."""
    if fingerprint is None:
        return None
    labels = [spec.labels, spec.separator] if spec.labels == "set" else spec.labels
    parts: list[Any] = [fingerprint, labels, spec.running_text, spec.questions is not None]
    parts += [spec.tokens, spec.min_count, spec.vocab_size, options.limit]
    parts += [options.split_seed, options.resplit, options.fraction, options.lower, options.max_length]
    parts += [spec.scheme] if spec.scheme else []
    parts += [spec.marks] if spec.marks else []
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def contains(key: str | None) -> bool:
    """Whether there is an entry of this name."""
    return key is not None and (folder() / key).is_dir()


def load(key: str) -> tuple[Cached | None, list[Note]]:
    """The entry, memory-mapped, or None where it is absent or cannot be read; a note says why it cannot."""
    leftovers.remove(folder(), RECORD)
    path = folder() / key
    for _ in range(2):
        try:
            meta = json.loads((path / "meta.json").read_text(encoding="utf-8"))
            version = meta.get("format", "none")
            if version != FORMAT:
                text = f"the ids in the cache are of version {version}, not {FORMAT}, so they are built again"
                return None, [Note("cache.version", text)]
            return _load(path, meta), []
        except FileNotFoundError:  # there is no entry, or another process is replacing it
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
            if is_exhausted(error):  # a file that cannot be mapped is not damaged
                raise
            return None, [DAMAGED]
    return None, [DAMAGED] if path.is_dir() else []


def _load(path: Path, meta: dict[str, Any]) -> Cached:
    vocab = Vocab.from_json(meta["vocab"])
    labels = Vocab.from_json(meta["labels"]) if meta["labels"] else None
    splits = {}
    for split, about in meta["splits"].items():
        columns = {name: _read(path / f"{split}.{name}", rows) for name, rows in about["rows"].items()}
        splits[split] = Corpus(vocab, columns, about["words"], labels, about["label_words"])
    return Cached(vocab, labels, splits, tuple(meta["cut"]), [Note(**note) for note in meta["notes"]])


def _read(stem: Path, rows: int) -> Ragged:
    values = np.load(f"{stem}.values.npy", mmap_mode="r", allow_pickle=False)
    offsets = np.load(f"{stem}.offsets.npy", mmap_mode="r", allow_pickle=False)
    if (values.dtype, offsets.dtype, values.ndim, offsets.ndim) != (np.int32, np.int64, 1, 1):
        raise ValueError("the arrays have values of another type")
    if len(offsets) != rows + 1 or len(values) != offsets[-1] or offsets[0] != 0 or (np.diff(offsets) < 1).any():
        raise ValueError("the arrays are truncated")
    return Ragged(values, offsets)


def save(key: str, entry: Cached) -> None:
    """Write an entry to a temporary folder and rename it; failing to write is not an error.

    What a newer version has written stays.
    """
    with suppress(OSError):
        if _is_newer(folder() / key):
            return
        folder().mkdir(parents=True, exist_ok=True)
        with temporary_folder(folder()) as new:
            _write(new, entry)
            replace_folder(new, folder() / key)


def _is_newer(entry: Path) -> bool:
    try:
        return bool(json.loads((entry / "meta.json").read_text(encoding="utf-8"))["format"] > FORMAT)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _write(new: Path, entry: Cached) -> None:
    splits = {}
    for split, corpus in entry.splits.items():
        for name, column in corpus.columns.items():
            np.save(new / f"{split}.{name}.values.npy", column.values, allow_pickle=False)
            np.save(new / f"{split}.{name}.offsets.npy", column.offsets, allow_pickle=False)
        rows = {name: len(column) for name, column in corpus.columns.items()}
        splits[split] = {"rows": rows, "words": list(corpus.words), "label_words": list(corpus.label_words)}
    meta = {
        "format": FORMAT,
        "vocab": entry.vocab.to_json(),
        "labels": entry.labels.to_json() if entry.labels else None,
        "cut": list(entry.cut),
        "notes": [note.to_json() for note in entry.notes],
        "splits": splits,
    }
    (new / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
