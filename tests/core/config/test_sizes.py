from typing import Annotated

import pytest
from annotated_types import Ge, Gt, Le, Lt, MultipleOf

from core.config import expand
from core.config.options import Option
from core.config.sizes import nearest_size, open_sizes, sizes_of
from core.config.space import Size


def option(annotation):
    return Option("size", annotation, 8, "x:Y")


@pytest.mark.parametrize(
    ("annotation", "value", "nearest"),
    [
        (Annotated[int, Gt(0), Size()], 0.2, 1),
        (Annotated[int, Gt(0), Size()], 7.6, 8),
        (Annotated[int, Ge(5), Le(9), Size()], 3, 5),
        (Annotated[int, Ge(5), Le(9), Size()], 30, 9),
        (Annotated[int, Gt(4), Lt(10), Size()], 30, 9),
        (Annotated[int, Gt(4), Lt(10), Size()], 1, 5),
        (Annotated[int, Gt(0), MultipleOf(8), Size()], 1, 8),
        (Annotated[int, Gt(0), MultipleOf(8), Size()], 21, 24),
        (Annotated[int, Gt(8), Le(60), MultipleOf(8), Size()], 8, 16),
        (Annotated[int, Gt(8), Le(60), MultipleOf(8), Size()], 99, 56),
    ],
)
def test_sizes_keep_their_bounds_and_steps(annotation, value, nearest):
    assert nearest_size(option(annotation), value) == nearest


def config(*arguments):
    return expand(["task=pos", "encoder=bilstm", *arguments])[0]


def test_sizes_that_the_user_sets_are_not_open():
    every = {"encoder.hidden_size", "embedding.random.dim", "embedding.affix.dim"}
    assert set(sizes_of(config())) == set(open_sizes(config())) == every
    assert set(open_sizes(config("encoder.hidden_size=9"))) == every - {"encoder.hidden_size"}
    assert set(open_sizes(config("embedding.random.dim=9"))) == every - {"embedding.random.dim"}
    assert set(open_sizes(config("embedding=random", "embedding.dim=9"))) == {"encoder.hidden_size"}
    assert set(sizes_of(config("encoder.hidden_size=9"))) == every
