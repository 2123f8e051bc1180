"""``predict``: what goes in as what, what comes out as what, and when."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import core
from core.cli.predict import Predict
from core.data.sources.files import Files
from core.errors import ConfigError, DataError

PredictOutput = Callable[..., str]
TRAIN = "the cats sleep .\nno dog barks !\nthe dog sleeps .\nDo n't bark\n"
TAGS = {"the": "DT", "cats": "NNS", "sleep": "VB", ".": ".", "no": "DT", "dog": "NN", "barks": "VBZ", "!": "."}
TAGS |= {"sleeps": "VBZ", "Do": "VB", "n't": "RB", "bark": "VB"}


def word(number: str, form: str, upos: str = "_", misc: str = "_") -> str:
    return "\t".join([number, form, f"lemma  of {form}", upos, "x:pos", "A=1", "0", "root", "_", misc])


CONLLU = [
    "# sent_id = 1",
    "#text=Don't sleep !",
    word("1-2", "Don't"),
    word("1", "Do", "OLD", "SpaceAfter=No"),
    "# a comment within",
    word("2", "n't", ""),
    word("3", "sleep", "OLD"),
    word("3.1", "empty", "KEPT"),
    word("4", "!", "OLD"),
    "",
    "",
    word("1", "the", "OLD"),
    "",
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger, a classifier and a language model of a few words."""
    folder = tmp_path_factory.mktemp("predict")
    columns = "\n\n".join("\n".join(f"{w} {TAGS[w]}" for w in line.split()) for line in TRAIN.splitlines())
    (folder / "tags.conll").write_text((columns + "\n\n") * 10)
    (folder / "classes.tsv").write_text(
        "text\tlabel\n" + "".join(f"{line}\ta\nno\tb\n" for line in TRAIN.splitlines()) * 10
    )
    (folder / "train.txt").write_text(TRAIN * 10)
    common = {"runs": str(folder), "quiet": True, "encoder": "ngram", "encoder.order": 2, "seed": 1}
    core.run(task="pos", data=str(folder / "tags.conll"), name="tags", **common)
    core.run(task="sentiment", data=str(folder / "classes.tsv"), name="classes", **common, **{"data.lower": True})
    core.run(task="lm", data=str(folder / "train.txt"), name="text", **common)
    return folder


