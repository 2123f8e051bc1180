"""A command as a class of options: parsing, checks and ``--help`` come from its constructor."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest
from annotated_types import Ge
from command_line import run_command

from core.__main__ import LazyCommand
from core.cli import COMMANDS
from core.cli.bench import Format
from core.cli.command import Command
from core.cli.plugins import wrong
from core.config.options import REQUIRED, options_of
from core.config.overrides import render
from core.config.schema import RunOptions
from core.errors import ConfigError, UnknownName
from core.registry import Registry, registry

PLUGIN = '''
from typing import Annotated, Any
from annotated_types import Ge
from core import hookimpl
from core.cli.command import Command
from core.cli.plugins import wrong

class Hello(Command):
    """Greet somebody.

    Args:
        names: who is greeted.
        times: how often.
    """

    def __init__(self, *names: str, times: Annotated[int, Ge(1)] = 2) -> None:
        self.names, self.times = names, times

    def execute(self) -> int:
        """Greet."""
        print("hello", *self.names * self.times)
        return 3

class Broken(Hello):
    """Raise."""

    def execute(self):
        raise ValueError("no voice")

class Done(Hello):
    """Return a word, which is not a status."""

    def execute(self):
        return "done"

@hookimpl
def register_commands(register):
    register("hello", Hello, help="greet somebody")
    register("broken", Broken, help="raise")
    register("done", Done, help="return a word")
    register("wrong", print, help="not a command")
    register("run", Hello, help="hidden by the built-in command")
'''


class Base(Command):
    """What several commands share.

    Args:
        place: where; none is here.
        many: several values.
    """

    def __init__(self, *, place: str | None = None, many: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(**options)
        self.place, self.many = place, many


class Sample(Base):
    """Do something.

    More about it.

    Args:
        things: what is done.
        size: how large.
        way: how.
        title: any text.
    """

    def __init__(
        self,
        *things: str,
        size: Annotated[int, Ge(1)],
        way: Literal["up", "down"] = "up",
        title: str = "",
        **o: Any,
    ) -> None:
        super().__init__(**o)
        self.things, self.size, self.way, self.title = things, size, way, title


def load(name: str) -> type[Command]:
    return LazyCommand(name, *COMMANDS[name]).load()


def test_values_come_checked_by_their_annotations_and_the_rest_by_default() -> None:
    words = ["a", "size=3", "b c", "many=x,[y,z]", "title=none, or [a", "place=none"]
    command = Sample.parse("sample", words)
    assert (command.things, command.size, command.way, command.title) == (("a", "b c"), 3, "up", "none, or [a")
    assert (command.place, command.many) == (None, ("x", "y", "z"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["size=0"], "size: '0' does not fit; it takes int >= 1"),
        (["size=1", "way=dwn"], "way: 'dwn' does not fit; did you mean 'down'? (it takes one of up|down)"),
        (["size=1", "size=2"], "size: given twice; give it once"),
        (["size=1", "many=a", "many=b"], "many: given twice; give it once; separate several values by commas"),
        (["siez=1"], "siez: sample has no key 'siez'; did you mean 'size'?"),
        (["size=1", "many=a,"], "many: a value is missing"),
        ([], "sample: size is missing; write size=...: how large"),
    ],
)
def test_a_mistake_is_one_sentence(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Sample.parse("sample", words)
    assert str(caught.value).startswith(message)


def test_positional_arguments_are_taken_where_the_constructor_declares_them() -> None:
    assert (Sample.positional(), Base.positional()) == ("things", "")
    with pytest.raises(ConfigError, match="base: 'stray' is not understood; write key=value"):
        Base.parse("base", ["stray"])
    assert Sample.parse("sample", ["size=1", "2 + 2=4"]).things == ("2 + 2=4",)  # a sentence


def test_overrides_are_passed_on_by_their_section() -> None:
    class Passing(Sample):
        overrides = ("data", "train")

    words = ["data=x", "data.limit=3", "train.epochs=1", "size=2"]
    assert Passing.parse("passing", words).things == tuple(words[:3])
    with pytest.raises(UnknownName, match="passing has no key 'trian'; did you mean 'train'"):
        Passing.parse("passing", ["size=2", "trian.epochs=1"])


def test_help_is_the_docstring_and_every_key() -> None:
    assert Sample.about() == "Do something.\n\nMore about it."
    sections = dict(Sample.help_sections("sample"))
    assert sections["Arguments"] == [("THINGS", "what is done.")]
    assert sections["Keys"][0] == ("size", "int >= 1 (required): how large.")
    assert ("way", "one of up|down (default up): how.") in sections["Keys"]
    assert ("many", "[text, ...] (default []): several values.") in sections["Keys"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_lists_each_key_with_type_default_and_meaning(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run_command(capsys, name, "--help")
    assert (status, err) == (0, "") and out.startswith(f"Usage: seqlab {name} [KEY=VALUE]...")
    text, options = " ".join(out.split()), list(options_of(load(name)).values())
    options += options_of(RunOptions).values() if name in ("run", "bench", "import") else []
    for option in options:
        default = "required" if option.default is REQUIRED else f"default {render(option.default)}"
        meaning = " ".join(option.help.replace("``", "`").split())
        assert option.help and option.help[0] != " "
        row = f"{option.name.replace('__', '.')} {option.type_text} ({default}): {meaning}"
        assert row.replace("- ", "-") in text.replace("- ", "-")  # a line may end at a hyphen
    assert "--help" in text and "--debug" in text
    assert ("`describe encoder=NAME`" in text) == (name in ("run", "bench", "import", "plot"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_misspelt_key_of_any_command_names_the_nearest(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    key = next(iter(options_of(load(name))))
    status, out, err = run_command(capsys, name, f"{key}{key[-1]}=1")
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert err.startswith(f"error: {key}{key[-1]}: {name} has no key '{key}{key[-1]}'; did you mean ")
    assert f"'{key}'" in err


def test_values_are_checked_before_anything_heavy_is_imported_or_a_model_is_read(tmp_path: Path) -> None:
    """A value that does not fit, for every key whose type can be wrong, of every command at once."""
    bad = [
        (name, key)
        for name in COMMANDS
        for key, option in options_of(load(name)).items()
        if option.type_text not in ("text", "text or none", "[text, ...]")
    ]
    assert len(bad) > 15
    probe = f"""
