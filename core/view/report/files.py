"""Where a page may be written, and which packages it needs: checked before anything runs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from core.errors import ConfigError
from core.view.output_path import output_path

ENDINGS = (".html", ".htm")
PACKAGES = {"jinja2": "Jinja2", "altair": "Altair", "vl_convert": "vl-convert-python"}  # module -> package


def page_path(name: str, where: str) -> Path:
    """The path of a page to write; ConfigError as in ``output_path``, or where a package is not installed."""
    path = output_path(name, "page", ENDINGS, where)
    if missing := [package for module, package in PACKAGES.items() if find_spec(module) is None]:
        what = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        raise ConfigError(what, where=where, remedy="install the extra: pip install -e '.[report]'")
    return path
