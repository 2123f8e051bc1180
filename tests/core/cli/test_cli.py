"""The commands that use saved runs: score, generate, errors."""

from __future__ import annotations

import gzip
import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Done, Seqlab, run_command

import core
from core.evaluation.comparison import Pair
from core.kinds import find_kind
from core.runs.predictions import read_pair, read_scored
from core.runs.trained_model import load

SENTENCES = ["the dogs sleep .", "dogs the . sleep", "", "the zyzzyva is ."]
SMALL = {"data.limit": 200, "quiet": True}
TINY = {"train.epochs": 1, "encoder.hidden_size": 8}
CASES = {
    "counts": {"task": "lm", "encoder": "ngram", "encoder.order": 2},
    "stream": {"task": "lm", "encoder": "lstm", **TINY},
    "rows": {"task": "lm", "encoder": "lstm", "task.mode": "sentence", **TINY},
    "letters": {"task": "lm", "encoder": "ngram", "encoder.order": 3, "task.tokens": "char", "task.end": False},
    "tags": {"task": "pos", "encoder": "ngram", "encoder.order": 2},
    "tags1": {"task": "pos", "encoder": "ngram", "encoder.order": 1},
    "classes": {"task": "sentiment", "encoder": "ngram", "encoder.order": 1},
    "classes2": {"task": "sentiment", "encoder": "ngram", "encoder.order": 2},
    "fewer": {"task": "lm", "encoder": "ngram", "encoder.order": 1, "data.limit": 50},  # another vocabulary
    "numbers": {"task": "pos", "encoder": "ngram", "encoder.order": 3, "save": "none"},
}


def gold(pair: Pair) -> Any:
    return pair.kind.gold(pair.corpus)


def right_of(pair: Pair) -> list[Any]:
    return [pair.kind.correct(predictions, pair.corpus) for predictions in pair.arrays]


