import pytest

from tests.makers import NOON, make_order
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db


def test_a_unit_sees_what_it_has_to_sign_for(client_of, unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    page = client_of(unit_clerk).get("/inbox/")

    assert order.number in page.content.decode()
