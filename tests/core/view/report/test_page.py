"""The page: well formed, nothing in data is obeyed, good with any runs, and bounded."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import LABELS, SCRIPT, Page, hostile_file, run_all
from results import made

pytest.importorskip("altair", reason="the page needs the extra report")
pytest.importorskip("jinja2")

from core.errors import DataError  # noqa: E402 - the page needs altair
from core.experiment.grid import Failure, Outcome  # noqa: E402 - after the skip
from core.view.bench_table import add_verdicts, bench_tables, lines_below  # noqa: E402 - after the skip
from core.view.report import page as module  # noqa: E402 - after the skip
from core.view.report.page import page, write_page  # noqa: E402 - after the skip

DRAWING = "const vegaEmbed = 1;"  # the test of the browser has the real one
HOSTILE = "</style><script>\x1b'\"&"


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_drawing", lambda: DRAWING)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Taggers of toy sentences and classifiers of hostile texts, two of each."""
    folder = tmp_path_factory.mktemp("report")
    common = ["encoder=ngram", "encoder.order=1,2", "encoder.smoothing=witten-bell", f"runs={folder / 'runs'}"]
    found = run_all("task=pos,lm", *common, "data.limit=150")
    texts = run_all("task=sentiment", f"data={hostile_file(folder)}", *common)
    assert not found.failures and not texts.failures
    return Outcome([*found.results, *texts.results])


@pytest.fixture(scope="module")
def text(outcome: Outcome) -> str:
    patch = pytest.MonkeyPatch()
    patch.setattr(module, "_drawing", lambda: DRAWING)
    found = page(outcome.results, (), ())
    patch.undo()
    return found


def test_the_page_is_well_formed_and_its_headings_are_in_order(text: str) -> None:
    found = Page(text)
    levels = found.headings()
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    ids = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(link["href"][1:] in ids for link in found.all("a"))  # type: ignore[index] # each has one
    assert found.all("html") == [{"lang": "en"}] and found.all("main") and found.all("nav")


def test_each_table_has_a_caption_and_scopes_and_each_chart_a_text(text: str) -> None:
    found = Page(text)
    assert len(found.all("table")) == len(found.all("caption")) > 10
    assert {heading["scope"] for heading in found.all("th")} == {"col", "row"}
    charts = [div for div in found.all("div") if div.get("class") == "chart"]
    assert len(charts) == len(found.specs()) == len(found.all("figcaption")) > 15
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in charts)
    regions = [div for div in found.all("div") if div.get("class") == "scroll"]
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)


def test_every_part_is_there(text: str) -> None:
    found = Page(text).text("h3")
    for part in (
        "Ranks and differences",
        "Score and cost",
        "By sentence length in tokens",
        "By count of the word in train",
        "By share of unknown words in the text",
        "By label",
        "Confusions",
        "Where they disagree",
        "Tables of the task",
        "Commands and configurations",
        "Environments",
    ):
        assert part in found
    assert "Learning curves" not in found and "Search" not in found  # counting models, without a search


def test_the_summary_has_the_sentences_of_the_terminal(outcome: Outcome, text: str) -> None:
    said = Page(text).text("li")
    for table in bench_tables(outcome.results):
        add_verdicts(table)
        assert lines_below(table) and all(line in said for line in lines_below(table))


def test_nothing_in_the_data_is_an_element_or_an_entity_or_a_template(text: str) -> None:
    found = Page(text)
    assert not found.all("img") and "{{ 7*7 }}" in found.text()
    assert all(attributes == {} for attributes in found.all("b"))  # only those of best scores
    assert all(label in found.text() for label in LABELS)
    assert "<img/src=x/onerror=alert(" in found.text("td")
    executed = [own for own in found.all("script") if own.get("type") != "application/json"]
    assert len(executed) == 2
    assert SCRIPT not in text


def test_the_policy_allows_these_scripts_and_this_style_and_nothing_else(text: str) -> None:
    (policy,) = [m["content"] for m in Page(text).all("meta") if m.get("http-equiv")]
    assert policy and policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy
    sources = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", text, re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(own.encode()).digest()).decode() for own in sources}
    assert len(sources) == 3 and set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)


def test_names_of_rows_and_data_are_text() -> None:
    runs = [replace(made(90.0 - i, i + 1), encoder=name, data=HOSTILE) for i, name in enumerate((SCRIPT, "bag"))]
    text = page(runs, (), ())
    found = Page(text)
    assert SCRIPT in found.text() and r"</style><script>\x1b'\"&".replace('\\"', '"') in found.text()
    assert "\x1b" not in text and len(re.findall("<script>", text)) == 2


def test_runs_without_predictions_have_a_table_and_charts_of_costs() -> None:
    runs = [replace(made(90.0 - i, i + 1), encoder=name) for i, name in enumerate(("lstm", "bag"))]
    found = Page(page(runs, (), ()))
    assert "Score and cost" in found.text("h3") and "Confusions" not in found.text("h3")
    assert "its predictions are not saved" in found.text("li")


