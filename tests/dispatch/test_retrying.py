"""When a citizen is called again after nobody answered."""

import pytest

from dispatch import retrying
from tests.lib.calendars import at
from tests.makers import make_order
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db


def test_three_tries_are_made():
    assert retrying.tries_allowed(make_order(state=State.CALLBACK)) == 3


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2026-03-11 09:00", "2026-03-11 15:30"),
        ("2026-03-11 15:30", "2026-03-12 11:30"),
        ("2026-03-13 16:00", "2026-03-16 12:00"),
    ],
)
def test_the_next_try_falls_on_another_hour_of_a_working_day(now, again):
    assert retrying.next_try(make_order(state=State.CALLBACK), at(now)) == at(again)


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2026-03-14 10:00", "2026-03-14 18:00"),
        ("2026-03-14 18:00", "2026-03-15 08:30"),
        ("2026-03-14 23:00", "2026-03-15 08:30"),
    ],
)
def test_nobody_is_called_at_night_about_an_emergency(now, again):
    order = make_order(state=State.CALLBACK, urgency="E1")

    assert retrying.next_try(order, at(now)) == at(again)
