"""The source text of a plugin's class: part of a run's id, so that changed code is a different run."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from core.registry.loading import PRIVATE
from core.unchanged import FileCache

CORE = Path(__file__).parents[1]
TEXTS = FileCache[str](256)  # of each module


def source_text(target: Any) -> str:
    """The source of the module that defines a class, and of all that it imports from its own package, except core.

    Imports are parsed and never executed: one inside a function counts, and so does that of a constant. The own
    package of a loose file (``plugin=FILE.py``) is everything in its folder; that of a module without a package
    is the files in its folder. In a notebook, where the module has no source, it is only that of the class.
    """
    file = getattr(sys.modules.get(target.__module__), "__file__", None)
    if file and Path(file).is_file():
        return TEXTS.get(f"{target.__module__} {file}", partial(_text, target.__module__, Path(file)))
    try:
        return inspect.getsource(target)
    except (OSError, TypeError):
        return f"{target.__module__}:{target.__qualname__}"


def _text(module: str, file: Path) -> tuple[str, set[Path]]:
    """The text, and what it depends on: the files, and their folders, where others may be added."""
    own = sorted(_own_files(module, file))
    text = "\n".join(path.read_text("utf-8", "surrogateescape") for path in own)
    return text, {*own, *(path.parent for path in own)}


def _own_files(module: str, file: Path) -> set[Path]:
    """A module's file, and the files of its own package or folder that it imports, directly or indirectly."""
    parts = module.split(".")
    root = file.parents[len(parts) - (file.stem != "__init__")]
    loose, alone = module.startswith(PRIVATE), len(parts) == 1 and file.stem != "__init__"
    files, queue = {file}, [(file, module)]
    while queue:
        path, name = queue.pop()
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        for used in _imported(path, path.stat().st_mtime_ns, package):
            imported = _file_of(root, used)
            if not imported or imported in files or CORE in imported.parents:
                continue
            if loose or used.partition(".")[0] == parts[0] or (alone and imported.parent == root):
                files.add(imported)
                queue.append((imported, used))
    return files


def _file_of(root: Path, module: str) -> Path | None:
    """The file of a module in a folder."""
    path = root.joinpath(*module.split("."))
    return next((f for f in (path.with_name(f"{path.name}.py"), path / "__init__.py") if f.is_file()), None)


@cache
def _imported(path: Path, changed: int, package: str) -> tuple[str, ...]:
    """The full names that a file imports: modules, and names in modules, which may be modules too."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ()
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _names(node, package)))


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *filter(None, [node.module])])
        yield from (base, *(f"{base}.{alias.name}" for alias in node.names))