@pytest.fixture
def predicted(runs: Path, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> PredictOutput:
    """What ``predict`` writes for a file of some content, or for sentences."""

    def call(run: str, *words: str, content: str | None = None, name: str = "in.txt") -> str:
        if content is not None:
            data = content.encode()
            (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
            words = (*words, f"file={tmp_path / name}")
        Predict.parse("predict", [f"run={run}", f"runs={runs}", *words]).execute()
        return capsysbinary.readouterr().out.decode()

    return call


def test_conllu_comes_back_with_other_labels_and_every_other_byte(predicted: PredictOutput) -> None:
    content = "\n".join([*CONLLU, ""]).replace("sleep", "sleep\u00a0\u2028", 1)
    for name in ("in.conllu", "in.conllu.gz"):
        lines = predicted("tags", content=content, name=name).split("\n")
        back = [line.split("\t") for line in lines]
        given = [line.split("\t") for line in content.split("\n")]
        tags = [cells[3] for cells in back if cells[0].isdigit()]
        assert tags[0] == "VB" and tags[3:] == [".", "DT"]
        for before, after in zip(given, back, strict=True):
            assert [*before[:3], *before[4:]] == [*after[:3], *after[4:]]
            assert before[0].isdigit() or before == after


def test_crlf_stays_and_another_column_can_be_written(predicted: PredictOutput) -> None:
    content = "\r\n".join([word("1", "the", "OLD"), word("2", "dog", "OLD"), "", ""])
    found = predicted("tags", "label=misc", content=content, name="in.conllu")
    expected = [word("1", "the", "OLD", "DT"), word("2", "dog", "OLD", "NN"), "", ""]
    assert found == "\r\n".join(expected)


def test_columns_get_one_more_and_need_no_other(predicted: PredictOutput) -> None:
    assert predicted("tags", content="the X\ndog Y\n\n. Z\n", name="in.conll") == "the X DT\ndog Y NN\n\n. Z .\n"
    assert predicted("tags", "input=columns", content="the\ndog\n\n.\n") == "the DT\ndog NN\n\n. .\n"
    assert predicted("tags", "input=columns", "text=2", content="1\tthe\n2\tdog\n") == "1\tthe\tDT\n2\tdog\tNN\n"


def test_tokens_are_cut_at_spaces_alone_and_raw_text_as_it_is_asked(predicted: PredictOutput) -> None:
    pytest.importorskip("tokenizers")
    assert predicted("tags", "the dog.", "output=tsv").count("\n") == 3
    assert predicted("tags", "the  dog.", "output=tsv", "tokens=words") == "the\tDT\ndog\tNN\n.\t.\n\n"
    assert predicted("tags", "input=tokens", content="the dog.\n").count("_") == 2
    assert predicted("tags", "tokens=char", "狗 no").count("_") == 3


def test_json_lines_give_back_the_text_as_it_was(predicted: PredictOutput) -> None:
    pytest.importorskip("tokenizers")
    text = "  Don't\u00a0 sleep, 狗狗!  "
    found = json.loads(predicted("tags", "output=jsonl", "tokens=words", content=text + "\n"))
    assert found["text"] == text
    assert (
        found["tokens"] == ["Do", "n't", "sleep", ",", "狗", "狗", "!"] == [text[a:b] for a, b in found["spans"]]
    )
    assert len(found["labels"]) == 7 and found["labels"][:2] == ["VB", "RB"]
    label = json.loads(predicted("classes", "output=jsonl", "The  DOG"))
    assert label == {"text": "The  DOG", "label": "a"}
    assert json.loads(predicted("text", "output=jsonl", "the dog"))["log_prob"] < 0


def test_raw_text_becomes_conllu_that_knows_where_no_space_is(predicted: PredictOutput) -> None:
    pytest.importorskip("tokenizers")
    found = predicted("tags", "output=conllu", "tokens=words", content="Don't sleep!\n\nno\n")
    lines = [line.split("\t") for line in found.split("\n")]
    assert lines[0] == ["# text = Don't sleep!"] and found.endswith("\n\n")
    assert [(cells[1], cells[9]) for cells in lines if len(cells) == 10] == [
        ("Do", "SpaceAfter=No"),
        ("n't", "_"),
        ("sleep", "SpaceAfter=No"),
        ("!", "_"),
        ("no", "_"),
    ]
    again = predicted("tags", content=found, name="again.conllu")
    assert again == found


def test_conllu_can_come_out_as_something_else(predicted: PredictOutput) -> None:
    content = "\n".join([word("1", "the"), word("2", "dog"), "", ""])
    assert predicted("tags", "output=tsv", content=content, name="in.conllu") == "the\tDT\ndog\tNN\n\n"
    assert predicted("classes", content=content, name="in.conllu") == "a\tthe dog\n"


def test_a_format_without_room_is_refused(predicted: PredictOutput) -> None:
    with pytest.raises(
        ConfigError, match="output: conllu has one label per token, and this model predicts kind sequence"
    ):
        predicted("classes", "output=conllu", "the dog")
    with pytest.raises(ConfigError, match="explain: explanations are printed below text; leave output= out"):
        predicted("tags", "output=jsonl", "explain=true", "the dog")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["file=a.txt", "and words"],
            "file: sentences are given too, and one of the two would be ignored; give",
        ),
        (["input=conllu", "Don't"], "input: input=conllu is the format of a file, not of sentences; leave it out"),
        (["input=tokens", "tokens=words"], "tokens: with input=tokens the tokens are known; leave it out"),
        (["input=conllu", "tokens=words"], "tokens: with input=conllu the tokens are known; leave it out"),
        (["text=2", "the dog"], "text: input=raw has no columns; leave it out, or say what the input is"),
        (
            ["label=xpos", "the dog"],
            "label: it names a column of CoNLL-U, which is not written; add output",
        ),
        (["run=other", "the dog"], "run: given twice; give it once"),
        (["folder=x", "the dog"], "predict has no key 'folder'; runs= names the folder of runs"),
        (["file=a.parquet"], "file: parquet is not read here; write its rows as .jsonl, .csv or .tsv"),
    ],
)
def test_a_word_that_would_be_ignored_is_refused(predicted: PredictOutput, words: list[str], error: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(error)):
        predicted("tags", *words)