def hardest(pair: Pair) -> Any:
    return pair.kind.hardest(pair.task, pair.arrays, pair.corpus)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of each case, named after it."""
    folder = tmp_path_factory.mktemp("commands") / "runs"
    for name, words in CASES.items():
        core.run(runs=str(folder), name=name, **(SMALL | words))
    return folder


@pytest.fixture
def seqlab(runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    def call(*words: str, text: str = "") -> Done:
        monkeypatch.chdir(runs.parent)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return run_command(capsys, *words)

    return call


def chain(model, sentence):
    """The log-probability of a sentence, one next_log_probs after the other."""
    rows = model.corpus([sentence]).closed.values.tolist()
    histories = ([0, *rows[:i]] for i in range(len(rows)))
    found = [model.model.next_log_probs(np.array([h], dtype=np.int32))[0] for h in histories]
    return [float(log_probs[word]) for log_probs, word in zip(found, rows, strict=True)]


@pytest.mark.parametrize("name", ["counts", "stream", "rows"])
def test_a_score_is_the_sum_of_the_models_next_log_probs_whatever_else_is_scored(name: str, runs: Path) -> None:
    model = load(name, runs=runs)
    for sentence, score in zip(SENTENCES, model.score(SENTENCES), strict=True):
        wanted = chain(model, sentence)
        assert score.log_prob == pytest.approx(sum(wanted), abs=1e-4)
        assert score.tokens == len(wanted) and score.unknown == sum(
            word not in model.vocab.ids for word in sentence.split()
        )
        assert score.perplexity == pytest.approx(math.exp(-sum(wanted) / len(wanted)), rel=1e-4)
        assert model.score([sentence])[0].log_prob == pytest.approx(score.log_prob, abs=1e-4)
    assert model.score([]) == []


def test_the_end_counts_only_where_the_task_scores_it(runs: Path) -> None:
    model = load("letters", runs=runs)
    score, empty = model.score(["the cat.", ""])
    assert score.tokens == 8 and score.log_prob == pytest.approx(sum(chain(model, "the cat.")[:-1]), abs=1e-6)
    assert empty.tokens == 0 and empty.log_prob == 0 and math.isnan(empty.perplexity)


@pytest.mark.parametrize("name", ["counts", "stream"])
def test_score_prints_a_line_per_sentence_and_the_totals_on_standard_error(
    name: str, runs: Path, seqlab: Seqlab
) -> None:
    (runs.parent / "some.txt").write_text("\n".join(filter(None, SENTENCES)) + "\n")
    done = seqlab("score", f"run={name}", *SENTENCES)
    lines = [line for line in done.out.splitlines(keepends=True) if not line.endswith("\t\n")]
    assert len(lines) == 3  # an empty line of a file is not a sentence
    assert seqlab("score", f"run={name}", "file=some.txt").out == "".join(lines)
    assert seqlab("score", f"run={name}", text="\n".join(SENTENCES)).out == "".join(lines)
    rows, known = [line.split("\t") for line in done.out.splitlines()], load(name, runs=runs).vocab.ids
    unknown = [str(sum(word not in known for word in sentence.split())) for sentence in SENTENCES]
    assert unknown[3] != "0"
    assert [row[4] for row in rows] == SENTENCES
    assert [row[2:4] for row in rows] == [["5", unknown[0]], ["5", unknown[0]], ["1", "0"], ["5", unknown[3]]]
    total = sum(float(row[0]) for row in rows)
    heading, totals = done.err.splitlines()
    assert heading.split("\t")[0] == "log-probability" and totals.startswith("4 sentences, 16 tokens, ")
    assert f", {sum(map(int, unknown))} of them unknown" in totals
    assert float(totals.split()[-1]) == pytest.approx(math.exp(-total / 16), rel=1e-3)
    assert f"perplexity of the {16 - sum(map(int, unknown))} known " in totals


def test_score_ranks_candidates_likeliest_first(seqlab: Seqlab) -> None:
    done = seqlab("score", "run=counts", "sort=true", *SENTENCES)
    scores = [float(line.split("\t")[0]) for line in done.out.splitlines()]
    assert scores == sorted(scores, reverse=True) and len(scores) == 4
    assert done.out.index(SENTENCES[0]) < done.out.index(SENTENCES[1])


@pytest.mark.parametrize("name", ["counts", "stream", "rows"])
def test_generate_prints_n_samples_that_go_on_from_the_prompt(name: str, seqlab: Seqlab) -> None:
    words = ["generate", f"run={name}", "prompt=the zyzzyva", "n=3", "top_k=5", "top_p=0.9", "length=7"]
    assert all(line.startswith("[the zyzzyva] ") for line in seqlab(*words).out.splitlines())
    words.append("output=plain")
    done = seqlab(*words)
    lines = done.out.splitlines()
    assert len(lines) == 3 and "not in the vocabulary: zyzzyva" in done.err
    assert all(line.startswith("the zyzzyva") and 2 <= len(line.split()) <= 9 for line in lines)
    assert "<unk>" not in done.out and "</s>" not in done.out
    assert seqlab(*words).out == done.out != seqlab(*words, "seed=2").out


def test_generated_characters_are_joined_without_spaces(runs: Path, seqlab: Seqlab) -> None:
    line = seqlab("generate", "run=letters", "prompt=the c", "length=30", "output=plain").out.rstrip("\n")
    assert seqlab("generate", "run=letters", "prompt=the c", "length=30").out == f"[the c]{line[5:]}\n"
    assert line.startswith("the c") and 5 <= len(line) <= 35 and "  " not in line.replace("   ", "")
    assert load("letters", runs=runs).generate("the c", length=30) == [line]


@pytest.mark.parametrize("name", ["counts", "stream", "rows", "letters"])
def test_generated_rows_are_lines_and_samples_stand_apart(name: str, runs: Path, seqlab: Seqlab) -> None:
    samples = load(name, runs=runs).generate("the", n=2, rows=3, length=400, top_k=3)
    assert [sample.count("\n") for sample in samples] == [2, 2] and samples[0] != samples[1]
    assert all(line == line.strip() and "</s>" not in line for sample in samples for line in sample.splitlines())
    words = ["generate", f"run={name}", "prompt=the", "n=2", "rows=3", "length=400", "top_k=3"]
    assert seqlab(*words, "output=plain").out == "\n\n".join(samples) + "\n"
    marked = "\n\n".join(f"[the]{sample.removeprefix('the')}" for sample in samples)
    assert seqlab(*words).out == marked + "\n"


@pytest.mark.parametrize("name", ["counts", "stream", "letters"])
def test_generate_gives_prompt_and_text_apart_in_json(name: str, seqlab: Seqlab) -> None:
    words = ["generate", f"run={name}", "prompt=the dog ", "n=2", "rows=2", "length=40"]
    listed = json.loads(seqlab(*words, "output=json").out)
    assert [json.loads(line) for line in seqlab(*words, "output=jsonl").out.splitlines()] == listed
    assert len(listed) == 2 and all(list(each) == ["prompt", "text"] for each in listed)
    between, prompt = ("", "the dog ") if name == "letters" else (" ", "the dog")
    plain = [prompt + between * bool(each["text"]) + each["text"] for each in listed]
    assert seqlab(*words, "output=plain").out == "\n\n".join(plain) + "\n"
    assert all(each["prompt"] == "the dog " and not each["text"].startswith("the dog") for each in listed)


def test_generate_reads_a_file_of_prompts_each_as_if_it_was_alone(runs: Path, seqlab: Seqlab) -> None:
    (runs.parent / "prompts.txt.gz").write_bytes(gzip.compress(b"the dog\r\n\nthe zyzzyva\nno"))
    prompts, words = ["the dog", "", "the zyzzyva", "no"], ["generate", "run=counts", "n=2", "length=6"]
    for output in ("text", "plain", "jsonl"):
        done = seqlab(*words, "file=prompts.txt.gz", f"output={output}")
        alone = [seqlab(*words, f"prompt={prompt}", f"output={output}").out for prompt in prompts]
        assert done.out == "".join(alone) and done.err == "note: not in the vocabulary: dog, zyzzyva\n"
    listed = json.loads(seqlab(*words, "file=prompts.txt.gz", "output=json").out)
    assert [each["prompt"] for each in listed] == [prompt for prompt in prompts for _ in range(2)]
    blocks = seqlab(*words, "file=prompts.txt.gz", "rows=2").out.split("\n\n")
    assert len(blocks) == 8 and blocks[0].startswith("[the dog] ") and blocks[7].startswith("[no]")


def test_errors_shows_where_two_taggers_differ_and_the_four_cells(runs: Path, seqlab: Seqlab) -> None:
    done = seqlab("errors", "run=tags,tags1", "limit=5")
    assert done.code == 0, done.err
    assert seqlab("errors", "run=[tags,tags1]", "limit=5", "runs=runs").out == done.out
    pair = read_pair(runs, ["tags", "tags1"], "test")
    first, second = (arrays["label"] for arrays in pair.arrays)
    right = list(zip(first == gold(pair), second == gold(pair), strict=True))
    both, only_a, only_b, neither = (right.count(way) for way in ((1, 1), (1, 0), (0, 1), (0, 0)))
    assert sum(first != second) > 5 and f"{sum(first != second):,} differences, the first 5" in done.out
    for count in (both, only_a, only_b, neither):
        assert f" {count:,} " in done.out
    gap = read_scored(runs, "tags").score - read_scored(runs, "tags1").score
    words = " ".join(done.out.split())
    assert f" is better than {'B' if gap > 0 else 'A'} ngram " in words and f"by {abs(gap):.2f} (95 %" in words
    assert f" {gap:.2f} │" in done.out and " 4 times in 5 with 2,000 rows and 1 seed." in words
    for run, right in zip((read_scored(runs, name) for name in ("tags", "tags1")), right_of(pair), strict=True):
        assert 100 * right.mean() == pytest.approx(run.metrics["test"]["accuracy"])


def test_the_hardest_rows_are_those_where_the_wrong_run_was_surest(runs: Path, seqlab: Seqlab) -> None:
    pair = read_pair(runs, ["classes", "classes2"], "test")
    events = hardest(pair)
    sure = []
    for event in events.tolist():
        wrong = [a for a in pair.arrays if a["label"][event] != gold(pair)[event]]
        sure.append(max(math.exp(a["log_probs"][event].max()) for a in wrong))
    both = [not (right_of(pair)[0][e] or right_of(pair)[1][e]) for e in events]
    keys = [(not b, -s) for b, s in zip(both, sure, strict=True)]
    assert len(keys) > 3 and keys == sorted(keys)
    out = seqlab("errors", "run=classes,classes2", "limit=1").out
    row = pair.corpus.tokens[int(events[0])][:-1]
    assert f"{sure[0]:.3f} x" in out and pair.corpus.spell(row)[0] in out


def test_language_models_are_compared_by_the_difference_of_their_log_probabilities(
    runs: Path, seqlab: Seqlab
) -> None:
    pair = read_pair(runs, ["counts", "stream"], "test")
    first, second = (arrays["log_prob"].astype(float) for arrays in pair.arrays)
    top = int(np.abs(first - second).argmax())
    assert hardest(pair)[0] == top
    out = seqlab("errors", "run=counts,stream", "limit=3").out
    assert f"{second[top] - first[top]:+.3f}" in out and f"{np.mean(second - first):+.4f}" in out
    row, at = find_kind("next").place(pair.corpus, top)
    assert f"[{pair.corpus.spell(pair.corpus.tokens[row])[at]}]" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["score", "a"], "score: run is missing; write run=..."),
        (["score", "run=nothing", "a"], "no run 'nothing'"),
        (["score", "run=tags", "a"], "kind token"),
        (["score", "run=counts", "file=none.txt"], "none.txt"),
        (["score", "run=counts", "srot=true"], "did you mean 'sort'"),
        (["score", "run=counts", "sort=maybe", "a"], "true or false"),
        (["generate"], "run is missing"),
        (["generate", "run=classes"], "kind sequence"),
        (["generate", "run=counts", "n=0"], "int >= 1"),
        (["generate", "run=counts", "temperature=0"], "number > 0"),
        (["generate", "run=counts", "temperature=-1"], "number > 0"),
        (["generate", "run=counts", "top_p=0"], "<= 1"),
        (["generate", "run=counts", "top_p=1.1"], "<= 1"),
        (["generate", "run=counts", "tok_p=1"], "did you mean 'top_p'"),
        (["generate", "run=counts", "file=none.txt"], "none.txt"),
        (["generate", "run=counts", "file=none.txt", "prompt=the"], "a prompt is given too"),
        (["generate", "run=counts", "output=jsn"], "did you mean 'json'"),
        (["generate", "run=counts", "the", "cats"], "'the' is not understood"),
        (["errors"], "run is missing; write run=...: ID or name of a saved run, or of two, A,B"),
        (["errors", "run=tags,"], "a value is missing"),
        (["errors", "run=tags,tags1,classes"], "one run or two, not 3"),
        (["errors", "run=tags,nothing"], "no run 'nothing'"),
        (["errors", "run=tags,classes"], "not scored on the same test events"),
        (["errors", "run=counts,fewer"], "not scored on the same test events"),
        (["errors", "run=tags,numbers"], "only scores"),
        (["errors", "run=tags,tags1", "split=train"], "one of test|dev"),
        (["errors", "run=tags,tags1", "limit=0"], "int >= 1"),
        (["errors", "run=tags,tags1", "runs=nowhere"], "in nowhere"),
        (["errors", "runs=tags,tags1"], "run is missing; runs= names the folder of runs; write run=..."),
        (
            ["errors", "run=tags,tags1", "folder=runs"],
            "errors has no key 'folder'; runs= names the folder of runs",
        ),
        (["errors", "run=tags,tags1", "lmit=3"], "did you mean 'limit'"),
        (["errors", "run=tags,tags1", "pair=NOUN:VERB"], "pair: it shows the mistakes of one run"),
        (["errors", "run=tags,tags1", "data=toy"], "data: it shows the mistakes of one run"),
        (["errors", "run=tags", "split=train"], "one of test|dev"),
        (["errors", "run=tags", "pair=NOUN"], "write pair=RIGHT:PREDICTED"),
        (["errors", "run=tags", "pair=NOUN:VRB"], "did you mean 'VERB'"),
        (["errors", "run=tags", "rows=0"], "int >= 1"),
        (["errors", "run=tags", "stray"], "'stray' has no '='"),
        (["errors", "run=tags", "data=nowhere.conllu"], "nowhere.conllu"),
        (["errors", "run=counts", "pair=the:a"], "not right or wrong"),
        (["errors", "run=numbers"], "only scores"),
    ],
)
def test_a_wrong_use_gets_one_sentence(words: list[str], message: str, seqlab: Seqlab) -> None:
    done = seqlab(*words)
    assert done.code in (1, 2) and message in done.err, done.err
    assert done.err.startswith("error: ") and len(done.err.strip().splitlines()) == 1 and not done.out
