"""Ids on disk, found by the hash of what they were made from, and memory-mapped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.data.atomic import beside, put
from core.data.corpus import Corpus, Ragged
from core.data.vocab import Vocab
from core.types import Note

if TYPE_CHECKING:
    from core.data.options import DataOptions
    from core.data.spec import TokenSpec

FORMAT = 4
DAMAGED = Note("cache.damaged", "the ids in the cache were cut short, so they are built again")


class Cached(NamedTuple):
    """One entry.

    Args:
        vocab: the words.
        labels: the labels, None where the task has none.
        splits: split -> corpus.
        cut: the splits whose rows are not those of the source.
        notes: what the user should know of the data.
    """

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
    """The name of an entry: a hash of the content and of every option that decides the ids."""
    if fingerprint is None:
        return None
    parts: list[Any] = [fingerprint, spec.labels, spec.running_text, spec.questions is not None]
    parts += [spec.tokens, spec.min_count, spec.vocab_size, options.limit]
    parts += [options.split_seed, options.fraction, options.lower, options.max_length]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def contains(key: str | None) -> bool:
    """Whether there is an entry of this name."""
    return key is not None and (folder() / key).is_dir()


def load(key: str) -> tuple[Cached | None, list[Note]]:
    """The entry, memory-mapped, or None where none can be read; and what the user should know of it."""
    place = folder() / key
    for tries_left in (1, 0):
        try:
            return _load(place), []
        except FileNotFoundError:  # there is none, or another process is replacing it
            if not tries_left and place.is_dir():
                return None, [DAMAGED]
        except _OtherVersion as other:
            text = f"the ids in the cache are of version {other}, not {FORMAT}, so they are built again"
            return None, [Note("cache.version", text)]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
            return None, [DAMAGED]
    return None, []


class _OtherVersion(Exception):
    """An entry that another version wrote."""


def _load(place: Path) -> Cached:
    meta = json.loads((place / "meta.json").read_text(encoding="utf-8"))
    if meta.get("format") != FORMAT:
        raise _OtherVersion(meta.get("format", "none"))
    vocab = Vocab.from_json(meta["vocab"])
    labels = Vocab.from_json(meta["labels"]) if meta["labels"] else None
    splits = {}
    for split, about in meta["splits"].items():
        columns = {name: _read(place / f"{split}.{name}", rows) for name, rows in about["rows"].items()}
        splits[split] = Corpus(vocab, columns, about["words"], labels, about["label_words"])
    return Cached(vocab, labels, splits, tuple(meta["cut"]), [Note(**note) for note in meta["notes"]])


def _read(stem: Path, rows: int) -> Ragged:
    values = np.load(f"{stem}.values.npy", mmap_mode="r", allow_pickle=False)
    offsets = np.load(f"{stem}.offsets.npy", mmap_mode="r", allow_pickle=False)
    if len(offsets) != rows + 1 or len(values) != offsets[-1]:
        raise ValueError("cut short")
    return Ragged(values, offsets)


def save(key: str, entry: Cached) -> None:
    """Write an entry to a temporary folder and rename it; a cache that cannot be written is not an error."""
    meta: dict[str, Any] = {
        "format": FORMAT,
        "vocab": entry.vocab.to_json(),
        "labels": entry.labels.to_json() if entry.labels else None,
        "cut": list(entry.cut),
        "notes": [note.to_json() for note in entry.notes],
        "splits": {},
    }
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with beside(folder()) as made:
            _write(made, meta, entry.splits)
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
