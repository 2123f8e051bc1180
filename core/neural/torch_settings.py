"""How torch computes in this thread of this process."""

from __future__ import annotations

import os

import torch

from core.errors import ConfigError
from core.model.runtime import Runtime

_forked: list[int] = []  # the process, if it was forked from one in which torch was loaded
if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=lambda: _forked.append(os.getpid()))


def configure_torch(runtime: Runtime) -> None:
    """Set the threads, and flush denormal numbers, which are slow and arise in moments of rare words.

    On a GPU fp32 is fp32: TF32, which rounds factors to 10 bits, is switched off in products and in cuDNN, where
    it is torch's default. So ``precision=fp32`` means the same on each device, and predictions, always in fp32,
    agree with those on a CPU. Products in bf16 add up in fp32.

    A forked process has none of its parent's OpenMP threads and would wait for them for ever: it uses one thread.

    Raises:
        ConfigError: the process is forked and the model runs on a GPU.
    """
    if _forked and runtime.device != "cpu":
        what = f"this process was forked, and {runtime.device} does not work in a forked process"
        remedy = 'start processes with spawn: multiprocessing.get_context("spawn"), or use device=cpu'
        raise ConfigError(what, where="device", remedy=remedy)
    torch.set_num_threads(1 if _forked else runtime.threads)
    torch.set_flush_denormal(True)
    if runtime.device.startswith("cuda"):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
