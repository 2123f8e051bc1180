"""Turns: one makes what the others find."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from memory_source import Rows, text

from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.turns import turn
from core.kinds import find_kind
from tasks.lm import LanguageModelling


class Slow(Rows):
    """Takes a while to read."""

    def batches(self, split: str) -> Iterator[pa.RecordBatch]:
        time.sleep(0.05)
        yield from super().batches(split)


def test_those_who_need_the_same_entry_wait_and_no_file_is_left(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def work(name: str) -> None:
        with turn(tmp_path / "cache" / name):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.02)
            inside[0] -= 1

    for names, expected in ((["same"] * 8, 1), (["a", "b"], 2)):
        most[0] = 0
        together([lambda name=name: work(name) for name in names])  # type: ignore[misc] # a default
        assert most[0] == expected
    assert list((tmp_path / "cache").iterdir()) == []


def together(calls: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_cache_that_cannot_be_written_needs_no_turn(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with turn(tmp_path / "file" / "entry"):
        pass


def test_two_runs_that_need_the_same_data_read_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path))
    source, spec = Slow("key", train=text(*["a b", "b c"] * 30)), find_kind("next").token_spec(LanguageModelling())
    together([lambda: prepare(source, spec, DataOptions())] * 3)
    assert source.reads == 1
