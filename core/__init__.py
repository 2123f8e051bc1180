"""seqlab compares sequence encoders on tasks: how good, at what cost, and is the difference real."""

from core.hooks import hookimpl

__all__ = ["hookimpl"]
