"""A trained CRF as two files: CRFsuite's own, and a description that has its checksum.

CRFsuite reads its file without checking it, and a damaged one can end the process. So the file is first compared
with its checksum, and its references are checked.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core.data.atomic import replace_file
from core.data.regular import open_regular, read_text
from core.data.vocab import FIRST
from core.errors import StoreError
from plugins.models.crf import model_file
from plugins.models.crf.tagging import label_ids

WEIGHTS, DESCRIPTION = "crfsuite.bin", "crf.json"
LIMIT = 64 << 20  # bytes of the description
REMEDY = "train the run again"


def save(folder: Path, weights: bytes, description: dict[str, Any]) -> None:
    """Write both files, each under another name first.

    Args:
        folder: an existing folder.
        weights: what CRFsuite wrote.
        description: JSON data; what the weights belong to.

    Raises:
        StoreError: they cannot be written.
    """
    text = json.dumps({**description, "sha256": hashlib.sha256(weights).hexdigest()}, indent=1)
    for name, content in ((WEIGHTS, weights), (DESCRIPTION, text.encode("ascii"))):
        new = folder / f"{name}.new"
        try:
            new.write_bytes(content)
            replace_file(new, folder / name)
        except OSError as error:
            new.unlink(missing_ok=True)
            what = f"the file cannot be written ({error.strerror or error})"
            raise StoreError(
                what, where=str(folder / name), remedy="check the disk and its permissions"
            ) from error


def read(folder: Path, description: dict[str, Any]) -> bytes:
    """The weights of a folder.

    Args:
        folder: what ``save`` wrote into.
        description: what the weights must belong to.

    Raises:
        StoreError: a file is missing or damaged, or the weights belong to something else.
    """
    path = folder / DESCRIPTION
    try:
        saved = json.loads(read_text(path, LIMIT))
        checksum = saved.pop("sha256")
        path = folder / WEIGHTS
        with open_regular(path) as file:
            weights = file.read()
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        what = f"the file cannot be read ({getattr(error, 'strerror', None) or error})"
        raise StoreError(what, where=str(path), remedy=REMEDY) from error
    if hashlib.sha256(weights).hexdigest() != checksum:
        what = "the file has changed since it was saved"
        raise StoreError(what, where=str(path), remedy=REMEDY)
    if saved != json.loads(json.dumps(description)):
        wrong = next(key for key in [*description, *saved] if saved.get(key) != description.get(key))
        what = f"the model was trained with other {wrong}"
        raise StoreError(what, where=str(folder / DESCRIPTION), remedy="restore it with the options of its run")
    try:
        model_file.check(weights)
        if not set(label_ids(weights)) <= set(range(FIRST, len(description["labels"]))):
            raise ValueError("a label is not one of its labels")
    except ValueError as error:
        what = f"this is not a model file of CRFsuite ({error})"
        raise StoreError(what, where=str(path), remedy=REMEDY) from error
    return weights
