"""An order's whole life over five roles, from a keyboard-only call to the closed file; and the way of
thanks."""

import pytest
from playwright.sync_api import Page, expect

from hotline.accounts.models import Unit
from tests.makers import PHONE, PLACE, make_user
from workorders.lifecycle import State
from workorders.models import Commendation, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)

REFUSE = "小区生活垃圾一周没有清运,昨天打过物业电话没有人管"
THANKS = "历下区税务局工作人员李文娇耐心细致,帮家里老人一次办完房屋过户,特此感谢"


@pytest.fixture
def street_clerk(db):
    """Works in the unit that the catalogue names for refuse in that street."""
    return make_user("unit", Unit.objects.get(code=f"{PLACE}-OFFICE"))


def take_the_call(page: Page) -> None:
    """The operator, without touching the mouse."""
    page.keyboard.type(PHONE)
    expect(page.locator("#caller")).to_contain_text("138****5678")
    page.keyboard.press("Enter")
    page.keyboard.type("王芳")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(REFUSE)
    expect(page.locator("[data-key='Alt+1']")).to_be_visible()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Tab")
    page.keyboard.type("历下区解放路街道解放路1号")
    expect(page.locator("#id_place")).to_have_value("历下区 解放路街道")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#strip .order-number")).to_be_visible()


def state_of(order: WorkOrder) -> str:
    order.refresh_from_db()
    return order.state


def test_a_call_is_handled_by_five_people_and_closed(
    sign_in, live_server, operator, dispatcher, supervisor, callback_agent, street_clerk
):
    desk = sign_in(operator)
    desk.goto(f"{live_server.url}/desk/")
    take_the_call(desk)
    order = WorkOrder.objects.get()
    assert order.state == State.PENDING

    triage = sign_in(dispatcher)
    triage.goto(f"{live_server.url}/triage/")
    triage.keyboard.press("j")
    triage.keyboard.press("1")
    expect(triage.locator(f"#row-{order.number}, .is-done").first).to_be_visible()
    assert state_of(order) == State.DISPATCHED

    inbox = sign_in(street_clerk)
    inbox.goto(f"{live_server.url}/inbox/")
    inbox.keyboard.press("j")
    inbox.keyboard.press("s")
    expect(inbox.locator(".notice-success")).to_be_visible()
    inbox.goto(f"{live_server.url}/orders/{order.number}/reply/")
    inbox.locator("[name=outcome][value=solved]").check()
    inbox.locator("[name=internal]").fill("已协调物业清运,并约谈保洁公司。")
    inbox.locator("[name=public]").fill("您反映的垃圾已于今日清运完毕,物业将每日清运。")
    inbox.keyboard.press("Control+Enter")
    expect(inbox.locator(".order-facts .state")).to_contain_text("待审核")

    review = sign_in(supervisor)
    review.goto(f"{live_server.url}/orders/{order.number}/review-reply/")
    review.locator("[name=accept][value=yes]").check()
    review.locator(".verb-form .btn-primary").click()
    expect(review.locator(".order-facts .state")).to_contain_text("待回访")

    calling = sign_in(callback_agent)
    calling.goto(f"{live_server.url}/callbacks/")
    expect(calling.locator(".call-phone")).to_contain_text("138****5678")
    calling.keyboard.press("F8")
    expect(calling.locator(".revealed-value")).to_contain_text(PHONE)
    calling.keyboard.press("Alt+1")
    calling.keyboard.press("Control+Enter")
    expect(calling.locator(".callback-queue")).to_contain_text("暂无待回访工单")

    assert state_of(order) == State.CLOSED
    assert [event.verb for event in order.events.all()] == [
        "create",
        "dispatch",
        "sign",
        "reply",
        "review-reply",
        "reveal",
        "callback",
    ]


def test_thanks_reach_the_praised_unit(sign_in, live_server, operator, dispatcher):
    taxes = Unit.objects.get(code="370102-TAX")
    clerk = make_user("unit", taxes)
    desk = sign_in(operator)
    desk.goto(f"{live_server.url}/desk/")
    desk.locator("#id_phone").fill(PHONE)
    desk.locator("#id_content").fill(THANKS)
    desk.locator("#id_kind").select_option("thanks")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#strip .order-number")).to_be_visible()
    order = WorkOrder.objects.get()

    page = sign_in(dispatcher)
    page.goto(f"{live_server.url}/thanks/{order.number}/")
    expect(page.locator("[name=person]")).to_have_value("李文娇")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".order-facts .state, .messages, .notice-success").first).to_be_visible()
    page.wait_for_load_state("networkidle")

    order.refresh_from_db()
    assert (order.state, order.unit) == (State.CLOSED, taxes)
    assert Commendation.objects.get(order=order).forwarded_at is not None
    inbox = sign_in(clerk)
    inbox.goto(f"{live_server.url}/orders/{order.number}/")
    expect(inbox.locator("h1")).to_be_visible()
