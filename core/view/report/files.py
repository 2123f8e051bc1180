"""Where a page may be written, and which packages it needs: checked before anything runs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from core.errors import ConfigError

ENDINGS = (".html", ".htm")
PACKAGES = {"jinja2": "Jinja2", "altair": "Altair", "vl_convert": "vl-convert-python"}  # module -> package


def page_path(name: str, where: str) -> Path:
    """The path of a page to write; ConfigError for another ending, or where a package is not installed."""
    path = Path(name).expanduser()
    if path.suffix not in ENDINGS:
        raise ConfigError(f"'{path.name}' is not a page", where=where, remedy=f"end the name in {ENDINGS[0]}")
    if missing := [package for module, package in PACKAGES.items() if find_spec(module) is None]:
        what = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        raise ConfigError(what, where=where, remedy="install the extra: pip install 'seqlab[report]'")
    if not path.absolute().parent.is_dir():
        remedy = "create the folder first, or name another"
        raise ConfigError(f"there is no folder {path.parent}", where=where, remedy=remedy)
    return path
