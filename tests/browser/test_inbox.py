"""A unit at work: by keyboard, on a wide and on a narrow screen."""

import pytest
from playwright.sync_api import expect

from hotline.lib.db_now import db_now
from tests.makers import make_order
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(unit, count: int) -> list[WorkOrder]:
    return [make_order(state=State.DISPATCHED, lead=unit, at=db_now()) for _ in range(count)]


@pytest.fixture
def inbox(sign_in, unit_clerk, live_server):
    """`inbox(tab="sign")`: the open inbox of the unit's clerk."""

    def inbox(tab: str = "sign", language: str = "zh-hans"):
        page = sign_in(unit_clerk, language)
        page.goto(f"{live_server.url}/inbox/?tab={tab}")
        return page

    return inbox


def test_one_key_signs_for_the_row_in_focus(inbox, unit_clerk):
    waiting(unit_clerk.unit, 2)
    page = inbox()

    page.keyboard.press("j")
    page.keyboard.press("s")

    expect(page.locator("[data-row]")).to_have_count(1)
    assert WorkOrder.objects.filter(state=State.HANDLING).count() == 1


def test_chosen_rows_are_signed_for_by_one_key_and_counted_anew(inbox, unit_clerk):
    waiting(unit_clerk.unit, 3)
    page = inbox()

    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.locator("[data-batch]")).to_be_visible()
    page.keyboard.press("s")

    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#inbox-tabs a").first.locator(".count")).to_have_text("1")


def test_keys_do_nothing_while_chinese_is_composed(inbox, unit_clerk):
    waiting(unit_clerk.unit, 1)
    page = inbox()
    page.keyboard.press("j")

    page.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 's', bubbles: true, isComposing: true, keyCode: 229}))"
    )

    page.wait_for_load_state("networkidle")
    assert WorkOrder.objects.filter(state=State.DISPATCHED).count() == 1


def test_a_reply_is_written_with_preview_and_draft_and_leads_back(inbox, unit_clerk):
    make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())
    page = inbox("hand")

    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_role("radio").first.check()
    page.locator("[name=internal]").fill("已派两辆车清运")
    page.locator("[name=public]").press_sequentially("垃圾已清运完毕。")
    expect(page.locator("#reply-preview")).to_have_text("垃圾已清运完毕。")
    expect(page.locator("[data-draft-line]")).to_contain_text("草稿")
    page.reload()
    expect(page.locator("[name=public]")).to_have_value("垃圾已清运完毕。")
    page.locator("[name=public]").press("Control+Enter")

    page.wait_for_url("**/inbox/?tab=hand")
    assert WorkOrder.objects.get().state == State.REPLY_REVIEW


@pytest.mark.parametrize("tab", ["sign", "hand"])
def test_the_inbox_is_accessible_and_never_scrolls_sideways(unit_clerk, faults_at_all_sizes, tab):
    waiting(unit_clerk.unit, 2)

    assert faults_at_all_sizes(unit_clerk, f"/inbox/?tab={tab}") == []


def test_a_new_order_appears_by_itself_and_the_focus_stays(inbox, unit_clerk):
    first = waiting(unit_clerk.unit, 1)[0]
    page = inbox()
    page.keyboard.press("j")
    waiting(unit_clerk.unit, 1)

    page.evaluate("htmx.trigger('#inbox-tabs', 'refresh')")

    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.get_by_role("link", name=first.number)).to_be_focused()


def test_the_sheet_lists_the_keys_of_the_rows(inbox, unit_clerk):
    waiting(unit_clerk.unit, 1)
    page = inbox()

    page.keyboard.press("?")

    for key in "jkxs":
        expect(page.locator("#keys dt", has_text=key).first).to_be_visible()
