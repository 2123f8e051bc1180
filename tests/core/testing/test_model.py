"""The checks of a whole model's contract catch the models that break it, and say which rule is broken."""

from __future__ import annotations

import pytest
from model_cases import registered

from core.registry import registry
from core.testing.model import check_whole_model

votes = pytest.fixture(registered, autouse=True)

FAULTS = {
    "super": "the constructor of Votes does not call super",
    "key": "chosen has encoder.size, which is not one of its options",
    "value": "chosen has a value that its own option does not take",
    "parameters": "parameters is -1",
    "tuple": "predict: it returns a tuple, not a dictionary of arrays",
    "list": "predict: label is a list",
    "missing": "predict: it returns no log_probs, only label",
    "shape": r"predict: label is int32 of shape \(300, 1\)",
    "dtype": "predict: label is int64",
    "range": "predict: label has [01]; the ids of labels are 2 to 4",
    "classes": r"predict: log_probs is float64 of shape \(300, 5\), not floats of shape \(300, 3\)",
    "nan": "predict: log_probs has NaN in 1 of 300 events",
    "sums": "predict: the probabilities of an event sum to 1, those of event 0 to 0.367879",
    "unknown": "predict: the row 'unseen w4 名前', which has no label, raises IndexError",
    "empty": "predict: a row without words raises ValueError",
    "targets": "predict: the row 'w1 w2 w3', which has no label, raises KeyError",
    "mates": "batch mates: (label|log_probs) of a row depends on the other rows",
    "changes": "concurrency: predict sets table; threads share the model",
    "threads": "concurrency: (label differs|log_probs differs|predict fails) while other threads predict",
    "calls": "predict: (label|log_probs) of the same rows differs from one call to the next",
    "random": "seeds: (label|log_probs) differs between two models fitted with the same seed",
    "seed": "seeds: the class says seeded = False, and (label|log_probs) differs with another seed",
    "ending": "save: model.pkl is not a file that ends in .npy",
    "nothing": "save: it writes no file into the folder",
    "restore": "restore: it raises FileNotFoundError",
    "pickle": "restore: it executes what it reads: pickle.find_class",
    "forgets": "restore: (label|log_probs) differs from that of the saved model",
}


def test_a_correct_model_passes() -> None:
    check_whole_model(registry().get("encoder", "votes"), "sentiment", {})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_model_that_breaks_a_rule_is_caught(fault: str) -> None:
    with pytest.raises(AssertionError, match=f"^{FAULTS[fault]}"):
        check_whole_model(registry().get("encoder", "votes"), "sentiment", {"fault": fault})
