"""SIGTERM and SIGHUP as Ctrl-C: delayed while a run is saved, once if they come twice, and in the exit status."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from core import signals


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    with signals.as_interrupts():
        yield request.param


def press(number: int) -> None:
    os.kill(os.getpid(), number)


def test_a_signal_waits_for_the_end_of_a_save_and_a_second_one_does_not(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, handler = [], signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), signals.delayed():
        press(number)
        steps.append("went on")
    assert steps == ["went on"] and signal.getsignal(number) is handler
    monkeypatch.setattr(signals, "REPEATED", 0)
    with pytest.raises(KeyboardInterrupt), signals.delayed():
        press(number)
        press(number)
        steps.append("never")
    assert steps == ["went on"] and signal.getsignal(number) is handler


@pytest.mark.parametrize("number", signals.ENDING)
def test_a_signal_to_a_process_and_to_its_group_is_one(number: int) -> None:
    steps = []
    with signals.as_interrupts():
        with pytest.raises(signals.Terminated), signals.delayed():
            press(number)
            press(number)
            steps.append("went on")
        signals._received.clear()
        with pytest.raises(signals.Terminated):
            press(number)
        press(number)
        steps.append("handled once")
    assert steps == ["went on", "handled once"]


def test_the_exit_status_is_that_of_the_signal() -> None:
    with signals.as_interrupts():
        assert [signals.exit_status(status) for status in (0, 1, 130)] == [0, 1, 130]
        with pytest.raises(signals.Terminated, match="terminated by SIGTERM"):
            press(signal.SIGTERM)
        assert [signals.exit_status(status) for status in (0, 1, 130)] == [0, 143, 143]
    with signals.as_interrupts():
        assert signals.exit_status(130) == 130


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as with nohup
    try:
        with signals.as_interrupts(), signals.delayed():
            press(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_handlers_of_a_program_that_uses_core_stay() -> None:
    with signals.as_interrupts():
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
