"""The makers lead an order to any state through the doors."""

import pytest

from tests.makers import make_order
from workorders.lifecycle import State

REACHED = [state for state in State if state != State.MERGED]


@pytest.mark.django_db
@pytest.mark.parametrize("state", REACHED)
def test_an_order_can_be_led_to_every_state(state):
    assert make_order(state=state).state == state
