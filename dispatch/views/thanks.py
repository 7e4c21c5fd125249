"""/thanks/: thanks that wait to reach whom they praise, with a suggestion read from the text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from dispatch import names, thanking
from dispatch.counting import count_words, counts_of
from dispatch.dossier import dossier, note_view
from dispatch.forms.thanks import PraisedForm
from dispatch.paging import page_of
from dispatch.rows import FIELDS, dressed
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.masking import mask_text
from workorders.access import order_for
from workorders.actions import open_verbs
from workorders.errors import DomainError, StaleVersion
from workorders.models import Commendation, WorkOrder
from workorders.praise import Praise, praise_book, suggest_praise

A_PAGE = 20
TABS = {
    "waiting": (_("To pass on"), thanking.waiting, "created_at"),
    "done": (_("Done"), thanking.done, "-created_at"),
}
DOORS = {
    "keep": (thanking.keep, _("Written down.")),
    "pass_on": (thanking.pass_on, _("The thanks are passed on.")),
    "record": (thanking.record, _("Recorded and closed.")),
}
guard = role_required(Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR)


@require_GET
@guard
def thanks(request: HttpRequest) -> HttpResponse:
    now = db_now()
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "waiting"
    lists = {code: rows(request.user) for code, (_label, rows, _by) in TABS.items()}
    counts = counts_of(request.user, lists)
    page = page_of(
        lists[tab].values(*FIELDS, "content"),
        by=TABS[tab][2],
        cursor=request.GET.get("cursor", ""),
        size=A_PAGE,
    )
    rows = [row | {"told": mask_text(row["content"])} for row in dressed(page.rows, now)]
    add_praised(rows, suggest=tab == "waiting")
    context = {
        "tab": tab,
        "rows": rows,
        "next": page.next,
        "now": now,
        "tabs": [
            {"code": code, "label": label, "count": count_words(counts[code]), "chosen": code == tab}
            for code, (label, _rows, _by) in TABS.items()
        ],
    }
    return render(request, "dispatch/thanks.html", context)


def add_praised(rows: list[dict[str, Any]], *, suggest: bool) -> None:
    """To each row whom it praises: as written down, else as the text suggests. One query."""
    known = {row.order_id: row for row in Commendation.objects.filter(order__in=[row["pk"] for row in rows])}
    for row in rows:
        praised = known.get(row["pk"])
        if praised is not None and (praised.confirmed or praised.forwarded_at):
            unit = names.name_of(names.units, praised.unit_id) if praised.unit_id else ""
            row |= {
                "praised_unit": unit or praised.body,
                "praised_person": praised.person,
                "is_story": praised.is_story,
                "forwarded_at": praised.forwarded_at,
                "is_suggested": False,
            }
        elif suggest:
            found = suggest_praise(row["content"], praise_book.get())
            unit = str(found.unit) if found.unit else found.body
            row |= {
                "praised_unit": unit,
                "praised_person": "\u3001".join(found.persons),
                "is_suggested": True,
            }


@require_http_methods(["GET", "POST"])
@guard
def thanks_order(request: HttpRequest, number: str) -> HttpResponse:
    """One order of thanks: write down whom it praises, pass it on, or close it as recorded."""
    order, now = order_for(request.user, number), db_now()
    if order.kind_id != "thanks":
        raise Http404("not an order of thanks")
    known = Commendation.objects.filter(order=order).select_related("unit").first()
    if request.method == "GET":
        note_view(order, request.user, now, request)
        return show(request, order, form_of(request, order, known), now)
    form = form_of(request, order, known)
    act, door = request.POST.get("act", "keep"), DOORS.get(request.POST.get("act", "keep"))
    if door is None:
        raise Http404("no such act")
    if form.is_valid():
        try:
            done = door[0](
                order.pk, actor=request.user, now=now, expect=form.cleaned_data["version"], **form.facts()
            )
        except StaleVersion:
            return show_conflict(request, order, known, now)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"{done.number} · {door[1]}")
            return redirect("thanks") if act != "keep" else redirect("thanks_order", number)
    return show(request, order, form, now, status=422)


def form_of(
    request: HttpRequest, order: WorkOrder, known: Commendation | None, version: int | None = None
) -> PraisedForm:
    suggested: Praise | None = None
    if known is None or not known.confirmed:
        suggested = suggest_praise(order.content, praise_book.get())
    data = None
    if request.method == "POST":
        data = request.POST.copy()
        data["version"] = str(version or request.POST.get("version", ""))
    return PraisedForm(
        data,
        order=order,
        user=request.user,
        known=known,
        suggested=suggested,
        deed=thanking.told(order.content),
    )


def show_conflict(
    request: HttpRequest, order: WorkOrder, known: Commendation | None, now: datetime
) -> HttpResponse:
    """Someone was faster: what was typed stands in the form, on the order's present version."""
    order.refresh_from_db()
    form = form_of(request, order, known, version=order.version)
    return show(request, order, form, now, status=409)


def show(
    request: HttpRequest, order: WorkOrder, form: PraisedForm, now: datetime, status: int = 200
) -> HttpResponse:
    verbs = open_verbs(order, request.user)
    context = dossier(order, request.user, now) | {
        "order": order,
        "form": form,
        "now": now,
        "suggested": form.suggested,
        "conflict": status == 409,
        "may_write": "praise" in verbs,
        "may_end": "forward" in verbs,
    }
    return render(request, "dispatch/thanks_order.html", context, status=status)
