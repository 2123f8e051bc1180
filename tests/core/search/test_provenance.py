"""What the records of runs say about the search of their options."""

from __future__ import annotations

import json
from pathlib import Path

from results import made
from trial_cases import expanded, searched

from core.search.provenance import FACT, provenance, saved_searches, searches_of
from core.search.search import Searched


def saved(root: Path, found: Searched) -> None:
    """Write a record for each run, as if it had been trained."""
    results = []
    for number, config in enumerate(found.runs):
        result = made(number=number + 1)
        result.config, result.encoder, result.id = config.flat(), config.encoder.name, config.id()
        result.folder = str(root / result.id)
        (root / result.id).mkdir(parents=True)
        (root / result.id / "run.json").write_text(json.dumps(result.to_json()), "utf-8")
        results.append(result)
    found.record(results)


def test_the_records_of_the_best_options_have_all_trials(tmp_path: Path) -> None:
    grid = expanded(encoder="bag,rnn", budget="trials:4", seed="1,2")
    found, _ = searched(grid, lambda config: None if config.encoder.name == "rnn" and config.run["name"] else 3.0)
    saved(tmp_path, found)
    searches = saved_searches(tmp_path)
    assert sorted(search.encoder for search in searches) == ["bag", "rnn"]  # one each, of two seeds
    bag = next(search for search in searches if search.encoder == "bag")
    study = found.studies[0]
    assert (bag.metric, bag.minimize, bag.engine, bag.seed, bag.chosen) == ("accuracy", False, "sobol", 1, 0)
    assert [trial.number for trial in bag.trials] == [0, 1, 2, 3]
    assert bag.trials[2].options == study.tried[2].trial.options
    assert bag.trials[0].options["embedding.random.dim"] == 100  # the default is written out
    assert set(bag.space) == {dimension.key for dimension in study.space}
    assert bag.trials[1].run == study.tried[1].run and bag.draws == [3.0] * 3


def test_a_failed_trial_is_recorded_with_its_reason() -> None:
    found, _ = searched(expanded(budget="trials:3"), lambda config: 1.0 if config.head["dropout"] == 0.4 else None)
    result = made()
    result.facts[FACT] = provenance(found.studies[0])
    (search,) = searches_of([result, made(number=2)])
    assert [bool(trial.error) for trial in search.trials] == [False, True, True]
    assert search.trials[1].score != search.trials[1].score and search.draws == []  # NaN


def test_a_search_is_recorded_once_its_record_is_written_again(tmp_path: Path) -> None:
    found, _ = searched(
        expanded(budget="trials:3"), lambda config: float(config.embeddings["random"].options["dim"])
    )
    saved(tmp_path, found)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    from core.runs import store

    results, broken = store.all_runs(tmp_path)
    found.record(results)
    assert not broken and before == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    assert sum(FACT in result.facts for result in results) == 1
