"""The words that each hidden state of the toy language emits."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.datasets.toy.grammar import State, Weighted
from plugins.datasets.toy.lexicon import NOUNS, TRAITS, VERBS, WORDS

MATCH = 0.97  # the share of sentiment words that agree with the class of the row
RICH = 0.75  # the share of verb homographs among nouns that another noun modifies
POOR = {"person": 0.15, "thing": 0.35, "other": 0.10}  # and among other nouns
NOUN_MIX: dict[str, tuple[str, Weighted]] = {  # kind -> its verb homographs and its other nouns
    "person": ("agent", (("group", 0.52), ("person", 0.33), ("human trait", 0.15))),
    "thing": ("deed", (("thing", 0.75), ("trait", 0.25))),
    "other": ("deed", (("place", 0.55), ("group", 0.25), ("person", 0.20))),
}
Bag = tuple[float, Sequence[str]]


def emit(state: State, sign: int) -> list[Bag]:
    """The bags of words of a state, with their shares.

    Args:
        state: the hidden state.
        sign: 1 in a row of class positive, -1 in a row of class negative; a negator reverses it.
    """
    match = MATCH if (sign > 0) != state.negated else 1.0 - MATCH
    place = state.place
    if place in ("adj", "predicate", "state"):
        return _sentiment(state, match)
    if place in ("mod", "noun", "compound"):
        return _noun(place, state.number, state.kind)
    if place in ("act", "move", "look", "be", "do"):
        return _verb(state, "s" if state.owes == "s" else "p", match)
    if place == "slowly":
        return [(0.25, WORDS["slowly"]), (0.75 * match, WORDS["gladly"]), (0.75 * (1 - match), WORDS["sadly"])]
    if place == "adp":
        return [(0.82, WORDS["near"]), (0.18, WORDS["alike"])]
    return [(1.0, WORDS[_bag(state)])]


def _bag(state: State) -> str:
    """The bag of a state that emits from a single bag."""
    person = state.kind == "person"
    return {
        "det": f"det {state.number}",
        "name": "he" if state.owes == "s" else "we",
        "met": "met" if person else "faced",
        "who": "who" if person else "which",
        "open": "today",
        "break": "comma",
    }.get(state.place, state.place)


def _sentiment(state: State, match: float) -> list[Bag]:
    """Adjectives: a share of them and all adjectives of state have a polarity."""
    if state.place == "state":
        return [(match, WORDS["good state"]), (1 - match, WORDS["bad state"])]
    kind = state.kind if state.place == "adj" else state.subject
    bored = 0.25 if state.place == "predicate" and kind == "person" else 0.0
    mild, felt = (0.50, 0.50) if state.place == "adj" else (0.05, 0.95 - bored)
    bags: list[Bag] = [(0.6 * mild, WORDS["plain"])]
    bags += [(0.4 * mild, TRAITS["other" if kind == "thing" else "human"])] if state.place == "adj" else []
    for share, good in ((match, "good"), (1 - match, "bad")):
        fitting = WORDS.get(f"{good} {kind}", WORDS[good])
        bags += [(0.6 * felt * share, WORDS[good]), (0.4 * felt * share, fitting)]
        bags += [(bored * share, WORDS[f"{good} state"])]
    return bags


def _noun(place: str, number: str, kind: str) -> list[Bag]:
    """Nouns: modifying nouns are mostly groups, and many modified nouns are verb homographs."""
    if place == "mod":
        traits = TRAITS["other" if kind == "thing" else "human"]
        bags: list[Bag] = [(0.45, NOUNS["group"]["s"]), (0.10, NOUNS["agent"]["s"])]
        return [*bags, (0.30, NOUNS["person"]["s"]), (0.15, traits)]
    homographs, others = NOUN_MIX[kind]
    rich = RICH if place == "compound" else POOR[kind]
    bags = [(rich, NOUNS[homographs][number])]
    return bags + [((1.0 - rich) * share, NOUNS[name][number]) for name, share in others]


def _verb(state: State, form: str, match: float) -> list[Bag]:
    """Verbs in one form: transitive verbs have a polarity or are noun homographs."""
    if state.place in ("be", "do", "look"):
        return [(1.0, VERBS[state.place][form])]
    if state.place == "move":
        if state.subject == "thing":
            return [(1.0, VERBS["event"][form])]
        return [(0.85, VERBS["motion"][form]), (0.15, VERBS["rest"][form])]
    good, bad = ("good", "bad") if state.subject == "person" else ("good effect", "bad effect")
    felt = 0.45 if state.subject == "person" else 1.0
    bags: list[Bag] = [(felt * match, VERBS[good][form]), (felt * (1 - match), VERBS[bad][form])]
    if state.subject == "person":
        bags += [(0.06, VERBS["plain"][form]), (0.49, VERBS["deed"][form])]
    return bags
