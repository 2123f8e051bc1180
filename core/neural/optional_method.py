"""Optional methods, such as ``collate`` and ``forward_words``, that a class has for another one of its methods."""

from __future__ import annotations


def goes_with(cls: type, optional: str, method: str) -> bool:
    """Whether an optional method still fits: no class overrides the other one alone.

    A plugin's class that overrides ``forward`` of a built-in encoder inherits ``forward_words``, which would
    compute what the encoder did before.

    Args:
        cls: has both methods.
        optional: such as ``forward_words``.
        method: such as ``forward``.
    """

    def owner(name: str) -> type:
        return next(base for base in cls.__mro__ if name in base.__dict__)

    return issubclass(owner(optional), owner(method))
