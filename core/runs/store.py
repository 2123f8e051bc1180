"""Run folders: written atomically, found, read back."""

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

STALE = 86_400  # seconds after which no save is still writing to a temporary folder
NON_FINITE: dict[str | None, float] = {None: math.nan, "Infinity": math.inf, "-Infinity": -math.inf}  # in JSON
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
    """Save a run: a temporary folder is written and renamed, so that the run is complete or absent.

    Args:
        root: the folder of runs.
        result: the record; its ``folder`` is set once it is saved, also where a Ctrl-C has waited for that.
        data: the run's data.
        model: the trained model.
        predictions: split -> arrays; empty for an imported model.
        save: ``all``, or ``none`` for the record and the config only.

    Returns:
        The folder, ``root/<id>``.

    Raises:
        StoreError: the folder cannot be written (full disk, no permission); an earlier run in its place stays.
    """
    target = root / result.id
    try:
        root.mkdir(parents=True, exist_ok=True)
        with interrupt_later(), beside(root) as folder:
            if save == "all":
                _write_model(folder, data, model)
                checksums.write(folder)
            if save == "all" and predictions:
                per_token = "conllu" in result.kind.output_formats
                _write_predictions(folder, data, predictions, per_token)
            write_config(folder / CONFIG, result.config)
            _write_record(folder, result)
            put(folder, target)
            result.folder = str(target)
    except OSError as error:
        raise _save_error(target, error) from error
    return target


def check_writable(root: Path) -> None:
    """Check before training that a run can be saved in a folder.

    Raises:
        StoreError: the folder, or its nearest parent that exists, is not a folder or is not writable.
    """
    existing = next((path for path in (root, *root.absolute().parents) if path.exists()), root)
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        code = errno.EACCES if existing.is_dir() else errno.ENOTDIR
        raise _save_error(root, OSError(code, os.strerror(code)))


