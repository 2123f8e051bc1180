"""``plot WHAT key=value ...``: the pictures, each a command of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.cli.command import Rows, Selected, key_rows, load_command
from core.cli.pictures import PICTURES
from core.cli.pictures.picture import Picture
from core.config.options import Option, options_of
from core.errors import ConfigError, SeqlabError, UnknownName, nearest
from core.registry import registry

SECTION = "picture"
USAGE = "name the picture first: plot WHAT key=value ...; WHAT is one of {names}"


class Plot(Picture):
    """Draw a picture of saved runs, or of what their models do, as PNG or SVG.

    `plot WHAT --help` shows the keys of one picture.

    Args:
        what: the picture.
    """

    def __init__(self, *what: str, **options: object) -> None:
        raise ConfigError("which picture?", where="plot", remedy=USAGE.format(names=", ".join(names())))

    @classmethod
    def select(cls, name: str, arguments: Sequence[str]) -> Selected:
        """The picture that the first argument names, which is a command with what follows it."""
        if not arguments or "=" in arguments[0]:
            return super().select(name, arguments)
        what, *rest = arguments
        if what not in names():
            remedy = f"{nearest(what, names())}; {USAGE.format(names=', '.join(names()))}"
            raise UnknownName(f"there is no picture '{what}'", where=name, remedy=remedy)
        spec = None if what in PICTURES else registry().get(SECTION, what)
        command = load_command(f"{name} {what}", spec or PICTURES[what][0])
        return Selected(command, f"{name} {what}", rest, spec)

    @classmethod
    def _check_argument(cls, name: str, argument: str, options: Mapping[str, Option]) -> None:
        """Raise the error of an argument where no picture is named; once `plot run=ID` drew vectors."""
        if argument.startswith("run="):
            raise ConfigError("which picture?", where=name, remedy=f"words in two dimensions: {name} vectors ...")
        super()._check_argument(name, argument, options)

    @classmethod
    def help_sections(cls, name: str) -> list[tuple[str, Rows]]:
        """The pictures, the keys of all of them, and the keys of each."""
        shared = options_of(Picture)
        pictures = [(what, about) for what, (_, about) in PICTURES.items()]
        pictures += [(what, registry().get(SECTION, what).help) for what in names() if what not in PICTURES]
        sections = [("Pictures (WHAT)", pictures), ("Keys of every picture", key_rows(shared))]
        for what in names():
            try:
                found = cls.select(name, [what])
            except SeqlabError:  # of a plugin; it is said when its picture is asked for
                continue
            for title, rows in found.command.help_sections(found.name):
                own = [row for row in rows if row[0] not in shared]
                sections.append((f"{found.name}: {title.lower()}", own))
        return sections


def names() -> list[str]:
    """The names of the pictures, those of plugins last."""
    return [*PICTURES, *(name for name in registry().names(SECTION) if name not in PICTURES)]
