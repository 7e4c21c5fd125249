"""/inbox/: what a unit has to do, sorted by time left."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dispatch import signing, timeleft, worklists
from dispatch.paging import page_of
from dispatch.rows import FIELDS, dressed, when
from dispatch.rowsheet import fill
from dispatch.views.fragments import not_modified
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from workorders import badges
from workorders.errors import DomainError
from workorders.lifecycle import State
from workorders.models import WorkOrder

AT_ONCE = 50
"""Orders signed for in one go at most: a page."""


@require_GET
@role_required(Role.UNIT)
def inbox(request: HttpRequest) -> HttpResponse:
    """The page, or its list alone when that is what the page asks for again."""
    now = db_now()
    template = "dispatch/_inbox_list.html" if request.htmx.target == "inbox-list" else "dispatch/inbox.html"
    return render(request, template, inbox_context(request, now))


@require_GET
@role_required(Role.UNIT)
def inbox_counts(request: HttpRequest) -> HttpResponse:
    """The tabs alone, polled: 304 while nothing changed."""
    now = db_now()
    tab = chosen_tab(request)
    tabs = tabs_of(worklists.inbox(request.user, now), tab)
    context = {"tabs": tabs, "tab": tab, "now": now}
    return not_modified(request, tabs, lambda: render(request, "dispatch/_inbox_tabs.html", context))


@require_POST
@role_required(Role.UNIT)
def inbox_sign(request: HttpRequest) -> HttpResponse:
    """Sign for the chosen orders, each by itself: one that is refused does not stop the others."""
    now = db_now()
    results = [sign_one(request, mark, now) for mark in request.POST.getlist("order")[:AT_ONCE]]
    context = inbox_context(request, now) | {
        "results": results,
        "signed": sum(one["done"] for one in results),
    }
    template = "dispatch/_inbox_list.html" if request.htmx else "dispatch/inbox.html"
    return render(request, template, context)


def sign_one(request: HttpRequest, mark: str, now: datetime) -> dict[str, Any]:
    """`mark` is number:version, as the row carried it."""
    number, colon, version = mark.partition(":")
    order = WorkOrder.objects.visible_to(request.user).filter(number=number).first()
    if order is None or not version.isdecimal():
        return {"number": number[:24], "done": False, "words": _("There is no order with this number.")}
    try:
        signing.sign(order.pk, actor=request.user, now=now, expect=int(version))
    except DomainError as refusal:
        return {"number": order.number, "done": False, "words": str(refusal)}
    return {"number": order.number, "done": True, "words": _("Signed for.")}


def inbox_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    held_orders, chosen = worklists.inbox(request.user, now), chosen_tab(request)
    work = held_orders.tab(chosen)
    orders = worklists.with_clock(work.orders, "sign") if chosen == "sign" else work.orders
    fields = [*FIELDS, "clock_due_at", "clock_is_working"] if chosen == "sign" else FIELDS
    page = page_of(orders.values(*fields), by=work.by, cursor=request.GET.get("cursor", ""))
    rows = dressed(page.rows, now)
    held = worklists.holders([row["pk"] for row in rows], request.user)
    back = quote(f"{reverse('inbox')}?tab={chosen}")
    for row in rows:
        row |= held.get(row["pk"], {"role": "lead", "handler": ""})
        row |= {"mark": f"{row['number']}:{row['version']}", "back": back}
        row["html"] = fill("dispatch/_sheet_inbox.html", row | cells_of(row, chosen, now), tab=chosen)
    return {
        "tabs": tabs_of(held_orders, chosen),
        "tab": chosen,
        "rows": rows,
        "next": page.next,
        "now": now,
    }


def cells_of(row: dict[str, Any], tab: str, now: datetime) -> dict[str, Any]:
    """The cells whose shape depends on the order."""
    is_lead = row["role"] == "lead"
    act = {State.DISPATCHED: "sign", State.HANDLING: "reply"}.get(row["state"], "") if is_lead else ""
    when_cell = row["time_left"]
    if tab == "closed":
        when_cell = when(row["closed_at"])
    elif row.get("clock_due_at"):
        minutes = timeleft.minutes_left(row["clock_due_at"], now, working=row["clock_is_working"])
        left = badges.remaining(minutes, working=row["clock_is_working"])
        when_cell = part(row | {"sign_left": left}, "to_sign")
    return {
        "pick": part(row, "pick") if is_lead else "",
        "acts": part(row, act) if act else "",
        "role_words": part(row, row["role"]),
        "role_css": " only-wide" if is_lead else "",
        "when": when_cell,
    }


def part(row: dict[str, Any], act: str) -> SafeString:
    return fill("dispatch/_sheet_inbox_act.html", row, act=act)


def chosen_tab(request: HttpRequest) -> str:
    tab = request.GET.get("tab") or request.POST.get("tab") or "sign"
    return tab if tab in worklists.INBOX_TABS else "sign"


def tabs_of(held_orders: worklists.Inbox, chosen: str) -> list[dict[str, Any]]:
    counts = held_orders.counts()
    return [
        {"code": code, "label": label, "count": counts[code], "chosen": code == chosen}
        for code, label in worklists.INBOX_TABS.items()
    ]