import sys
from core.__main__ import LazyCommand
from core.cli import COMMANDS
from core.errors import ConfigError
for name, key in {bad!r}:
    try:
        LazyCommand(name, *COMMANDS[name]).load().parse(name, [f"{{key}}=@"])
    except ConfigError as error:
        message = str(error)
    print(name, key, message)
    assert message.startswith(f"{{key}}: '@' does not fit; "), message
    heavy = [m for m in ("torch", "datasets", "numba", "sklearn", "matplotlib") if m in sys.modules]
    assert not heavy, (name, heavy)
"""
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_formats_of_bench_are_those_of_the_tables() -> None:
    from core.view.formats import FORMATS

    assert get_args(Format) == ("table", *FORMATS)


@pytest.fixture
def with_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    (tmp_path / "hello.py").write_text(PLUGIN)
    registry.cache_clear()
    assert not registry().load(str(tmp_path / "hello.py")).error
    yield registry()
    registry.cache_clear()


def test_a_plugins_command_is_a_class_like_those_of_core(
    with_plugin: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(capsys, "hello", "you") == (3, "hello you you\n", "")
    assert run_command(capsys, "hello", "times=0")[2] == "error: times: '0' does not fit; it takes int >= 1\n"
    assert "times  int >= 1 (default 2): how often." in run_command(capsys, "hello", "--help")[1]
    assert "did you mean 'hello'?" in run_command(capsys, "helo")[2]
    assert "hello" in run_command(capsys, "list", "command")[1]
    assert "int >= 1 (default 2): how often." in run_command(capsys, "describe", "hello")[1]
    assert "did you mean 'hello'?" in run_command(capsys, "describe", "helo")[2]
    error, hidden = wrong(next(plugin for plugin in with_plugin.plugins() if plugin.name == "hello"))
    assert "<built-in function print> is not a command" in error
    assert hidden == "command=run: the built-in command of this name is called instead; choose another name"
    status, _, err = run_command(capsys, "wrong")
    assert status == 1 and err.startswith("error: command=wrong: ") and "inherits from core.cli.command" in err


def test_an_exception_in_a_plugins_command_names_the_plugin(
    with_plugin: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run_command(capsys, "broken")
    assert status == 1 and err.startswith("error: command=broken: raised ValueError: no voice (")
    assert "fix plugin hello (" in err
    assert run_command(capsys, "done") == (0, "", "")


def test_the_command_of_the_tutorial_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "plugins.md").read_text("utf-8")
    (snippet,) = [
        code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "register_commands" in code
    ]
    (tmp_path / "words.py").write_text(snippet)
    registry.cache_clear()
    try:
        assert not registry().load(str(tmp_path / "words.py")).error
        assert run_command(capsys, "words", "limit=3")[2].startswith(
            "error: words: run is missing; write run=...: ID or name"
        )
    finally:
        registry.cache_clear()
