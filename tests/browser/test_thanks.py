"""Thanks in a browser: from the caller's words to the praised unit."""

import pytest
from playwright.sync_api import expect

from hotline.lib.db_now import db_now
from tests.makers import make_order
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "市民王女士来电反映:历下区税务局工作人员李文娇业务专业,细致讲解,表示感谢。"


@pytest.fixture
def thanks(db):
    return make_order(kind="thanks", category="180101", content=TEXT, at=db_now())


def test_the_operator_checks_the_suggestion_and_passes_the_thanks_on(thanks, sign_in, live_server, operator):
    page = sign_in(operator)
    page.goto(f"{live_server.url}/thanks/")
    page.get_by_role("link", name=thanks.number, exact=True).click()
    expect(page.locator("[name=person]")).to_have_value("李文娇")

    page.keyboard.press("Control+Enter")

    expect(page.locator(".notice-success")).to_contain_text(thanks.number)
    thanks = WorkOrder.objects.get(pk=thanks.pk)
    assert (thanks.state, thanks.unit.code) == ("closed", "370102-TAX")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_pages_have_no_accessibility_fault(width, thanks, sign_in, live_server, operator, violations):
    page = sign_in(operator)
    page.set_viewport_size({"width": width, "height": 800})

    for address in ("/thanks/", f"/thanks/{thanks.number}/", "/thanks/?tab=done"):
        page.goto(live_server.url + address)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_refused_form_has_the_focus(thanks, sign_in, live_server, operator):
    page = sign_in(operator)
    page.goto(f"{live_server.url}/thanks/{thanks.number}/")
    page.fill("[name=deed]", "")

    page.locator("[value=pass_on]").click()

    expect(page.locator(".error-summary")).to_be_focused()
