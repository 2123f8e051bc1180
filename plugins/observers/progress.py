"""The progress display: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn

from core.experiment.observers import Observer
from core.view.console import Console
from core.view.progress_texts import clock, epoch_text, is_timed, progress_texts

HIDDEN = ("epoch", "step", "loss", "dev_loss", "seconds", "tokens_per_second")


class ProgressDisplay(Observer):
    """Shows epoch, loss, dev metrics, tokens/s and the time left, on standard error."""

    draws = True

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.bar: Progress | None = None
        self.task: Any = None
        self.epochs = 0
        self.is_timed = False

    def start(self, **facts: Any) -> None:
        """Print the title of the run."""
        self.is_timed = is_timed(facts.get("config", {}).get("budget"))
        self.console.print(facts["title"], style="bold")

    def progress(self, **facts: Any) -> None:
        """Update the bar (on a terminal only)."""
        self.epochs = facts.get("epochs", self.epochs)
        if not sys.stderr.isatty():
            return
        if self.bar is None:
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[about]}", markup=False),
            )
            self.bar = Progress(*columns, console=self.console, transient=True)
            self.task = self.bar.add_task("", about="")
            self.bar.start()
        self.bar.update(
            self.task, completed=facts["step"], total=facts["steps"], **progress_texts(facts, self.is_timed)
        )

    def epoch(self, **facts: Any) -> None:
        """Print one line per epoch."""
        scores = [f"{k} {v:.2f}" for k, v in facts.items() if k not in HIDDEN and isinstance(v, float) and v == v]
        loss = [f"loss {facts['dev_loss']:.4f}"] if "dev_loss" in facts else []
        dev = "  ".join(loss + scores)
        number, left = f"epoch {facts['epoch']}", ""
        if self.epochs:
            number = epoch_text(facts["epoch"], self.epochs, self.is_timed)
            left = f"  {clock(max(0.0, facts['seconds'] * (self.epochs - facts['epoch'])))} left"
        speed = f"{facts['tokens_per_second']:,.0f} tokens/s  {facts['seconds']:.1f} s{left}"
        scored = f"dev: {dev}  " if dev else ""  # a whole model need not score dev
        line = f"{number}  loss {facts['loss']:.4f}  {scored}{speed}"
        self.console.print(line, soft_wrap=True)

    def state(self) -> int:
        """The number of epochs: a resumed run may end one before it reports any progress."""
        return self.epochs

    def resume(self, state: int) -> None:
        """See ``Observer.resume``."""
        self.epochs = state

    def note(self, **facts: Any) -> None:
        """Print one line per note, unless an earlier run of the grid had the same."""
        if facts["text"] not in self.announced:
            self.console.print(f"note: {facts['text']}", style="dim", soft_wrap=True)

    def end(self, **facts: Any) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
