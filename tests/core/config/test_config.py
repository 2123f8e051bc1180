"""From words to checked configs, with plugins that exist in this file alone."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Lt

from core import hookimpl
from core.config import RunConfig, describe, expand, other_data
from core.data.sources.base import Source
from core.errors import ConfigError, PluginError, SeqlabError, UnknownName
from core.kinds.next_token import NextToken
from core.kinds.token_labels import TokenLabels
from core.registry import Registry
from core.runs.store import write_config

HERE = __name__


class Recurrent:
    """Left to right.

    Args:
        size: numbers a state.
        cell: which cell.
        widths: some numbers.
    """

    def __init__(
        self,
        input_size: int,
        causal: bool,
        *,
        size: Annotated[int, Gt(0)] = 10,
        cell: Literal["plain", "gated"] = "plain",
        widths: list[int] | None = None,
    ) -> None: ...


class Convolution:
    """Its own options.

    Args:
        size: numbers a state.
        width: places.
    """

    def __init__(self, input_size: int, causal: bool, *, size: int = 5, width: int = 3) -> None: ...


class Grams:
    """Counts.

    Args:
        order: how many symbols.
    """

    def __init__(self, vocab_size: int, *, order: Annotated[int, Ge(1)] | Literal["auto"] = "auto") -> None: ...


class Plain:
    """An embedding."""

    def __init__(self, vocab: object, *, dim: int = 8, noise: float = 0.0) -> None: ...

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        return None


class Affix:
    """Another."""

    def __init__(self, vocab: object, *, dim: int = 4, length: int = 3) -> None: ...

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        return None


class Vectors:
    """The join."""

    def __init__(self, vocab: object, *, dropout: Annotated[float, Ge(0), Lt(1)] = 0.0) -> None: ...


class Trainer:
    """The loop."""

    def __init__(
        self, *, epochs: int = 10, rate: Annotated[float, Gt(0)] = 0.1, clip: float | None = 5.0
    ) -> None: ...


class Head:
    """A head."""

    defaults = {"train.rate": 0.2, "train.epochs": 20, "encoder.width": 9, "embedding.dropout": 0.5}

    def __init__(self, *, tied: bool = False) -> None: ...


class CountHead:
    """A counting head."""

    def __init__(self, *, smooth: float = 0.5) -> None: ...


class Tagging:
    """A task of kind token."""

    defaults = {"train.epochs": 30, "encoder.width": 7, "train.nothing": 1}

    def __init__(self, *, tokens: Literal["space", "char"] = "space") -> None: ...

    @classmethod
    def fingerprint(cls, options: dict[str, Any]) -> str | None:
        return None


class Language:
    """A task of kind next."""

    defaults = {"embedding": "affix"}


class Toy(Source):
    """A data set."""

    def __init__(self, *, rows: int = 100) -> None: ...


class Shared:
    """What all data share."""

    def __init__(self, *, limit: int | None = None, split_seed: int = 0) -> None: ...


class Ours:
    """The plugins of this file."""

    @hookimpl
    def register_encoders(self, register: Any) -> None:
        register("rec", f"{HERE}:Recurrent", sees="left", help="recurrent")
        register("two", f"{HERE}:Recurrent", sees="both", help="two ways")
        register("conv", f"{HERE}:Convolution", sees="either", help="convolution")
        register("grams", f"{HERE}:Grams", sees="left", family="counting", help="counts")
        register("tagger", "nowhere_at_all:Tagger", sees="left", kinds=("token",), help="cannot be imported")

    @hookimpl
    def register_embeddings(self, register: Any) -> None:
        register("random", f"{HERE}:Plain", help="")
        register("affix", f"{HERE}:Affix", help="")

    @hookimpl
    def register_tasks(self, register: Any) -> None:
        register("tag", f"{HERE}:Tagging", kind="token", help="")
        register("lm", f"{HERE}:Language", kind="next", help="")

    @hookimpl
    def register_datasets(self, register: Any) -> None:
        register("toy", f"{HERE}:Toy", help="")


@pytest.fixture(autouse=True)
def ours(monkeypatch: pytest.MonkeyPatch) -> Registry:
    modules = (importlib.import_module(f"core.config.{name}") for name in ("schema", "describe"))
    for module in modules:
        monkeypatch.setattr(module, "TRAINER", f"{HERE}:Trainer")
        monkeypatch.setattr(module, "CONCAT_EMBEDDING", f"{HERE}:Vectors")
        monkeypatch.setattr(module, "DATA_OPTIONS", f"{HERE}:Shared")
    for kind in (NextToken, TokenLabels):
        monkeypatch.setattr(kind, "heads", {"neural": f"{HERE}:Head", "counting": f"{HERE}:CountHead"})
    found = Registry(lambda: ())
    assert found.add(Ours()).error == ""
    return found


def cells(found: Registry, words: str) -> list[RunConfig]:
    return expand(words.split(), found)


def one(found: Registry, words: str) -> RunConfig:
    (cell,) = cells(found, words)
    return cell


def refused(found: Registry, words: str) -> str:
    with pytest.raises(SeqlabError) as caught:
        cells(found, words)
    return str(caught.value)


def test_a_config_is_complete_and_typed(ours: Registry) -> None:
    config = one(ours, "task=tag encoder=rec encoder.size=20 data.rows=3 data.limit=7 seed=4 encoder.widths=[2,3]")
    assert (config.task.name, config.data.name, config.encoder.name) == ("tag", "toy", "rec")
    assert (config.family, config.kind.name) == ("neural", "token")
    assert config.encoder.options == {"size": 20, "cell": "plain", "widths": [2, 3]}
    assert config.data.options == {"rows": 3} and config.data_options == {"limit": 7, "split_seed": 0}
    assert config.embeddings["random"].options == {"dim": 8, "noise": 0.0}
    assert config.head == {"tied": False} and config.run["seed"] == 4 and config.run["name"] is None
    assert set(config.given) == {
        "task", "encoder", "encoder.size", "data.rows", "data.limit", "seed", "encoder.widths"
    }  # fmt: skip
    assert config.encoder.load() is Recurrent


def test_precedence_is_signature_head_task_preset_file_words(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("train.epochs: 40\ntrain.clip: 3\ntrain.rate: 0.3")
    (tmp_path / "c.yaml").write_text("train.epochs: 50\ntrain.clip: 2")
    (tmp_path / "plugin.py").write_text(
        "from core import hookimpl\n@hookimpl\ndef register_presets(register):\n"
        "    register('p', ':p.yaml', help='')\n"
    )
    assert ours.load(str(tmp_path / "plugin.py")).error == ""
    base, preset, file = "task=tag encoder=rec", " preset=p", f" config={tmp_path / 'c.yaml'}"
    saving = {"checkpoint_minutes": 5.0}
    head = one(ours, "task=lm encoder=rec").train
    assert head == {"epochs": 20, "rate": 0.2, "clip": 5.0} | saving  # head, signature
    assert one(ours, base).train == {"epochs": 30, "rate": 0.2, "clip": 5.0} | saving  # task over head
    assert one(ours, base + preset).train == {"epochs": 40, "rate": 0.3, "clip": 3.0} | saving
    assert one(ours, base + preset + file).train == {"epochs": 50, "rate": 0.3, "clip": 2.0} | saving
    assert one(ours, base + preset + file + " train.clip=none").train["clip"] is None


def test_a_default_is_for_those_that_have_the_key(ours: Registry) -> None:
    assert one(ours, "task=tag encoder=conv").encoder.options == {"size": 5, "width": 7}
    assert "width" not in one(ours, "task=tag encoder=rec").encoder.options


def test_a_default_that_does_not_fit_is_the_fault_of_its_class(
    ours: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tagging, "defaults", {"train.rate": -1})
    with pytest.raises(PluginError, match="default of task=tag: train.rate"):
        cells(ours, "task=tag encoder=rec")


def test_the_task_may_say_which_embedding_is_the_default(ours: Registry) -> None:
    assert list(one(ours, "task=lm encoder=rec").embeddings) == ["affix"]
    assert list(one(ours, "task=lm encoder=rec embedding=random").embeddings) == ["random"]


def test_options_of_a_join_go_to_the_one_part_that_has_them(ours: Registry) -> None:
    words = "task=tag encoder=rec embedding=random+affix "
    config = one(ours, words + "embedding.affix.dim=25 embedding.length=2 embedding.dropout=0.1")
    assert config.embeddings["affix"].options == {"dim": 25, "length": 2}
    assert config.embeddings["random"].options["dim"] == 8 and config.embedding_options == {"dropout": 0.1}
    message = refused(ours, words + "embedding.dim=25")
    assert message == (
        "embedding.dim: several embeddings have it; write embedding.random.dim or embedding.affix.dim"
    )
    assert "means the same as" in refused(ours, words + "embedding.length=2 embedding.affix.length=3")
    assert "joined to itself" in refused(ours, "task=tag encoder=rec embedding=affix+affix")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("encoder=rec", "task: no task is chosen; write task=lm|tag"),
        ("task=tag", "encoder: no encoder is chosen; write encoder=conv|grams|rec|tagger|two"),
        ("task=tga encoder=rec", "task: there is no task 'tga'; did you mean 'tag'?"),
        ("task=tag encoder=[rec]", "encoder: [rec] is not a name; write one name"),
        (
            "task=tag encoder=[rec,conv]",
            "encoder: [rec,conv] is not a name; write one name; a comma makes a grid: encoder=rec,conv",
        ),
        ("task=tag encoder=rec encodr.size=1", "encodr.size: there is no key 'encodr'; did you mean 'encoder'"),
        ("task=tag encoder=rec sede=1", "sede: there is no key 'sede'; did you mean 'seed'?"),
        ("task=tag encoder=rec train=1", "train: is not chosen by name; set its options: train.KEY=VALUE"),
        ("task=tag encoder=rec seed.x=1", "seed.x: has no options; write seed=VALUE"),
        ("task=tag encoder=rec encoder.siez=1", "encoder (rec) has no such option; did you mean 'size'?"),
        ("task=tag encoder=rec embedding.lenght=1", "embedding (random) has no such option"),
        ("task=tag encoder=rec train.epoch=1", "train has no such option; did you mean 'epochs'?"),
        ("task=tag encoder=rec encoder.cell=gatd", "encoder.cell: 'gatd' does not fit; did you mean 'gated'?"),
        ("task=tag encoder=rec encoder.size=0", "encoder.size: '0' does not fit; it takes int > 0"),
        ("task=tag encoder=rec seed=x", "seed: 'x' does not fit; it takes int >= 0"),
        ("task=tag encoder=rec data=tyo", "there is no data set and no file or folder 'tyo'; did you mean 'toy'?"),
        ("task=tag encoder=rec embedding=rndom", "there is no embedding 'rndom'; did you mean 'random'?"),
        (
            "task=tag encoder=grams train.rate=1",
            "train.rate: grams is a counting model: it has no training loop; leave",
        ),
        (
            "task=tag encoder=grams embedding=affix",
            "embedding: grams is a counting model: it has no embedding; leave",
        ),
        (
            "task=tag encoder=grams embedding.dim=3",
            "embedding.dim: grams is a counting model: it has no embedding; leave",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_place_and_remedy(ours: Registry, words: str, message: str) -> None:
    assert message in refused(ours, words)


def test_names_and_rules_come_before_any_plugin_is_imported(ours: Registry) -> None:
    assert "there is no task" in refused(ours, "task=nix encoder=tagger")
    assert "there is no key" in refused(ours, "task=tag encoder=tagger sede=1")
    assert "does not run task=lm" in refused(ours, "task=lm encoder=tagger")
    assert "cannot load nowhere_at_all:Tagger" in refused(ours, "task=tag encoder=tagger")


def test_a_language_model_may_not_read_both_sides(ours: Registry) -> None:
    assert refused(ours, "task=lm encoder=two") == (
        "encoder=two: task=lm predicts each next token, and two reads both sides, so it would see the answer; "
        "use conv or grams or rec instead"
    )
    assert one(ours, "task=tag encoder=two").encoder.name == "two"


def test_an_encoder_runs_only_the_kinds_that_it_says(ours: Registry) -> None:
    message = (
        "tagger does not run task=lm, which is of kind next (it runs token); use conv or grams or rec instead"
    )
    assert message in refused(ours, "task=lm encoder=tagger")


def test_a_grid_has_a_cell_for_each_combination_in_order(ours: Registry) -> None:
    found = cells(ours, "task=tag encoder=rec,grams seed=1,2")
    assert [(c.encoder.name, c.run["seed"]) for c in found] == [("rec", 1), ("rec", 2), ("grams", 1), ("grams", 2)]


def test_all_is_every_encoder_that_the_task_lets_in(ours: Registry) -> None:
    assert [c.encoder.name for c in cells(ours, "task=lm encoder=all")] == ["conv", "grams", "rec"]


def test_in_a_grid_a_key_must_fit_at_least_one_cell(ours: Registry) -> None:
    found = cells(ours, "task=tag encoder=grams,rec train.rate=3 encoder.order=2 embedding=affix")
    assert [("train.rate" in c.given, "encoder.order" in c.given) for c in found] == [(False, True), (True, False)]
    assert found[0].embeddings == {} and list(found[1].embeddings) == ["affix"]
    assert "has no such option" in refused(ours, "task=tag encoder=grams,rec encoder.width=3")
    assert "does not fit" in refused(ours, "task=tag encoder=grams,rec encoder.order=x")


def test_cells_that_a_dropped_key_makes_equal_are_one(ours: Registry) -> None:
    found = cells(ours, "task=tag encoder=grams,rec encoder.size=1,2")
    assert [c.encoder.name for c in found] == ["grams", "rec", "rec"]


def test_a_refused_pair_is_left_out_and_told_where_both_have_another_partner(ours: Registry) -> None:
    found = expand("task=lm,tag encoder=two,rec".split(), ours)
    assert [(c.task.name, c.encoder.name) for c in found] == [("lm", "rec"), ("tag", "two"), ("tag", "rec")]
    assert len(found.notes) == 1 and "two reads both sides" in found.notes[0]
    assert "reads both sides" in refused(ours, "task=lm encoder=two,rec")


@pytest.mark.parametrize(
    "words",
    [
        "task=tag encoder=rec encoder.widths=[1,2] train.clip=none name=mine",
        "task=tag encoder=grams encoder.order=3",
        "task=lm encoder=conv embedding=random+affix embedding.affix.dim=2 embedding.dropout=0.25",
    ],
)
def test_a_flat_config_reads_back_as_the_same_config(ours: Registry, tmp_path: Path, words: str) -> None:
    config = one(ours, words)
    write_config(tmp_path / "c.yaml", config.flat())
    assert one(ours, f"config={tmp_path / 'c.yaml'}") == config
    assert expand([f"{key}={text}" for key, text in config.flat().items()], ours) == [config]


def test_a_path_with_commas_reads_back(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "a,b [1].txt").write_text("x")
    config = expand(["task=tag", "encoder=rec", f'data="{tmp_path}/a,b [1].txt"'], ours)[0]
    assert config.data.name == config.data.target == f"{tmp_path}/a,b [1].txt"
    write_config(tmp_path / "c.yaml", config.flat())
    assert one(ours, f"config={tmp_path / 'c.yaml'}") == config


def test_nested_and_flat_keys_mean_the_same(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        "task: tag\nencoder: {name: rec, size: 200, widths: [1, 2]}\nseed: 1,2\n"
        "embedding:\n  name: random+affix\n  affix:\n    dim: 25\ntrain.clip: null\n"
    )
    words = "task=tag encoder=rec encoder.size=200 encoder.widths=[1,2] seed=1,2 train.clip=none "
    words += "embedding=random+affix embedding.affix.dim=25"
    assert cells(ours, f"config={tmp_path / 'c.yaml'}") == cells(ours, words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nseed: 2", "c.yaml:2: seed: given twice (first at "),
        ("encoder.size: 1\nencoder:\n  size: 2", "c.yaml:3: encoder.size: given twice"),
        ("train:\n\tepochs: 1", "c.yaml:2: the line is indented with a tab; indent with spaces"),
        ("a: [1", "is not YAML"),
        ("- a", "c.yaml:1: contains no keys"),
        ("\nencoder.size: 0", "c.yaml:2: encoder.size: '0' does not fit"),
        ("\nencoder.siez: 1", "c.yaml:2: encoder.siez: encoder (rec) has no such option"),
        ("seed:", "c.yaml:1: seed: a value is missing; write none for null"),
        ("config: other.yaml", "config: a file cannot load plugins or other files"),
    ],
)
def test_a_mistake_in_a_file_names_its_line(ours: Registry, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    assert message in refused(ours, f"task=tag encoder=rec config={tmp_path / 'c.yaml'}")


def test_a_config_file_that_is_missing_is_an_error(ours: Registry) -> None:
    assert "config=gone.yaml: cannot be read" in refused(ours, "config=gone.yaml")


def test_another_encoder_in_the_words_leaves_behind_what_it_does_not_have(ours: Registry, tmp_path: Path) -> None:
    write_config(tmp_path / "c.yaml", one(ours, "task=tag encoder=rec encoder.size=99").flat())
    file = f"config={tmp_path / 'c.yaml'} "
    assert one(ours, file + "encoder=conv").encoder.options == {"size": 99, "width": 7}
    assert one(ours, file + "encoder=grams").train == {}
    assert "has no such option" in refused(ours, file + "encoder=conv encoder.cell=plain")


def test_a_kept_config_stands_where_its_data_is_gone(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("task: tag\nencoder: rec\ndata: gone/away\ndata.nothing: 1\n")
    assert one(ours, f"config={tmp_path / 'c.yaml'}").data.name == "gone/away"


def test_other_data_keeps_the_model_and_leaves_the_old_sources_options(ours: Registry, tmp_path: Path) -> None:
    config = one(ours, "task=tag encoder=rec encoder.size=9 data.rows=7 data.limit=5")
    other = other_data(config, [f"data={tmp_path}"], ours)
    assert other.encoder == config.encoder and other.data.name == str(tmp_path)
    assert "rows" not in other.data.options and other.data_options["limit"] == 5
    with pytest.raises(ConfigError, match=r"encoder\.size: only one choice of data"):
        other_data(config, ["encoder.size=3"], ours)


def test_data_may_be_an_object_of_python(ours: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = types.ModuleType("core.data.sources")
    sources.source_class = lambda target: Toy
    monkeypatch.setitem(sys.modules, "core.data.sources", sources)
    thing = Shared()
    config = expand({"task": "tag", "encoder": "rec", "encoder.size": 3, "data": thing, "data.rows": 2}, ours)[0]
    assert config.data.target is thing and config.data.name == "Shared" and config.data.options == {"rows": 2}
    assert config.encoder.options["size"] == 3


def test_the_id_is_of_what_not_of_how(ours: Registry) -> None:
    base = one(ours, "task=tag encoder=rec")
    how = one(ours, "task=tag encoder=rec device=cpu threads=3 runs=x name=y quiet=true save=none precision=fp32")
    assert len(base.id()) == 12 and int(base.id(), 16) >= 0
    assert base.id("f") == how.id("f") == one(ours, "encoder=rec task=tag data=toy encoder.size=10").id("f")
    others = ["seed=2", "encoder.size=9", "data.limit=3", "embedding=affix", "train.rate=9"]
    ids = {one(ours, f"task=tag encoder=rec {word}").id("f") for word in others}
    assert len(ids | {base.id("f"), base.id("g"), base.id()}) == len(others) + 3


def test_the_id_changes_with_the_source_text_of_a_plugin(tmp_path: Path, ours: Registry) -> None:
    text = (
        "from core import hookimpl\nclass Mine:\n    pass\n@hookimpl\ndef register_encoders(register):\n"
        "    register('mine', Mine, sees='left', help='')\n"
    )
    file = tmp_path / "mine.py"
    ids = []
    for extra in ("", "", "# changed\n"):
        file.write_text(text + extra)
        config = one(ours, f"task=tag encoder=mine plugin={file}")
        ids.append(config.id())
    assert ids[0] == ids[1] != ids[2]
    assert config.plugins == (str(file),) and config.flat()["plugin"] == f"[{file}]"


def test_a_plugin_in_a_saved_config_is_recorded_and_never_loaded(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    (tmp_path / "c.yaml").write_text(f"task: tag\nencoder: mine\nplugin: [{tmp_path / 'evil.py'}]\n")
    message = refused(ours, f"config={tmp_path / 'c.yaml'}")
    assert f"the config was saved with plugin={tmp_path / 'evil.py'}: add it" in message
    assert not (tmp_path / "ran").exists()


def test_an_option_without_default_must_be_given(ours: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    class Needs:
        def __init__(self, *, size: int) -> None: ...

    monkeypatch.setattr(sys.modules[HERE], "Convolution", Needs)
    assert refused(ours, "task=lm encoder=conv") == "encoder.size: has no value; write encoder.size=VALUE (int)"
    assert one(ours, "task=lm encoder=conv encoder.size=2").encoder.options == {"size": 2}


def test_describe_gives_a_row_an_option(ours: Registry) -> None:
    assert describe(["encoder=rec"], ours)[:2] == [
        ("encoder.size", "int > 0", "10", "numbers a state.", f"{HERE}:Recurrent", "Left to right.", ""),
        ("encoder.cell", "one of plain|gated", "plain", "which cell.", f"{HERE}:Recurrent", "Left to right.", ""),
    ]
    assert [row.key for row in describe(["data=toy"], ours)] == ["data.rows", "data.limit", "data.split_seed"]
    assert [row.key for row in describe(["head=token"], ours)] == ["head.tied", "head.smooth"]
    assert "train.rate" in [row.key for row in describe(["train"], ours)]
    assert "seed" in [row.key for row in describe(["run"], ours)]


@pytest.mark.parametrize("word", ["encoder=nix", "encodr=rec", "head=nix", "data=nix"])
def test_describe_refuses_unknown_names(ours: Registry, word: str) -> None:
    with pytest.raises(UnknownName):
        describe([word], ours)


def test_a_plugin_that_fails_is_told_and_does_not_stop_what_needs_it_not(ours: Registry, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("1 / 0")
    found = expand(["task=tag", "encoder=rec", f"plugin={tmp_path / 'broken.py'}"], ours)
    assert len(found) == 1 and "ZeroDivisionError" in found.notes[0]


def test_a_class_that_does_not_load_leaves_its_own_cells_out(ours: Registry, tmp_path: Path) -> None:
    text = "from core import hookimpl\n@hookimpl\ndef register_encoders(register):\n"
    (tmp_path / "lost.py").write_text(text + "    register('lost', 'nowhere.x:Y', sees='left', help='')\n")
    words = ["task=tag", f"plugin={tmp_path / 'lost.py'}"]
    cells = expand([*words, "encoder=rec,lost"], ours)
    assert [cell.encoder.name for cell in cells] == ["rec"]
    assert [note for note in cells.notes if "left out: encoder=lost: cannot load nowhere.x:Y" in note]
    with pytest.raises(PluginError, match=r"cannot load nowhere\.x:Y"):
        expand([*words, "encoder=lost"], ours)


def test_the_error_for_an_option_without_value_says_what_it_is(
    ours: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Needs:
        """Needs a size.

        Args:
            size: a ``number`` of filters.
        """

        def __init__(self, *, size: int) -> None: ...

    monkeypatch.setattr(sys.modules[HERE], "Convolution", Needs)
    message = refused(ours, "task=lm encoder=conv")
    assert message == "encoder.size: has no value; write encoder.size=VALUE (int: a `number` of filters.)"


def test_the_error_for_no_encoder_names_those_that_run_the_task(ours: Registry) -> None:
    names = refused(ours, "task=lm").partition("write encoder=")[2].split("|")
    assert names and all(one(ours, f"task=lm encoder={name}") for name in names)
