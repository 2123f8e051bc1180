"""Plugins that hang, interrupt, exit or change the process while they load: named, and the command goes on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Done, run_command

from core import signals
from core.registry import registry, watch


@pytest.fixture(autouse=True)
def own_registry() -> Iterator[None]:
    registry.cache_clear()
    yield
    registry.cache_clear()


def listed(tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str) -> Done:
    (tmp_path / "mine.py").write_text(code)
    return run_command(capsys, "list", "encoder", f"plugin={tmp_path / 'mine.py'}")


SLEEPS = "import time\ntime.sleep(0.3)\n"
HOOK = """
from core import hookimpl
@hookimpl
def register_encoders(register):
    {body}
"""


@pytest.mark.parametrize("code", [SLEEPS, HOOK.format(body="import time; time.sleep(0.3)")])
def test_a_plugin_that_takes_long_to_load_is_named(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SLOW", 0.1)
    done = listed(tmp_path, capsys, code)
    name = f"plugin mine ({tmp_path / 'mine.py'})"
    assert done.code == 0 and "lstm" in done.out
    assert f"note: {name} has been loading for 0.1 s; Ctrl-C stops it; leave it out\n" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("body", ["{press}", HOOK])
def test_an_interrupt_names_the_plugin_that_is_loading(
    body: str, number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    press = f"import os; os.kill(os.getpid(), {int(number)})"
    done = listed(tmp_path, capsys, body.format(body=press, press=press))
    text = "interrupted" if number == signal.SIGINT else "terminated by SIGTERM"
    where = f"while plugin mine ({tmp_path / 'mine.py'}) was loading; leave it out"
    assert done.code == 128 + number and done.err.strip() == f"error: {text} {where}" and done.out == ""


RAISED = [
    "raise KeyboardInterrupt",
    "raise SystemExit(3)",
    "import sys; sys.exit('bye')",
    "raise BaseException('odd')",
    "raise GeneratorExit",
    "import asyncio; raise asyncio.CancelledError",
    "f = lambda: f(); f()",
    "import sys; sys.setrecursionlimit(60); f = lambda: f(); f()",
    "raise MemoryError",
]


@pytest.mark.parametrize("code", RAISED)
@pytest.mark.parametrize("shape", ["{body}", HOOK])
def test_whatever_a_plugin_raises_is_its_error_alone(
    shape: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = sys.getrecursionlimit()
    done = listed(tmp_path, capsys, shape.format(body=code))
    assert done.code == 0 and "lstm" in done.out and sys.getrecursionlimit() == limit
    assert done.err.startswith(f"note: plugin mine ({tmp_path / 'mine.py'}): ") and done.err.count("\n") == 1


CHANGES = """
import os, signal, sys
print("printed"); print("error", file=sys.stderr)
os.chdir("/")
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: None)
sys.stdout.close()
sys.stderr.close()
"""


def test_a_plugin_that_changes_the_process_leaves_it_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with signals.as_interrupts():
        before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), os.getcwd()
        (tmp_path / "mine.py").write_text(CHANGES)
        plugin = registry().load(str(tmp_path / "mine.py"))
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), os.getcwd()) == before
    assert plugin.printed == "printed\nerror\n"
    done = run_command(capsys, "list", "encoder")
    assert done.code == 0 and "lstm" in done.out and "printed" not in done.out
