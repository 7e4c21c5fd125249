"""/triage/: what waits for a decision of the hotline, and the units that could take it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import reswap, retarget

from dispatch import names, timeleft, triaging, worklists
from dispatch.counting import count_words, counts_of
from dispatch.paging import PAGE_SIZE, page_of
from dispatch.rows import FIELDS, dressed
from dispatch.rowsheet import fill
from dispatch.verbs import VERBS, Verb, offered
from dispatch.views.fragments import not_modified
from dispatch.views.order import show_conflict, show_form
from hotline.accounts.models import Role, User
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.masking import mask_text
from workorders import badges
from workorders.access import order_for
from workorders.errors import DomainError, StaleVersion
from workorders.lifecycle import State
from workorders.models import WorkOrder

ACTS = frozenset(
    {
        "dispatch",
        "forward",
        "classify",
        "answer",
        "merge",
        "reject",
        "invalidate",
        "close",
        "hand-over",
        "review-return",
        "review-reply",
        "adjudicate",
        "rework",
        "note",
    }
)
"""Verbs that a row of the list offers."""
STAYS = frozenset({"classify", "note"})
"""After these the order still waits in the list."""
guard = role_required(Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)


@require_GET
@guard
def triage(request: HttpRequest) -> HttpResponse:
    now = db_now()
    lists = worklists.triage(request.user)
    tab = chosen_tab(request, lists)
    work = lists[tab]
    page = page_of(work.orders.values(*FIELDS), by=work.by, cursor=request.GET.get("cursor", ""))
    context = {
        "tab": tab,
        "tabs": tabs_of(request, lists, tab),
        "next": page.next,
        "now": now,
        "rows": rows_of(page.rows, tab, request, now),
    }
    context["unsettled"] = [row["number"] for row in context["rows"] if row.get("gap") and not row["choices"]]
    return render(request, "dispatch/triage.html", context)


@require_GET
@guard
def triage_counts(request: HttpRequest) -> HttpResponse:
    """The tabs alone, polled: 304 while nothing changed."""
    lists = worklists.triage(request.user)
    tab = chosen_tab(request, lists)
    tabs = tabs_of(request, lists, tab)
    context = {"tabs": tabs, "tab": tab, "now": db_now()}
    return not_modified(request, tabs, lambda: render(request, "dispatch/_triage_tabs.html", context))


@require_GET
@guard
def triage_hints(request: HttpRequest) -> HttpResponse:
    """Categories and places suggested for the rows that lack them, one fragment for each: asked for once
    the page is up, so that the classifier never delays the list."""
    on, numbers = timezone.localdate(db_now()), request.GET.getlist("n")[:PAGE_SIZE]
    waiting = WorkOrder.objects.visible_to(request.user).filter(number__in=numbers, state=State.PENDING)
    found = [(order, triaging.hints_for(order, on)) for order in waiting.exclude(kind="thanks")]
    context = {"found": [(order, hints) for order, hints in found if hints]}
    return render(request, "dispatch/_triage_hints.html", context)


def chosen_tab(request: HttpRequest, lists: dict[str, worklists.Worklist]) -> str:
    tab = request.GET.get("tab") or request.POST.get("tab") or ""
    return tab if tab in lists else next(iter(lists))


def tabs_of(request: HttpRequest, lists: dict[str, worklists.Worklist], chosen: str) -> list[dict[str, Any]]:
    counts = counts_of(request.user, {code: work.orders for code, work in lists.items()})
    return [
        {"code": code, "label": work.label, "count": count_words(counts[code]), "chosen": code == chosen}
        for code, work in lists.items()
    ]


# --- Rows ------------------------------------------------------------------------------------------------


def rows_of(
    found: list[dict[str, Any]], tab: str, request: HttpRequest, now: datetime, **says: Any
) -> list[dict[str, Any]]:
    """The rows of a tab with what one needs to decide, and their HTML. `says` is told under the row."""
    rows = dressed(found, now)
    more, on, csrf = facts_for(rows, tab, request.user), timezone.localdate(now), get_token(request)
    for row in rows:
        minutes = timeleft.minutes_left(row["next_due_at"], now, working=works(row))
        row["waits"] = badges.remaining(minutes, working=works(row))
        if minutes is not None and minutes < 0:
            row["css"] = "is-late"
        row |= {"more": more.get(row["pk"], {}), "act_url": f"/triage/{row['number']}/", "csrf": csrf}
        row["choices"], row["gap"] = [], ""
        if tab == "pending" and row["kind_id"] != "thanks":
            row["choices"], row["gap"] = triaging.choices_for(row["category_id"], row["place_id"], on)
        row |= {"history": history_of(row), "cells": cells_of(row, tab, request), "says": ""}
        if tab == "pending":
            row["about"] = about_of(row)
        if says:
            row["says"] = render_to_string("dispatch/_triage_says.html", {"row": row, **says})
        row["html"] = fill("dispatch/_sheet_triage.html", row)
    return rows


def facts_for(rows: list[dict[str, Any]], tab: str, user: User) -> dict[int, dict[str, Any]]:
    ids = [row["pk"] for row in rows]
    if tab == "pending":
        return triaging.praised_for([row["pk"] for row in rows if row["kind_id"] == "thanks"])
    if tab == "replies":
        return triaging.replies_for(ids)
    return triaging.callbacks_for(ids) if tab == "rework" else triaging.requests_for(ids, user)


def cells_of(row: dict[str, Any], tab: str, request: HttpRequest) -> SafeString:
    """The cells of a row that belong to its tab."""
    if tab != "pending":
        template = {"replies": "reply", "rework": "rework"}.get(tab, "return")
        return render_to_string(f"dispatch/_triage_{template}.html", {"row": row, "tab": tab})
    if row["kind_id"] == "thanks":
        known = row["more"]
        praised = " · ".join(filter(None, (known.get("unit") or known.get("body"), known.get("person"))))
        row["choices_html"] = part(
            row | {"praised": praised or _("Find out which unit is praised.")}, "praise"
        )
        return part(row, "thanks")
    buttons = [
        part(
            {"code": one.code, "name": one.name, "why": one.why, "nth": nth, "act_url": row["act_url"]},
            "at_once" if one.at_once else "with_reason",
        )
        for nth, one in enumerate(row["choices"], start=1)
    ]
    row["choices_html"] = part(row | {"buttons": mark_safe("".join(buttons))}, "choices") if buttons else ""
    row["gap_html"] = part(row, "gap") if row["gap"] else ""
    return part(row, "pending")


def history_of(row: dict[str, Any]) -> SafeString:
    """Chips: how often it came back, how often the caller asked again."""
    chips = [
        part(row, name)
        for name, key in (("returned", "returns_upheld"), ("reminded", "reminders"))
        if row[key]
    ]
    return mark_safe("".join(chips))


def about_of(row: dict[str, Any]) -> SafeString:
    """Category, place and address; what is missing stands out."""
    category = row["category"] if row["category_id"] else part(row, "missing_category")
    place = row["place"] or part(row, "missing_place")
    return format_html_join(" · ", "{}", ((one,) for one in (category, place, row["where"]) if one))


def part(row: dict[str, Any], name: str) -> SafeString:
    return fill("dispatch/_sheet_triage_part.html", row, part=name, tab="pending")


def works(row: dict[str, Any]) -> bool:
    """Whether the clock of the hotline's own step counts working time: all but emergencies do."""
    return row["urgency"] == "N"