def _save_error(path: Path, error: OSError) -> StoreError:
    full = error.errno in (None, errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # numpy sets none on a short write
    remedy = ("free some space, or " if full else "") + "name another folder with runs=FOLDER"
    return StoreError(f"the run cannot be saved: {error.strerror or error}", where=str(path), remedy=remedy)


def _write_record(folder: Path, result: Result) -> None:
    text = json.dumps(_plain(result.to_json()), indent=1, ensure_ascii=False)
    new = folder / f"{RECORD}.{os.getpid()}"
    try:
        new.write_text(text, "utf-8")
        os.replace(new, folder / RECORD)
    finally:
        new.unlink(missing_ok=True)


def rename(result: Result, name: str) -> None:
    """Give a saved run another name.

    Raises:
        StoreError: the folder cannot be written; the record does not change.
    """
    result.config["name"] = name
    try:
        _write_record(result.path, result)
    except OSError as error:
        raise _save_error(result.path, error) from error


def _write_model(folder: Path, data: Data, model: Any) -> None:
    model.save(folder)
    for name, vocab in ((VOCAB, data.vocab), (LABELS, data.labels)):
        if vocab is not None:
            (folder / name).write_text(json.dumps(vocab.to_json(), ensure_ascii=False), "utf-8")


def _write_predictions(folder: Path, data: Data, predictions: Mapping[str, Arrays], per_token: bool) -> None:
    """Write the arrays; labels per token also as text, in the source's own format or as CoNLL-U."""
    flat = {f"{split}.{name}": array for split, arrays in predictions.items() for name, array in arrays.items()}
    np.savez_compressed(folder / PREDICTIONS, **flat)  # type: ignore[arg-type] # numpy types its keywords as flags
    for split, arrays in predictions.items() if per_token else ():
        corpus, stem = data.splits[split], folder / f"predictions.{split}"
        labels = label_names(corpus.labels, arrays["label"])
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
        labels: one per token, in order.
    """
    words = corpus.spell(corpus.tokens.values[corpus.tokens.inner])
    lines, start = [], 0
    for length in (corpus.tokens.lengths - 1).tolist():
        for i in range(length):
            lines.append(f"{i + 1}\t{words[start + i]}\t_\t{labels[start + i]}" + "\t_" * 6)
        start += length
        lines.append("")
    return "\n".join(lines) + "\n"


def write_config(path: Path, config: Mapping[str, Any]) -> None:
    """Write a config as YAML, one dotted key per line."""
    import yaml

    text = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    path.write_text(text, "utf-8")


def _plain(value: Any) -> Any:
    """A value as JSON data; NaN and infinities become the keys of ``NON_FINITE``."""
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
        StoreError: there is no record, or it cannot be read.
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
            scores.update({name: NON_FINITE[value] for name, value in scores.items() if value in NON_FINITE})
        return _checked(Result.from_json(data, str(folder)))
    except OSError as error:
        raise StoreError("no run is saved here", where=str(folder), remedy="see `seqlab runs`") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        remedy = "remove the folder (`seqlab runs prune`) and run again"
        raise StoreError(f"the record cannot be read ({error})", where=str(path), remedy=remedy) from error


def _checked(result: Result) -> Result:
    """The record, if its fields have their types and its scores are numbers; else TypeError or ValueError."""
    for name, hint in get_type_hints(Result).items():
        if not isinstance(getattr(result, name), get_origin(hint) or hint):
            raise TypeError(f"{name} is {type(getattr(result, name)).__name__}")
    scores = [*result.metrics.values(), *result.baselines.values(), result.cost]
    for value in (result.score, *(value for group in scores for value in group.values())):
        if not isinstance(value, int | float):
            raise ValueError(f"{value!r} is not a number")
    return result


def all_runs(root: Path) -> tuple[list[Result], list[StoreError]]:
    """Every run in a folder, oldest first, and the errors of those that cannot be read."""
    results, broken = [], []
    folders = [path.parent for path in root.glob(f"[!.]*/{RECORD}")] if root.is_dir() else []
    for folder in sorted(folders, key=lambda p: p.stat().st_mtime):
        try:
            results.append(read(folder))
        except StoreError as error:
            broken.append(error)
    return results, broken


def find(root: Path, name: str) -> Path:
    """The folder of a run, given its id, the start of its id, its ``name=``, or its path.

    Raises:
        StoreError: no run or several runs match.
    """
    for folder in (Path(name), root / name):
        if (folder / RECORD).is_file():
            return folder
    results, _ = all_runs(root)
    matches = [r for r in results if r.id == name or r.config.get("name") == name][-1:]  # the newest of a name
    matches = matches or [r for r in results if r.id.startswith(name)]
    if len(matches) == 1:
        return matches[0].path
    if matches:
        remedy = "choose from: " + ", ".join(r.id for r in matches)
        raise StoreError(f"'{name}' matches {len(matches)} runs", where="run", remedy=remedy)
    remedy = nearest(
        name,
        [r.id for r in results]
        + [str(r.config["name"]) for r in results if r.config.get("name", "none") != "none"],
    )
    raise StoreError(f"there is no run '{name}' in {root}", where="run", remedy=remedy)


def read_vocab(folder: Path, name: str) -> Vocab | None:
    """A vocabulary of a run folder, None where the folder has no such file.

    Raises:
        StoreError: the file cannot be read.
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
    """Remove unfinished runs and runs whose record is broken; return their names.

    A folder without a record is not a run and stays; temporary folders of a save are removed after a day.
    """
    results, broken = all_runs(root)
    removed = [r.path for r in results if r.status != "finished"]
    removed += [Path(e.where).parent for e in broken if Path(e.where).name == RECORD]
    old = time.time() - STALE
    removed += [p for mark in LEFT for p in root.glob(f"{mark}*") if p.stat().st_mtime < old]
    for folder in removed:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder.name for folder in removed]
