"""What others build on (``core.PUBLIC``) has the signatures of ``api.txt``, and is documented.

After an intended change, ``python tests/core/test_core_api.py`` writes the file again; say it in the changelog.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import core

SNAPSHOT = Path(__file__).with_name("api.txt")


def described() -> list[str]:
    """One line per public name, method and class attribute, with its signature."""
    return [line for module, names in core.PUBLIC.items() for name in names for line in _thing(module, name)]


def _thing(module: str, name: str) -> Iterator[str]:
    thing = getattr(import_module(module), name)
    place = f"{module}.{name}"
    if not isinstance(thing, type):
        yield place + _signature(thing)
        return
    bases = [base.__name__ for base in thing.__bases__ if base is not object]
    yield f"class {place}({', '.join(bases)})"
    if "__init__" in vars(thing) and "Protocol" not in bases:
        yield f"{place}.__init__{_signature(thing.__init__)}"
    hints = inspect.get_annotations(thing)
    yield from (f"{place}.{field}: {_text(hint)}" for field, hint in hints.items() if field[0] != "_")
    for attribute, value in vars(thing).items():
        function = getattr(value, "__func__", value)
        if attribute == "__call__" or (
            inspect.isfunction(function) and attribute[0] != "_" and attribute not in hints
        ):
            yield f"{place}.{attribute}{_signature(function)}"
        elif isinstance(value, (property, cached_property)):
            yield f"{place}.{attribute} (property)"
        elif attribute[0] != "_" and attribute not in hints:
            yield f"{place}.{attribute} = {value!r}"


def _text(hint: Any) -> str:
    """An annotation as it is written, so that libraries' versions do not matter."""
    return hint if isinstance(hint, str) else getattr(hint, "__forward_arg__", None) or str(hint)


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    names = str(signature.replace(parameters=parameters, return_annotation=signature.empty))
    hints = [_text(p.annotation) for p in signature.parameters.values() if p.annotation is not p.empty]
    text = f"{names}: {'; '.join(hints)} -> {_text(signature.return_annotation)}"
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def test_no_signature_of_the_public_interface_changed() -> None:
    now, then = described(), SNAPSHOT.read_text("utf-8").splitlines()
    gone, new = [line for line in then if line not in now], [line for line in now if line not in then]
    assert not gone and not new, f"gone: {gone}; new: {new}; see the top of {Path(__file__).name}"


def test_everything_public_is_documented() -> None:
    for module, names in core.PUBLIC.items():
        for name in names:
            thing = getattr(import_module(module), name)
            assert inspect.getdoc(thing) or name == "hookimpl", f"{module}.{name}"
            methods = vars(thing).items() if isinstance(thing, type) else ()
            for method, value in methods:
                if callable(value) and not method.startswith("_"):
                    assert inspect.getdoc(getattr(thing, method)), f"{module}.{name}.{method}"


def test_the_list_names_what_core_exports_and_what_the_docs_show() -> None:
    assert set(core.PUBLIC["core"]) == set(core.__all__)
    page = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text("utf-8")
    for module in core.PUBLIC:
        assert f"`{module}`" in page, f"docs/plugins.md does not say what {module} is for"


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(described()) + "\n", "utf-8")
