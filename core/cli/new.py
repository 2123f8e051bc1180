"""``new encoder NAME``: a whole package for a plugin, with a working example, its test and a README."""

from __future__ import annotations

import importlib.util
import keyword
import os
import re
from pathlib import Path
from typing import Any

from core.cli.shared_keys import PluginCommand
from core.data.atomic import temporary_folder
from core.errors import ConfigError, StoreError, UnknownName, nearest
from core.families import FAMILIES
from core.hooks import Family
from core.printable import echo, echo_lines
from core.registry import registry
from core.registry.validation import RESERVED

TEMPLATES = Path(__file__).parents[1] / "templates"
EXAMPLE = {  # a comparison with the built-ins
    "encoder": "bench task=pos,sentiment,lm encoder=NAME,cnn,lstm",
    "counting": "bench task=pos,sentiment,lm encoder=NAME,ngram",
    "model": "bench task=sentiment encoder=NAME,linear,ngram",
    "embedding": "run task=pos encoder=bilstm embedding=NAME,random",
    "task": "bench task=NAME,sentiment encoder=ngram,bag",
    "dataset": "bench data=NAME task=lm,pos,sentiment encoder=ngram,lstm",
    "observer": "run task=pos encoder=bilstm observer=progress+NAME",
}
PARTS = tuple(name for name in EXAMPLE if name not in FAMILIES)


class New(PluginCommand):
    """Write the package ``seqlab-NAME`` into the working folder and print what to do with it.

    Args:
        kind_and_name: encoder, embedding, task, dataset or observer, and the name of the new one.
        family: the family of an encoder: neural (the default), counting or model.
    """

    def __init__(self, *kind_and_name: str, family: Family | None = None, **options: Any) -> None:
        super().__init__(**options)
        if len(kind_and_name) != 2:
            remedy = f"write new {'|'.join(PARTS)} NAME"
            raise ConfigError("it takes a kind of plugin and a name", where="new", remedy=remedy)
        self.part, self.name = kind_and_name
        if self.part not in PARTS:
            raise UnknownName(
                f"there is no template for '{self.part}'", where="new", remedy=nearest(self.part, PARTS)
            )
        if family and self.part != "encoder":
            raise ConfigError(f"{self.part}s have no family", where="family", remedy="leave it out")
        self.template = family if family in EXAMPLE else self.part

    def execute(self) -> None:
        """Write the package."""
        self.load_plugins()
        name, section = self.name, "data" if self.part == "dataset" else self.part
        _check_name(section, name)
        folder = Path(f"seqlab-{name.replace('_', '-')}")
        if os.path.lexists(folder):
            raise StoreError("already exists", where=str(folder), remedy="choose another name, or remove it")
        command = EXAMPLE[self.template].replace("NAME", name)
        class_name = "".join(part.capitalize() for part in name.split("_"))
        names = {"NAME": name, "CLASS": class_name, "PACKAGE": f"seqlab_{name}", "KIND": self.part}
        names |= {"SECTION": section, "DISTRIBUTION": folder.name, "COMMAND": command}
        _write(folder, self.template, names)
        echo(f"{folder}/ is a package with {section}={name}: a working example, its test and a README. Next:")
        echo_lines(f"\n    pip install -e {folder}\n    python -m pytest {folder}\n    python -m core {command}\n")
        echo(f"Then make {folder}/seqlab_{name}/plugin.py your own.")


def _check_name(section: str, name: str) -> None:
    """Refuse a name that cannot be used, or is used already."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name in RESERVED:
        remedy = "begin with a letter, use a-z, 0-9 and _, and avoid Python's keywords"
        raise ConfigError(f"'{name}' cannot be the name of a package", where="new", remedy=remedy)
    taken = ""
    if spec := registry().specs(section).get(name):
        taken = f"{section} '{name}' is already registered by plugin {spec.plugin} ({spec.source})"
    elif importlib.util.find_spec(f"seqlab_{name}"):
        taken = f"a package seqlab_{name} is already installed"
    if taken:
        raise ConfigError(taken, where="new", remedy="choose another name")


def _write(folder: Path, template: str, names: dict[str, str]) -> None:
    """Fill in the templates; the folder is renamed when it is complete, so that it is whole or absent."""
    package, pattern = names["PACKAGE"], re.compile("|".join(names))
    files = {
        f"{package}/__init__.py": f"{template}/__init__.py.txt",
        f"{package}/plugin.py": f"{template}/plugin.py.txt",
        f"tests/test_{names['NAME']}.py": f"{template}/test.py.txt",
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
    }
    with temporary_folder(Path()) as temporary:
        for place, source in files.items():
            text = pattern.sub(lambda match: names[match.group()], (TEMPLATES / source).read_text("utf-8"))
            (temporary / place).parent.mkdir(exist_ok=True)
            (temporary / place).write_text(text, "utf-8")
        os.replace(temporary, folder)
