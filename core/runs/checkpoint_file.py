"""One checkpoint on disk: ``state.json`` and ``tensors.safetensors``, each with a checksum; no pickle."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.regular import open_regular, read_text
from core.runs.nested_state import Packer, State, unpack
from core.runs.result import PROGRAM

STATE, TENSORS = "state.json", "tensors.safetensors"
FORMAT = 1
LIMIT = 256 << 20  # bytes of the JSON file


class Damaged(Exception):
    """A checkpoint that is cut short, changed, or not of this format."""


def write(folder: Path, header: Mapping[str, Any], state: State, sync: bool) -> None:
    """Write a checkpoint into an empty folder.

    Args:
        folder: the folder.
        header: JSON data.
        state: the nested state.
        sync: whether to wait until it is on the disk, so that it also survives a power cut.

    Raises:
        OSError, SafetensorError: it cannot be written.
        TypeError: the state holds something that is not saved.
    """
    from safetensors.torch import save_file

    packer = Packer()
    skeleton = packer.pack(state)
    save_file(packer.tensors, folder / TENSORS)
    content = {**header, "tensors": _digest_of_file(folder / TENSORS), "state": skeleton}
    text = json.dumps(content, allow_nan=False)
    mark = json.dumps({"program": PROGRAM, "format": FORMAT, "checksum": _digest(text)})
    (folder / STATE).write_text(f'{mark[:-1]}, "content": {text}}}\n', "utf-8")
    for path in (folder / TENSORS, folder / STATE, folder) if sync else ():
        sync_path(path)


def read_header(folder: Path) -> dict[str, Any]:
    """The header of a checkpoint, with ``tensors`` and ``state`` as they are in the file.

    Raises:
        Damaged: the JSON file is missing, cut short, changed, or of another format.
    """
    try:
        data = json.loads(read_text(folder / STATE, LIMIT))
        content = data["content"]
        if data["program"] != PROGRAM or data["format"] != FORMAT:
            raise Damaged(f"format {data['format']} of {data['program']} is not format {FORMAT} of {PROGRAM}")
        if data["checksum"] != _digest(json.dumps(content, allow_nan=False)):
            raise Damaged(f"{STATE} has changed")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"{STATE} cannot be read ({getattr(error, 'strerror', None) or error})") from error
    if not isinstance(content, dict):
        raise Damaged(f"{STATE} holds something else")
    return content


def read(folder: Path) -> tuple[dict[str, Any], State]:
    """The header and the state of a checkpoint, checked; its tensors are in memory of their own.

    Raises:
        Damaged: a file is missing, cut short, changed, or of another format.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    header = read_header(folder)
    try:
        if _digest_of_file(folder / TENSORS) != header["tensors"]:
            raise Damaged(f"{TENSORS} is cut short or has changed")
        # mapped memory has no alignment, on which the last bits of sums may depend
        tensors = {name: tensor.clone() for name, tensor in load_file(folder / TENSORS).items()}
        return header, unpack(header["state"], tensors)
    except (OSError, SafetensorError, LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise Damaged(f"it cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _digest_of_file(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def sync_path(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
