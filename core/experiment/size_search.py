"""The sizes with which a model comes nearest to a number of parameters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping

from core.config.options import Option
from core.config.sizes import Sizes, nearest_size

TOLERANCE = 0.02  # how far from the budget a number of parameters may be, as a share of it
CLOSE = 0.002  # what is near enough to stop
LARGEST = 2.0**20  # the largest factor
NARROW = 1.0002  # the ratio of two factors that lie next to each other


class SizeSearch:
    """Scales all open sizes by one factor, found by bisection, so that a number of parameters comes near a target.

    Where their whole numbers leave it farther away than ``TOLERANCE``, one size takes up the rest, by at
    most a factor of 2, where need be after another one has moved by 1 or 2.

    Args:
        count: the number of parameters with some sizes; it rises with each of them.
        options: full key -> each open size.
        start: their values before.
        target: the number of parameters.
    """

    def __init__(
        self, count: Callable[[Sizes], int], options: Mapping[str, Option], start: Sizes, target: int
    ) -> None:
        self.count, self.target, self.start = count, target, start
        self.known: dict[tuple[int, ...], int] = {}  # values -> parameters
        self.candidates: list[Sizes] = [start]
        self.options = {key: option for key, option in options.items() if self._matters(key, option)}

    def run(self) -> tuple[Sizes, int]:
        """The sizes that come nearest, and their number of parameters; without open sizes those of the start."""
        if self.options:
            self._by_one_factor()
        self._refine(self._best())
        best = self._best()
        return best, self._parameters(best)

    def _by_one_factor(self) -> None:
        """Bracket the factor, and halve the bracket; every second step guesses that the count is a power of it."""
        factor = self._bracket()
        low, high = (factor / 2, factor) if self._scaled(factor) >= self.target else (factor, factor)
        while high / low > NARROW and self._distance(self._best()) > CLOSE:
            for middle in (self._guess(low, high), math.sqrt(low * high)):
                if not low < middle < high:
                    continue
                if self._scaled(middle) >= self.target:
                    high = middle
                else:
                    low = middle

    def _bracket(self) -> float:
        """The smallest power of 2 by which the count reaches the target; the largest one where none does."""
        factor = 1.0
        while factor < LARGEST and self._scaled(factor) < self.target:
            factor *= 2
        while factor > 1 / LARGEST and self._scaled(factor / 2) >= self.target:
            factor /= 2
        return factor

    def _guess(self, low: float, high: float) -> float:
        counts = [math.log(max(1, self._scaled(factor))) for factor in (low, high)]
        if counts[0] >= counts[1]:
            return math.sqrt(low * high)
        share = (math.log(self.target) - counts[0]) / (counts[1] - counts[0])
        ratio: float = (high / low) ** min(0.95, max(0.05, share))
        return low * ratio

    def _refine(self, scaled: Sizes) -> None:
        """Change one size, or a second one after it, until the number is near enough."""
        moves = [scaled]
        for change in (1, -1, 2, -2):
            for key, option in self.options.items():
                moves.append(scaled | {key: nearest_size(option, max(1, scaled[key] + change))})
        for sizes, key in itertools.product(moves, self.options):
            if self._distance(self._best()) <= TOLERANCE:
                return
            self._by_one_size(sizes, key)

    def _by_one_size(self, sizes: Sizes, key: str) -> None:
        """Change one size alone, up to twice or half of it."""
        grows = self._parameters(sizes) < self.target
        near, far = sizes[key], nearest_size(self.options[key], sizes[key] * (2 if grows else 0.5))
        while abs(far - near) > 1:
            middle = nearest_size(self.options[key], (near + far) / 2)
            if middle in (near, far):
                break
            if (self._candidate(sizes | {key: middle}) < self.target) == grows:
                near = middle
            else:
                far = middle
        self._candidate(sizes | {key: far})

    def _matters(self, key: str, option: Option) -> bool:
        """Whether an option changes the number of parameters, as those of a part that is not chosen do not."""
        larger, smaller = (nearest_size(option, self.start[key] * factor) for factor in (2, 0.5))
        other = larger if larger != self.start[key] else smaller
        return self._parameters(self.start | {key: other}) != self._parameters(self.start)

    def _scaled(self, factor: float) -> int:
        own = {key: nearest_size(option, self.start[key] * factor) for key, option in self.options.items()}
        return self._candidate(self.start | own)

    def _candidate(self, sizes: Sizes) -> int:
        self.candidates.append(sizes)
        return self._parameters(sizes)

    def _parameters(self, sizes: Sizes) -> int:
        values = tuple(sizes.values())
        if values not in self.known:
            self.known[values] = self.count(sizes)
        return self.known[values]

    def _best(self) -> Sizes:
        """The nearest sizes so far."""
        return min(self.candidates, key=self._distance)

    def _distance(self, sizes: Sizes) -> float:
        """How far the number of parameters is from the target, as a share of it."""
        return abs(self._parameters(sizes) - self.target) / self.target
