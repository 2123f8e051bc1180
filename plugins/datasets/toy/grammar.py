"""The grammar of the toy language: its hidden states and their successors.

A state holds what its clause still requires, so a Markov chain of order 1 over states carries agreement across
phrases of any length, and the scope of a negator to the end of its clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from plugins.datasets.toy.lexicon import NUMBER

CLASSES = "positive", "negative"
Weighted = tuple[tuple[str, float], ...]


class State(NamedTuple):
    """A hidden state.

    Args:
        place: the position in the clause, a key of ``TAGS``.
        number: the number of the current noun phrase, ``s`` or ``p``.
        kind: the kind of its noun: ``person``, ``thing``, or ``other`` inside a prepositional phrase.
        owes: the number of the verb that is still to come; ``?`` within the subject, ``base`` after ``do not``,
            empty after the verb.
        subject: the kind of the subject, until the verb.
        negated: whether the clause has a negator before this state.
    """

    place: str
    number: str = ""
    kind: str = ""
    owes: str = ""
    subject: str = ""
    negated: bool = False


END = State("end")

PLACES = {  # by tag
    "ADJ": "adj predicate",
    "ADP": "adp by",
    "ADV": "open often never very slowly",
    "AUX": "be do",
    "CCONJ": "and",
    "DET": "det no",
    "NOUN": "mod noun compound",
    "PART": "not",
    "PRON": "name nobody me who we",
    "PUNCT": "comma break stop",
    "SCONJ": "because",
    "VERB": "look act move state met found",
}
TAGS = {place: tag for tag, places in PLACES.items() for place in places.split()}

PHRASE: dict[str, Weighted] = {
    "det": (("adj", 0.34), ("mod", 0.24), ("noun", 0.42)),
    "no": (("adj", 0.20), ("noun", 0.80)),
    "adj": (("adj", 0.04), ("mod", 0.26), ("noun", 0.70)),
    "mod": (("compound", 1.0),),
}
ENTRY = {"s": (("det", 0.55),), "p": (("det", 0.33), ("adj", 0.04), ("noun", 0.08))}
SUBJECTS = (("person", 0.62), ("thing", 0.38))
OBJECTS = (("thing", 0.65), ("person", 0.35))
CLAUSE_END: Weighted = (("stop", 0.71), ("comma", 0.08), ("and", 0.14), ("because", 0.07))
AFTER_NOUN: Weighted = (("adp", 0.10), ("who", 0.02))
INSIDE_SUBJECT: Weighted = (("adp", 0.25), ("who", 0.06))
VERB_GROUP: Weighted = (
    ("be", 0.20), ("do", 0.14), ("never", 0.02), ("often", 0.02), ("look", 0.02), ("act", 0.39), ("move", 0.21),
)  # fmt: skip
NEGATED_GROUP: Weighted = (("be", 0.35), ("look", 0.15), ("act", 0.50))
MAIN_VERB: Weighted = (("look", 0.15), ("act", 0.60), ("move", 0.25))
PREDICATE: Weighted = (("very", 0.2), ("predicate", 0.55), ("state", 0.25))


def noun_phrase(base: State, kinds: Weighted) -> Iterator[tuple[State, float]]:
    """The first states of a noun phrase, whose kind is drawn from ``kinds``."""
    for kind, share in kinds:
        for number in NUMBER:
            for place, weight in ENTRY[number]:
                yield base._replace(place=place, number=number, kind=kind), share * weight


def clause() -> Iterator[tuple[State, float]]:
    """The first states of a clause, which does not depend on the clause before it."""
    for state, weight in noun_phrase(State("", owes="?"), SUBJECTS):
        yield state, 0.84 * weight
    for number in NUMBER:
        for kind, share in SUBJECTS:
            yield State("no", number, kind, "?", negated=True), 0.02 * share
    yield State("name", owes="s", subject="person"), 0.04
    yield State("name", owes="p", subject="person"), 0.05
    yield State("nobody", owes="s", subject="person", negated=True), 0.03


def after_noun(state: State) -> Iterator[tuple[State, float]]:
    """The successors of a complete noun: phrases attached to it, then the verb or the end of the clause."""
    if state.owes == "?":
        state = state._replace(owes=state.number, subject=state.kind)
    attached = INSIDE_SUBJECT if state.owes else AFTER_NOUN
    if state.owes and state.negated:  # ``no waiter``: the verb follows immediately
        attached = ()
    for place, weight in attached:
        yield state._replace(place=place, number="", kind="" if place == "adp" else state.kind), weight
    rest = 1.0 - sum(weight for _, weight in attached)
    follow = verb_group(state) if state.owes else clause_end()
    yield from ((next_state, rest * weight) for next_state, weight in follow)


def verb_group(state: State) -> Iterator[tuple[State, float]]:
    """The first states of a verb group with the required number."""
    for place, weight in NEGATED_GROUP if state.negated else VERB_GROUP:
        yield state._replace(place=place, number="", kind="", negated=state.negated or place == "never"), weight


def clause_end() -> Iterator[tuple[State, float]]:
    """The end of the sentence, or the word that starts its next clause."""
    return ((State(place), weight) for place, weight in CLAUSE_END)


def inner_phrase(state: State) -> Iterator[tuple[State, float]]:
    """The noun phrase after an adposition, or the object of a relative clause."""
    return noun_phrase(state, (("other", 1.0),))


def after_found(state: State) -> Iterator[tuple[State, float]]:
    """The successors of a relative clause: the verb of the main clause, or the end of the clause."""
    return verb_group(state) if state.owes else clause_end()


def after_act(state: State) -> Iterator[tuple[State, float]]:
    """The object of a transitive verb."""
    kinds = OBJECTS if state.subject == "person" else (("person", 1.0),)
    pronoun = 0.08 if state.subject == "person" else 0.40
    base = State("", negated=state.negated)
    yield base._replace(place="me"), pronoun
    yield from ((first, (1 - pronoun) * weight) for first, weight in noun_phrase(base, kinds))


def after_be(state: State) -> Iterator[tuple[State, float]]:
    """A predicate, negated or not; only a person can be in a state (``is bored by``)."""
    if not state.negated:
        yield State("not", subject=state.subject, negated=True), 0.6
    yield from after_is_not(state._replace(owes=""))


def after_is_not(state: State) -> Iterator[tuple[State, float]]:
    """A predicate."""
    for place, weight in PREDICATE:
        if place != "state" or state.subject == "person":
            yield state._replace(place=place), weight


def after_not(state: State) -> Iterator[tuple[State, float]]:
    """The base form after ``do not``, a predicate after ``is not``."""
    return FOLLOW["never"](state) if state.owes else after_is_not(state)


def after_do(state: State) -> Iterator[tuple[State, float]]:
    """``do`` is always negated."""
    yield state._replace(place="not", owes="base", negated=True), 1.0


def after_look(state: State) -> Iterator[tuple[State, float]]:
    """The predicate of ``look``, ``seem`` and similar verbs."""
    yield state._replace(place="very", owes=""), 0.2
    yield state._replace(place="predicate", owes=""), 0.8


def loose_end(**places: float) -> Rule:
    """The rule of a place that may end its clause: the weights of other successors; the rest ends the clause."""

    def rule(state: State) -> Iterator[tuple[State, float]]:
        yield from ((State(place, negated=state.negated), weight) for place, weight in places.items())
        yield from ((end, (1 - sum(places.values())) * weight) for end, weight in clause_end())

    return rule


def step(*places: tuple[str, float]) -> Rule:
    """The rule of a place that changes to other places, with the rest of the state unchanged."""
    return lambda state: ((state._replace(place=place), weight) for place, weight in places)


Rule = Callable[[State], Iterator[tuple[State, float]]]
FOLLOW: dict[str, Rule] = {  # the successors of a state with weights (not normalised), by its place
    **{place: step(*choices) for place, choices in PHRASE.items()},
    **dict.fromkeys(("noun", "compound"), after_noun),
    **dict.fromkeys(("name", "nobody"), verb_group),
    **dict.fromkeys(("adp", "by", "met"), inner_phrase),
    **dict.fromkeys(("never", "often"), step(*MAIN_VERB)),
    **dict.fromkeys(("and", "because", "break"), lambda state: clause()),
    "who": step(("met", 0.6), ("we", 0.4)),  # in the past tense, which is not inflected for number
    "we": step(("found", 1.0)),
    "found": after_found,
    "do": after_do,
    "not": after_not,
    "be": after_be,
    "look": after_look,
    "very": step(("predicate", 1.0)),
    "act": after_act,
    "move": loose_end(adp=0.30, slowly=0.55),
    "state": loose_end(by=0.50),
    "predicate": loose_end(adp=0.10),
    "me": loose_end(),
    "slowly": loose_end(),
    "open": step(("break", 1.0)),
    "comma": step(("and", 1.0)),
    "stop": lambda state: iter([(END, 1.0)]),
}


def start() -> Iterator[tuple[State, float]]:
    """The first states of a sentence."""
    yield State("open"), 0.06
    yield from ((state, 0.94 * weight) for state, weight in clause())


def sets_number(state: State) -> bool:
    """Whether the state emits the noun or pronoun that a verb agrees with."""
    return state.place in ("name", "nobody") or (state.owes == "?" and state.place in ("noun", "compound"))


def shows_number(state: State) -> bool:
    """Whether the state emits a verb form that agrees with its subject."""
    return state.owes in NUMBER and state.place in ("be", "do", "look", "act", "move")