def test_the_text_of_a_table_is_predicted_as_training_reads_it(predicted: PredictOutput) -> None:
    tsv = "label\ttext\na\tthe dog\n\tno\n"
    assert predicted("classes", content=tsv, name="in.tsv") == "a\tthe dog\nb\tno\n"
    assert predicted("classes", "input=tsv", content=tsv) == "a\tthe dog\nb\tno\n"
    assert predicted("classes", "text=b", content="a\tb\tc\n1\tno\t2\n", name="in.tsv") == "b\tno\n"
    assert predicted("classes", "input=raw", content="no\n", name="in.tsv") == "b\tno\n"
    assert predicted("tags", content=tsv, name="in.tsv.gz") == "the_DT dog_NN\nno_DT\n"
    assert predicted("tags", content='text,label\n"the\ndog",a\nno,b\n', name="in.csv") == "the_DT dog_NN\nno_DT\n"
    assert predicted("classes", content='text\n"the\ndog"\n', name="in.csv") == "a\tthe dog\n"
    assert predicted("tags", content='{"text": "the dog", "label": 1}\n', name="in.jsonl") == "the_DT dog_NN\n"
    assert predicted("tags", content='{"tokens": ["the", "dog"]}\n', name="in.jsonl") == "the_DT dog_NN\n"


def test_an_error_of_a_table_names_the_options_of_predict(predicted: PredictOutput) -> None:
    with pytest.raises(DataError, match="not clear; take lines .* input=raw, or name it with text=, one of a, b"):
        predicted("classes", content="a\tb\tc\n1\tno\t2\n", name="in.tsv")
    with pytest.raises(DataError, match="take lines .* input=raw, or name it with text=, one of the dog"):
        predicted("classes", content="the dog\nno\n", name="in.tsv")  # the first line would be lost as a header
    assert predicted("classes", "text=x", content="x\nno\n", name="in.tsv") == "b\tno\n"
    assert predicted("classes", content="\n\n", name="in.tsv") == ""
    with pytest.raises(DataError, match="in.tsv:2: fields: 1 where .*; fix the line, or .* with input=raw"):
        predicted("classes", content="text\tb\nno\n", name="in.tsv")
    unlabelled = '{"text": "no", "label": "a"}\n{"text": "no", "label": null}\n'
    assert predicted("classes", content=unlabelled, name="in.jsonl") == "b\tno\n" * 2
    with pytest.raises(ConfigError, match="^text: CoNLL-U has no column"):
        predicted("tags", "text=x", content=word("1", "the"), name="in.conllu")


def test_bytes_that_are_no_text_name_the_line(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"the dog\nd\xe9j\xe0\n")
    with pytest.raises(DataError, match="a.txt:2: the text is not UTF-8; convert it"):
        Predict(run="tags", runs=str(runs), file=str(tmp_path / "a.txt")).execute()