def test_failures_are_shown_and_a_page_may_have_nothing_else() -> None:
    from core import config

    (wrong,) = config.expand(["task=pos", "encoder=ngram"])
    failure = Failure(wrong, DataError(SCRIPT))
    found = Page(page([made(50.0)], [failure], ()))
    assert "1 run failed" in found.text("p") and SCRIPT in found.text("p")
    assert "1 run failed" in Page(page([], [failure], ())).text("p")


def test_one_language_model_is_enough(outcome: Outcome) -> None:
    (run, *_) = [run for run in outcome.results if run.task == "lm"]
    found = Page(page([run], (), ()))
    assert "By count of the word in train" in found.text("h3") and "Where they disagree" not in found.text("h3")
    assert "loss (nats)" in found.text("caption").lower() + found.text("span").lower()


def test_the_command_of_a_row_makes_the_same_runs(outcome: Outcome) -> None:
    import shlex

    from core import config
    from core.view.report.runs import PLACES, command

    for run in outcome.results:
        program, overrides = (found := shlex.split(command([run])))[:4], found[4:]
        assert program == ["python", "-m", "core", "run"] and len(overrides) < 9
        (again,) = config.expand(overrides)
        same = {key: value for key, value in again.flat().items() if key not in (*PLACES, *run.chosen)}
        assert same == {key: value for key, value in run.config.items() if key in same}
        assert again.run["seed"] == run.seed


def test_rows_have_distinct_labels_in_charts_and_one_key_per_chapter() -> None:
    sizes = {f"embedding_random.long.option.{'x' * 20}": "1", "encoder_size": "2"}
    runs = [made(90.0 - i, i, **{key: value * i for key, value in sizes.items()}) for i in (1, 2, 3)]
    found = Page(page(runs, (), ()))
    data = [rows for spec in found.specs() for rows in spec["datasets"].values()]
    shown = {row["row"] for rows in data for row in rows if "row" in row}
    assert shown == {"bag size=2", "bag size=22", "bag size=222"}
    assert len([own for own in found.all("ul") if own.get("class") == "key"]) == 1
    assert "Names of the rows" in found.text("summary")


def test_names_break_after_equals_and_dots_of_keys_only() -> None:
    assert module._name("lstm train.rate=0.01 <b>") == "lstm train.<wbr>rate=<wbr>0.01 &lt;b&gt;"


def test_few_training_rows_and_seeds_are_noted() -> None:
    run = replace(
        made(50.0), curve=[{"epoch": 1}], events={"train": {"rows": 500}, "test": {"rows": 2, "tokens": 5}}
    )
    assert "Note: toy: train has 500 rows, so scores depend much on the seed" in Page(page([run], (), ())).text(
        "li"
    )


def test_a_part_that_fails_is_left_out_with_a_note(outcome: Outcome, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of a plugin")

    monkeypatch.setitem(module.MAKERS, "labels", fail)
    found = Page(page(outcome.results[:2], (), ()))
    assert "The part about labels is left out: ZeroDivisionError: of a plugin" in found.text("li")
    assert "Confusions" in found.text("h3")


def test_a_thousand_runs_are_bounded() -> None:
    runs = [replace(made(50.0 + i / 100, i), config=made(0.0, encoder_size=i).config) for i in range(1000)]
    text = page(runs, (), ())
    assert len(text) < 2_000_000
    found = Page(text)
    assert found.text().count("bag size=") > 1000 and len(found.specs()) == 3
    assert "Of 1,000 rows the 30 with the best scores on dev are compared." in found.text("li")


def test_the_trials_of_a_search_are_shown() -> None:
    options = [{"encoder.size": 5 * i, "encoder.kind": "ab"[i % 2]} for i in range(4)]
    trials = [
        {"number": i, "options": own, "score": score, "length": 1.0, "run": "", "error": ""}
        for i, (own, score) in enumerate(zip(options, (80.0, None, 85.0, 82.0), strict=True))
    ]
    more = {"metric": "accuracy", "engine": "sobol", "seed": 0, "halving": False}
    facts = {
        **more,
        "minimize": False,
        "chosen": 2,
        "space": {"encoder.size": "", "encoder.kind": ""},
        "trials": trials,
    }
    run = made(84.0)
    run.facts["search"] = facts
    found = Page(page([run], (), ()))
    assert "Search" in found.text("h3") and "2 (chosen)" in found.text("th")
    lines = [spec["datasets"] for spec in found.specs() if "datasets" in spec]
    best = [row["y"] for data in lines for rows in data.values() for row in rows if "row" in row and "x" in row]
    assert {80.0, 85.0} <= set(best)
    assert {83.5, 84.25} <= {round(y, 6) for y in best}  # of 85 and 82: one trial, two (3/4 * 85 + 1/4 * 82)


def test_a_page_is_renamed_when_it_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")
    with monkeypatch.context() as patch:
        patch.setattr(module, "render", lambda *_: "\ud800")  # which cannot be written
        with pytest.raises(UnicodeEncodeError):
            write_page(path, [made(50.0)])
    assert path.read_text() == "before" and [each.name for each in tmp_path.iterdir()] == ["page.html"]
    write_page(path, [made(50.0)])
    assert path.read_text().startswith("<!doctype html>") and len(list(tmp_path.iterdir())) == 1
