"""Time left on a deadline: natural minutes, or working minutes."""

from datetime import timedelta

import pytest

from dispatch import timeleft
from tests.makers import NOON

pytestmark = pytest.mark.django_db


def test_a_natural_deadline_counts_every_minute():
    assert timeleft.minutes_left(NOON + timedelta(days=1), NOON, working=False) == 24 * 60


def test_a_working_deadline_counts_office_hours_alone():
    """NOON is in the lunch break; the afternoon has four hours, the next morning three and a half."""
    assert timeleft.minutes_left(NOON + timedelta(days=1), NOON, working=True) == 450


def test_what_is_late_counts_backwards():
    assert timeleft.minutes_left(NOON - timedelta(minutes=90), NOON, working=False) == -90


def test_a_begun_minute_is_not_a_whole_one():
    assert timeleft.minutes_left(NOON + timedelta(seconds=119), NOON, working=False) == 1


def test_nothing_due_is_no_time_left():
    assert timeleft.minutes_left(None, NOON, working=True) is None
