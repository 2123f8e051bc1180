"""The command line: ``python -m core VERB key=value ...``, also installed as ``seqlab``."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence

import click

from core.errors import SeqlabError, UnknownName, nearest
from core.verbs import VERBS

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

    verb: Callable[[list[str]], int | None] = import_module(f"core.verbs.{name}").verb
    return verb(words)


def _command(name: str, help_text: str, call: Callable[[list[str]], int | None]) -> click.Command:
    def callback(words: tuple[str, ...], debug: bool) -> int | None:
        return call(list(words))

    argument = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...")
    return click.Command(name, callback=callback, params=[argument, _debug()], help=help_text)


def _debug() -> click.Option:
    return click.Option(["--debug"], is_flag=True, help="Show the traceback of an error.")


group = Verbs(name="seqlab", help="Compare sequence encoders on tasks: how good, at what cost.", epilog=EPILOG)


def main(words: Sequence[str] | None = None) -> None:
    """Run one verb and exit: 0 done, 1 failed, 2 a mistake in the words, 130 interrupted."""
    arguments = list(sys.argv[1:] if words is None else words)
    try:
        status = group.main(arguments, prog_name="seqlab", standalone_mode=False) or 0
        sys.stdout.flush()
    except SeqlabError as error:
        status = _say(str(error), arguments, error.exit_code)
    except click.ClickException as error:
        status = _say(error.format_message(), arguments, error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        status = _say("interrupted", arguments, 130)
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except MemoryError:
        status = _say("out of memory; lower train.batch_size or data.limit", arguments, 1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        remedy = "; free some space, or choose another place" if full else ""
        status = _say(f"{place}{error.strerror or error}{remedy}", arguments, 1)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        status = _say(f"internal error: {text}; run again with --debug for the traceback", arguments, 1)
    sys.exit(status)


def _say(text: str, arguments: Sequence[str], status: int) -> int:
    if "--debug" in arguments:
        import traceback

        traceback.print_exc()
    print(f"error: {text}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
