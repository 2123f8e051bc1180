"""Which column is the text and which the label, where the user does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.errors import DataError
from core.types import Note

LISTED = 20  # columns that an error names
TEXT = ("sentence", "text", "review", "question", "content", "document", "tweet", "comment", "body", "utterance")
LABEL = ("label", "class", "sentiment", "category", "target", "labels", "topic", "intent", "polarity", "rating")
TOKENS = ("tokens", "words", "form", "forms")
SETS = ("labels", "label_set", "tags", "categories", "topics", "genres", "classes")  # lists of labels of a text
TAGS = ("upos", "pos_tags", "pos", "tags", "labels", "ner_tags", "chunk_tags", "xpos")

SPAN = ("e1_start", "e1_end", "e2_start", "e2_end")  # offsets of two spans, see ``Source``


def choose_columns(
    lists: Mapping[str, bool],
    flat: Mapping[str, bool],
    text: str | None,
    label: str | None,
    where: str,
    labelled: bool = True,
    guess_single: bool = True,
    within: Sequence[str] = (),
) -> tuple[dict[str, str], Note | None]:
    """The columns to read.

    Args:
        lists: the columns with a list per row -> whether it is of strings.
        flat: the columns with one value per row -> whether it is a string.
        text: the column of the text or of the tokens; None: guessed by its name, or the only candidate.
        label: the column of the label or of the labels, likewise; there may be none.
        where: the table, for errors.
        labelled: whether labels are read.
        guess_single: whether the only column is the text, whatever its name.
        within: what else could be asked for: the fields within columns.

    Returns:
        ``text`` or ``tokens``, and ``label`` or ``labels`` -> a name, and ``SPAN``; a note where one was chosen.

    Raises:
        DataError: a column that was asked for does not exist, or which one is the text is not clear.
    """
    known, note, (flat, spans) = tuple(dict.fromkeys([*lists, *flat, *within])), None, _without_spans(flat)
    _check_asked(known, text, label if labelled else None, where)
    if text is None:
        text = _guess_text(lists, flat, label, guess_single or len(lists) + len(flat) > 1)
    if text is None:
        raise _unclear(known, where)
    if labelled and label is None:
        label, note = _guess_label(list(lists), list(flat), text)
    chosen = {"tokens" if text in lists else "text": text} | spans
    if labelled and label is not None:
        chosen |= {"labels" if label in lists else "label": label}
    return chosen, note


def _without_spans(flat: Mapping[str, bool]) -> tuple[Mapping[str, bool], dict[str, str]]:
    """The columns that may be text or label, and the offsets of spans."""
    if not set(SPAN) <= set(flat):
        return flat, {}
    return {name: flat[name] for name in flat if name not in SPAN}, {name: name for name in SPAN}


def _check_asked(names: Sequence[str], text: str | None, label: str | None, where: str) -> None:
    """Refuse a column that was asked for and does not exist."""
    for option, wanted in (("text", text), ("label", label)):
        if wanted is not None and wanted not in names:
            remedy, values = f"data.{option}= is one of {_listed(names)}", {"option": option, "names": names}
            raise DataError(f"no column '{wanted}'", where=where, remedy=remedy, code="data.column", values=values)


def _unclear(names: Sequence[str], where: str) -> DataError:
    """The error of a table of which no column is clearly the text."""
    what, remedy = "which column is the text is not clear", f"name it with data.text=, one of {_listed(names)}"
    return DataError(what, where=where, remedy=remedy, code="data.text", values={"names": names})


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:LISTED], *(["..."] if len(names) > LISTED else [])]) or "none"


def _guess_text(
    lists: Mapping[str, bool], flat: Mapping[str, bool], label: str | None, guess_single: bool
) -> str | None:
    """The column of strings with a usual name, else the only candidate."""
    tokens, strings = ([name for name in part if part[name] and name != label] for part in (lists, flat))
    usual = _usual(strings, LABEL)
    candidates = (strings, tokens, [name for name in strings if name != usual]) if guess_single else ()
    only = next((names[0] for names in candidates if len(names) == 1), None)
    return _usual(tokens, TOKENS) or _usual(strings, TEXT) or only


def _guess_label(lists: list[str], flat: list[str], text: str) -> tuple[str | None, Note | None]:
    """The column with a usual name, else the only other one like the text; None where there is none."""
    others = [name for name in (lists if text in lists else flat) if name != text]
    label = _usual(others, TAGS if text in lists else LABEL) or (others[0] if len(others) == 1 else None)
    if label is None:
        return _usual(flat, LABEL) if text in lists else _usual(lists, SETS), None
    if text not in lists or len(others) == 1:
        return label, None
    rest = [name for name in others if name != label]
    sentence = f"labels are the column '{label}' (data.label= chooses another: {', '.join(rest)})"
    return label, Note("source.column", sentence, {"label": label, "others": rest})


def _usual(names: Sequence[str], usual: Sequence[str]) -> str | None:
    """The name that comes first among the usual ones; case does not matter."""
    lower = {name.strip().lower(): name for name in reversed(names)}
    return next((lower[name] for name in usual if name in lower), None)
