"""Time left from plain values is what the clocks say of the order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch import clocks, timeleft
from dispatch.models import Clock
from tests.makers import NOON

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("working", [True, False])
def test_lists_and_the_order_say_the_same_time_left(working):
    @given(st.integers(-20_000, 20_000), st.integers(0, 59_999_999))
    def same(minutes, microseconds):
        due = NOON + timedelta(minutes=minutes, microseconds=microseconds)
        clock = Clock(due_at=due, is_working=working)

        assert timeleft.minutes_left(due, NOON, working=working) == clocks.remaining_minutes(clock, NOON)

    same()


def test_nothing_due_is_no_time_left():
    assert timeleft.minutes_left(None, NOON, working=True) is None
