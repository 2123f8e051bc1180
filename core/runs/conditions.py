"""The grammar of ``where=``: comparisons joined by commas, ``and``, ``or``, ``not`` and parentheses.

where   = or, { ",", or }                      all of them
or      = and, { "or", and }
and     = term, { "and", term }
term    = "not", term | "(", where, ")" | KEY, sign, value
value   = 'quoted', "quoted", [a list], or any text without commas and parentheses
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import ConfigError

DEEPEST = 50  # parentheses and nots within one another
SIGNS = {"==": "=", "<>": "!="}  # other spellings
WORD = re.compile(r"\s*\b(and|or|not)\b(?!\s*[=<>!])", re.IGNORECASE)  # a key of this name is compared
MARK = re.compile(r"\s*([(),])")
COMPARISON = re.compile(r"\s*([\w./-]+)\s*(>=|<=|!=|<>|==|=|>|<)\s*")
QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"")
LIST = r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
BARE = re.compile(rf"(?:{LIST}|[^,()\[\]])*?(?=\s*(?:[,)]|$)|\s+(?:and|or)(?:\s|$))", re.IGNORECASE)
SHAPE = (
    "write KEY=VALUE, or !=, <, <=, > and >= in place of =, such as encoder.hidden_size>=128, "
    "join several by and, or and not, and put a value with commas or parentheses in quotes"
)


@dataclass(frozen=True)
class Comparison:
    """``KEY sign VALUE``; the sign is one of ``= != < <= > >=``."""

    key: str
    sign: str
    text: str


@dataclass(frozen=True)
class Not:
    """What is met where its part is not."""

    part: Condition


@dataclass(frozen=True)
class Joined:
    """What is met where all of its parts are, or any of them."""

    parts: tuple[Condition, ...]
    is_any: bool = False


Condition = Comparison | Not | Joined


def parse(text: str) -> Condition:
    """What a text in the grammar above says.

    Raises:
        ConfigError: it does not follow the grammar; the error shows from where on.
    """
    parser = _Parser(text)
    condition = parser.all_of()
    if parser.rest.strip():
        raise parser.error()
    return condition


class _Parser:
    """A place in a text, and the parts of it that have been read."""

    def __init__(self, text: str) -> None:
        self.rest, self.depth = text, 0

    def error(self) -> ConfigError:
        """What is wrong at this place."""
        rest = self.rest.strip()
        what = f"'{rest}' is not understood" if rest else "a condition is missing at the end"
        return ConfigError(what, where="where", remedy=SHAPE)

    def all_of(self) -> Condition:
        return self.joined(self.any_of, lambda: self.take(MARK, ","))

    def any_of(self) -> Condition:
        return self.joined(self.every, lambda: self.take(WORD, "or"), is_any=True)

    def every(self) -> Condition:
        return self.joined(self.term, lambda: self.take(WORD, "and"))

    def joined(
        self, part: Callable[[], Condition], goes_on: Callable[[], bool], is_any: bool = False
    ) -> Condition:
        """One part or more, with the same sign between them."""
        parts = [part()]
        while goes_on():
            parts.append(part())
        return Joined(tuple(parts), is_any) if len(parts) > 1 else parts[0]

    def term(self) -> Condition:
        """A comparison, or something in parentheses or after ``not``."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConfigError(f"parentheses are nested more than {DEEPEST} deep", where="where", remedy=SHAPE)
        if self.take(WORD, "not"):
            condition: Condition = Not(self.term())
        elif self.take(MARK, "("):
            condition = self.all_of()
            if not self.take(MARK, ")"):
                raise ConfigError("a parenthesis is not closed", where="where", remedy=SHAPE)
        else:
            condition = self.comparison()
        self.depth -= 1
        return condition

    def comparison(self) -> Comparison:
        match = COMPARISON.match(self.rest)
        if not match:
            raise self.error()
        key, sign = match.groups()
        after = self.rest[match.end() :]
        if quoted := QUOTED.match(after):
            mark = after[0]
            value, self.rest = quoted[0][1:-1].replace(mark * 2, mark), after[quoted.end() :]
        elif after.startswith(("'", '"')):
            raise ConfigError(f"the quote in '{after}' is not closed", where="where", remedy=SHAPE)
        elif bare := BARE.match(after):
            value, self.rest = bare[0].strip(), after[bare.end() :]
        else:
            raise self.error()
        return Comparison(key, SIGNS.get(sign, sign), value)

    def take(self, pattern: re.Pattern[str], wanted: str) -> bool:
        """Whether a word or mark comes next; if so, it is read."""
        match = pattern.match(self.rest)
        if not match or match[1].lower() != wanted:
            return False
        self.rest = self.rest[match.end() :]
        return True
