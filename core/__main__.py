"""The command line: ``python -m core COMMAND key=value ...``, also installed as ``seqlab``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

try:
    import click

    from core import memory, processes, signals
    from core.cli import COMMANDS
    from core.errors import ConfigError, UnknownName, explained, naming_memory, nearest
    from core.printable import echo, echo_lines
except KeyboardInterrupt:  # main() is not there yet
    print("error: interrupted", file=sys.stderr)
    sys.exit(130)

if TYPE_CHECKING:
    from core.cli.command import Command, Selected

NO_PLUGIN = "no_plugin="
ABOUT = "Compare sequence encoders on tasks: how good, at what cost."
SHARED = ("run", "bench")  # commands in which several processes take part
LIGHT = ("describe", "list", "new", "plugins")  # commands without numerical libraries
EPILOG = "Try: python -m core run task=pos encoder=bilstm\n\nno_plugin=NAME leaves a plugin out of any command."


class CommandLine(click.Group):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of core's commands; those of plugins are looked up only when one is called."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command of core with its whole line of help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, name: str) -> click.Command:
        """A command by its name; UnknownName where there is none."""
        if name in COMMANDS:
            return LazyCommand(name, *COMMANDS[name])
        from core.registry import registry

        if name not in (names := registry().names("command")):
            raise UnknownName(f"there is no command '{name}'", remedy=nearest(name, [*COMMANDS, *names]))
        spec = registry().get("command", name)
        return LazyCommand(name, spec, spec.help)


class LazyCommand(click.Command):
    """A command whose class (``"module:Class"`` or a plugin's spec) is imported when it is called or described."""

    def __init__(self, name: str, target: Any, help: str) -> None:
        arguments = click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)
        super().__init__(name, callback=self._call, params=[arguments, _debug()], help=help)
        self.command_name, self.target = name, target
        self.given: list[str] = []  # the arguments, which may name a part of the command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments for the help."""
        self.given = [text for text in args if not text.startswith("-")]
        return super().parse_args(ctx, args)

    def load(self) -> type[Command]:
        """The class; PluginError where it cannot be imported, or is not a ``Command``."""
        from core.cli.command import load_command

        return load_command(self.command_name, self.target)

    def _selected(self) -> Selected:
        """The command, or the part of it, that the help is about."""
        return self.load().select(self.command_name, self.given)

    def _call(self, arguments: tuple[str, ...], debug: bool) -> int | None:
        if processes.size() > 1 and self.command_name not in SHARED:
            what = f"it runs in one process, and {processes.size()} have been started"
            raise ConfigError(what, where=self.command_name, remedy="start it without torchrun")
        if self.command_name not in LIGHT:
            _warn_of_little_memory()
        with naming_memory(f"running `{self.command_name}`"):
            command, name, rest, spec = self.load().select(self.command_name, arguments)
            try:
                status = command.parse(name, rest).execute()
            except Exception as error:
                if isinstance(self.target, str) and spec is None:
                    raise
                from core.registry.attribution import attribute_error

                known = attribute_error(error, [spec or self.target])
                raise known from (error if known is not error else error.__cause__)
        return status if isinstance(status, int) else None

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What follows the name in the usage line."""
        command, name, *_ = self._selected()
        takes = command.positional()
        part = name.removeprefix(self.command_name).split()
        return [*part, "[KEY=VALUE]...", *([f"[{takes.upper()}]..."] if takes else [])]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(self._selected().command.about() or self.help or "")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every key with type, default and meaning."""
        command, name, *_ = self._selected()
        for title, rows in command.help_sections(name):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
        super().format_options(ctx, formatter)


def _debug() -> click.Option:
    return click.Option(["--debug"], is_flag=True, help="Show the traceback of an error.")


@click.pass_context
def _without_command(ctx: click.Context, debug: bool) -> None:
    """Show the help where no command is given; the status is that of a mistake, as in other programs of click."""
    if ctx.invoked_subcommand is None:
        echo_lines(ctx.get_help(), error=True)
        ctx.exit(2)


group = CommandLine(
    name="seqlab",
    help=ABOUT,
    epilog=EPILOG,
    params=[_debug()],
    callback=_without_command,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 failed, 2 a mistake in the command line, 130 interrupted by Ctrl-C.

    SIGTERM and SIGHUP interrupt as Ctrl-C does; the status is 143 or 129.

    Args:
        arguments: the command and what follows it; None takes those of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # it was closed (``>&-``)
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
    with signals.as_interrupts():
        status = signals.exit_status(_run(given))
    if status > signals.BY_SIGNAL:
        _close_lost_streams()
    sys.exit(status)


def _run(given: list[str]) -> int:
    """Run one command; every error becomes one line and a status."""
    try:
        _check_utf8(given)
        processes.check()
        status = group.main(_leave_out(given), prog_name="seqlab", standalone_mode=False) or 0
        processes.leave()
        sys.stdout.flush()
        return int(status)
    except click.ClickException as error:
        return _report(error.format_message(), given, error.exit_code)
    except (KeyboardInterrupt, click.Abort) as error:
        return _report(signals.message(error), given, 130)
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        try:
            known = explained(error)
        except MemoryError:
            return _report("out of memory; give the program more", given, 1)
        return _report(str(known), given, known.exit_code)


def _close_lost_streams() -> None:
    """Discard output that cannot be written, since the terminal was closed; it would change the status."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _check_utf8(arguments: Sequence[str]) -> None:
    """Refuse arguments whose bytes are not text, since nothing could save or print them."""
    for argument in arguments:
        if not argument.isascii() and argument.encode("utf-8", "replace").decode() != argument:
            text = argument.encode("ascii", "backslashreplace").decode()
            raise ConfigError(f"'{text}' is not UTF-8", remedy="write it in UTF-8, or put it into a file")


def _warn_of_little_memory() -> None:
    """Say that memory is short before libraries are imported, some of which end the process without a reason."""
    if (most := memory.limit()) is not None and most < memory.NEEDED:
        amount, needed = (f"{size / memory.GB:.1f} GB" for size in (most, memory.NEEDED))
        text = f"this process may use only {amount} (ulimit -v), but NumPy, numba and torch need about {needed}; "
        text += "where they cannot have it, they may end it without a message"
        echo(f"note: {text}", error=True)


def _leave_out(arguments: list[str]) -> list[str]:
    """Take ``no_plugin=NAME`` out of the arguments of any command, before a plugin is imported."""
    values = [argument.removeprefix(NO_PLUGIN) for argument in arguments if argument.startswith(NO_PLUGIN)]
    if values:
        from core.registry import registry

        registry().leave_out(name for value in values for name in value.split(",") if name != "none")
    return [argument for argument in arguments if not argument.startswith(NO_PLUGIN)]


def _report(message: str, arguments: Sequence[str], status: int) -> int:
    if "--debug" in arguments:
        import traceback

        echo_lines(traceback.format_exc(), error=True)
    with suppress(OSError):  # a pipe without a reader, or a terminal that was closed
        who = f" in process {processes.rank()}" if processes.rank() else ""
        echo(f"error{who}: {message}", error=True)
    return status


if __name__ == "__main__":
    main()
