"""What a run takes from one process to the next: notes, time, observers; and what must not change between them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from core import processes
from core.config import RunConfig
from core.data.corpus import Corpus
from core.data.prepare import Data
from core.experiment.environment import environment
from core.experiment.hardware import ResourceMonitor
from core.experiment.observers import ObserverGroup
from core.model.checkpoint import Checkpoints, State
from core.model.runtime import Runtime
from core.model.time_budget import TimeBudget
from core.runs.checkpoints import UNFINISHED, RunCheckpoints
from core.types import Note

VERSIONS = ("seqlab", "torch", "numpy")
MINUTES = "checkpoint_minutes"


class Attempts:
    """What a run keeps over the processes that train it, and its checkpoints.

    Args:
        config: what is run.
        run_id: its id.
        runtime: how it is run.
        group: the observers.
    """

    def __init__(self, config: RunConfig, run_id: str, runtime: Runtime, group: ObserverGroup) -> None:
        self.config, self.run_id, self.runtime, self.group = config, run_id, runtime, group
        self.monitor = ResourceMonitor(runtime.device)
        self.resumed = 0  # how often the run was resumed
        self.processors = [_processor(runtime)]
        self.checkpoints: RunCheckpoints | None = None

    def time_budget(self) -> TimeBudget | None:
        """The seconds of training that the run may spend, once ``open`` has found earlier ones; None: no limit."""
        seconds, resumed = self.config.budget.seconds, self.resumed > 0
        return None if seconds is None else TimeBudget(seconds, lambda: self.monitor.spent("fit")[0], resumed)

    def open(self, data: Data) -> Checkpoints:
        """The checkpoints of the run, which process 0 has; what the newest one holds is taken over.

        Raises:
            StoreError: it belongs to a process that ran in another way.
        """
        if processes.rank() > 0:
            return Checkpoints()
        config, chosen = self.config, {"task": self.config.task, "data": self.config.data}
        about = {name: choice.name for name, choice in (chosen | {"encoder": config.encoder}).items()}
        about |= {"embedding": "+".join(config.embeddings), "seed": config.run["seed"], "name": config.run["name"]}

        def needs() -> dict[str, Any]:
            versions = {name: environment()[name] for name in VERSIONS}
            return {"run": self.run_id, **versions, **self.runtime.to_json(), "data": data_hash(data)}

        folder = Path(config.run["runs"]) / f"{self.run_id}{UNFINISHED}"
        how: dict[str, Any] = {"minutes": config.train.get(MINUTES), "fresh": config.run["fresh"]}
        self.checkpoints = RunCheckpoints(folder, about, needs, self, self.group.notify, **how)
        self.checkpoints.open()
        return self.checkpoints

    def close(self, saved: bool) -> None:
        """Remove the checkpoints of a run that is saved; those of another one stay for the next process."""
        if self.checkpoints is not None:
            (self.checkpoints.remove if saved else self.checkpoints.close)()

    def state(self) -> State:
        """What a checkpoint holds of the run."""
        return {
            "notes": [note.to_json() for note in self.group.notes],
            "spent": self.monitor.state(),
            "observers": self.group.state(),
            "resumed": self.resumed,
            "processors": self.processors,
        }

    def resume(self, state: State) -> None:
        """Resume from what an earlier process saved."""
        self.resumed = state["resumed"] + 1
        self.monitor.resume(state["spent"])
        self.group.resume(state["observers"], [Note(**note) for note in state["notes"]])
        if (own := self.processors[0]) != state["processors"][-1]:
            text = f"the run was resumed on another processor ({own}, before: {state['processors'][-1]}); "
            text += "the last bits of its results may depend on that"
            self.group.notify("note", code="checkpoint.processor", text=text)
            self.processors = [*state["processors"], own]


def _processor(runtime: Runtime) -> str:
    """The model of the processor that trains, or of the GPU."""
    if not runtime.device.startswith("cuda"):
        return str(environment()["processor"])
    import torch

    return str(torch.cuda.get_device_name(runtime.device))


def data_hash(data: Data) -> str:
    """A hash of the training and the dev split as ids, and of the words that these name."""
    digest = hashlib.blake2b(digest_size=8)

    def add(corpus: Corpus) -> None:
        for name, column in sorted(corpus.columns.items()):
            digest.update(name.encode() + b"\0")
            digest.update(np.ascontiguousarray(column.values).data)
            digest.update(np.ascontiguousarray(column.offsets).data)
        digest.update("\n".join([*corpus.words, "", *corpus.label_words]).encode("utf-8", "surrogatepass"))

    for vocab in filter(None, (data.vocab, data.labels)):
        digest.update("\n".join(vocab.words).encode("utf-8", "surrogatepass") + vocab.counts.tobytes())
    add(data.splits["train"])
    add(data.splits["dev"])
    return digest.hexdigest()
