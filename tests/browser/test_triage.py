"""A dispatcher at work: one key dispatches, a dialog does the rest."""

import pytest
from playwright.sync_api import expect

from hotline.lib.db_now import db_now
from tests.makers import PLACE, make_order
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)

OFFICE = f"{PLACE}-OFFICE"


@pytest.fixture
def triage(sign_in, supervisor, live_server):
    """`triage(tab="pending")`: triage as the duty supervisor sees it."""

    def triage(tab: str = "pending", language: str = "zh-hans"):
        page = sign_in(supervisor, language)
        page.goto(f"{live_server.url}/triage/?tab={tab}")
        return page

    return triage


def test_one_key_dispatches_and_the_next_row_has_the_focus(triage):
    orders = [make_order(at=db_now()) for _ in range(2)]
    page = triage()

    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("1")
    expect(page.locator(".is-done")).to_have_count(1)
    page.wait_for_function("text => document.activeElement.textContent !== text", arg=first)
    page.keyboard.press("1")

    expect(page.locator(".is-done")).to_have_count(2)
    assert {order.unit.code for order in WorkOrder.objects.filter(pk__in=[one.pk for one in orders])} == {
        OFFICE
    }


def test_an_unclassified_order_is_settled_by_two_keys(triage):
    order = make_order(category="", content="小区门口生活垃圾无人清运，垃圾堆积", at=db_now())
    page = triage()
    expect(page.locator(".hint").first).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("1")
    expect(page.locator(".hint")).to_have_count(0)
    expect(page.locator("a.order-number")).to_be_focused()
    page.keyboard.press("1")

    expect(page.locator(".is-done")).to_have_count(1)
    order.refresh_from_db()
    assert order.state == State.DISPATCHED


def test_another_unit_is_found_by_typing_and_needs_a_reason(triage):
    order = make_order(at=db_now())
    page = triage()

    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator("dialog[open] .combo input").first).to_be_focused()
    page.keyboard.type("城乡水务局")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open] .error-summary")).to_be_focused()
    page.locator("dialog[open] [name=reason]").fill("管网属于水务")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".is-done")).to_have_count(1)
    order.refresh_from_db()
    assert (order.state, order.unit.short_name) == (State.DISPATCHED, "市城乡水务局")


def test_a_return_is_decided_in_the_dialog(triage):
    order = make_order(state=State.RETURN_REVIEW, at=db_now())
    page = triage("returns")

    page.keyboard.press("j")
    page.keyboard.press("d")
    page.locator("dialog[open] [value=no]").check()
    page.locator("dialog[open] [name=text]").fill("属于该单位职责")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".is-done")).to_have_count(1)
    order.refresh_from_db()
    assert order.state == State.HANDLING


def test_a_closed_dialog_gives_the_focus_back_to_its_row(triage):
    make_order(at=db_now())
    page = triage()

    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("[data-row] a.order-number")).to_be_focused()


def test_triage_is_accessible_and_never_scrolls_sideways(supervisor, faults_at_all_sizes):
    for state in (State.PENDING, State.REPLY_REVIEW, State.RETURN_REVIEW):
        make_order(state=state, at=db_now())
    tabs = ["pending", "replies", "returns", "rework"]

    assert [fault for tab in tabs for fault in faults_at_all_sizes(supervisor, f"/triage/?tab={tab}")] == []


def test_the_dialog_is_accessible(triage, violations):
    make_order(at=db_now())
    page = triage()
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator("dialog[open]")).to_be_visible()

    assert violations(page) == []
