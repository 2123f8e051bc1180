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
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import PluginError
from core.registry.watch import watched
from core.signals import is_interrupt

OWN = ("core", "plugins", "tasks")  # the packages of this project
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


def with_file_names(text: str) -> str:
    """Replace each private module name of a loose file in a text by the name of the file, ``mine.py``."""
    return re.sub(
        rf"{PRIVATE}[0-9a-f]{{12}}", lambda m: Path(getattr(sys.modules.get(m[0]), "__file__", m[0])).name, text
    )


def from_file(file: Path) -> ModuleType:
    """Execute a loose file once, as a module whose private name is unique for its absolute path and its content.

    Its folder is importable meanwhile.
    """
    name = PRIVATE + hashlib.sha256(f"{file}\n".encode() + file.read_bytes()).hexdigest()[:12]
    if name in sys.modules:
        return sys.modules[name]
    loader = importlib.machinery.SourceFileLoader(name, str(file))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
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
    """The plugin that ``load`` imports; whatever it raises becomes one PluginError that names ``where``."""
    try:
        return load()
    except PluginError:
        raise
    except SyntaxError as error:
        what = f"syntax error in {error.filename}:{error.lineno}: {error.msg}"
        raise PluginError(what, where=where, remedy="fix that line") from error
    except BaseException as error:  # SystemExit too, and a KeyboardInterrupt that is not the user's
        if is_interrupt(error):
            raise
        frames = traceback.extract_tb(error.__traceback__)
        last = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
        raise PluginError(f"the import raised {type(error).__name__}: {error}{last}", where=where) from error


def import_target(target: str, where: str, remedy: str = "") -> Any:
    """The object that ``"module:Class"`` names; dots in ``Class`` reach into classes.

    Args:
        target: the module, a colon, and the name in it.
        where: what is being loaded, for errors.
        remedy: what to do if it fails.

    Raises:
        PluginError: the module cannot be imported, or has no such name.
    """
    module, _, attribute = target.partition(":")
    own = module.partition(".")[0] in OWN
    try:
        with nullcontext() if own else watched(where, "leave it out"):
            value: Any = importlib.import_module(module)
        for name in attribute.split("."):
            value = getattr(value, name)
    except BaseException as error:
        if is_interrupt(error):
            raise
        what = with_file_names(f"cannot load {target}: {type(error).__name__}: {error}")
        raise PluginError(what, where=where, remedy=remedy) from error
    return value


def file_of(target: str) -> Path | None:
    """The path that ``"package:folder/file.yaml"`` names; None if there is no such file."""
    package, _, relative = target.partition(":")
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or [str(Path(spec.origin or "").parent)]) if spec else []
    return next((file for folder in folders if (file := Path(folder, relative)).is_file()), None)
