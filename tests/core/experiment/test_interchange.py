"""The commands import, export and probs: a model to a file of other programs and back."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from command_line import Done, Seqlab, run_command

import core
from core.runs.trained_model import load

SMALL = {"data.limit": 200, "quiet": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ``runs`` holds a model of counts, a neural one and a tagger."""
    place = tmp_path_factory.mktemp("exchange")
    saved = {"runs": str(place / "runs"), **SMALL}
    core.run(task="lm", encoder="ngram", name="counts", **{"encoder.order": 3}, **saved)
    core.run(task="lm", encoder="lstm", name="neural", **{"train.epochs": 1, "encoder.hidden_size": 8}, **saved)
    core.run(task="pos", encoder="ngram", name="tags", **{"encoder.order": 2}, **saved)
    return place


@pytest.fixture
def seqlab(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Seqlab:
    def call(*words: str) -> Done:
        monkeypatch.chdir(folder)
        return run_command(capsys, *words)

    return call


def test_an_exported_and_imported_model_has_the_same_scores(seqlab: Seqlab, folder: Path) -> None:
    done = seqlab("export", "run=counts", "out=lm.arpa.gz")
    assert done.code == 0 and "wrote lm.arpa.gz" in done.err and (folder / "lm.arpa.gz").stat().st_size
    done = seqlab("import", "file=lm.arpa.gz", "task=lm", "encoder=ngram", "name=back")
    assert done.code == 0 and len(done.out.split()) == 1 and done.out.strip() in done.err
    (folder / "lm.arpa.gz").unlink()  # the saved model does not need the file
    first, again = (load(name, runs=folder / "runs") for name in ("counts", "back"))
    for text in ["the dogs sleep .", "zzz"]:
        assert again.score([text])[0].log_prob == pytest.approx(first.score([text])[0].log_prob, abs=1e-4)
        assert again.score([text])[0].unknown == first.score([text])[0].unknown
    assert again.generate("the", n=3) == first.generate("the", n=3)
    scored = [seqlab("evaluate", f"run={name}", "data=toy").out for name in ("counts", "back")]
    found = [next(line for line in out.splitlines() if " ngram " in line).split("│")[2].strip() for out in scored]
    assert found[0] == found[1] and math.isfinite(float(found[0]))
    assert "lm.arpa.gz" in seqlab("runs").out


def test_what_cannot_be_exported_or_imported_is_an_error(seqlab: Seqlab, folder: Path) -> None:
    for words, message in [
        (["export", "run=counts"], "out is missing"),
        (["export", "run=counts", "out=x", "format=arp"], "did you mean 'arpa'"),
        (["export", "run=neural", "out=x"], "not a count-based language model"),
        (["export", "run=tags", "out=x"], "not a count-based language model"),
        (["export", "run=counts", "out=none/x.arpa"], "none/x.arpa: cannot be written"),
        (["export", "run=counts", "out=x", "zip=true"], "zip: export has no key 'zip'"),
        (["import", "task=lm", "encoder=ngram"], "file is missing"),
        (["import", "file=none.arpa", "task=lm", "encoder=ngram"], "none.arpa"),
        (["import", "file=runs/x", "task=lm", "encoder=ngram"], "runs/x"),
        (["import", "file=counts.arpa", "task=lm", "encoder=lstm"], "encoder=lstm has no file format"),
        (["import", "file=counts.arpa", "task=pos", "encoder=ngram"], "of kind token"),
        (["import", "file=counts.arpa", "task=lm", "encoder=ngram", "seed=1,2"], "2 runs"),
        (["import", "file=counts.arpa", "task=lm", "encoder=ngram"], "counts.arpa:1: the file ends"),
    ]:
        (folder / "counts.arpa").write_text("")
        done = seqlab(*words)
        assert done.code and message in done.err and "internal error" not in done.err, (words, done.err)
    assert not (folder / "x").exists()


def test_commands_that_compare_predictions_refuse_an_imported_model(seqlab: Seqlab) -> None:
    assert seqlab("export", "run=counts", "out=other.arpa").code == 0
    run = seqlab("import", "file=other.arpa", "task=lm", "encoder=ngram", "name=other").out.strip()
    message = f"was imported: it has no saved predictions; score it with `seqlab evaluate run={run} data=PATH`"
    for words in (["errors", "run=counts,other"], ["mix", "run=other,counts"], ["report", "run=other"]):
        done = seqlab(*words)
        assert done.code == 1 and not done.out and message in done.err, done
    assert seqlab("evaluate", f"run={run}", "data=toy").code == 0


def test_notes_of_an_imported_file_are_shown_and_saved(seqlab: Seqlab, folder: Path) -> None:
    text = "\\data\\\nngram 1=3\n\n\\1-grams:\n-1\ta\n-99\t<s>\n-0.5\t</s>\n\n\\end\\\n"
    (folder / "bare.arpa").write_text(text)
    done = seqlab("import", "file=bare.arpa", "task=lm", "encoder=ngram", "name=bare")
    assert done.code == 0 and "note: bare.arpa: there is no <unk>" in done.err
    assert load("bare", runs=folder / "runs").score(["a"])[0].log_prob == pytest.approx(
        -1.5 * math.log(10), rel=1e-6
    )


def test_probs_shows_the_likeliest_words_of_any_language_model(seqlab: Seqlab, folder: Path) -> None:
    counts, neural = (seqlab("probs", f"run={name}", "context=<s> the", "n=3") for name in ("counts", "neural"))
    assert "discount 1" in counts.out and "count 3" in counts.out and "(none)" in counts.out
    import numpy as np

    model = load("neural", runs=folder / "runs")
    log_probs = model.model.next_log_probs(np.array([[0, model.vocab.ids["the"]]], dtype=np.int32))[0]
    for i in np.argsort(-log_probs)[:3].tolist():
        assert model.vocab.words[i] in neural.out and f"{np.exp(log_probs[i]):.6f}" in neural.out
    assert "not in the vocabulary: zzz" in seqlab("probs", "run=counts", "context=the zzz").err
    assert "at least 1" in (err := seqlab("probs", "run=counts", "n=0").err) or ">= 1" in err
    assert "needs a language model" in seqlab("probs", "run=tags").err


def test_an_import_refuses_options_of_training(seqlab: Seqlab, folder: Path) -> None:
    assert seqlab("export", "run=counts", "out=three.arpa").code == 0
    for word in "encoder.order=5 encoder.smoothing=stupid-backoff task.min_count=2 data.limit=9 save=none".split():
        done = seqlab("import", "file=three.arpa", "task=lm", "encoder=ngram", word)
        message = f"{word.partition('=')[0]}: it does not apply to an import"
        assert done.code and message in done.err and "leave it out" in done.err, done
    done = seqlab("import", "file=three.arpa", "task=lm", "encoder=ngram", "task.end=false", "name=three")
    assert done.code == 0
    assert (
        "file=no.arpa: there is no such file" in seqlab("import", "file=no.arpa", "task=lm", "encoder=ngram").err
    )
    assert "imported" in (err := seqlab("evaluate", "run=three").err) and "data=PATH" in err


def test_every_command_shows_the_perplexity_without_unknown_words(seqlab: Seqlab, folder: Path) -> None:
    import numpy as np

    place = folder / "words"
    place.mkdir()
    for split, text in {"train": "a bb\na c\nbb bb\n", "dev": "a bb\n", "test": "a z\nbb zz a\n"}.items():
        (place / f"{split}.txt").write_text(text)
    for end in ("true", "false"):
        done = seqlab(
            "run", "task=lm", "encoder=ngram", "encoder.order=2", f"task.end={end}", "data=words", "name=w"
        )
        log_prob = load("w", runs=folder / "runs").evaluate(load_words(place), "test")[2]["log_prob"]
        known = np.array([1, 0, end == "true", 1, 0, 1, end == "true"], dtype=bool)
        figure, events = f"{np.exp(-log_prob[known].mean()):.2f}", 5 + 2 * (end == "true")
        title, *_ = done.out.splitlines()
        assert title.rstrip().endswith(f"2 rows, 5 tokens, {events} events") and "perplexity known" in done.out
        row = next(line for line in done.out.splitlines() if "│ ngram" in line)
        assert [cell.strip() for cell in row.split("│")][3:5] == [figure, "2"]
        done = seqlab("evaluate", "run=w")
        assert f"{events} events" in done.out and figure in done.out
        sums = seqlab("score", "run=w", "file=words/test.txt").err.splitlines()[-1]
        assert (
            f"{events} tokens, 2 of them unknown" in sums
            and f"perplexity of the {events - 2} known {figure}," in sums
        )
    done = seqlab("evaluate", "run=w", "split=dev")
    assert "known" not in done.out
    seqlab(
        "run", "task=lm", "encoder=ngram", "encoder.order=2", "encoder.smoothing=mle", "data=words", "name=zero"
    )
    row = next(line for line in seqlab("evaluate", "run=zero").out.splitlines() if "│ ngram" in line)
    assert "inf" in row and ".00" not in row.rpartition("inf")[2]


def load_words(place: Path):
    from core.data.sources import open_source

    return open_source(str(place))
