"""The board in a browser: it follows what happens, and every number opens its orders."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from hotline.lib.db_now import db_now
from tests.makers import make_order
from workorders.lifecycle import State, Urgency

pytestmark = pytest.mark.django_db(transaction=True)
POLL = 15_000
"""Milliseconds: three polls."""


@pytest.fixture
def busy(db):
    """A late order, an emergency, and something for each decision."""
    now = db_now()
    make_order(state=State.HANDLING, at=now - timedelta(days=20))
    make_order(urgency=Urgency.E1, at=now)
    for state in (State.RETURN_REVIEW, State.REPLY_REVIEW, State.REWORK_REVIEW, State.ADJUDICATION):
        make_order(state=state, at=now)


def test_a_new_emergency_appears_by_itself_and_is_told_in_words(sign_in, live_server, supervisor):
    page = sign_in(supervisor)
    page.goto(f"{live_server.url}/board/")
    order = make_order(urgency=Urgency.E1, at=db_now())

    expect(page.locator("#tile-urgent .tile-figure")).to_have_text("1", timeout=POLL)
    row = page.locator("[data-trouble]", has_text=order.number)
    expect(row.locator(".trouble-new")).to_be_visible()
    expect(page.locator("#board-news")).to_contain_text(order.number)


def test_a_number_opens_the_list_of_its_orders(busy, sign_in, live_server, supervisor):
    page = sign_in(supervisor)
    page.goto(f"{live_server.url}/board/")

    page.click("#tile-overdue")

    assert page.url.endswith("/orders/?overdue=1")
    expect(page.locator("[data-row]")).to_have_count(1)


def test_a_decision_is_one_click_away(busy, sign_in, live_server, supervisor):
    page = sign_in(supervisor)
    page.goto(f"{live_server.url}/board/")

    page.click("#decide-rework_review")

    assert page.url.endswith("/triage/?tab=rework")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_board_has_no_accessibility_fault_when_busy(
    width, busy, sign_in, live_server, leader, violations
):
    page = sign_in(leader)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/board/")

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_board_has_no_accessibility_fault_when_empty(sign_in, live_server, supervisor, violations):
    page = sign_in(supervisor, "en")
    page.goto(f"{live_server.url}/board/")

    assert violations(page) == []
