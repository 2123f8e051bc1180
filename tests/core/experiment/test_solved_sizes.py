"""Budgets of parameters on the real networks of the toy data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from core import run
from core.config import expand
from core.data.options import DataOptions
from core.data.prepare import prepare
from core.errors import ConfigError
from core.experiment.size_search import TOLERANCE
from core.experiment.solved_sizes import UNREACHABLE, check_sizes, with_solved_sizes
from core.model.runtime import Runtime
from core.registry import registry
from core.runs import components

TASKS = ("pos", "sentiment", "lm")
EMBEDDINGS = ("random", "char", "affix", "random+char+affix+word2vec")
SMALL = ("data.limit=300", "quiet=true")
ENCODERS = [name for name, spec in registry().specs("encoder").items() if spec.extra["family"] == "neural"]


@cache
def data_of(task):
    config = expand([f"task={task}", "encoder=bag", *SMALL])[0]
    own = components.task(config)
    return own, prepare(components.source(config), config.kind.token_spec(own), DataOptions(**config.data_options))


def solved(task, encoder, embedding, budget, *more):
    words = [f"task={task}", f"encoder={encoder}", f"embedding={embedding}", f"budget=parameters:{budget}"]
    (config,) = expand(
        [*words, "embedding.word2vec.min_count=2" if "word2vec" in embedding else "seed=1", *SMALL, *more]
    )
    return with_solved_sizes(config, *data_of(task))


def built_parameters(config):
    """The number of trained values of the network itself, and whether some are trained by ``fit`` alone."""
    task, data = data_of(config.task.name)
    model = components.model(config, task, data.vocab, data.labels)
    model.build(Runtime())
    return sum(p.numel() for p in model.network.parameters() if p.requires_grad)


def check(task, encoder, embedding, budget):
    config, (note,) = solved(task, encoder, embedding, budget)
    count = note.values["parameters"]
    assert abs(count - budget) <= TOLERANCE * budget
    assert built_parameters(config) == count and f"{count:,} parameters" in note.text
    assert config.solved == note.values["sizes"] and config.solved
    flat = config.flat()
    assert all(flat[key] == str(size) for key, size in config.solved.items())


def pairs():
    """Each encoder once, with the embeddings and tasks in turn."""
    fitting = {task: {c.encoder.name for c in expand([f"task={task}", "encoder=all"])} for task in TASKS}
    for number, encoder in enumerate(ENCODERS):
        tasks = [task for task in TASKS if encoder in fitting[task]]
        yield tasks[number % len(tasks)], encoder, EMBEDDINGS[number % len(EMBEDDINGS)]


@pytest.mark.parametrize(
    ("task", "encoder", "embedding"), [pytest.param(*case, id="-".join(case)) for case in pairs()]
)
def test_each_encoder_comes_within_two_percent(task, encoder, embedding):
    check(task, encoder, embedding, 150_000)


@pytest.mark.slow
@pytest.mark.parametrize("embedding", EMBEDDINGS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("budget", [60_000, 1_000_000])
def test_every_encoder_with_every_embedding_comes_within_two_percent(task, embedding, budget):
    for config in expand([f"task={task}", "encoder=all"]):
        if config.encoder.name in ENCODERS:
            check(task, config.encoder.name, embedding, budget)


def test_solving_draws_no_random_numbers():
    torch.manual_seed(3), np.random.seed(3)
    expected = torch.rand(2).tolist(), np.random.rand(2).tolist()
    torch.manual_seed(3), np.random.seed(3)
    solved("pos", "bilstm", "random", 100_000)
    assert (torch.rand(2).tolist(), np.random.rand(2).tolist()) == expected


def test_a_run_without_a_budget_of_parameters_stays_as_it_is():
    (config,) = expand(["task=pos", "encoder=bilstm", "budget=time:9s", *SMALL])
    assert with_solved_sizes(config, *data_of("pos")) == (config, [])


def test_sizes_that_are_set_stay_and_the_others_are_solved():
    config, (note,) = solved("pos", "bilstm", "random", 100_000, "encoder.hidden_size=40")
    assert set(config.solved) == {"embedding.random.dim"} and config.encoder.options["hidden_size"] == 40
    assert abs(note.values["parameters"] - 100_000) <= 2_000


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), "bilstm on pos cannot have 300 parameters within 2 %: scaled together, its sizes come nearest with"),
        (
            ("encoder.hidden_size=9", "embedding.dim=9"),
            r"since encoder\.hidden_size, embedding\.random\.dim are set",
        ),
    ],
)
def test_what_no_sizes_reach_is_refused_with_the_nearest_number(more, message):
    with pytest.raises(ConfigError, match=message) as error:
        solved("pos", "bilstm", "random", 300, *more)
    nearest = error.value.values["nearest"]
    assert error.value.code == UNREACHABLE and f"set budget=parameters:{nearest}" in error.value.remedy
    assert solved("pos", "bilstm", "random", nearest, *more)[1][0].values["parameters"] == nearest


def test_a_grid_is_refused_before_anything_trains_and_models_of_counts_are_left_alone(tmp_path):
    words = ["task=pos", "encoder=ngram,window", f"runs={tmp_path}", *SMALL]
    grid = expand([*words, "budget=parameters:300"])
    with pytest.raises(ConfigError, match="window on pos cannot have 300 parameters"):
        check_sizes(grid)
    grid = expand([*words, "budget=parameters:20k,parameters:30k"])
    assert [(c.encoder.name, str(c.budget)) for c in grid] == [
        ("ngram", ""),
        ("window", "parameters:20k"),
        ("window", "parameters:30k"),
    ]
    assert "ngram has no budget of parameters: their number follows from the data" in grid.notes
    check_sizes(grid)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConfigError, match="the number of parameters of ngram follows from the data"):
        expand(["task=pos", "encoder=ngram", "budget=parameters:1M"])
    assert (
        str(expand(["task=pos", "encoder=ngram,window", "budget=parameters:1M+trials:2"])[0].budget) == "trials:2"
    )


@pytest.mark.parametrize("embedding", ["random", pytest.param("random+word2vec", marks=pytest.mark.slow)])
def test_the_record_has_the_sizes_and_its_config_repeats_the_run(tmp_path, embedding):
    words = {"task": "pos", "encoder": "window", "budget": "parameters:40k", "runs": str(tmp_path), "quiet": True}
    words |= {"data.limit": 300, "train.epochs": 1, "train.batch_size": 64, "train.patience": 6, "threads": 1}
    words["embedding"] = embedding
    if "word2vec" in embedding:  # vectors that ``fit`` alone trains
        words |= {"embedding.word2vec.min_count": 2, "embedding.tune": False}
    result = run(**words)
    assert abs(result.cost["parameters"] - 40_000) <= 800
    solved = result.facts["solved"]
    assert set(solved) == {"encoder.hidden_size", *(f"embedding.{name}.dim" for name in embedding.split("+"))}
    assert all(result.chosen[key] == size and result.config[key] == str(size) for key, size in solved.items())
    assert any("cached" == note.code for note in run(**words).notes)
    again = run(config=str(Path(result.folder) / "config.yaml"), quiet=True)
    assert again.metrics == result.metrics and again.cost["parameters"] == result.cost["parameters"]
    assert "solved" not in again.facts and again.config["budget"] == "parameters:40k"
