"""Run folders: written, read and found."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from core.data.atomic import RECORD as RECORD
from core.data.atomic import replace_folder, temporary_folder
from core.data.prepare import Data
from core.data.regular import read_text
from core.data.vocab import Vocab
from core.errors import StoreError, closest, nearest
from core.runs import checksums, ownership, recovery
from core.runs.listing import INDEX as INDEX
from core.runs.listing import all_runs as all_runs
from core.runs.listing import read as read
from core.runs.listing import rebuild_index as rebuild_index
from core.runs.listing import update_index as update_index
from core.runs.result import Result
from core.runs.unfinished import unfinished_runs
from core.signals import delayed
from core.types import Arrays, Note

CONFIG, PREDICTIONS = ownership.CONFIG, ownership.PREDICTIONS
VOCAB, LABELS = ownership.VOCAB, ownership.LABELS
SHOWN = 6  # the most runs that an error lists
NOT_MODEL = (RECORD, CONFIG, "predictions.")  # the starts of the names of files that no model is loaded from
CONFIG_LIMIT, VOCAB_LIMIT = 16 << 20, 2 << 30  # bytes
UPOS = 3  # the column of CoNLL-U for predicted labels


def write(
    root: Path, result: Result, data: Data, model: Any, predictions: Mapping[str, Arrays], save: str
) -> None:
    """Save a run in ``root/<id>``; the folder is written under a temporary name, so it is complete or absent.

    Args:
        root: the folder of runs.
        result: the record; its ``folder`` is set once the run is saved, also if a Ctrl-C waits for that.
        data: the data of the run.
        model: the trained model.
        predictions: split -> arrays; empty for an imported model.
        save: ``all``, or ``none`` for the record and the config only.

    Raises:
        StoreError: the folder cannot be written (full disk, no permission), or a newer version or another program
            wrote the one of this id; an earlier run of this id stays.
    """
    target = root / result.id
    try:
        root.mkdir(parents=True, exist_ok=True)
        recovery.recover(root)
        with delayed(), temporary_folder(root) as folder:
            ownership.check_replaceable(target)
            if save == "all":
                _write_model(folder, data, model)
                _write_predictions(folder, result, data, predictions)
            write_config(folder / CONFIG, result.config)
            _write_record(folder, result)
            if save == "all":
                checksums.write(folder)
            ownership.carry_over(target, folder)
            replace_folder(folder, target)
            result.folder = str(target)
    except OSError as error:
        raise _save_error(target, error) from error


def check_writable(root: Path) -> None:
    """Check before training that runs can be saved in a folder.

    Raises:
        StoreError: the folder, or its nearest existing parent, is not a writable folder.
    """
    existing = next((path for path in (root, *root.absolute().parents) if path.exists()), root)
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        code = errno.EACCES if existing.is_dir() else errno.ENOTDIR
        raise _save_error(root, OSError(code, os.strerror(code)))


def rename(result: Result, name: str) -> None:
    """Change the name of a saved run.

    Raises:
        StoreError: the folder cannot be written; the record does not change.
    """
    result.config["name"] = name
    _replace_record(result)


def add_facts(folder: Path, facts: Mapping[str, Any]) -> Result:
    """Add facts to the record of a saved run; nothing is written where it has them.

    Returns:
        The record.

    Raises:
        StoreError: there is no record, or it cannot be written; it does not change.
    """
    result = read(folder)
    if all(result.facts.get(name) == value for name, value in facts.items()):
        return result
    result.facts |= facts
    _replace_record(result)
    return result


def _replace_record(result: Result) -> None:
    """Write the record of a saved run again; StoreError where that fails, which does not change it."""
    try:
        _write_record(result.path, result)
        checksums.update(result.path, RECORD)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _save_error(result.path, error) from error


def write_config(path: Path, config: Mapping[str, Any]) -> None:
    """Write a config as YAML, one dotted key per line."""
    import yaml

    text = yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    path.write_text(text, "utf-8")


def _save_error(path: Path, error: Exception) -> StoreError:
    if not isinstance(error, OSError):
        return StoreError(f"the checksums cannot be read ({error})", where=str(path), remedy="run again")
    full = error.errno in (None, errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # numpy sets none on a short write
    remedy = ("free some space, or " if full else "") + "choose another folder with runs=FOLDER"
    return StoreError(f"the run cannot be saved: {error.strerror or error}", where=str(path), remedy=remedy)


def _write_record(folder: Path, result: Result) -> None:
    text = json.dumps(result.to_json(), indent=1, ensure_ascii=False)
    new = folder / f"{RECORD}.{os.getpid()}"
    try:
        new.write_text(text, "utf-8")
        os.replace(new, folder / RECORD)
    finally:
        new.unlink(missing_ok=True)


def _write_model(folder: Path, data: Data, model: Any) -> None:
    (folder / model.folder).mkdir(exist_ok=True)
    model.save(folder / model.folder)
    for name, vocab in ((VOCAB, data.vocab), (LABELS, data.labels)):
        if vocab is not None:
            (folder / name).write_text(json.dumps(vocab.to_json(), ensure_ascii=False), "utf-8")


def _write_predictions(folder: Path, result: Result, data: Data, predictions: Mapping[str, Arrays]) -> None:
    """Write the arrays; labels per token also as text, in the format of the source or as CoNLL-U."""
    if not predictions:
        return
    flat = {f"{split}.{name}": array for split, arrays in predictions.items() for name, array in arrays.items()}
    np.savez_compressed(folder / PREDICTIONS, **flat)  # type: ignore[arg-type] # numpy types its keywords as flags
    for split, arrays in predictions.items() if "conllu" in result.kind.output_formats else ():
        try:
            _write_text(folder / f"predictions.{split}", result, data, split, arrays)
        except OSError:
            raise
        except Exception as error:  # of a plugin, or of a changed file; the rest is saved
            for path in folder.glob(f"predictions.{split}.*"):
                path.unlink()
            text = f"the predictions of {split} are saved as arrays only ({type(error).__name__}: {error})"
            result.notes.append(Note("predictions.text", text))


def _write_text(path: Path, result: Result, data: Data, split: str, arrays: Arrays) -> None:
    """Write labels per token as text."""
    kind, corpus = result.kind, data.splits[split]
    answers = chain(*kind.answers(arrays, corpus))
    if split in data.cut or not data.source.write(split, arrays, list(answers), path):
        text = kind.render_rows(arrays, corpus, "conllu", UPOS, split)
        path.with_name(f"{path.name}.conllu").write_text(text, "utf-8")


def read_vocab(folder: Path, name: str) -> Vocab | None:
    """A vocabulary of a run folder, None where the folder has no such file.

    Raises:
        StoreError: the file cannot be read.
    """
    path = folder / name
    if not os.path.lexists(path):
        return None
    try:
        return Vocab.from_json(json.loads(read_text(path, VOCAB_LIMIT)))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        what = f"the vocabulary cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy="run again") from error


def find(root: Path, name: str) -> Path:
    """The folder of a run, given its id, the start of its id, its ``name=``, or its path.

    Raises:
        StoreError: no run or several runs match.
    """
    for folder in (Path(name), root / name):
        if (folder / RECORD).is_file():
            return folder
    results, _ = all_runs(root)  # with what a killed process has left
    matches = [run for run in results if run.id == name or run.config.get("name") == name][-1:]  # the newest
    matches = matches or [run for run in results if run.id.startswith(name)]
    if len(matches) == 1:
        return matches[0].path
    if matches:
        more = f" and {len(matches) - SHOWN} more" if len(matches) > SHOWN else ""
        remedy = "choose from: " + ", ".join(run.id for run in matches[-SHOWN:]) + more
        raise StoreError(f"'{name}' matches {len(matches)} runs", where="run", remedy=remedy)
    waiting = [(run.id, run.header.get("about", {}).get("name")) for run in unfinished_runs(root)]
    if any(identity.startswith(name) or own == name for identity, own in waiting):
        what = f"run '{name}' in {root} is not finished"
        raise StoreError(what, where="run", remedy="repeat the command that started it, which resumes it")
    raise StoreError(f"there is no run '{name}' in {root}", where="run", remedy=_nearest_runs(name, results))


def _nearest_runs(name: str, results: Sequence[Result]) -> str:
    """The remedy for an unknown run: the closest names and ids, else all if they are few, else where to look."""
    names = [str(run.config["name"]) for run in results if run.config.get("name", "none") != "none"]
    known = [*names, *(run.id for run in results)]
    if closest(name, known) or len(known) <= SHOWN:
        return nearest(name, known)
    return f"`seqlab runs` lists the {len(results)} runs"
