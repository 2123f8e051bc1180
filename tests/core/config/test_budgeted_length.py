import pytest

from core.config import expand
from core.config.budgeted_length import TWICE
from core.errors import ConfigError


def epochs(*arguments):
    return expand(["task=pos", "encoder=bilstm", *arguments])[0].train["epochs"]


@pytest.mark.parametrize("key", ["epochs", "steps", "min_epochs", "max_epochs"])
def test_seconds_and_another_length_of_training_contradict_each_other(key):
    with pytest.raises(ConfigError) as error:
        epochs("budget=time:60s", f"train.{key}=30")
    assert error.value.code == TWICE and str(error.value) == (
        f"train.{key}: the length of training is given twice, here and by budget=time:60s; "
        "leave one out, or set budget=none"
    )
    assert epochs("budget=parameters:1M", f"train.{key}=30") in (30, "auto")


def test_a_budget_replaces_the_length_of_a_preset_or_of_a_file(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("train.epochs: 5\ntrain.steps: 100")
    assert epochs("preset=ewt-bilstm", "budget=time:60s") == "auto"
    assert epochs(f"config={path}") == 5 and epochs(f"config={path}", "budget=time:60s") == "auto"


def test_the_saved_config_of_a_run_with_a_budget_is_read_again(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("budget: time:60s\ntrain.epochs: auto\ntrain.steps: 2000")
    assert epochs(f"config={path}") == "auto"
    with pytest.raises(ConfigError, match=r"train\.epochs: the length of training is given twice"):
        epochs(f"config={path}", "train.epochs=4")
    assert epochs(f"config={path}", "train.epochs=4", "budget=none") == 4
    path.write_text("budget: time:60s\ntrain.epochs: 7")
    with pytest.raises(ConfigError, match=r"c\.yaml:2: train\.epochs: the length of training is given twice"):
        epochs(f"config={path}")


def test_models_without_a_training_loop_have_no_length_to_contradict():
    assert expand(["task=pos", "encoder=ngram", "budget=time:60s"])[0].budget.seconds == 60
