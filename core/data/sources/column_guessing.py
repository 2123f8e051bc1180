"""Which column is the text and which the label, where the user does not say."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import DataError

TEXT = ("sentence", "text", "review", "question", "content", "document", "tweet", "comment", "body", "utterance")
LABEL = ("label", "class", "sentiment", "category", "target", "labels", "topic", "intent", "polarity", "rating")
TOKENS = ("tokens", "words", "form", "forms")
TAGS = ("upos", "pos_tags", "pos", "tags", "labels", "ner_tags", "chunk_tags", "xpos")


def find_column(
    names: Sequence[str],
    wanted: str | None,
    usual: Sequence[str],
    option: str,
    where: str,
    taken: str | None = None,
) -> str | None:
    """One column's name.

    Args:
        names: the columns that exist.
        wanted: the column that the user asked for.
        usual: the names to look for if the user did not ask, best first; case does not matter.
        option: ``text`` or ``label``, which chooses the column.
        where: the file.
        taken: a column that has another role already, so it is not guessed.

    Returns:
        A member of ``names``, or None where nothing was asked and none has a usual name.

    Raises:
        DataError: the column that was asked for does not exist.
    """
    if wanted is not None:
        if wanted not in names:
            remedy, values = f"data.{option}= is one of {listed(names)}", {"option": option, "names": tuple(names)}
            raise DataError(f"no column '{wanted}'", where=where, remedy=remedy, code="data.column", values=values)
        return wanted
    lower = {name.strip().lower(): name for name in reversed(names) if name != taken}
    return next((lower[name] for name in usual if name in lower), None)


def unclear_text(names: Sequence[str], where: str) -> DataError:
    """The error of a table whose column of text cannot be guessed.

    Args:
        names: the columns that exist.
        where: the table.
    """
    what, remedy = "which column is the text is not clear", f"name it with data.text=, one of {listed(names)}"
    return DataError(what, where=where, remedy=remedy, code="data.text", values={"names": tuple(names)})


def listed(names: Sequence[str]) -> str:
    """Names for a sentence."""
    return ", ".join(names) if names else "none"
