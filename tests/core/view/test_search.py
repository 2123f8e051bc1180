"""The lines of a search: its plan, its trials, what was chosen and what is expected of fewer trials."""

from __future__ import annotations

import math

import pytest
from trial_cases import expanded, searched

from core.config import RunConfig
from core.search.search import studies_of
from core.view.search import expected_text, plan_lines, result_lines, trial_line


def dim(config: RunConfig) -> float | None:
    found = float(config.embeddings["random"].options["dim"])
    return None if found > 200 else found


def test_the_plan_names_what_is_searched_and_what_cannot_be() -> None:
    grid = expanded(budget="trials:5", seed="1,2", train__learning_rate=0.01)
    (line,) = plan_lines(studies_of(grid, grid.search).studies)
    assert line.startswith("bag on pos, toy: 5 trials of encoder.size, head.dropout, embedding.dropout")
    assert line.endswith("then the best of them for 2 seeds") and "learning_rate" not in line
    fixed = expanded(
        encoder="ngram", task="lm", budget="trials:5", encoder__order=2, encoder__smoothing="absolute"
    )
    (line,) = plan_lines(studies_of(fixed, fixed.search).studies)
    assert "every option that could be searched is set" in line


def test_the_best_and_the_failed_trials_are_named() -> None:
    study = searched(expanded(budget="trials:12"), dim)[0].studies[0]
    failed = [tried for tried in study.tried if tried.error]
    lines = list(result_lines(study))
    assert failed and lines[0].startswith(f"bag on pos, toy: {len(failed)} of 12 trials failed; trial ")
    assert study.best is not None
    chosen = f"the best of 12 trials on dev is trial {study.best.trial.number}, accuracy {study.best.score:,.2f}"
    assert f"{chosen} (default options: 100.00): " in lines[1]
    assert f"embedding.random.dim={study.best.score:.0f}" in lines[1]
    first = trial_line(study, study.tried[0], 1, 12)
    assert first == "bag on pos, toy: 1 of 12 trials done: trial 0: dev accuracy 100.00: the default options"
    assert "failed: the loss is not finite" in trial_line(study, failed[0], 2, 12)


def test_it_is_said_where_no_trial_is_better_than_the_default_options() -> None:
    study = searched(expanded(budget="trials:4"), lambda config: 90.0)[0].studies[0]
    line = next(iter(result_lines(study)))
    best = "no trial is better on dev than the default options (accuracy 90.00)"
    assert line == f"bag on pos, toy: {best}, which the tuned row repeats"
    study = searched(expanded(budget="trials:4+time:3s"), lambda config: 90.0)[0].studies[0]
    assert next(iter(result_lines(study))).endswith("which the tuned row repeats, with what other seconds bought")


@pytest.mark.parametrize("more", [{}, {"search__halving": "true"}])
def test_the_trials_are_counted_up_to_the_last(more: dict[str, str]) -> None:
    counts: list[tuple[float, int, int]] = []
    grid = expanded(budget="trials:9", **more)
    searched(grid, lambda config: 90.0, watch=lambda _, tried, *both: counts.append((tried.trial.length, *both)))
    rungs = {length: of for length, _, of in counts}
    assert counts == [(length, done, of) for length, of in rungs.items() for done in range(1, of + 1)]
    assert list(rungs.values()) == ([9, 3, 1] if more else [9])


def test_the_expected_best_is_that_of_the_drawn_trials() -> None:
    study = searched(expanded(budget="trials:7"), dim)[0].studies[0]
    drawn = [t.score for t in study.tried[1:] if math.isfinite(t.score)]
    text = expected_text(study)
    assert text.startswith(f"expected best accuracy on dev after n trials: 1: {sum(drawn) / len(drawn):,.2f} (")
    assert f", {len(drawn)}: " in text
    halved = searched(expanded(budget="trials:9", search__halving="true"), dim)[0].studies[0]
    assert expected_text(halved) == ""  # its trials depend on one another
