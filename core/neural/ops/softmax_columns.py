"""Softmax and the gradient of its loss in place, for logits in bfloat16 with one event per column."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.neural.ops.bfloat16 import bits_of, compiled, exponential, narrowed, widened
from core.types import Float32s, Int64s, UInt16s


def errors_in_place(logits: Tensor, bias: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Replace logits by the errors y_hat - y with y_hat = softmax(logits + bias).

    Args:
        logits: bfloat16 (V, n), contiguous.
        bias: float32 (V,).
        answers: int64 (n,).

    Returns:
        The log-probability of each answer, float32 (n,), and the sum of each row of errors, float32 (V,).
    """
    log_probs, by_row = np.empty(len(answers), np.float32), np.zeros(len(logits), np.float32)
    _errors(bits_of(logits), bias.numpy(), answers.numpy(), log_probs, by_row)
    return torch.from_numpy(log_probs), torch.from_numpy(by_row)


@compiled
def _errors(logits: UInt16s, bias: Float32s, answers: Int64s, log_probs: Float32s, by_row: Float32s) -> None:
    peak, total = np.full(len(answers), -np.inf, np.float32), np.zeros(len(answers), np.float32)
    _raise_peaks(logits, bias, peak)
    for event, answer in enumerate(answers):
        log_probs[event] = widened(logits[answer, event]) + bias[answer] - peak[event]
    _exponentials(logits, bias, peak, total)
    for event in range(len(answers)):
        log_probs[event] -= np.log(total[event])
        total[event] = np.float32(1) / total[event]
    _scale(logits, total, by_row)
    for event, answer in enumerate(answers):
        logits[answer, event] = narrowed(np.float32(np.exp(log_probs[event])) - np.float32(1))
        by_row[answer] -= np.float32(1)


@compiled
def _raise_peaks(logits: UInt16s, bias: Float32s, peak: Float32s) -> None:
    """Raise each event's peak to its largest logit."""
    for word in range(len(logits)):
        row = logits[word]
        for event in range(len(row)):
            logit = widened(row[event]) + bias[word]
            peak[event] = logit if logit > peak[event] else peak[event]


@compiled
def _exponentials(logits: UInt16s, bias: Float32s, peak: Float32s, total: Float32s) -> None:
    """Replace logits by their exponentials relative to the peak, and add these up per event."""
    for word in range(len(logits)):
        row = logits[word]
        for event in range(len(row)):
            relative = exponential(widened(row[event]) + bias[word] - peak[event])
            total[event] += relative
            row[event] = narrowed(relative)


@compiled
def _scale(logits: UInt16s, scale: Float32s, by_row: Float32s) -> None:
    """Multiply each event's column by its scale, and add up each row."""
    for word in range(len(logits)):
        row, added = logits[word], np.float32(0)
        for event in range(len(row)):
            prob = widened(row[event]) * scale[event]
            added += prob
            row[event] = narrowed(prob)
        by_row[word] += added
