"""The command line as a user meets it: in a process of its own."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from core.__main__ import main
from core.cli import COMMANDS

HELP = [
    ["--help"],
    ["-h"],
    ["describe", "predict"],
    ["list"],
    ["list", "encoder"],
    ["run", "--help"],
    ["predict", "--help"],
    ["errors", "--help"],
]
HEAVY = ("torch", "datasets", "numba", "numpy", "pydantic", "pyarrow")


class Done(NamedTuple):
    """What one command left behind."""

    returncode: int
    stdout: str
    stderr: str


Seqlab = Callable[..., Done]


@pytest.fixture
def seqlab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The command line within this process, in a folder of its own."""

    def call(*words: str, text: str = "") -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        with pytest.raises(SystemExit) as end:
            main(words)
        return Done(int(end.value.code or 0), *capsys.readouterr())

    return call


def apart(*words: str, folder: Path) -> Done:
    """The command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "core", *words], cwd=folder, capture_output=True, text=True, timeout=300
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("words", HELP)
def test_help_and_list_import_nothing_heavy_and_take_little_time(words: list[str], tmp_path: Path) -> None:
    probe = (
        "import sys, time\n"
        "from core.__main__ import main\n"
        f"try: main({words!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], time.process_time(), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    imported, seconds = done.stderr.strip().splitlines()[-1].rsplit(" ", 1)
    assert imported == "[]"
    assert float(seconds) < 0.30


@pytest.mark.parametrize("words", [[], ["--debug"], ["no_plugin=none"]])
def test_no_command_at_all_shows_the_help_and_ends_as_a_mistake(words: list[str], seqlab: Seqlab) -> None:
    done, asked = seqlab(*words), seqlab("--help")
    assert (done.returncode, done.stdout, asked.returncode, asked.stderr) == (2, "", 0, "")
    assert done.stderr == asked.stdout and done.stderr.startswith("Usage: seqlab ")
    text = " ".join(done.stderr.split())
    assert all(f" {name} {about}" in text for name, (_, about) in COMMANDS.items())


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux lists them")
def test_products_of_numpy_start_no_threads_unless_the_user_says_so() -> None:
    product = (
        "import core, os, numpy; a = numpy.ones((500, 500)); a @ a; print(len(os.listdir('/proc/self/task')))"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "3"}
    path.pop("OPENBLAS_NUM_THREADS", None)
    counts = []
    for own in ({}, {"OPENBLAS_NUM_THREADS": "2"}):
        done = subprocess.run([sys.executable, "-c", product], env=path | own, capture_output=True, text=True)
        counts.append(int(done.stdout))
    assert counts == [1, min(2, os.cpu_count() or 1)]


def test_list_names_every_kind(seqlab: Seqlab, tmp_path: Path) -> None:
    done = seqlab("list")
    assert done.returncode == 0
    for name in ("ngram", "window", "lstm", "bilstm", "random", "lm", "pos", "sentiment", "toy"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rum"], "there is no command 'rum'; did you mean 'run'"),
        (["run"], "no task is chosen"),
        (["run", "task=pos"], "no encoder is chosen"),
        (["run", "task=pos", "encoder=bilsm"], "did you mean 'bilstm'"),
        (["run", "task=poss", "encoder=bilstm"], "did you mean 'pos'"),
        (["run", "task=pos", "encoder=ngram", "data=nowhere"], "no data set and no file or folder 'nowhere'"),
        (["run", "task=pos", "encoder=ngram", "encoder.ordr=3"], "did you mean 'order'"),
        (["run", "task=pos", "encoder=ngram", "encoder.order=0"], "int >= 1"),
        (["run", "task=pos", "encoder=ngram", "encoder.smoothing=kneserney"], "did you mean 'kneser-ney'"),
        (["run", "task=pos", "encoder=ngram", "train.epochs=3"], "no training loop"),
        (["run", "task=pos", "encoder=ngram", "fast"], "has no '='"),
        (["run", "task=lm", "encoder=bilstm"], "reads both sides"),
        (["run", "task=pos", "encoder=ngram", "config=none.yaml"], "none.yaml"),
        (["list", "encodr"], "did you mean 'encoder'"),
        (["run", "task=pos", "encoder=lstm", "seed=99999999999999999999"], "seed"),
        (["run", "task=pos", "encoder=ngram", "encoder.order=50", "quiet=true"], "make too many states"),
        (["run", "task=pos", "encoder=ngram", "plugin=nofile.py"], "there is no such file"),
        (["describe", "encoder=lstn"], "did you mean 'lstm'"),
        (["describe", "lstm"], "did you mean 'encoder=lstm'?"),
        (["describe", "LSTM"], "did you mean 'encoder=lstm'?"),
        (["describe", "bilsm"], "did you mean 'encoder=bilstm'"),
        (["describe", "csv"], "did you mean 'format=csv' or 'observer=csv'?"),
        (["describe", "bnech"], "did you mean 'bench'?"),
        (["describe", "erors"], "did you mean 'errors'"),
        (["describe", "command=predcit"], "there is no command 'predcit'; did you mean 'predict'?"),
        (["describe", "kind=tokn"], "did you mean 'token'?"),
        (["describe", "head"], "write head=NAME: cloze, item, next, number, sequence, "),
        (["describe", "format=cvs"], "did you mean 'csv'?"),
        (["describe", "embedding=random+afix"], "did you mean 'affix'?"),
        (["describe", "xyzzyq"], "choose from: bench, "),
        (["describe", "encoder=lstm", "bnech"], "did you mean 'bench'?"),
        (["predict"], "run is missing"),
        (["predict", "run=abc", "a"], "no run 'abc'"),
        (["evaluate", "data=toy"], "run is missing"),
        (["runs", "purge"], "runs prune"),
    ],
)
def test_a_mistake_gets_one_sentence_and_no_traceback(
    words: list[str], message: str, seqlab: Seqlab, tmp_path: Path
) -> None:
    done = seqlab(*words)
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert done.stderr.startswith("error: ") and len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("place", [0, 1, 3])
def test_debug_shows_the_traceback_wherever_it_is(place: int, seqlab: Seqlab) -> None:
    words = ["run", "task=pos", "encoder=bilsm"]
    done = seqlab(*words[:place], "--debug", *words[place:])
    assert "Traceback" in done.stderr and done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: encoder: there is no encoder 'bilsm'")


def test_describe_shows_what_a_task_and_its_kind_set_for_other_sections(seqlab: Seqlab) -> None:
    from core.neural.heads.language import LanguageHead

    shown = [line.split() for line in seqlab("describe", "task=lm").stdout.splitlines()]
    rows = {cells[1]: (cells[3], cells[5]) for cells in shown if len(cells) == 7}
    for key, value in LanguageHead.defaults.items():
        assert rows[key] == (str(value), "head=next")
    assert rows["embedding.word_dropout"] == ("0", "task=lm")
    assert "train.learning_rate" in seqlab("describe", "head=token").stdout
    assert "train.learning_rate" not in seqlab("describe", "encoder=ngram").stdout
    assert "describe task=NAME" in seqlab("describe", "train").stdout
    assert seqlab("describe", "task=similarity").returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_describe_shows_the_keys_of_a_command_as_its_help_does(name: str, seqlab: Seqlab) -> None:
    done, asked = seqlab("describe", name), seqlab(name, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"{name}: "), done.stderr
    assert seqlab("describe", f"command={name}").stdout == done.stdout
    keys = re.findall(r"^  (\w+)  +\S.* \((?:default|required)", asked.stdout, re.MULTILINE)
    assert all(f"│ {key} " in done.stdout for key in keys) and (keys or name == "new")


def test_describe_takes_several_names_and_shows_shared_options_once(seqlab: Seqlab) -> None:
    done = seqlab("describe", "encoder=lstm,gru", "embedding=random+affix")
    assert done.returncode == 0, done.stderr
    for text in (
        "recurrent:LSTM)",
        "recurrent:GRU)",
        "recurrent.layers:Recurrent)",
        "ConcatEmbedding)",
        "affix:Affix)",
    ):
        assert done.stdout.count(text) == 1
    assert "cells between commas, quoted (.csv)" in seqlab("describe", "format=csv").stdout
    assert seqlab("describe", "kind=token").stdout == seqlab("describe", "head=token").stdout


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m core describe encoder=ngram | true"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr


def test_run_then_runs_predict_evaluate_and_prune(seqlab: Seqlab, tmp_path: Path) -> None:
    done = seqlab("run", "task=pos", "encoder=ngram", "data.limit=300", "name=mine")
    assert done.returncode == 0, done.stderr
    for word in ("accuracy", "ceiling", "most frequent", "chance", "parameters", "tokens/s", "seconds", "memory"):
        assert word in done.stdout
    assert "chosen on dev: encoder.order=" in done.stdout
    assert "ngram" in seqlab("runs").stdout
    tagged = seqlab("predict", "run=mine", "the cats sleep .")
    assert tagged.stdout.split()[-1] == "._PUNCT", tagged.stderr
    piped = seqlab("predict", "run=mine", text="the cats sleep .\n\nno dog barks .\n")
    assert [line.count("_") for line in piped.stdout.split("\n")] == [4, 0, 4, 0]
    evaluated = seqlab("evaluate", "run=mine", "data=toy", "split=dev")
    assert "1,000 rows" in evaluated.stdout and "accuracy" in evaluated.stdout, evaluated.stderr
    again = seqlab("run", "task=pos", "encoder=ngram", "data.limit=300", "name=mine")
    assert "saved run in" in again.stdout
    for name in ("broken", "photos"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "broken" / "run.json").write_text("{")
    pruned = seqlab("runs", "prune")
    assert pruned.stdout == "nothing to remove in runs\n"
    assert pruned.stderr == "note: broken stays: its run.json does not show that this program wrote it\n"
    assert (tmp_path / "runs" / "photos").is_dir() and (tmp_path / "runs" / "broken").is_dir()
    renamed = seqlab("run", "task=pos", "encoder=ngram", "data.limit=300", "name=other")
    assert "saved run in" in renamed.stdout
    assert seqlab("predict", "run=other", "the cats sleep .").returncode == 0


def test_a_full_report_counts_every_token_once(seqlab: Seqlab) -> None:
    words = ["task=pos", "encoder=ngram", "encoder.order=2", "data.limit=300", "name=mine"]
    done = seqlab("run", *words, "report=full")
    assert done.returncode == 0 and "confusion" in done.stdout, done.stderr
    again = seqlab("report", "run=mine")
    first = again.stdout.split("tags of known")[0]
    true = [cells[2].strip() for line in first.splitlines() if len(cells := line.split("│")) > 4]
    assert sum(int(number) for number in true if number.isdigit()) == 23_512
    assert seqlab("report", "run=mine", "split=train").returncode == 2
    assert seqlab("run", *words, "report=half").returncode == 2


def test_predict_explains_by_the_ngrams_that_fired(seqlab: Seqlab) -> None:
    words = ["task=sentiment", "data.limit=200", "train.epochs=1", "encoder.channels=4"]
    seqlab("run", *words, "encoder=cnn", "name=cnn")
    text = "the cats love this film ."
    lines = seqlab("predict", "run=cnn", text, "explain=true").stdout.splitlines()
    assert lines[0].endswith(text) and len(lines) == 6
    assert all(line.split(": ")[1] in text for line in lines[1:])
    strengths = [float(line.split()[0]) for line in lines[1:]]
    assert strengths == sorted(strengths, reverse=True)
    seqlab("run", "task=sentiment", "encoder=ngram", "data.limit=200", "name=counts")
    assert "no filters" in seqlab("predict", "run=counts", text, "explain=true").stderr


def test_brackets_in_names_and_errors_are_no_markup(seqlab: Seqlab, tmp_path: Path) -> None:
    (tmp_path / "[" / "x]").mkdir(parents=True)
    (tmp_path / "[/x]" / "train.tsv").write_text("text\tlabel\n" + "fine\tgood\ndull\tbad\n" * 10)
    assert seqlab("run", "task=sentiment", "encoder=ngram", "data=[/x]").returncode != 0  # brackets make a list
    done = seqlab("run", "task=sentiment", "encoder=ngram", 'data="[/x]"')
    assert done.returncode == 0 and "[/x]" in done.stdout, done.stderr
    assert "[/x]" in seqlab("runs").stdout
    (tmp_path / "bad.py").write_text("raise ValueError('no [/foo] here')\n")
    assert "[/foo]" in seqlab("plugins", "plugin=bad.py").stdout


def test_input_that_is_not_utf8_is_one_sentence(tmp_path: Path) -> None:
    assert (
        apart("run", "task=sentiment", "encoder=ngram", "data.limit=50", "name=a", folder=tmp_path).returncode == 0
    )
    command = [sys.executable, "-m", "core", "predict", "run=a"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, input=b"h\xe9llo\n", timeout=60)
    assert done.returncode == 1 and b"standard input:1: the text is not UTF-8" in done.stderr


def test_predict_reads_a_file_with_a_bom_or_gzipped(seqlab: Seqlab, tmp_path: Path) -> None:
    seqlab("run", "task=pos", "encoder=ngram", "encoder.order=2", "data.limit=300", "name=a")
    (tmp_path / "bom.txt").write_bytes(b"\xef\xbb\xbfthe cats sleep .\n")
    (tmp_path / "text.txt.gz").write_bytes(gzip.compress(b"the cats sleep .\n"))
    found = [seqlab("predict", "run=a", f"file={name}").stdout for name in ("bom.txt", "text.txt.gz")]
    assert found[0] == found[1] and found[0].startswith("the_")


def test_a_grid_ends_in_one_table_and_a_cell_that_fails_does_not_stop_the_others(
    seqlab: Seqlab, tmp_path: Path
) -> None:
    words = ["task=sentiment", "encoder=ngram,window", "seed=1,2", "data.limit=200", "train.epochs=1"]
    done = seqlab("run", *words, "train.learning_rate=1e-3", "encoder.order=1,2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("sentiment on toy") == 1
    assert "ngram order=1" in done.stdout and "ngram order=2" in done.stdout and "±" in done.stdout
    bad = seqlab("run", *words[:-1], "train.learning_rate=1e30", "train.epochs=2", "encoder.order=1")
    assert bad.returncode == 1
    assert "train.learning_rate" in bad.stderr and "ngram" in bad.stdout


def test_a_loose_plugin_file_runs_with_the_built_ins(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "from core import hookimpl\n"
        "from core.neural.base import Encoder\n\n"
        "class Mean(Encoder):\n"
        '    """The running mean of the vectors so far."""\n'
        "    def __init__(self, input_size, causal):\n"
        "        super().__init__(input_size, causal)\n"
        "        self.output_size = input_size\n"
        "    def forward(self, inputs, lengths, carry=None):\n"
        "        sums = inputs.cumsum(1)\n"
        "        return sums / torch.arange(1, 1 + sums.shape[1])[:, None], None\n\n"
        "@hookimpl\n"
        "def register_encoders(register):\n"
        '    register("mean", Mean, sees="left", help="running mean")\n'
    )
    words = ["task=sentiment", "encoder=mean", "plugin=mine.py", "data.limit=100", "train.epochs=1"]
    done = apart("run", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "mean" in done.stdout
    config = next((tmp_path / "runs").glob("*/config.yaml"))
    refused = apart("run", f"config={config}", folder=tmp_path)
    assert refused.returncode == 2 and "plugin=mine.py" in refused.stderr
    assert apart("run", f"config={config}", "plugin=mine.py", "fresh=true", folder=tmp_path).returncode == 0


def test_bad_files_are_named_with_line_and_remedy(seqlab: Seqlab, tmp_path: Path) -> None:
    (tmp_path / "train.conllu").write_text("1\tthe\tthe\tDET\n\n")
    done = seqlab("run", "task=pos", "encoder=ngram", "data=.")
    assert done.returncode == 1 and "train.conllu:1" in done.stderr
    (tmp_path / "train.conllu").unlink()
    (tmp_path / "train.tsv").write_text("a\tb\tc\nx\ty\tz\n")
    done = seqlab("run", "task=sentiment", "encoder=ngram", "data=.")
    assert done.returncode == 1 and "data.text" in done.stderr
    (tmp_path / "train.tsv").write_text("")
    done = seqlab("run", "task=sentiment", "encoder=ngram", "data=.")
    assert done.returncode == 1 and "empty" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file size")
def test_a_full_disk_leaves_no_half_run(tmp_path: Path) -> None:
    probe = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from core import config\n"
        "from core.experiment.runner import run_one\n"
        "from core.errors import StoreError\n"
        "words = ['task=pos', 'encoder=ngram', 'encoder.order=2', 'data.limit=200', 'quiet=true']\n"
        "run_one(config.expand([*words, 'runs=warm'])[0])  # compiles, which writes too\n"
        "cell = config.expand(words)[0]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: run_one(cell)\n"
        "except StoreError as error: print(error)\n"
    )
    environment = {
        **os.environ,
        "SEQLAB_CACHE": str(tmp_path / "cache"),
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
    }
    command = [sys.executable, "-c", probe]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, env=environment)
    assert "cannot be saved" in done.stdout, done.stderr
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_as_one_that_nobody_reads(closed: str, tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m core list {closed}'
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_during_the_imports_shows_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [sys.executable, "-m", "core", "list"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (130, "error: interrupted\n")
