"""Errors on their way between processes, and threads that are shared out."""

from __future__ import annotations

import pickle

import pytest
from fake_executor import FakeExecutor

from core import config
from core.errors import ConfigError, DataError, SeqlabError, UnknownName
from core.experiment.executors.base import error_data, error_from
from core.experiment.executors.local import LocalExecutor


class Own(DataError):
    """A plugin's error."""


@pytest.mark.parametrize(
    "error", [UnknownName("no", where="a.b", remedy="do"), Own("no", code="x", values={"n": 3})]
)
def test_an_error_arrives_with_its_class_and_all_that_it_says(error: SeqlabError) -> None:
    try:
        raise error
    except SeqlabError as raised:
        found = error_from(pickle.loads(pickle.dumps(error_data(raised))))
    assert type(found) is (UnknownName if isinstance(error, ConfigError) else DataError)
    assert (str(found), found.code, found.values) == (str(error), error.code, error.values)
    assert "test_base.py" in found.__notes__[0]  # --debug shows where it was raised


def test_threads_that_the_user_gives_are_kept_and_auto_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    configs = config.expand(["task=lm,pos", "encoder=ngram"])
    given = config.expand(["task=lm", "encoder=ngram", "threads=5"])
    monkeypatch.setattr("core.experiment.executors.local.start_server", lambda: None)
    executor = LocalExecutor(3)
    assert [each.run["threads"] for each in executor.settled([*configs, *given])] == [2, "auto", 5]
    assert executor.settled(executor.settled(configs)) == executor.settled(configs)
    assert [each.id() for each in executor.settled(configs)] == [each.id() for each in configs]
    assert LocalExecutor(3, most=2).settled(configs) == executor.settled(configs)  # memory does not change threads
    assert FakeExecutor(2, {}).settled(configs)[0].run["threads"] == 1
