"""The bell and its page."""

import pytest

from dispatch import escalation
from hotline.lib.db_now import db_now
from tests.makers import make_order
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [1366, 390])
def test_the_bell_leads_to_what_happened(live_server, sign_in, violations, supervisor, width):
    make_order(state=State.DISPATCHED, urgency="E1", at=db_now())
    make_order(state=State.DISPATCHED)
    escalation.sweep()
    page = sign_in(supervisor)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/orders/")

    page.locator(".bell-count").wait_for()
    page.locator(".bell-link").click()

    page.get_by_role("heading", name="提醒").wait_for()
    assert page.get_by_text("视为签收").count() == 1
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".bell-link").wait_for()
    assert page.locator(".bell-count").count() == 0
