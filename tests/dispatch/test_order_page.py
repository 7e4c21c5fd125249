"""The page of one order and the acts it offers."""

import pytest

from tests.makers import NOON, make_order
from workorders.lifecycle import State
from workorders.models import AccessLog, Draft, WorkOrder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_a_page(client_of, supervisor, state):
    order = make_order(state=state)

    page = client_of(supervisor).get(f"/orders/{order.number}/")

    assert page.status_code == 200


@pytest.mark.parametrize("state", State.values)
def test_every_offered_act_opens_its_form(client_of, supervisor, dispatcher, operator, state):
    order = make_order(state=state)

    for user in (supervisor, dispatcher, operator):
        browser = client_of(user)
        page = browser.get(f"/orders/{order.number}/")
        for act in [*page.context["main_acts"], *page.context["other_acts"]]:
            assert browser.get(f"/orders/{order.number}/{act.code}/").status_code == 200, act.code
