"""Ids on disk, found by the hash of what they were made from, and memory-mapped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.atomic import beside, put
from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab

if TYPE_CHECKING:
    from core.data.options import DataOptions
    from core.task import Task

FORMAT = 3
Stored = tuple[Vocab, Vocab | None, dict[str, Corpus], tuple[str, ...], list[str]]


def folder() -> Path:
    """Where ids are kept: ``SEQLAB_CACHE``, else ``seqlab`` in the user's cache folder."""
    if named := os.environ.get("SEQLAB_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seqlab"


def key(fingerprint: str | None, task: Task, options: DataOptions) -> str | None:
    """The name of an entry: a hash of the content and of every option that decides the ids."""
    if fingerprint is None:
        return None
    said = [fingerprint, task.kind, task.tokens, task.min_count, task.vocab_size]
    said += [options.limit, options.split_seed, options.fraction, options.lower, options.max_length]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()


def contains(key: str | None) -> bool:
    """Whether there is an entry of this name."""
    return key is not None and (folder() / key).is_dir()


def load(key: str) -> tuple[Stored | None, str]:
    """The entry, mapped, or None where there is none that can be read; and what the user should be told of it."""
    place = folder() / key
    for left in (1, 0):
        try:
            return _load(place), ""
        except FileNotFoundError:  # there is none, or another process puts a new one in its place
            if not left and place.is_dir():
                return None, "the ids in the cache were cut short, so they are made again"
        except _OtherVersion as other:
            return None, f"the ids in the cache are of version {other}, not {FORMAT}, so they are made again"
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
            return None, "the ids in the cache were cut short, so they are made again"
    return None, ""


class _OtherVersion(Exception):
    """An entry that another version wrote."""


def _load(place: Path) -> Stored:
    meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
    if meta.get("format") != FORMAT:
        raise _OtherVersion(meta.get("format", "none"))
    vocab = Vocab.from_json(meta["vocab"])
    labels = Vocab.from_json(meta["labels"]) if meta["labels"] else None
    splits = {}
    for split, about in meta["splits"].items():
        columns = {name: _read(place / f"{split}.{name}", rows) for name, rows in about["rows"].items()}
        splits[split] = Corpus(vocab, columns, about["words"], labels, about["label_words"])
    return vocab, labels, splits, tuple(meta["cut"]), meta["notes"]


def _read(stem: Path, rows: int) -> Ragged:
    values = np.load(f"{stem}.values.npy", mmap_mode="r", allow_pickle=False)
    offsets = np.load(f"{stem}.offsets.npy", mmap_mode="r", allow_pickle=False)
    if len(offsets) != rows + 1 or len(values) != offsets[-1]:
        raise ValueError("cut short")
    return Ragged(values, offsets)


def save(
    key: str,
    vocab: Vocab,
    labels: Vocab | None,
    splits: dict[str, Corpus],
    cut: tuple[str, ...],
    notes: list[str],
) -> None:
    """Write an entry beside its place and rename it; a cache that cannot be written is no error."""
    meta: dict[str, Any] = {
        "format": FORMAT,
        "vocab": vocab.to_json(),
        "labels": labels.to_json() if labels else None,
    }
    meta |= {"cut": list(cut), "notes": notes, "splits": {}}
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with beside(folder()) as made:
            _write(made, meta, splits)
            put(made, folder() / key)
    except OSError:
        return


def _write(made: Path, meta: dict[str, Any], splits: dict[str, Corpus]) -> None:
    for split, corpus in splits.items():
        for name, column in corpus.columns.items():
            np.save(made / f"{split}.{name}.values.npy", column.values, allow_pickle=False)
            np.save(made / f"{split}.{name}.offsets.npy", column.offsets, allow_pickle=False)
        meta["splits"][split] = {
            "rows": {name: len(column) for name, column in corpus.columns.items()},
            "words": list(corpus.words),
            "label_words": list(corpus.label_words),
        }
    (made / "meta.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
