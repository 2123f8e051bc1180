"""What fp32 and bf16 mean on a GPU; the settings are torch's own and exist without one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.model.runtime import Runtime
from core.neural.torch_settings import configure_torch

MATMUL, CUDNN = torch.backends.cuda.matmul, torch.backends.cudnn


@pytest.fixture
def settings() -> Iterator[None]:
    before = MATMUL.allow_tf32, CUDNN.allow_tf32, MATMUL.allow_bf16_reduced_precision_reduction
    MATMUL.allow_tf32 = CUDNN.allow_tf32 = MATMUL.allow_bf16_reduced_precision_reduction = True
    yield
    MATMUL.allow_tf32, CUDNN.allow_tf32, MATMUL.allow_bf16_reduced_precision_reduction = before


@pytest.mark.usefixtures("settings")
def test_fp32_is_fp32_on_a_gpu_and_sums_of_bf16_products_are_too() -> None:
    configure_torch(Runtime())
    assert MATMUL.allow_tf32 and CUDNN.allow_tf32  # a run on the CPU changes nothing for a program around it
    configure_torch(Runtime(device="cuda:0"))
    assert not MATMUL.allow_tf32 and not CUDNN.allow_tf32
    assert not MATMUL.allow_bf16_reduced_precision_reduction
