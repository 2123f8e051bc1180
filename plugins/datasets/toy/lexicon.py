"""The words of the toy language by their role in a sentence."""

from __future__ import annotations

Form = str  # "s": singular (of a verb: third person singular), "p": plural; a verb's base form is its "p"

NUMBER = "s", "p"

_IRREGULAR = {"child": "children", "do": "does"}


def with_s(word: str) -> str:
    """The form in -s: the plural of a noun or the third person singular of a verb, which are spelled alike."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x")) else "s")


def nouns(text: str) -> dict[Form, list[str]]:
    """A class of nouns, from their singulars."""
    return {"s": text.split(), "p": [with_s(word) for word in text.split()]}


def verbs(text: str) -> dict[Form, list[str]]:
    """A class of verbs, from their base forms."""
    return {"s": [with_s(word) for word in text.split()], "p": text.split()}


# Homographs: each is a noun and a verb in both forms.
AGENTS = "guide guard judge host coach"
DEEDS = "plan show report review visit tour promise film"
MOTIONS = "walk dance march talk dream race work"

NOUNS = {
    "person": nouns(
        "doctor teacher farmer singer child sailor painter driver brother sister student writer"
        " neighbour nurse poet lawyer cousin waiter baker soldier tourist critic captain"
    ),
    "group": nouns("school town company family village club team church city museum hotel bank"),
    "thing": nouns(
        "story book song meal soup cake game picture letter poem party room painting lesson chair coat"
    ),
    "place": nouns(
        "mill river house station bridge garden market hill lake farm castle park forest harbour theatre"
        " library bay tower shop beach"
    ),
    "agent": nouns(AGENTS),
    "deed": nouns(f"{DEEDS} {MOTIONS}"),
    "human trait": nouns("patient veteran native giant rebel"),  # adjectives too
    "trait": nouns("classic musical novel comic secret"),  # adjectives too
}

VERBS = {
    "good": verbs("like love enjoy admire praise adore"),
    "bad": verbs("hate dislike fear avoid mock blame"),
    "good effect": verbs("please delight amuse charm impress cheer"),
    "bad effect": verbs("bore annoy tire upset scare disappoint"),
    "deed": verbs(f"{DEEDS} {AGENTS}"),
    "motion": verbs(MOTIONS),
    "plain": verbs("watch see know need"),
    "rest": verbs("sleep wait sing"),
    "event": verbs("appear begin remain vanish"),
    "look": verbs("seem look sound feel"),
    "be": {"s": ["is", "was"], "p": ["are", "were"]},
    "do": verbs("do"),
}

WORDS = {
    "det s": "the the the my the a our the the her the a this every".split(),
    "det p": "the the the my the the our the the her the the these some many".split(),
    "no": ["no"],
    "plain": "new big small long short young tall little red green quiet famous strange grey modern".split(),
    "good": "good nice great lovely fine wonderful pleasant splendid charming brilliant".split(),
    "good person": "kind funny clever gentle polite".split(),
    "good thing": "sweet fresh bright perfect".split(),
    "bad": "bad poor boring sad terrible lousy horrible dreary nasty grim".split(),
    "bad person": "rude stupid cruel clumsy lazy".split(),
    "bad thing": "dull weak cheap stale".split(),
    "good state": "pleased delighted amused impressed charmed cheered".split(),
    "bad state": "bored annoyed tired upset scared disappointed".split(),
    "he": "he she it everybody".split(),
    "nobody": ["nobody"],
    "we": "we they you".split(),
    "me": "me us them him you".split(),
    "who": "who that".split(),
    "which": "that which".split(),
    "met": "met saw helped followed knew called painted".split(),
    "faced": "followed faced matched crossed".split(),
    "found": "found saw made bought chose wanted".split(),
    "near": "near behind beside by opposite around from with".split(),
    "alike": ["like"],
    "by": ["by"],
    "often": "often always still sometimes".split(),
    "never": ["never"],
    "not": ["not"],
    "very": "very really so quite too".split(),
    "slowly": "slowly together again alone today".split(),
    "gladly": "well gladly happily proudly warmly".split(),
    "sadly": "badly sadly poorly angrily rudely".split(),
    "today": "today sometimes now yesterday".split(),
    "comma": [","],
    "and": "and but".split(),
    "because": "because while although when".split(),
    "stop": ". . . . . . !".split(),
}

TRAITS = {"human": NOUNS["human trait"]["s"], "other": NOUNS["trait"]["s"]}
