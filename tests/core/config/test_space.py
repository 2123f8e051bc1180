import pytest

from core.config.space import Search


@pytest.mark.parametrize("wrong", [{}, {"low": 1}, {"low": 2, "high": 1}, {"low": 0, "high": 1, "log": True}])
def test_a_search_without_a_range_or_choices_is_refused(wrong):
    with pytest.raises(ValueError, match="Search takes a range"):
        Search(**wrong)


def test_a_range_and_choices_exclude_each_other():
    with pytest.raises(ValueError, match="Search takes a range"):
        Search(1, 2, choices=("a", "b"))
    assert Search(choices=("a", "b")).choices == ("a", "b") and Search(0, 0.5).high == 0.5
