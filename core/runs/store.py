"""Run folders: written whole, found, read back."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin, get_type_hints

import numpy as np

from core.data.atomic import LEFT, beside, interrupt_later, put
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.data.vocab import Vocab
from core.errors import StoreError, nearest
from core.runs import checksums
from core.runs.result import FORMAT, Result
from core.types import Arrays

LEFT_OVER = 86_400  # seconds after which such a folder belongs to no save that is still going on
NUMBERS: dict[str | None, float] = {None: math.nan, "Infinity": math.inf, "-Infinity": -math.inf}  # as written
RECORD, CONFIG, VOCAB, LABELS, PREDICTIONS = (
    "run.json",
    "config.yaml",
    "vocab.json",
    "labels.json",
    "predictions.npz",
)


def write(
    root: Path, result: Result, data: Data, model: Any, predictions: Mapping[str, Arrays], save: str
) -> Path:
    """Keep a run: a folder is made beside its place and renamed into it, so that it is whole or not there.

    Args:
        root: the folder of runs.
        result: the record; its ``folder`` is set once it is kept, also where a Ctrl-C has waited for that.
        data: the run's data.
        model: the trained model.
        predictions: split -> arrays; none of a model from elsewhere.
        save: ``all``, or ``none`` for the numbers alone.

    Returns:
        The folder, ``root/<id>``.

    Raises:
        StoreError: the folder cannot be written (full disk, no permission); what stood there before stays.
    """
    place = root / result.id
    try:
        root.mkdir(parents=True, exist_ok=True)
        with interrupt_later(), beside(root) as folder:
            if save == "all":
                _write_model(folder, data, model)
                checksums.write(folder)
            if save == "all" and predictions:
                _write_predictions(folder, data, predictions)
            write_config(folder / CONFIG, result.config)
            _write_record(folder, result)
            put(folder, place)
            result.folder = str(place)
    except OSError as error:
        raise _not_kept(place, error) from error
    return place


def check_writable(root: Path) -> None:
    """Tell before anything is trained that no run can be kept in a folder.

    Raises:
        StoreError: the folder, or the nearest one above it that exists, is no folder or may not be written.
    """
    there = next((path for path in (root, *root.absolute().parents) if path.exists()), root)
    if not there.is_dir() or not os.access(there, os.W_OK):
        code = errno.EACCES if there.is_dir() else errno.ENOTDIR
        raise _not_kept(root, OSError(code, os.strerror(code)))


def _not_kept(place: Path, error: OSError) -> StoreError:
    full = error.errno in (None, errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # numpy tells none of a short write
    remedy = ("free some space, or " if full else "") + "name another folder with runs=FOLDER"
    return StoreError(f"the run could not be kept: {error.strerror or error}", where=str(place), remedy=remedy)


def _write_record(folder: Path, result: Result) -> None:
    text = json.dumps(_plain(result.to_json()), indent=1, ensure_ascii=False)
    new = folder / f"{RECORD}.{os.getpid()}"
    try:
        new.write_text(text, "utf-8")
        os.replace(new, folder / RECORD)
    finally:
        new.unlink(missing_ok=True)


def rename(result: Result, name: str) -> None:
    """Give a kept run another name.

    Raises:
        StoreError: the folder cannot be written; the record stays as it was.
    """
    result.config["name"] = name
    try:
        _write_record(result.path, result)
    except OSError as error:
        raise _not_kept(result.path, error) from error


def _write_model(folder: Path, data: Data, model: Any) -> None:
    model.save(folder)
    for name, vocab in ((VOCAB, data.vocab), (LABELS, data.labels)):
        if vocab is not None:
            (folder / name).write_text(json.dumps(vocab.to_json(), ensure_ascii=False), "utf-8")


def _write_predictions(folder: Path, data: Data, predictions: Mapping[str, Arrays]) -> None:
    flat = {f"{split}.{name}": array for split, arrays in predictions.items() for name, array in arrays.items()}
    np.savez_compressed(folder / PREDICTIONS, **flat)  # type: ignore[arg-type] # numpy types its keywords as flags
    for split, arrays in predictions.items():
        corpus = data.splits[split]
        if "labels" in corpus.columns and len(arrays["label"]) == int(corpus.tokens.inner.sum()) != len(corpus):
            labels = label_names(corpus.labels, arrays["label"])
            stem = folder / f"predictions.{split}"
            if split in data.cut or not data.source.write(split, arrays, labels, stem):
                stem.with_name(f"{stem.name}.conllu").write_text(as_conllu(corpus, labels), "utf-8")


def label_names(labels: Vocab | None, ids: Any) -> list[str]:
    """The names of label ids."""
    names = labels.words if labels else ()
    return [names[i] for i in np.asarray(ids).tolist()]


def as_conllu(corpus: Corpus, labels: list[str]) -> str:
    """A tagged corpus as CoNLL-U with the label in the column UPOS.

    Args:
        corpus: the sentences.
        labels: one a token, in order.
    """
    words = corpus.spell(corpus.tokens.values[corpus.tokens.inner])
    lines, at = [], 0
    for length in (corpus.tokens.lengths - 1).tolist():
        for i in range(length):
            lines.append(f"{i + 1}\t{words[at + i]}\t_\t{labels[at + i]}" + "\t_" * 6)
        at += length
        lines.append("")
    return "\n".join(lines) + "\n"


def write_config(path: Path, config: Mapping[str, Any]) -> None:
    """A config as YAML, one dotted key a line."""
    import yaml

    text = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    path.write_text(text, "utf-8")


def _plain(value: Any) -> Any:
    """JSON has neither NaN nor infinities: they become what stands in ``NUMBERS``."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def read(folder: Path) -> Result:
    """The record of a run folder.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    path = folder / RECORD
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["format"] > FORMAT:
            raise StoreError(
                f"format {data['format']} of the record is newer than this program's {FORMAT}",
                where=str(path),
                remedy="update seqlab",
            )
        for scores in [*data["metrics"].values(), *data["baselines"].values(), data["cost"], *data["curve"]]:
            scores.update({name: NUMBERS[value] for name, value in scores.items() if value in NUMBERS})
        return _checked(Result.from_json(data, str(folder)))
    except OSError as error:
        raise StoreError("there is no run here", where=str(folder), remedy="see `seqlab runs`") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        remedy = "remove the folder (`seqlab runs prune`) and run again"
        raise StoreError(f"the record cannot be read ({error})", where=str(path), remedy=remedy) from error


def _checked(result: Result) -> Result:
    """The record, if its fields have their types and its figures are numbers; else TypeError or ValueError."""
    for name, hint in get_type_hints(Result).items():
        if not isinstance(getattr(result, name), get_origin(hint) or hint):
            raise TypeError(f"{name} is {type(getattr(result, name)).__name__}")
    scores = [*result.metrics.values(), *result.baselines.values(), result.cost]
    for value in (result.score, *(value for group in scores for value in group.values())):
        if not isinstance(value, int | float):
            raise ValueError(f"{value!r} is no number")
    return result


def all_runs(root: Path) -> tuple[list[Result], list[StoreError]]:
    """Every run under a folder, oldest first, and what could not be read."""
    results, broken = [], []
    folders = [path.parent for path in root.glob(f"[!.]*/{RECORD}")] if root.is_dir() else []
    for folder in sorted(folders, key=lambda p: p.stat().st_mtime):
        try:
            results.append(read(folder))
        except StoreError as error:
            broken.append(error)
    return results, broken


def find(root: Path, name: str) -> Path:
    """The folder of a run that is named by its id, the start of its id, its ``name=``, or its path.

    Raises:
        StoreError: none or several fit.
    """
    for place in (Path(name), root / name):
        if (place / RECORD).is_file():
            return place
    results, _ = all_runs(root)
    fits = [r for r in results if r.id == name or r.config.get("name") == name][-1:]  # of one name, the newest
    fits = fits or [r for r in results if r.id.startswith(name)]
    if len(fits) == 1:
        return fits[0].path
    if fits:
        raise StoreError(
            f"'{name}' fits {len(fits)} runs", where="run", remedy="choose from: " + ", ".join(r.id for r in fits)
        )
    remedy = nearest(
        name,
        [r.id for r in results]
        + [str(r.config["name"]) for r in results if r.config.get("name", "none") != "none"],
    )
    raise StoreError(f"there is no run '{name}' in {root}", where="run", remedy=remedy)


def read_vocab(folder: Path, name: str) -> Vocab | None:
    """A vocabulary of a run folder, None where the run has none of that name.

    Raises:
        StoreError: it cannot be read.
    """
    path = folder / name
    if not path.exists():
        return None
    try:
        return Vocab.from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(
            f"the vocabulary cannot be read ({error})", where=str(path), remedy="run again"
        ) from error


def prune(root: Path) -> list[str]:
    """Remove the runs that did not finish and those whose record is broken; return their names.

    A folder without a record is no run and stays; what a save left behind goes after a day.
    """
    results, broken = all_runs(root)
    gone = [r.path for r in results if r.status != "finished"]
    gone += [Path(e.where).parent for e in broken if Path(e.where).name == RECORD]
    old = time.time() - LEFT_OVER
    gone += [p for mark in LEFT for p in root.glob(f"{mark}*") if p.stat().st_mtime < old]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder.name for folder in gone]
