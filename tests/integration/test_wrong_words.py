"""Names, keys and values that cannot be meant: one sentence, with the nearest that could."""

from __future__ import annotations

import pytest

RUN = ["run", "task=pos", "encoder=lstm", "quiet=true"]
MISTAKES = [
    (["run", "task=pos", "encoder=lstn"], "encoder: there is no encoder 'lstn'; did you mean 'lstm'"),
    (["run", "task=poss", "encoder=lstm"], "task: there is no task 'poss'; did you mean 'pos'?"),
    ([*RUN, "data=tyo"], "data: there is no data set and no file or folder 'tyo'; did you mean 'toy'?"),
    ([*RUN, "embedding=randm"], "embedding: there is no embedding 'randm'; did you mean 'random'?"),
    ([*RUN, "preset=ptb-lst"], "preset: there is no preset 'ptb-lst'; did you mean 'ptb-lstm'"),
    ([*RUN, "trian.epochs=3"], "trian.epochs: run has no key 'trian'; did you mean 'train'?"),
    ([*RUN, "train.epoch=3"], "train.epoch: train has no such option; did you mean 'epochs' or "),
    ([*RUN, "train.optimizer=adamW2"], "train.optimizer: 'adamW2' does not fit; did you mean 'adamw'?"),
    ([*RUN, "encoder.widths=3"], "encoder.widths: encoder (lstm) has no such option; choose from: "),  # the cnn's
    (["run", "task=pos", "encoder=ngram", "encoder.hidden_size=3"], "encoder (ngram) has no such option"),
    ([*RUN, "encoder.hidden_size=0"], "encoder.hidden_size: '0' does not fit; it takes int > 0"),
    ([*RUN, "train.learning_rate=nan"], "train.learning_rate: 'nan' does not fit; it takes number > 0"),
    ([*RUN, "encoder.hidden_size=1e400"], "encoder.hidden_size: '1e400' does not fit"),
    ([*RUN, "encoder.hidden_size=[1,2]"], "encoder.hidden_size: '[1,2]' does not fit; it takes int > 0"),
    ([*RUN, "seed=[1,2]"], "seed: '[1,2]' does not fit; it takes int"),
    (["run", "task=[pos]", "encoder=lstm"], "task: [pos] is not a name; write one name"),
    (["run", "task=lm", "encoder=bilstm"], "bilstm reads both sides, so it would see the answer; use "),
    ([*RUN, "seed=1,"], "seed: a value is missing; write none for null, or remove a comma"),
    ([*RUN, "seed=1", "seed=2"], "seed: given twice; give it once"),
    ([*RUN, "encoder.hidden_size=[1"], "encoder.hidden_size: the brackets in '[1' do not match"),
    ([*RUN, "device=tpu"], "device: 'tpu' is not a device; choose from: auto, cpu"),
    (["run", "task=pos", "encoder=ngram", "device=tpu"], "device: 'tpu' is not a device"),
    ([*RUN, "report=half"], "report: 'half' does not fit; it takes full or FILE.html"),
    ([*RUN, "data=toy\udce9"], "'data=toy\\udce9' is not UTF-8; write it in UTF-8"),
    (["predict", "run=x", "explain=maybe"], "explain: 'maybe' does not fit; it takes true or false"),
    (["predict", "run=x", "flie=a.txt"], "flie: predict has no key 'flie'; did you mean 'file'?"),
    (
        ["runs", "prune", "now"],
        "runs: 'prune now' is not understood; write `runs`, `runs prune`, `runs verify` or `runs index`",
    ),
    (["runs", "folder=x"], "folder: runs has no key 'folder'; runs= names the folder of runs"),
    (["score", "run=x", "run=y", "the cats"], "run: given twice; give it once"),
    (["generate", "run=x", "folder=y"], "folder: generate has no key 'folder'; runs= names the folder of runs"),
    (["describe", "preset=ptb-lst"], "preset: there is no preset 'ptb-lst'; did you mean 'ptb-lstm'"),
    (["describe", "preset"], "preset: which preset?; write preset=NAME: conll2000-bilstm, "),
    (["describe", "grid=tyo"], "grid: there is no grid 'tyo'; did you mean 'toy'?"),
    (["bench", "grid=toy"], "grid: there is no key 'grid'; write config=grids/toy.yaml"),
    (["bench", "config=toy"], "cannot be read: No such file or directory; write config=grids/toy.yaml"),
    (["bench", "config=tyo"], "cannot be read: No such file or directory; name a file that can be read"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES)
def test_a_wrong_argument_is_an_error_with_a_suggestion(words: list[str], sentence: str, error_of) -> None:
    assert sentence in error_of(*words)


@pytest.mark.parametrize(
    "command", ["run", "bench", "list", "describe", "plugins", "runs", "generate", "report", "errors", "evaluate"]
)
def test_a_stray_argument_is_refused_by_every_command_that_takes_no_sentences(command: str, error_of) -> None:
    chosen = {"run": ["task=pos", "encoder=ngram"], "bench": ["task=pos", "encoder=ngram"]}.get(command, [])
    wants_its_run_first = command in ("evaluate", "errors")
    assert "stray" in error_of(command, *chosen, "stray") or wants_its_run_first


def test_a_plugin_that_failed_to_load_is_listed_where_its_name_is_asked_for(error_of, put) -> None:
    put("broken.py", "import nothing_of_that_name\n")
    for section in ("encoder", "task", "embedding", "data"):
        chosen = {"task": "pos", "encoder": "lstm"} | {section: "mine"}
        sentence = error_of("run", "plugin=broken.py", *(f"{key}={name}" for key, name in chosen.items()))
        assert f"{section}: there is no " in sentence and "'mine'" in sentence
        assert "plugins that failed to load: plugin broken (" in sentence and "nothing_of_that_name" in sentence


@pytest.mark.parametrize("words", [["runs"], ["runs", "prune"]])
def test_a_file_is_not_a_folder_of_runs(words: list[str], error_of, put) -> None:
    put("notes.txt", "mine\n")
    sentence = error_of(*words, "runs=notes.txt")
    assert sentence == "error: runs: notes.txt is not a folder of runs; name a folder: runs=FOLDER"


def test_debug_shows_the_traceback_and_the_message(seqlab) -> None:
    done = seqlab("run", "--debug", "task=poss", "encoder=lstm")
    assert done.code == 2 and "Traceback" in done.err
    assert done.err.splitlines()[-1].startswith("error: task: there is no task 'poss'")
