"""Memory that has run out is recognised in what the libraries raise, and said with what was being done."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from core import memory
from core.errors import MEMORY, PluginError, StoreError, explained, naming_memory, out_of_memory

ERRORS = [
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried to"),
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("can't start new thread"),
    RuntimeError("std::bad_alloc"),
    type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory."),
    OSError(12, "Cannot allocate memory"),
    ImportError("libtorch_cpu.so: failed to map segment from shared object"),
]


@pytest.mark.parametrize("error", ERRORS)
def test_memory_that_has_run_out_is_recognised(error: Exception) -> None:
    known = explained(error)
    assert (
        known.code == MEMORY
        and str(known).startswith("out of memory (")
        and "; lower train.batch_size" in str(known)
    )


def test_the_libraries_raise_what_is_recognised() -> None:
    import torch

    for allocate in (lambda: np.empty(2**50), lambda: torch.empty(2**50), lambda: pa.allocate_buffer(2**50)):
        with pytest.raises(Exception) as caught:
            allocate()
        assert memory.is_exhausted(caught.value)


@pytest.mark.parametrize(
    "error",
    [ValueError("out of memory"), KeyError("x"), OSError(2, "No such file"), ImportError("no module"), None],
)
def test_other_errors_are_not_taken_for_it(error: Exception | None) -> None:
    assert not memory.is_exhausted(error)


@pytest.mark.parametrize("kind", [PluginError, StoreError])
@pytest.mark.parametrize("cause", ERRORS)
def test_an_error_because_of_memory_says_so_whatever_it_is_called(kind: type[Exception], cause: Exception) -> None:
    try:
        try:
            raise cause
        except Exception as error:
            raise kind("cannot be read", where="encoder=lstm") from error  # type: ignore[call-arg] # kinds of errors differ
    except Exception as raised:
        known = explained(raised)
    assert known.code == MEMORY and str(known).startswith("encoder=lstm: out of memory (")


def test_an_error_that_hides_its_context_stays() -> None:
    with pytest.raises(StoreError) as caught:
        try:
            raise MemoryError
        except MemoryError:
            raise StoreError("something else") from None
    assert explained(caught.value) is caught.value


def test_the_innermost_name_of_what_was_being_done_is_said() -> None:
    with pytest.raises(Exception) as caught, naming_memory("running"), naming_memory("training", "lower x"):
        raise MemoryError
    assert str(caught.value).startswith("out of memory while training (") and "; lower x" in str(caught.value)
    with pytest.raises(KeyError), naming_memory("training"):
        raise KeyError


def test_the_limit_of_the_process_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "limit", lambda: 1_000_000_000)
    text = str(out_of_memory("training", "lower x"))
    assert "of at most 1.0 GB (ulimit -v) are used, " in text
    assert text.endswith("; raise the limit (ulimit -v) to 1.5 GB or more, or lower x")
