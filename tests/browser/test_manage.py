"""/manage/ and /audit/ in a real browser: readable by everybody at both widths, in both languages, and by
keyboard."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from dispatch.models import CatalogueEntry, ClockRule
from hotline.accounts import people
from hotline.lib.db_now import db_now
from tests.makers import LEAF, make_order, make_unit, make_user
from workorders import categories
from workorders.access import log_access, reveal
from workorders.models import Category, Endpoint, Notice
from workorders.models.accesslog import AccessAct

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = ((1366, 768), (390, 844))
ADDRESSES = {
    "home": "/manage/",
    "tree": "/manage/categories/?q=0201",
    "leaf": f"/manage/categories/{LEAF}/",
    "leaf-history": f"/manage/categories/{LEAF}/?tab=history",
    "leaf-retire": f"/manage/categories/{LEAF}/retire/",
    "leaf-merge": f"/manage/categories/{LEAF}/merge/",
    "users": "/manage/users/",
    "user-add": "/manage/users/add/",
    "units": "/manage/units/",
    "rules": "/manage/clock-rules/",
    "rule": "/manage/clock-rules/{rule}/",
    "catalogue": "/manage/catalogue/",
    "catalogue-add": "/manage/catalogue/add/",
    "entry": "/manage/catalogue/{entry}/",
    "calendar": "/manage/calendar/?year=2026",
    "calendar-import": "/manage/calendar/import/",
    "kind": "/manage/kinds/help/",
    "endpoint": "/manage/endpoints/bus/",
    "dead": "/manage/notices/dead/",
    "parked": "/manage/clocks/parked/",
    "nothing": "/manage/units/?q=nosuchunit",
}
AUDIT = {
    "audit": "/audit/",
    "audit-error": "/audit/?ip=nonsense",
    "audit-changes": "/audit/changes/",
    "audit-logins": "/audit/logins/",
}


@pytest.fixture
def busy(admin, operator, supervisor):
    """Something to see on every page."""
    now = db_now()
    leaf = Category.objects.get(code=LEAF)
    categories.edit(leaf, {"deadline_workdays": 4, "name_en": "Refuse"}, actor=admin, now=now, basis="2026-7")
    people.create(actor=admin, now=now, username="zhao", name="\u8d75\u654f", role="supervisor")
    make_user("unit", make_unit("\u56ed\u6797"))
    order = make_order(at=now - timedelta(hours=1))
    reveal(order.pk, actor=operator, now=now, field="phone", reason="\u6838\u5b9e\u5730\u5740")
    for _number in range(31):
        log_access(
            AccessAct.REVEAL, user=supervisor, now=now, order=order, field="name", reason="\u6838\u5b9e"
        )
    Endpoint.objects.create(
        name="bus",
        channel="webhook",
        url="https://hooks.example.org/",
        role="leader",
        secret="a-long-enough-secret",
    )
    Notice.objects.create(
        key="k", kind="dispatched", channel="webhook", dead_at=now, tries=8, error="HTTP 500"
    )


def places() -> dict[str, str]:
    return {
        "rule": str(ClockRule.objects.get(timer_code="T03", urgency="N").pk),
        "entry": str(CatalogueEntry.objects.filter(category__code=LEAF).first().pk),
    }


def look(page, name: str, language: str, violations) -> list[str]:
    """What is wrong with the page; with HOTLINE_SHOTS set, pictures of it. The English page differs in its
    words alone: one width will do."""
    wrong = []
    for width, height in WIDTHS if language == "zh-hans" else WIDTHS[:1]:
        page.set_viewport_size({"width": width, "height": height})
        if folder := os.environ.get("HOTLINE_SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{language}-{width}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{name}: scrolls sideways at {width} px")
        wrong += [f"{name} at {width} px: {what}" for what in violations(page)]
    return wrong


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_settings_are_sound_at_both_widths(busy, admin, sign_in, live_server, violations, language):
    page, wrong = sign_in(admin, language), []

    for name, address in ADDRESSES.items():
        answer = page.goto(live_server.url + address.format(**places()))
        wrong += (
            look(page, name, language, violations) if answer.status == 200 else [f"{name}: {answer.status}"]
        )

    assert wrong == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_audit_is_sound_at_both_widths(busy, auditor, sign_in, live_server, violations, language):
    page, wrong = sign_in(auditor, language), []

    for name, address in AUDIT.items():
        page.goto(live_server.url + address)
        wrong += look(page, name, language, violations)

    assert wrong == []


def test_a_refused_form_and_a_preview_are_sound(busy, admin, sign_in, live_server, violations):
    page = sign_in(admin)
    page.goto(f"{live_server.url}/manage/units/add/")
    page.get_by_role("button", name="\u4fdd\u5b58").click()
    wrong = look(page, "unit-refused", "zh-hans", violations)
    year = timezone.localdate().year + 1
    page.goto(f"{live_server.url}/manage/calendar/import/")
    page.locator("#id_notice").fill("2026-9")
    page.locator("#id_text").fill(
        f"{year}-01-01,holiday,\u5143\u65e6\n{year}-02-08,makeup_workday,\u6625\u8282"
    )
    page.locator("button[value=look]").click()
    wrong += look(page, "calendar-preview", "zh-hans", violations)

    assert wrong == []


def test_a_new_user_is_made_by_keyboard(admin, sign_in, live_server):
    page = sign_in(admin)
    page.goto(f"{live_server.url}/manage/users/add/")
    page.locator("#id_username").focus()
    page.keyboard.type("qian")
    page.keyboard.press("Tab")
    page.keyboard.type("Qian")
    page.locator("#id_role").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#id_username").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#plain-token")

    assert len(page.locator("#plain-token").inner_text()) >= 10


def test_a_long_list_is_narrowed_by_typing(admin, sign_in, live_server):
    page = sign_in(admin)
    page.goto(f"{live_server.url}/manage/categories/{LEAF}/merge/")

    page.locator(".find-box").type("020101")

    assert page.locator("#id_into").input_value() == "020101"