@pytest.mark.parametrize("input", ["raw", "conllu"])
def test_each_sentence_is_answered_before_the_next_is_there(runs: Path, input: str) -> None:
    sentences = {"raw": ["the dog\n", "no\n"], "conllu": [word("1", "the") + "\n\n", word("1", "no") + "\n\n"]}[
        input
    ]
    command = [sys.executable, "-m", "core", "predict", "run=tags", f"runs={runs}", f"input={input}"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(
        command, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, **pipes
    )
    assert process.stdin and process.stdout
    clock = threading.Timer(60, process.kill)  # else a filter that waits would wait for ever
    clock.start()
    for sentence in sentences:
        process.stdin.write(sentence)
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer.strip() and process.poll() is None
        if input == "conllu":
            assert process.stdout.readline() == "\n"
    assert process.communicate(timeout=30)[0] == "" and process.returncode == 0
    clock.cancel()


@pytest.mark.parametrize("output", ["conllu", "tsv", "text"])
@pytest.mark.parametrize("token", ["a\tb", "a\nb", "a\r", ""])
def test_a_token_that_a_file_cannot_hold_is_refused_with_its_row(
    predicted: PredictOutput, output: str, token: str
) -> None:
    content = json.dumps({"tokens": ["the"]}) + "\n" + json.dumps({"tokens": ["the", token]}) + "\n"
    with pytest.raises(DataError, match=r"in.jsonl row 2: the token"):
        predicted("tags", f"output={output}", content=content, name="in.jsonl")
    found = predicted("tags", "output=jsonl", content=content, name="in.jsonl").splitlines()
    assert json.loads(found[1])["tokens"] == ["the", token]


@pytest.mark.parametrize(("output", "token"), [("conllu", "a  b"), ("tsv", " a"), ("tsv", "a "), ("tsv", " ")])
def test_spaces_that_a_reader_would_lose_are_refused(predicted: PredictOutput, output: str, token: str) -> None:
    content = json.dumps({"tokens": ["the", token]}) + "\n"
    with pytest.raises(DataError, match=r"in.jsonl row 1: the token .* has outer or double spaces"):
        predicted("tags", f"output={output}", content=content, name="in.jsonl")


ODD = ["New York", "#", "# x = y", "a\u2028b", "\x85", "\u00a0c", "a|b", "\x0c", "1-2", '"']


@pytest.mark.parametrize(("output", "name"), [("conllu", "out.conllu"), ("tsv", "out.conll")])
def test_odd_tokens_are_read_back(predicted: PredictOutput, tmp_path: Path, output: str, name: str) -> None:
    content = "".join(json.dumps({"tokens": words}) + "\n" for words in (ODD, ["the"], ODD[::-1]))
    written = predicted("tags", f"output={output}", content=content, name="in.jsonl")
    (tmp_path / name).write_bytes(written.encode())
    read = [row for batch in Files(tmp_path / name).batches("train") for row in batch.to_pylist()]
    assert [row["tokens"] for row in read] == [ODD, ["the"], ODD[::-1]]
    assert read[1]["labels"] == ["DT"]
    if output == "conllu":
        conllu = pytest.importorskip("conllu")
        again = [[str(token["form"]) for token in sentence] for sentence in conllu.parse(written)]
        assert again == [ODD, ["the"], ODD[::-1]]


@pytest.mark.parametrize(("run", "output"), [("classes", "text"), ("classes", "tsv"), ("text", "tsv")])
def test_a_line_has_two_cells_whatever_the_text(predicted: PredictOutput, run: str, output: str) -> None:
    content = json.dumps({"text": "the\tdog\r\nbarks\n!"}) + "\n"
    cells = predicted(run, f"output={output}", content=content, name="in.jsonl").removesuffix("\n").split("\t")
    assert len(cells) == 2 and cells[1] == "the dog barks !"


@pytest.mark.parametrize("label", ["id", "form"])
def test_labels_are_not_written_over_the_tokens(predicted: PredictOutput, label: str) -> None:
    with pytest.raises(ConfigError, match=f"label: .*'{label}'"):
        predicted("tags", "the dog", "output=conllu", f"label={label}")
