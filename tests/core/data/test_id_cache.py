"""Ids on disk: found again, made again where they cannot be read, and made by several processes at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.data import id_cache
from core.data.options import DataOptions
from core.data.prepare import Data, prepare
from core.data.sources.files import Files
from core.kinds import find_kind
from tasks.lm import LanguageModelling

DAMAGED = "the ids in the cache are damaged, so they are built again"


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQLAB_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "train.txt"
    path.write_text("".join(f"w{i % 7} w{i % 11} w{i % 13}\n" for i in range(3000)))
    return path


def ids(path: Path) -> Data:
    return prepare(Files(path), find_kind("next").token_spec(LanguageModelling()), DataOptions())


def cut_values(entry: Path) -> None:
    values = entry / "train.tokens.values.npy"
    values.write_bytes(values.read_bytes()[:-4])


def cut_words(entry: Path) -> None:
    (entry / "meta.json").write_text((entry / "meta.json").read_text()[:-9])


def remove_offsets(entry: Path) -> None:
    (entry / "dev.tokens.offsets.npy").unlink()


def of_the_past(entry: Path) -> None:
    (entry / "meta.json").write_text(json.dumps({**json.loads((entry / "meta.json").read_text()), "format": 1}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (cut_values, DAMAGED),
        (cut_words, DAMAGED),
        (remove_offsets, DAMAGED),
        (of_the_past, f"the ids in the cache are of version 1, not {id_cache.FORMAT}, so they are built again"),
    ],
)
def test_an_unreadable_entry_is_built_again_with_a_note(
    text: Path, spoil: Callable[[Path], None], message: str
) -> None:
    made = ids(text)
    [entry] = id_cache.folder().iterdir()
    spoil(entry)
    again = ids(text)
    assert [*map(str, again.notes)] == [*map(str, made.notes), message]
    assert np.array_equal(again.splits["train"].tokens.values, made.splits["train"].tokens.values)
    assert ids(text).notes == made.notes  # the new entry is complete, and the note is not cached


def test_cached_arrays_are_memory_mapped(text: Path) -> None:
    ids(text)
    assert isinstance(ids(text).splits["train"].tokens.values, np.memmap)


BUILD = """
import sys, zlib
from pathlib import Path
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.files import Files
from core.kinds import find_kind
from tasks.lm import LanguageModelling
source = Files(Path(sys.argv[1]))
sys.stdin.readline()
for _ in range(3):
    data = prepare(source, find_kind("next").token_spec(LanguageModelling()), DataOptions())
    print(zlib.crc32(data.splits["train"].tokens.values.tobytes()), *data.notes)
"""


def test_processes_can_write_the_same_entry_at_the_same_time(text: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(text)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], [errors for _, errors in ends]
    lines = {line for out, _ in ends for line in out.splitlines()}
    assert len(lines) == 1 and DAMAGED not in lines.pop()
    [entry] = id_cache.folder().iterdir()
    assert ids(text).notes and entry.is_dir()


BOOKS = """
import json, sys, time
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.data.sources.files import Files
from core.kinds import find_kind
from core.experiment.hardware import peak_bytes
from tasks.lm import LanguageModelling
found = []
for _ in range(2):
    start = time.process_time()
    data = prepare(Files(sys.argv[1]), find_kind("next").token_spec(LanguageModelling()), DataOptions())
    found.append(time.process_time() - start)
tokens = sum(int(corpus.tokens.inner.sum()) for corpus in data.splits.values())
print(json.dumps([*found, tokens, peak_bytes() / 2**20]))
"""


@pytest.mark.data
@pytest.mark.slow
def test_twenty_million_tokens_are_ids_in_8_seconds_and_600_megabytes(real_data: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "SEQLAB_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", BOOKS, str(real_data / "books")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    first, again, tokens, megabytes = json.loads(done.stdout)
    assert tokens == 20_125_261 + 530_223 + 675_548
    assert first < 8  # on one processor, since others may be busy
    assert again < 1
    assert megabytes < 600
