"""No module outside ``core/kinds`` decides by the name of a kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.registry import registry

ROOT = Path(__file__).parents[3]
NAMES = frozenset({"next", "item", "cloze", "token", "sequence", "number", "set", "transduce", "vector"})


def is_kind(node: ast.AST) -> bool:
    """Whether an expression is the name of a kind: ``kind``, ``task.kind``, ``kind.name``, ``facts["kind"]``."""
    match node:
        case ast.Name(id=name):
            return name in ("kind", "kind_name")
        case ast.Attribute(value=value, attr=name):
            return name in ("kind", "kind_name") or (name == "name" and is_kind(value))
        case ast.Subscript(slice=ast.Constant(value="kind")):
            return True
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value="kind"), *_]):
            return True
    return False


def names_a_kind(node: ast.AST) -> bool:
    """Whether an expression holds the name of a kind as text."""
    return any(isinstance(part, ast.Constant) and part.value in NAMES for part in ast.walk(node))


def tables(tree: ast.AST) -> set[str]:
    """The variables that hold a dictionary with the name of a kind among its keys."""
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AnnAssign)]
    found = [node for node in assigned if isinstance(node.value, ast.Dict) and by_kind(node.value)]
    targets = [target for node in found for target in getattr(node, "targets", [getattr(node, "target", None)])]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def by_kind(node: ast.Dict) -> bool:
    return any(key is not None and names_a_kind(key) for key in node.keys)


def violations(source: str) -> Iterator[int]:
    """The lines of a module that decide by the name of a kind."""
    tree = ast.parse(source)
    known = tables(tree)

    def is_table(node: ast.AST) -> bool:
        return (isinstance(node, ast.Dict) and by_kind(node)) or (isinstance(node, ast.Name) and node.id in known)

    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
                if any(map(is_kind, sides)) and any(names_a_kind(side) for side in sides if not is_kind(side)):
                    yield node.lineno
            case ast.Match(subject=subject, cases=cases):
                if is_kind(subject) and any(names_a_kind(case.pattern) for case in cases):
                    yield node.lineno
            case ast.Subscript(value=table, slice=index):
                if is_kind(index) and is_table(table):
                    yield node.lineno
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[index, *_]):
                if is_kind(index) and is_table(table):
                    yield node.lineno


def test_the_names_are_those_of_the_kinds_of_core() -> None:
    assert set(registry().names("kind")) == NAMES


def test_no_module_outside_kinds_decides_by_the_name_of_a_kind() -> None:
    files = [path for root in ("core", "plugins", "tasks") for path in sorted((ROOT / root).rglob("*.py"))]
    outside = [path for path in files if ROOT / "core" / "kinds" not in path.parents]
    assert len(outside) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line}" for path in outside for line in violations(path.read_text("utf-8"))
    ]
    assert not found, f"ask the kind (core/kinds) instead of comparing its name: {', '.join(found)}"


@pytest.mark.parametrize(
    "planted",
    [
        "if task.kind == 'token': pass",
        "if 'next' != kind: pass",
        "per_row = config.kind.name in ('sequence', 'vector')",
        "wanted = facts['kind'] == 'token'",
        "wanted = facts.get('kind') not in {'next'}",
        "match kind:\n    case 'vector': pass",
        "size = {'next': 1, 'token': 2}[task.kind]",
        "size = {'next': 1}.get(kind)",
        "SIZES = {'next': 1}\nsize = SIZES[kind]",
        "SIZES: dict[str, int] = {'next': 1}\nsize = SIZES.get(run.kind.name, 0)",
    ],
)
def test_a_decision_by_name_is_found(planted: str) -> None:
    assert list(violations(planted)) == [planted.count("\n") + 1 if "SIZES" in planted else 1]


@pytest.mark.parametrize(
    "allowed",
    [
        "if kind.labels == 'token': pass",
        "if node.id == 'sequence': pass",
        "kind = 'next'",
        "register('lm', 'tasks.lm:LM', kind='next', help='')",
        "if task.kind == spec.extra['kind']: pass",
        "spec = registry().get('kind', name)",
        "if kind == 'encoder': pass",
    ],
)
def test_other_comparisons_are_allowed(allowed: str) -> None:
    assert not list(violations(allowed))
