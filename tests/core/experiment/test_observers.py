"""Who watches a run: chosen by name, with options, never part of what is run; a failing one is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from core import hookimpl
from core.config import RunConfig, expand
from core.errors import ConfigError, UnknownName
from core.experiment.observers import Observer, make_observers
from core.registry import Registry, installed

WORDS = ["task=sentiment", "encoder=bag"]


class Quiet(Observer):
    """Watches, and says nothing.

    Args:
        path: where to.
    """

    def __init__(self, *, path: str = "here") -> None:
        self.path = path


class Loud(Observer):
    """Writes to the terminal."""

    draws: ClassVar[bool] = True


class Broken(Observer):
    """Cannot be made."""

    def __init__(self) -> None:
        raise OSError("no network")


class Lacking(Observer):
    """Says what it lacks."""

    def __init__(self) -> None:
        raise ConfigError("the library is not installed", remedy="install it")


class Plugin:
    """All of them."""

    @hookimpl
    def register_observers(self, register: Any) -> None:
        for kind in (Quiet, Loud, Broken, Lacking):
            register(kind.__name__.lower(), kind, help="")


@pytest.fixture(scope="module")
def found() -> Registry:
    registry = Registry(installed)
    assert not registry.add(Plugin()).error
    return registry


def config(found: Registry, *words: str) -> RunConfig:
    return expand([*WORDS, *words], found)[0]


def names(observers: list[Any]) -> list[str]:
    return [type(observer).__name__ for observer in observers]


def test_the_progress_display_observes_unless_others_are_named(found: Registry) -> None:
    assert names(make_observers(config(found))) == ["ProgressDisplay"]
    assert names(make_observers(config(found, "observer=quiet+loud"))) == ["Quiet", "Loud"]
    assert names(make_observers(config(found, "observer=none"))) == []


def test_quiet_leaves_out_only_observers_that_write_to_the_terminal(found: Registry) -> None:
    assert names(make_observers(config(found, "observer=quiet+loud", "quiet=true"))) == ["Quiet"]
    assert names(make_observers(config(found, "observer=quiet+loud"), terminal=False)) == ["Quiet"]


def test_options_are_set_by_the_short_and_the_long_key_and_checked(found: Registry) -> None:
    assert make_observers(config(found, "observer=quiet", "observer.path=there"))[0].path == "there"
    assert make_observers(config(found, "observer=loud+quiet", "observer.quiet.path=there"))[1].path == "there"
    with pytest.raises(UnknownName, match="did you mean 'path'"):
        config(found, "observer=quiet", "observer.pth=there")


def test_observers_change_neither_the_id_nor_the_record(found: Registry) -> None:
    watched, other = config(found, "observer=quiet", "observer.path=there"), config(found)
    assert watched.id() == other.id() and watched.flat() == other.flat()
    assert not any(key.startswith("observer") for key in watched.flat())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["observer=quiet,loud"], "observers do not form a grid; join them by [+]"),
        (["observer=quiet+quiet"], "joined to itself"),
        (["observer=quite"], "there is no observer 'quite'; did you mean 'quiet'"),
    ],
)
def test_a_wrong_choice_is_an_error(words: list[str], message: str, found: Registry) -> None:
    with pytest.raises(ConfigError, match=message):
        config(found, *words)


def test_an_observer_that_fails_is_left_out_and_one_that_names_what_is_missing_is_an_error(
    found: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert names(make_observers(config(found, "observer=broken+quiet"))) == ["Quiet"]
    assert "warning: observer broken failed at construction and is left out: OSError" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="the library is not installed; install it"):
        make_observers(config(found, "observer=lacking+quiet"))


def test_a_run_from_python_has_observers(tmp_path: Path) -> None:
    from core import run

    run(task="sentiment", encoder="bag", observer="csv", runs=tmp_path, **{"data.limit": 50, "train.epochs": 1})
    assert len(list((tmp_path / "curves").glob("*.csv"))) == 1