def one_row(request: HttpRequest, order: WorkOrder, tab: str, **more: Any) -> HttpResponse:
    """The row of one order as it is now."""
    found = list(WorkOrder.objects.visible_to(request.user).filter(pk=order.pk).values(*FIELDS))
    row = rows_of(found, tab, request, db_now(), **more)[0]
    return HttpResponse(row["html"])


# --- Acts --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@guard
def triage_act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """An act on a row. GET: its form, for the dialog. POST: done, the row says so or shows the order anew;
    refused, the form comes back into the dialog with what was typed."""
    order = order_for(request.user, number)
    act = VERBS.get(verb)
    if act is None or verb not in ACTS:
        raise Http404("no such act")
    tab = chosen_tab(request, worklists.triage(request.user))
    back = f"{reverse('triage')}?tab={tab}"
    if request.method == "GET":
        if not request.htmx:
            return redirect(f"{reverse('order_verb', args=[order.number, verb])}?next={back}")
        initial = {name: request.GET[name] for name in act.form.base_fields if name in request.GET}
        return dialog_form(
            request, order, act, act.form(order=order, user=request.user, initial=initial), tab
        )
    form = act.form(unpacked(request), order=order, user=request.user)
    if not form.is_valid():
        return refused(request, order, act, form, tab)
    try:
        done = act.door(
            order.pk, actor=request.user, now=db_now(), expect=form.cleaned_data["version"], **form.facts()
        )
    except StaleVersion:
        if not request.htmx:
            return show_conflict(request, order, act, form)
        return retarget(one_row(request, order, tab, stale=True), f"#row-{order.pk}")
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return refused(request, order, act, form, tab)
    return answered(request, done, act, tab, back)


def unpacked(request: HttpRequest) -> QueryDict:
    """The fields sent. A suggestion's button carries three of them, category|place|suggested, in its one
    value."""
    data = request.POST.copy()
    parts = data.get("hint", "").split("|")
    if len(parts) == 3:
        data["category"], data["place"], data["suggested"] = parts
    return data


def answered(request: HttpRequest, done: WorkOrder, act: Verb, tab: str, back: str) -> HttpResponse:
    if not request.htmx:
        return redirect(back)
    if act.code in STAYS:
        response = one_row(request, done, tab, said=act.done)
    else:
        unit = names.name_of(names.units, done.unit_id) if act.code in ("dispatch", "forward") else ""
        context = {"order": done, "said": act.done, "unit": unit, "state_badge": badges.state(done.state)}
        response = render(request, "dispatch/_triage_done.html", context)
    response["HX-Trigger-After-Settle"] = "triage:done"
    return reswap(retarget(response, f"#row-{done.pk}"), "outerHTML")


def refused(request: HttpRequest, order: WorkOrder, act: Verb, form: Any, tab: str) -> HttpResponse:
    if not request.htmx:
        return show_form(request, order, act, form, status=422)
    return retarget(dialog_form(request, order, act, form, tab, status=422), "#triage-form")


def dialog_form(
    request: HttpRequest, order: WorkOrder, act: Verb, form: Any, tab: str, status: int = 200
) -> HttpResponse:
    if act not in offered(order, request.user):
        return retarget(one_row(request, order, tab, stale=True), f"#row-{order.pk}")
    context = {"order": order, "act": act, "form": form, "tab": tab, "title": mask_text(order.title)}
    response = render(request, "dispatch/_triage_form.html", context, status=status)
    response["HX-Trigger-After-Settle"] = "triage:form"
    return reswap(response, "innerHTML")
