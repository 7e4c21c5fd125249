"""One order on the screen: acts in the page, revealed data, the trail, paper."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from hotline.lib.db_now import db_now
from tests.makers import make_order
from workorders import intake
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_order(sign_in, live_server):
    """`open_order(user, order, page="")`: the order's page, or one below it."""

    def open_order(user, order, page: str = "", language: str = "zh-hans"):
        tab = sign_in(user, language)
        tab.goto(f"{live_server.url}/orders/{order.number}/{page}")
        return tab

    return open_order


def test_a_revealed_number_appears_without_reload_and_says_it_is_recorded(open_order, operator):
    page = open_order(operator, make_order(phone="13812345678", at=db_now()))

    page.locator("[data-reveal] summary").click()
    page.locator("[data-reveal] [name=reason]").fill("核实诉求")
    page.locator("[data-reveal] button").click()

    expect(page.locator(".revealed")).to_contain_text("13812345678")
    expect(page.locator(".revealed")).to_contain_text("已记录")


def test_what_one_reveals_oneself_is_no_conflict_for_the_form_that_is_open(open_order, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())
    page = open_order(unit_clerk, order)

    page.keyboard.press("n")
    page.locator("#act-form [name=text]").fill("已电话联系")
    page.locator("[data-reveal] summary").click()
    page.locator("[data-reveal] [name=reason]").fill("联系来电人")
    page.locator("[data-reveal] button").click()
    expect(page.locator(".revealed")).to_be_visible()
    page.locator("#act-form [name=text]").press("Control+Enter")

    expect(page.locator(".notice-success")).to_be_visible()
    assert order.events.filter(verb="note").exists()


def test_a_conflict_shows_what_happened_and_what_was_typed(open_order, unit_clerk, supervisor):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())
    page = open_order(unit_clerk, order)
    page.locator("[data-act=progress]").click()
    page.locator("#act-form [name=text]").fill("正在清运")
    intake.note(order.pk, actor=supervisor, now=db_now(), text="来电人再次来电")

    page.locator("#act-form [name=text]").press("Control+Enter")
    expect(page.locator(".conflict")).to_contain_text("来电人再次来电")
    expect(page.locator("#act-form [name=text]")).to_have_value("正在清运")
    page.locator("#act-form [name=text]").press("Control+Enter")

    expect(page.locator(".notice-success")).to_be_visible()
    assert order.events.filter(verb="progress").exists()


def test_a_refused_form_puts_the_focus_on_what_is_wrong(open_order, unit_clerk):
    page = open_order(unit_clerk, make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now()))

    page.keyboard.press("r")
    page.locator("#act-form [name=internal]").fill("已办")
    page.locator("#act-form [name=internal]").press("Control+Enter")

    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#act-form [name=internal]")).to_have_value("已办")


def test_the_trail_is_filtered(open_order, supervisor):
    order = make_order(at=db_now())
    intake.note(order.pk, actor=supervisor, now=db_now(), text="备注一条")
    page = open_order(supervisor, order)

    page.locator("[data-trail] button[data-family=notes]").click()

    expect(page.locator(".trail > li:visible")).to_have_count(1)


def test_without_script_every_act_is_a_page(browser, live_server, client_of, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())
    plain = browser.new_context(java_script_enabled=False)
    session = client_of(unit_clerk).cookies["sessionid"].value
    plain.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = plain.new_page()
    page.goto(f"{live_server.url}/orders/{order.number}/")

    page.locator("[data-act=progress]").click()
    page.locator("[name=text]").fill("正在清运")
    page.locator(".verb-form button.btn-primary").click()

    expect(page.locator(".notice-success")).to_be_visible()
    plain.close()


@pytest.mark.parametrize("below", ["", "reply/", "print/"])
def test_the_pages_of_an_order_are_accessible_and_never_scroll_sideways(
    open_order, unit_clerk, faults_at_all_sizes, below
):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())

    assert faults_at_all_sizes(unit_clerk, f"/orders/{order.number}/{below}") == []


def test_lists_and_search_are_accessible_and_never_scroll_sideways(supervisor, faults_at_all_sizes):
    make_order(state=State.RETURN_REVIEW, at=db_now())
    pages = ["/orders/", "/orders/?returned=1", "/orders/?state=nonsense", "/search/?q=unicorn", "/search/"]

    assert [fault for page in pages for fault in faults_at_all_sizes(supervisor, page)] == []


def test_an_uploaded_file_is_no_conflict_for_the_form_that_is_open(open_order, unit_clerk, tmp_path):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=db_now())
    photo = tmp_path / "before.png"
    Image.new("RGB", (8, 8), "green").save(photo)
    page = open_order(unit_clerk, order)

    page.keyboard.press("n")
    page.locator("#act-form [name=text]").fill("照片已上传")
    page.locator("[data-upload] [name=file]").set_input_files(photo)
    page.locator("[data-upload] button").click()
    expect(page.locator("#order-files")).to_contain_text("before.png")
    page.locator("#act-form [name=text]").press("Control+Enter")

    expect(page.locator(".notice-success").first).to_be_visible()
    assert order.events.filter(verb="note").exists()
