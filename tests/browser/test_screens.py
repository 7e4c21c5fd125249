"""Every page with a month of orders behind it: nothing wrong for axe, no English in the Chinese interface,
no sideways scrolling, and a picture of each. With HOTLINE_SCREENS=docs/screens the pictures of the README
are made anew."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from analytics import reviews, tallies
from analytics.periods import week_of
from hotline.accounts.models import Role, Unit, User
from hotline.lib.db_now import db_now
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = {"": (1366, 768), "-390": (390, 844)}
LATIN = re.compile(r"[A-Za-z]{3,}")
MAY_BE_LATIN = re.compile(
    r"JN\d{8}[0-9A-Z]{7}|English|Ctrl|Enter|Alt|Esc|Shift|Tab|Webhook|WeCom|XLSX|CSV|Excel|TOTP|API|HTTP|URL|OpenAPI"
    r"|[A-Z0-9]{4,12}-[A-Z]+|EXT-\d+|https?://\S+|[a-z_]+\.[a-z_.]+|default|SHA|HMAC|App|iOS"
)
"""Order numbers, unit codes, keys and names that are the same in both languages."""
ACCOUNTS = re.compile(rf"\b({'|'.join(Role.values)})\b")
"""Names of the demo's accounts."""


@pytest.fixture
def month(monkeypatch):
    """A demo month that ends now, with yesterday reviewed and this week's thanks tallied."""
    monkeypatch.setenv("DEMO_PASSWORD", "Clear-Water-7")
    call_command("demo", days=10, per_day=30, seed=7, verbosity=0)
    now = db_now()
    today = timezone.localdate(now)
    reviews.draft(today - timedelta(days=1), now=now)
    tallies.make(week_of(today), now=now)
    return today


def pages(today) -> list[tuple[str, str, str]]:
    """(picture, account, address) of every page that shows data."""
    busy = WorkOrder.objects.filter(state=State.HANDLING).order_by("-pk").first()
    unit = f"unit-{Unit.objects.get(pk=busy.unit_id).code}"
    yesterday, week = today - timedelta(days=1), week_of(today)
    return [
        ("desk", "operator", "/desk/"),
        ("thanks", "operator", "/thanks/"),
        ("orders", "operator", "/orders/"),
        ("search", "operator", "/search/?q=%E4%BE%9B%E6%9A%96"),
        ("triage", "dispatcher", "/triage/"),
        ("triage-replies", "dispatcher", "/triage/?tab=replies"),
        ("inbox", unit, "/inbox/?tab=hand"),
        ("order", unit, f"/orders/{busy.number}/"),
        ("reply", unit, f"/orders/{busy.number}/reply/"),
        ("order-print", unit, f"/orders/{busy.number}/print/"),
        ("callbacks", "callback", "/callbacks/"),
        ("board", "supervisor", "/board/"),
        ("reviews", "supervisor", "/reviews/"),
        ("review", "supervisor", f"/reviews/{yesterday}/"),
        ("tallies", "supervisor", "/tallies/"),
        ("tally", "supervisor", f"/tallies/{week}/"),
        ("notices", "supervisor", "/notices/"),
        ("manage", "admin", "/manage/"),
        ("manage-categories", "admin", "/manage/categories/"),
        ("manage-users", "admin", "/manage/users/"),
        ("manage-units", "admin", "/manage/units/"),
        ("audit", "auditor", "/audit/"),
        ("account", "operator", "/account/"),
        ("ui", "supervisor", "/ui/"),
    ]


def english(text: str) -> list[str]:
    """Latin words that a reader of Chinese would stumble over."""
    return sorted(set(LATIN.findall(MAY_BE_LATIN.sub(" ", text))))


def test_every_page_is_sound_and_chinese_with_much_data(month, sign_in, live_server, violations, tmp_path):
    folder = Path(os.environ.get("HOTLINE_SCREENS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []

    for name, account, address in pages(month):
        page = sign_in(User.objects.get(username=account))
        answer = page.goto(f"{live_server.url}{address}")
        page.wait_for_load_state("networkidle")
        if answer.status != 200:
            wrong.append(f"{name}: status {answer.status}")
            continue
        for suffix, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=folder / f"{name}{suffix}.png")
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wrong.append(f"{name}: scrolls sideways at {width} px")
        wrong += [f"{name}: {what}" for what in violations(page)]
        text = ACCOUNTS.sub("", page.inner_text("body").replace(account, ""))
        if name != "ui" and (words := english(text)):
            wrong.append(f"{name}: English left: {words}")
        page.close()

    assert not wrong, "\n".join(wrong)
