from __future__ import annotations

import pytest
import torch

from core.neural.ops import half_projection, linear_cross_entropy
from core.neural.ops.linear_cross_entropy import projection_log_probs, projection_loss


def case(dtype=torch.float64, events=7, words=6, hidden=4):
    torch.manual_seed(1)
    tensors = [torch.randn(shape, dtype=dtype) for shape in [(events, hidden), (words, hidden), (words,)]]
    return [tensor.requires_grad_() for tensor in tensors], torch.randint(words, (events,))


@pytest.fixture(params=["cpu", "gpu"])
def device(request, monkeypatch):
    """The operations that are chosen for a device, on a CPU."""
    if request.param == "gpu":
        monkeypatch.setattr(linear_cross_entropy, "QUEUING", ("cpu",))


@pytest.mark.parametrize("rows", [1, 3, 512])
def test_the_fused_loss_has_the_value_and_gradients_of_cross_entropy(monkeypatch, rows, device):
    monkeypatch.setattr(linear_cross_entropy, "ROWS", rows)
    tensors, targets = case()
    plain = torch.nn.functional.cross_entropy(tensors[0] @ tensors[1].T + tensors[2], targets, reduction="sum")
    loss = projection_loss(*tensors, targets)
    assert torch.allclose(loss, plain)
    for ours, true in zip(
        torch.autograd.grad(3 * loss, tensors), torch.autograd.grad(3 * plain, tensors), strict=True
    ):
        assert torch.allclose(ours, true)


def test_the_fused_loss_has_the_gradients_of_finite_differences():
    tensors, targets = case()
    assert torch.autograd.gradcheck(lambda *parts: projection_loss(*parts, targets), tensors)


def test_the_gradient_of_the_logits_is_y_hat_minus_y():
    h, answer = torch.tensor([[1.0, -2.0]], dtype=torch.float64), torch.tensor([2])
    weight = torch.tensor([[0.5, 0.0], [0.0, 0.5], [1.0, 1.0]], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    projection_loss(h, weight, bias, answer).backward()
    y_hat = torch.tensor([0.5, -1.0, -1.0], dtype=torch.float64).softmax(0)  # the logits, by hand
    error = y_hat - torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
    assert torch.allclose(bias.grad, error)
    assert torch.allclose(weight.grad, error[:, None] * h)  # dV = (y_hat - y) h^T


@pytest.mark.parametrize("events", [1, 16, 50])
def test_under_bf16_the_loss_stays_fp32_and_close(events, monkeypatch):
    monkeypatch.setattr(half_projection, "EVENTS", 16)
    tensors, targets = case(torch.float32, events=events)
    exact = projection_loss(*tensors, targets)
    true = torch.autograd.grad(3 * exact, tensors)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = projection_loss(*tensors, targets)
    ours = torch.autograd.grad(3 * loss, tensors)
    assert loss.dtype == torch.float32 and torch.allclose(loss, exact, rtol=0.02)
    for half, full in zip(ours, true, strict=True):
        assert half.dtype == torch.float32 and (half - full).norm() < 0.01 * full.norm()


def test_log_probs_agree_with_the_loss():
    tensors, targets = case()
    result = projection_log_probs(*tensors, targets)
    assert torch.allclose(-result.sum(), projection_loss(*tensors, targets))


@pytest.mark.parametrize("half", [False, True])
def test_without_events_the_loss_is_zero(half):
    tensors, _ = case(torch.float32 if half else torch.float64, events=0)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = projection_loss(*tensors, torch.zeros(0, dtype=torch.int64))
    loss.backward()
    assert loss == 0 and (tensors[1].grad == 0).all()
    assert projection_log_probs(*tensors, torch.zeros(0, dtype=torch.int64)).shape == (0,)


def test_an_answer_whose_probability_underflows_has_its_exact_loss(device):
    h, weight = torch.ones(1, 1), torch.tensor([[0.0], [300.0]])
    loss = projection_loss(h, weight, torch.zeros(2), torch.tensor([0]))
    assert loss == pytest.approx(300.0)


def test_a_gpu_projects_as_many_events_at_a_time_as_its_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    weight = torch.zeros(10_000, 2, device="meta")
    assert linear_cross_entropy._rows_of(torch.zeros(10_000, 2)) == linear_cross_entropy.ROWS
    assert linear_cross_entropy._rows_of(weight) == (8 << 30) // 64 // 40_000
    assert linear_cross_entropy._rows_of(weight.new_zeros(10_000_000, 1)) == linear_cross_entropy.ROWS
