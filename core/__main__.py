"""The command line: ``python -m core VERB key=value ...``, also installed as ``seqlab``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

try:
    import click

    from core.cli import VERBS
    from core.errors import ConfigError, UnknownName, explained, nearest
except KeyboardInterrupt:  # main() is not there yet
    print("error: interrupted", file=sys.stderr)
    sys.exit(130)

NO_PLUGIN = "no_plugin="
EPILOG = "Try: python -m core run task=pos encoder=bilstm"


class Verbs(click.Group):
    """The verbs, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Core's verbs; those of plugins are found when one is asked for."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a verb."""
        if name in VERBS:
            return _command(name, VERBS[name], lambda words: _call(name, words))
        from core.registry import registry

        found = registry()
        if name in found.names("verb"):
            spec = found.get("verb", name)
            return _command(name, spec.help, lambda words: spec.load()(words))
        raise UnknownName(f"there is no verb '{name}'", remedy=nearest(name, [*VERBS, *found.names("verb")]))


def _call(name: str, words: list[str]) -> int | None:
    from importlib import import_module

    verb: Callable[[list[str]], int | None] = import_module(f"core.cli.{name}").verb
    return verb(words)


def _command(name: str, help_text: str, call: Callable[[list[str]], int | None]) -> click.Command:
    def callback(words: tuple[str, ...], debug: bool) -> int | None:
        return call(list(words))

    argument = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...")
    return click.Command(name, callback=callback, params=[argument, _debug()], help=help_text)


def _debug() -> click.Option:
    return click.Option(["--debug"], is_flag=True, help="Show the traceback of an error.")


ABOUT = "Compare sequence encoders on tasks: how good, at what cost."
group = Verbs(name="seqlab", help=ABOUT, epilog=EPILOG, params=[_debug()])


def main(words: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 done, 1 failed, 2 a mistake in the words, 130 interrupted."""
    arguments = list(sys.argv[1:] if words is None else words)
    _open_closed()
    try:
        _check_text(arguments)
        arguments = _leave_out(arguments)
        status = group.main(arguments, prog_name="seqlab", standalone_mode=False) or 0
        sys.stdout.flush()
    except click.ClickException as error:
        status = _say(error.format_message(), arguments, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        status = _say("interrupted", arguments, 130)
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except Exception as error:
        told = explained(error)
        status = _say(str(told), arguments, told.exit_code)
    sys.exit(status)


def _open_closed() -> None:
    """Put nothing in the place of a standard stream that was closed (``>&-``), which Python has as None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))


def _check_text(words: Sequence[str]) -> None:
    """Refuse bytes of the command line that are no text, which nothing could keep or print."""
    for word in words:
        if not word.isascii() and word.encode("utf-8", "replace").decode() != word:
            said = word.encode("ascii", "backslashreplace").decode()
            raise ConfigError(f"'{said}' is not UTF-8", remedy="write it in UTF-8, or put it into a file")


def _leave_out(arguments: list[str]) -> list[str]:
    """Take ``no_plugin=NAME`` off the words of any verb, before a plugin is imported."""
    words = [word.removeprefix(NO_PLUGIN) for word in arguments if word.startswith(NO_PLUGIN)]
    if words:
        from core.registry import registry

        registry().leave_out(name for word in words for name in word.split(",") if name != "none")
    return [word for word in arguments if not word.startswith(NO_PLUGIN)]


def _say(text: str, arguments: Sequence[str], status: int) -> int:
    if "--debug" in arguments:
        import traceback

        traceback.print_exc()
    with suppress(BrokenPipeError):
        print(f"error: {text}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
