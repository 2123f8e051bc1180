"""Where Optuna is not installed, the error says how to install it."""

from __future__ import annotations

import sys

import pytest

from core.errors import ConfigError
from core.search.bayesian import check_optuna


def test_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError) as error:
        check_optuna()
    assert "install the extra: pip install -e '.[optuna]' in the checkout" in str(error.value)
