"""What a search shows: a line per trial, then the best options and the expected best of n trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.config.overrides import render
from core.evaluation.expected_best import expected_best
from core.evaluation.metric_names import in_words
from core.printable import counted
from core.search.points import DEFAULT
from core.search.study import Study, Trial, Tried

SHOWN = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # numbers of trials in the line of the expected best


def trial_line(study: Study, tried: Tried, done: int, of: int) -> str:
    """``bilstm on pos, toy: 8 of 20 trials done: trial 7: dev accuracy 92.31: encoder.hidden_size=201``.

    Args:
        study: the search.
        tried: the trial.
        done: how many trials of this length have run, with this one.
        of: how many of them there are.
    """
    trial = tried.trial
    share = "" if trial.length == 1 else f" with {trial.length:.0%} of the training"
    what = f"failed: {tried.error}" if tried.error else f"dev {metric(study)} {tried.score:,.2f}"
    number = f"{done} of {counted(of, 'trial')}{share} done: trial {trial.number}"
    return f"{name(study)}: {number}: {what}: {options_text(trial)}"


def name(study: Study) -> str:
    """What is searched: ``bilstm on pos``, with the data where it is not the toy data."""
    first = study.configs[0]
    return f"{first.encoder.name} on {first.task.name}, {first.data.name}"


def metric(study: Study) -> str:
    """The metric of a search, in words."""
    return in_words(study.metric)


def options_text(trial: Trial) -> str:
    """The options of a trial as arguments; trial 0 is the default."""
    return " ".join(f"{key}={render(value)}" for key, value in trial.options.items()) or "the default options"


def plan_lines(studies: Sequence[Study]) -> Iterator[str]:
    """What a search will do, before it runs."""
    for study in studies:
        if not study.space:
            yield f"{name(study)}: every option that could be searched is set, so there are no trials"
            continue
        trials, keys = counted(study.size, "trial"), ", ".join(dimension.key for dimension in study.space)
        yield f"{name(study)}: {trials} of {keys}; then the best of them for {counted(len(study.configs), 'seed')}"


def result_lines(study: Study) -> Iterator[str]:
    """The best options, what failed, and how good the best of n trials is expected to be."""
    if not study.space:
        return
    failed = [tried for tried in study.tried if tried.error]
    if failed:
        last = failed[-1]
        number = f"{len(failed)} of {counted(len(study.tried), 'trial')} failed"
        yield f"{name(study)}: {number}; trial {last.trial.number}: {last.error}"
    if (best := study.best) is None:
        yield f"{name(study)}: no trial finished, so no options were chosen"
        return
    yield f"{name(study)}: {_best_text(study, best)}"
    if text := expected_text(study):
        yield f"{name(study)}: {text}"


def _best_text(study: Study, best: Tried) -> str:
    """Which trial is the best on dev, with its options, or that the default options are."""
    if best.trial.number == DEFAULT:
        found = f"no trial is better on dev than the default options ({metric(study)} {best.score:,.2f})"
        why = ", with what other seconds bought" if study.configs[0].budget.seconds else ""
        return f"{found}, which the tuned row repeats{why}"
    default = study.default
    usual = f" (default options: {default.score:,.2f})" if default is not None and not default.error else ""
    found = f"the best of {counted(study.size, 'trial')} on dev is trial {best.trial.number}"
    return f"{found}, {metric(study)} {best.score:,.2f}{usual}: {options_text(best.trial)}"


def expected_text(study: Study) -> str:
    """The expected best of n trials; empty where the trials depend on one another, or there is only one."""
    scores = study.draws
    if len(scores) < 2:
        return ""
    expected = expected_best(scores, study.minimize)
    numbers = [n for n in SHOWN if n < len(scores)] + [len(scores)]
    parts = [
        f"{n}: {expected.mean[n - 1]:,.2f} ({expected.low[n - 1]:,.2f} to {expected.high[n - 1]:,.2f})"
        for n in numbers
    ]
    return f"expected best {metric(study)} on dev after n trials: {', '.join(parts)}"
