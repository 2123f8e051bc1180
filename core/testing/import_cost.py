"""The check that a plugin's hooks import nothing heavy, so that ``list`` and ``--help`` stay fast."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

from core.registry import Spec, registry

HEAVY = ("torch", "numpy", "scipy", "numba", "pandas", "pyarrow", "datasets", "tensorflow", "jax", "transformers")


def check_light(spec: Spec) -> None:
    """The module with the hooks imports nothing heavy; single files and interactive plugins may.

    Raises:
        AssertionError: it does.
    """
    plugin = next((p for p in registry().plugins() if p.source == spec.source), None)
    name = getattr(plugin.object, "__name__", "") if plugin else ""
    if spec.source.endswith(".py") or sys.modules.get(name) is not getattr(plugin, "object", None):
        return
    heavy = _imports(name)
    assert not heavy, f"hooks: importing {name} imports {heavy}; register targets as 'module:Class'"


@cache
def _imports(module: str) -> str:
    """The modules of ``HEAVY`` that are imported with a module, in a new process."""
    code = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules], sep=', ')"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry or os.curdir for entry in sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 0, f"hooks: {module} cannot be imported alone: {done.stderr.strip()}"
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
