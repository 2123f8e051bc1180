"""The layout of the code: tests mirror its folders, files and functions stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("core", "plugins", "tasks")
LONGEST_FILE, LONGEST_FUNCTION = 300, 40  # lines


def folders(root: str) -> list[Path]:
    """The folders with Python code, relative to the project."""
    return sorted({path.parent.relative_to(ROOT) for path in (ROOT / root).rglob("*.py")})


def names_of(folder: Path) -> set[str]:
    """What a test file in the mirror of a folder may be named after: its modules, sub-folders, and itself."""
    inside = {path.stem.strip("_") for path in (ROOT / folder).iterdir() if path.suffix in ("", ".py")}
    return inside | {folder.name}


@pytest.mark.parametrize("root", CODE)
def test_each_folder_of_tests_mirrors_a_folder_of_code(root: str) -> None:
    tests = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests" / root).rglob("test_*.py")}
    assert tests <= set(folders(root))
    assert {folder for folder in folders(root) if has_code(folder)} <= tests


def has_code(folder: Path) -> bool:
    """Whether a folder has code of its own to test."""
    return any(path.name != "__init__.py" for path in (ROOT / folder).glob("*.py"))


@pytest.mark.parametrize("root", CODE)
def test_each_file_of_tests_is_named_after_a_module(root: str) -> None:
    for path in (ROOT / "tests" / root).rglob("test_*.py"):
        folder = path.parent.relative_to(ROOT / "tests")
        stem = path.stem.removeprefix("test_")
        fitting = [name for name in names_of(folder) if stem == name or stem.startswith(f"{name}_")]
        assert fitting, f"{path.relative_to(ROOT)} is named after no module of {folder}"


@pytest.mark.parametrize("root", CODE)
def test_files_and_functions_are_small(root: str) -> None:
    for path in (ROOT / root).rglob("*.py"):
        text = path.read_text("utf-8")
        assert text.count("\n") <= LONGEST_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, (
                    f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines} lines"
                )
