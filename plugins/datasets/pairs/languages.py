"""Two small languages, and the translation of each sentence of the first into the second."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NOUNS = {  # word -> its translation and its gender
    "dog": ("hundo", "m"), "king": ("rego", "m"), "tree": ("arbo", "m"), "book": ("libro", "m"),
    "cat": ("kata", "f"), "queen": ("rega", "f"), "house": ("doma", "f"), "river": ("rivera", "f"),
    "child": ("infe", "n"), "horse": ("kavale", "n"), "bird": ("birde", "n"), "apple": ("pome", "n"),
    "bank": ("banko", "m"),  # of money, but with WET of a river
}  # fmt: skip
ADJECTIVES = {
    "big": "grand", "small": "malgrand", "old": "mal", "young": "jun",
    "red": "ru", "green": "verd", "wet": "aquat",
}  # fmt: skip
WET, SHORE = "wet", ("strando", "m")
ARTICLES = {"the": {"m": "lo", "f": "la", "n": "le"}, "a": {"m": "un", "f": "una", "n": "une"}}
ENDINGS = {"m": "o", "f": "a", "n": "e"}
TRANSITIVE = {"see": "vidas", "like": "amas", "follow": "sekvas", "hear": "audas", "find": "trovas"}
INTRANSITIVE = {"sleep": "dormas", "sing": "kantas", "fall": "falas", "wait": "atendas"}
ADVERBS = {"today": "hodie", "often": "ofte", "here": "tie", "alone": "sole"}
THAT, COMMA, NOT, END = "that", ",", "ne", "."
DEPTH = 2  # relative clauses within each other
RELATIVE, NEGATED, ADVERB, ADJECTIVE = 0.25, 0.25, 0.5, 0.5  # probabilities


class Phrase(NamedTuple):
    """A part of a sentence in both languages."""

    source: list[str]
    target: list[str]


def sentence(random: np.random.Generator) -> tuple[list[str], list[str]]:
    """A random sentence and its translation, as tokens."""
    subject, predicate = noun_phrase(random, 0), verb_phrase(random, 0)
    source, target = [*subject.source, *predicate.source], [*subject.target, *predicate.target]
    if random.random() < ADVERB:
        adverb = _one(random, ADVERBS)
        source, target = [*source, adverb], [ADVERBS[adverb], *target]
    return [*source, END], [*target, END]


def noun_phrase(random: np.random.Generator, depth: int) -> Phrase:
    """Article, perhaps an adjective, noun, perhaps a relative clause."""
    article, noun = _one(random, ARTICLES), _one(random, NOUNS)
    adjective = _one(random, ADJECTIVES) if random.random() < ADJECTIVE else ""
    translation, gender = SHORE if noun == "bank" and adjective == WET else NOUNS[noun]
    source, target = [article, *([adjective] if adjective else []), noun], [ARTICLES[article][gender], translation]
    if adjective:
        target.append(ADJECTIVES[adjective] + ENDINGS[gender])
    if depth < DEPTH and random.random() < RELATIVE:
        clause = verb_phrase(random, depth + 1)
        source += [THAT, *clause.source]
        target += [COMMA, "k" + ENDINGS[gender], *clause.target, COMMA]
    return Phrase(source, target)


def verb_phrase(random: np.random.Generator, depth: int) -> Phrase:
    """A verb, perhaps with ``does not``, and the object of a transitive one; the translation ends in the verb."""
    is_transitive = random.random() < 0.5
    verbs = TRANSITIVE if is_transitive else INTRANSITIVE
    verb, negated = _one(random, verbs), random.random() < NEGATED
    thing = noun_phrase(random, depth + 1) if is_transitive else Phrase([], [])
    start = ["does", "not", verb] if negated else [f"{verb}s"]
    return Phrase([*start, *thing.source], [*thing.target, *([NOT] if negated else []), verbs[verb]])


def _one(random: np.random.Generator, words: dict[str, object] | dict[str, str]) -> str:
    """One of the words, each as often as the others."""
    return list(words)[int(random.integers(len(words)))]
