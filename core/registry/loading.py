"""Import plugins by file or module name; one that fails leaves nothing behind."""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import PluginError

PRIVATE = "_seqlab_plugin_"  # prefix of the module names of loose files


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Make the modules of a folder importable within the block; they never hide installed ones."""
    sys.path.append(str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if str(folder) in sys.path:
            del sys.path[len(sys.path) - 1 - sys.path[::-1].index(str(folder))]


def private_name(file: Path) -> str:
    """The module name of a loose file, unique for its path and content."""
    digest = hashlib.sha256(f"{file}\n".encode() + file.read_bytes()).hexdigest()[:12]
    return f"{PRIVATE}{digest}"


def with_file_names(text: str) -> str:
    """Replace each private module name of a loose file in a text by the name of the file, ``mine.py``."""

    def file_name(match: re.Match[str]) -> str:
        return Path(getattr(sys.modules.get(match[0]), "__file__", None) or match[0]).name

    return re.sub(rf"{PRIVATE}[0-9a-f]{{12}}", file_name, text)


def from_file(file: Path) -> ModuleType:
    """Execute a loose file once, as a module with a private name; its folder is importable meanwhile.

    Args:
        file: the absolute path of a Python file.
    """
    if not file.is_file():
        raise PluginError("there is no such file", where=f"plugin={file}", remedy="name a Python file or a module")
    name = private_name(file)
    if name in sys.modules:
        return sys.modules[name]
    loader = importlib.machinery.SourceFileLoader(name, str(file))
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with on_path(file.parent):
            loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def from_module(name: str) -> ModuleType:
    """Import a plugin by its dotted name; the working directory is importable meanwhile."""
    with on_path(Path.cwd()):
        return importlib.import_module(name)


def import_plugin(load: Callable[[], object], where: str) -> object:
    """Import a plugin; whatever goes wrong becomes one error.

    Args:
        load: imports it.
        where: the plugin and its source.

    Raises:
        PluginError: the import raised an exception.
    """
    try:
        return load()
    except PluginError:
        raise
    except SyntaxError as error:
        what = f"syntax error in {error.filename}:{error.lineno}: {error.msg}"
        raise PluginError(what, where=where, remedy="fix that line") from error
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        last = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
        what = f"the import raised {type(error).__name__}: {error}{last}"
        raise PluginError(what, where=where) from error


def import_target(target: str, where: str, remedy: str = "") -> Any:
    """The object that ``"module:Class"`` names.

    Args:
        target: the module, a colon, and the name in it (dots reach into classes).
        where: what is being loaded, for errors.
        remedy: what to do if it fails.

    Raises:
        PluginError: the module cannot be imported, or has no such name.
    """
    module, _, attribute = target.partition(":")
    try:
        value: Any = importlib.import_module(module)
        for name in attribute.split("."):
            value = getattr(value, name)
    except (Exception, SystemExit) as error:
        what = with_file_names(f"cannot load {target}: {type(error).__name__}: {error}")
        raise PluginError(what, where=where, remedy=remedy) from error
    return value


def file_of(target: str) -> Path | None:
    """The path that ``"package:folder/file.yaml"`` names; None if there is no such file."""
    package, _, relative = target.partition(":")
    spec = importlib.util.find_spec(package)
    if spec is None:
        return None
    folders = list(spec.submodule_search_locations or [])
    if not folders and spec.origin:
        folders = [str(Path(spec.origin).parent)]
    return next((Path(f) / relative for f in folders if (Path(f) / relative).is_file()), None)
