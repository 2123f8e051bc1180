"""Plugins: found, guarded, rolled back whole, looked up."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import hookimpl
from core.config import describe
from core.errors import PluginError, UnknownName
from core.registry import Plugin, Registry

GOOD = """
    from core import hookimpl

    class Mean:
        pass

    @hookimpl
    def register_encoders(register):
        register("{name}", Mean, sees="left", help="a mean")
"""
INIT = """
        def __init__(self, input_size, causal, *, by: int = 2):
            pass
"""


def empty() -> Registry:
    return Registry(lambda: ())


def write(path: Path, text: str) -> str:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return str(path)


def load(folder: Path, text: str, found: Registry | None = None, file: str = "broken.py") -> Plugin:
    return (found or empty()).load(write(folder / file, text))


def test_a_loose_file_registers_under_its_name_and_leaves_no_path_behind(tmp_path: Path) -> None:
    found, path = empty(), list(sys.path)
    plugin = load(tmp_path, GOOD.format(name="mean"), found, "good.py")
    spec = found.get("encoder", "mean")
    assert plugin.error == "" and sys.path == path and "good" not in sys.modules
    assert (spec.plugin, spec.source) == ("good", str(tmp_path / "good.py"))
    assert spec.extra == {"sees": "left", "family": "neural", "kinds": None}
    assert spec.load().__name__ == "Mean"


@pytest.mark.parametrize("target", ["good_itself:Mean", ":Mean", "beside_it:Net"])
def test_a_loose_file_may_name_itself_or_a_module_beside_it_lazily(tmp_path: Path, target: str) -> None:
    write(tmp_path / "beside_it.py", "class Net: ...")
    text = GOOD.format(name="mean").replace(", Mean,", f', "{target}",')
    found = empty()
    assert load(tmp_path, text, found, "good_itself.py").error == ""
    assert found.get("encoder", "mean").load().__name__ == target.split(":")[1]
    assert str(tmp_path) not in sys.path
    sys.modules.pop("beside_it", None)


def test_entry_points_are_found_at_the_first_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "stranger" / "__init__.py", GOOD.format(name="mean"))
    write(tmp_path / "wreck.py", "1 / 0")
    monkeypatch.syspath_prepend(tmp_path)
    points = [EntryPoint("b", "wreck", "seqlab"), EntryPoint("a", "stranger", "seqlab")]
    found = Registry(lambda: points)
    assert found.names("encoder") == ["mean"]
    assert [plugin.name for plugin in found.plugins() if plugin.error] == ["b"]


def test_a_module_is_loaded_by_its_dotted_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "mine" / "models.py", GOOD.format(name="mean"))
    monkeypatch.chdir(tmp_path)  # the working folder is importable meanwhile
    found = empty()
    assert found.load("mine.models").error == ""
    assert found.names("encoder") == ["mean"] and str(tmp_path) not in sys.path


def test_an_object_is_added_in_a_notebook_and_its_next_version_replaces_it() -> None:
    def make(help: str) -> object:
        class Mine:
            @hookimpl
            def register_embeddings(self, register):
                register("letters", int, help=help)

        return Mine()

    found = empty()
    assert found.add(make("first")).error == ""
    assert found.add(make("second")).error == ""
    assert found.get("embedding", "letters").help == "second"
    assert len([plugin for plugin in found.plugins() if plugin.source != "core.kinds"]) == 1


FAULTS = {
    "raises on import": ("x = 1\n1 / 0", "the import raised ZeroDivisionError: division by zero", "broken.py:2"),
    "exits on import": ("raise SystemExit(3)", "the import raised SystemExit: 3", "broken.py:1"),
    "syntax error": ("x = 1\ndef f(:", "syntax error in", "broken.py:2"),
    "missing module": ("import nowhere_at_all", "No module named 'nowhere_at_all'", "broken.py:1"),
    "unknown hook": (
        "@hookimpl\ndef register_encoder(register): ...",
        "there is no hook register_encoder;",
        "did you mean 'register_encoders'",
    ),
    "forgotten marker": (
        "def register_tasks(register): ...",
        "register_tasks is named like a hook but not marked",
        "write @hookimpl above it",
    ),
    "no hook": ("x = 1", "defines no hook", "register_encoders"),
    "wrong hook argument": (
        "@hookimpl\ndef register_tasks(reg): ...",
        "hook register_tasks takes one argument, register, but is defined with (reg)",
        "write def register_tasks(register):",
    ),
    "no hook argument": ("@hookimpl\ndef register_tasks(): ...", "is defined with ()", "register_tasks"),
    "hook raises": (
        "@hookimpl\ndef register_tasks(register):\n    register['x']",
        "hook register_tasks raised TypeError",
        "not subscriptable",
    ),
    "unknown keyword": (
        "@hookimpl\ndef register_tasks(register):\n    register('x', int, kinds='next', help='')",
        "hook register_tasks: register: ",
        "write register(name, target, kind=..., help=...)",
    ),
    "missing keyword": (
        "@hookimpl\ndef register_encoders(register):\n    register('x', int, help='')",
        "missing a required",
        "add sees='left', 'both' or 'either'",
    ),
    "bad choice": (
        "@hookimpl\ndef register_encoders(register):\n    register('x', int, sees='right', help='')",
        "sees='right' is not one of left|both|either",
        "register_encoders",
    ),
    "text for a tuple": (
        "@hookimpl\ndef register_encoders(register):\n    register('x', int, sees='left', kinds='next', help='')",
        "kinds='next' is not a tuple of text or None",
        "register_encoders",
    ),
    "target without a colon": (
        "@hookimpl\ndef register_embeddings(register):\n    register('x', 'module.Class', help='')",
        "target='module.Class' is not 'module:Class' or a class",
        "register_embeddings",
    ),
    "name of another grammar": (
        "@hookimpl\ndef register_embeddings(register):\n    register('a+b', int, help='')",
        "'a+b' is not a valid name",
        "use letters, digits",
    ),
    "twice in one plugin": (
        "@hookimpl\ndef register_embeddings(register):\n"
        "    register('x', int, help='')\n    register('x', int, help='')",
        "embedding 'x' is already registered by plugin broken",
        "give one of the two another name",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_plugin_is_recorded_with_a_clear_message_and_never_raises(tmp_path: Path, fault: str) -> None:
    text, what, remedy = FAULTS[fault]
    found = empty()
    marker = "" if "error" in fault or "import" in fault or "module" in fault else "from core import hookimpl\n"
    plugin = load(tmp_path, marker + text, found)
    assert plugin.error.startswith(f"plugin broken ({tmp_path / 'broken.py'}): ")
    assert what in plugin.error and remedy in plugin.error
    assert isinstance(plugin.exception, PluginError) and "PluginError" in plugin.traceback
    assert found.names("encoder") == found.names("embedding") == []


def test_the_traceback_of_the_cause_is_kept(tmp_path: Path) -> None:
    assert "ZeroDivisionError: division by zero" in load(tmp_path, "1 / 0").traceback


def test_a_missing_file_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"gone\.py: there is no such file; name a Python file"):
        empty().load(str(tmp_path / "gone.py"))


def test_a_duplicate_name_rolls_the_later_plugin_back_whole_and_names_both(tmp_path: Path) -> None:
    found = empty()
    load(tmp_path, GOOD.format(name="mean"), found, "first.py")
    more = '\n    @hookimpl\n    def register_embeddings(register):\n        register("e", Mean, help="")\n'
    second = load(tmp_path, GOOD.format(name="mean") + more, found, "second.py")
    assert "encoder 'mean' is already registered by plugin first" in second.error
    assert str(tmp_path / "first.py") in second.error and str(tmp_path / "second.py") in second.error
    assert found.names("embedding") == [] and found.get("encoder", "mean").plugin == "first"


def test_the_same_file_twice_is_one_plugin_and_a_mended_file_replaces_the_broken_one(tmp_path: Path) -> None:
    found = empty()
    assert load(tmp_path, "1 / 0", found).error
    first = load(tmp_path, GOOD.format(name="mean"), found)
    assert first.error == "" and load(tmp_path, GOOD.format(name="mean"), found) is first
    load(tmp_path, GOOD.format(name="average"), found)
    assert found.names("encoder") == ["average"] and not any(plugin.error for plugin in found.plugins())


def test_what_a_plugin_prints_is_captured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = empty()
    plugin = load(
        tmp_path,
        "import sys\nprint('hello')\nprint('warn', file=sys.stderr)\n" + textwrap.dedent(GOOD.format(name="mean")),
        found,
    )
    assert plugin.error == "" and plugin.printed == "hello\nwarn\n"
    assert capsys.readouterr() == ("", "")


def test_an_unknown_name_lists_near_names_and_the_plugins_that_failed(tmp_path: Path) -> None:
    found = empty()
    load(tmp_path, GOOD.format(name="mean"), found, "good.py")
    load(tmp_path, "1 / 0", found)
    with pytest.raises(UnknownName) as caught:
        found.get("encoder", "maen")
    assert "there is no encoder 'maen'; did you mean 'mean'?" in str(caught.value)
    assert "plugins that failed to load: plugin broken" in str(caught.value)


def test_a_checkout_that_was_never_installed_says_so() -> None:
    with pytest.raises(UnknownName, match=r"pip install -e \."):
        empty().get("task", "pos")


@pytest.mark.parametrize("target", ["nowhere_at_all:Net", "core.config.overrides:Nothing"])
def test_a_target_that_cannot_be_imported_names_spec_and_plugin(tmp_path: Path, target: str) -> None:
    found = empty()
    load(tmp_path, GOOD.format(name="mean").replace(", Mean,", f', "{target}",'), found, "good.py")
    with pytest.raises(PluginError, match=f"encoder=mean: cannot load {target}.*registered by plugin good"):
        found.get("encoder", "mean").load()


def test_a_preset_is_text_beside_its_package(tmp_path: Path) -> None:
    write(tmp_path / "presets" / "small.yaml", "seed: 3")
    text = """
        from core import hookimpl

        @hookimpl
        def register_presets(register):
            register("small", ":presets/small.yaml", help="small")
            register("gone", ":presets/gone.yaml", help="gone")
    """
    found = empty()
    assert load(tmp_path, text, found, "good.py").error == ""
    assert found.get("preset", "small").text() == "seed: 3"
    with pytest.raises(PluginError, match="there is no file"):
        found.get("preset", "gone").text()


def test_an_object_without_hooks_is_a_failure_that_lists_the_hooks() -> None:
    assert empty().add(SimpleNamespace(x=1)).error.endswith("register_grids, register_commands, register_pictures")


def test_the_built_in_names_are_listed_without_anything_heavy() -> None:
    code = """if True:
        import sys
        from core.registry import registry
        found = registry()
        for section, names in {
            "encoder": ["bilstm", "lstm", "ngram", "window"],
            "embedding": ["random"],
            "task": ["lm", "pos", "sentiment"],
            "data": ["toy"],
            "observer": ["progress"],
        }.items():
            assert set(names) <= set(found.names(section)), (section, found.names(section))
        failures = [plugin.error for plugin in found.plugins() if plugin.error]
        assert not failures, failures
        heavy = {"torch", "numpy", "pydantic", "datasets", "numba", "pyarrow"} & set(sys.modules)
        assert not heavy, heavy
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_loose_file_is_called_by_its_name_in_help_and_errors(tmp_path: Path) -> None:
    text = GOOD.format(name="mean").replace("        pass\n", '        """A mean."""\n' + INIT)
    found = empty()
    assert load(tmp_path, text, found, "shape.py").error == ""
    rows = describe(["encoder=mean"], found)
    assert [(row.source, row.about) for row in rows] == [("shape.py:Mean", "A mean.")]
    lost = load(tmp_path, GOOD.format(name="lost").replace(", Mean,", ', ":Nothing",'), found, "lost.py")
    with pytest.raises(PluginError) as caught:
        lost.specs[0].load()
    assert "cannot load lost.py:Nothing: AttributeError: module 'lost.py' has no" in str(caught.value)


def test_a_second_thread_waits_until_the_first_has_loaded_the_plugins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path / "slowly_loaded.py", "import time\ntime.sleep(0.2)\n" + textwrap.dedent(GOOD.format(name="slow"))
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found, names, output = (
        Registry(lambda: [EntryPoint("slow", "slowly_loaded", "seqlab")]),
        list[list[str]](),
        sys.stdout,
    )
    threads = [threading.Thread(target=lambda: names.append(found.names("encoder"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == [["slow"]] * 3 and sys.stdout is output
