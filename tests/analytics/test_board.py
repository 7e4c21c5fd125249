"""The board counts what a person may see."""

from datetime import timedelta

import pytest

from analytics import board
from tests.makers import NOON, make_order
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db


def test_each_state_has_its_number(supervisor):
    make_order(state=State.PENDING)
    make_order(state=State.HANDLING)

    counts = board.counts(supervisor, NOON)

    assert (counts["pending"], counts["handling"]) == (1, 1)


def test_a_closed_emergency_is_not_open_any_more(supervisor):
    make_order(state=State.WITHDRAWN, urgency="E2")

    assert board.counts(supervisor, NOON)["lifeline"] == 0


def test_an_administrator_counts_nothing(admin):
    make_order()

    assert set(board.counts(admin, NOON + timedelta(days=1)).values()) == {0}
