"""Time left, in words."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from hotline.lib.durations import remaining_words


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (200, "3 h 20 min left"),
        (180, "3 h left"),
        (20, "20 min left"),
        (0, "Due now"),
        (0.5, "Due now"),
        (-0.5, "Due now"),
        (-1, "1 min overdue"),
        (-200, "3 h 20 min overdue"),
        (1440, "1 d left"),
        (1510, "1 d 1 h left"),
        (-2880, "2 d overdue"),
        (None, "No deadline"),
    ],
)
def test_natural_time_counts_days_of_24_hours(minutes, words):
    assert remaining_words(minutes, working=False) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (200, "3 h 20 min left"),
        (449, "7 h 29 min left"),
        (450, "1 wd left"),
        (520, "1 wd 1 h left"),
        (-900, "2 wd overdue"),
        (-961, "2 wd 1 h overdue"),
    ],
)
def test_working_time_counts_days_of_office_hours(minutes, words):
    assert remaining_words(minutes, working=True) == words


def test_a_city_may_have_longer_office_hours():
    assert remaining_words(480, working=True, workday=480) == "1 wd left"


@given(st.integers(-100_000, 100_000), st.booleans())
def test_the_words_never_hold_a_zero_part(minutes, working):
    assert " 0 " not in f" {remaining_words(minutes, working=working)} "
