"""``new encoder NAME``: a whole package for a plugin, with a working example, its test and a README."""

from __future__ import annotations

import importlib.util
import keyword
import os
import re
import shutil
import tempfile
from pathlib import Path

from core.cli.common import refuse, take, take_plugins
from core.errors import ConfigError, StoreError, UnknownName, nearest
from core.registry import registry
from core.registry.validation import RESERVED

TEMPLATES = Path(__file__).parents[1] / "templates"
SECTION = {
    "encoder": "encoder",
    "embedding": "embedding",
    "task": "task",
    "dataset": "data",
    "observer": "observer",
}
COMMAND = {  # a comparison with the built-ins
    "encoder": "bench task=pos,sentiment,lm encoder=NAME,cnn,lstm",
    "counting": "bench task=pos,sentiment,lm encoder=NAME,ngram",
    "embedding": "run task=pos encoder=bilstm embedding=NAME,random",
    "task": "bench task=NAME,sentiment encoder=ngram,bag",
    "dataset": "bench data=NAME task=lm,pos,sentiment encoder=ngram,lstm",
    "observer": "run task=pos encoder=bilstm observer=progress+NAME",
}


def verb(words: list[str]) -> None:
    """Write the package ``seqlab-NAME`` into the working folder and say what to do with it."""
    taken, words = take(take_plugins(words), "family")
    if len(words) < 2:
        remedy = f"write new {'|'.join(SECTION)} NAME"
        raise ConfigError("which kind of plugin, and what is it called?", where="new", remedy=remedy)
    refuse(words[2:], "new", ["family"])
    kind, name = words[:2]
    if kind not in SECTION:
        raise UnknownName(f"there is no kind '{kind}'", where="new", remedy=nearest(kind, SECTION))
    template = _template(kind, taken.get("family"))
    _check_name(SECTION[kind], name)
    folder = Path(f"seqlab-{name.replace('_', '-')}")
    if os.path.lexists(folder):
        raise StoreError("is there already", where=str(folder), remedy="choose another name, or remove it")
    command = COMMAND[template].replace("NAME", name)
    _write(folder, template, {**_names(kind, name, folder), "COMMAND": command})
    print(f"{folder}/ is a package with {SECTION[kind]}={name}: a working example, its test and a README. Next:\n")
    print(f"    pip install -e {folder}\n    python -m pytest {folder}\n    python -m core {command}\n")
    print(f"Then make {folder}/seqlab_{name}/plugin.py your own.")


def _template(kind: str, family: str | None) -> str:
    """The folder of templates."""
    if family is None or (kind, family) == ("encoder", "neural"):
        return kind
    if kind != "encoder":
        raise ConfigError(f"{kind}s have no family", where="family", remedy="leave it out")
    if family != "counting":
        raise UnknownName(
            f"there is no family '{family}'", where="family", remedy=nearest(family, ("neural", "counting"))
        )
    return family


def _check_name(section: str, name: str) -> None:
    """Raise the error of a name that cannot be used, or is."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name in RESERVED:
        remedy = "begin with a letter and use a-z, 0-9 and _, and no word of Python's own"
        raise ConfigError(f"'{name}' cannot be the name of a package", where="new", remedy=remedy)
    if spec := registry().specs(section).get(name):
        what = f"{section} '{name}' is already registered by plugin {spec.plugin} ({spec.source})"
        raise ConfigError(what, where="new", remedy="choose another name")
    if importlib.util.find_spec(f"seqlab_{name}"):
        what = f"a package seqlab_{name} is already installed"
        raise ConfigError(what, where="new", remedy="choose another name")


def _names(kind: str, name: str, folder: Path) -> dict[str, str]:
    """What stands for what in the templates."""
    class_name = "".join(part.capitalize() for part in name.split("_"))
    names = {"NAME": name, "CLASS": class_name, "PACKAGE": f"seqlab_{name}"}
    return {**names, "KIND": kind, "SECTION": SECTION[kind], "DISTRIBUTION": folder.name}


def _write(folder: Path, template: str, names: dict[str, str]) -> None:
    """Fill the templates in; the folder is made beside its place, so that it is whole or not there."""
    package, test = names["PACKAGE"], f"tests/test_{names['NAME']}.py"
    places = {
        "__init__.py.txt": f"{package}/__init__.py",
        "plugin.py.txt": f"{package}/plugin.py",
        "test.py.txt": test,
    }
    files = {place: TEMPLATES / template / file for file, place in places.items()}
    files |= {name: TEMPLATES / name for name in ("pyproject.toml", "README.md")}
    pattern = re.compile("|".join(names))
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir="."))
    try:
        for place, source in files.items():
            text = pattern.sub(lambda match: names[match.group()], source.read_text("utf-8"))
            (beside / place).parent.mkdir(exist_ok=True)
            (beside / place).write_text(text, "utf-8")
        beside.chmod(0o755)
        os.replace(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
