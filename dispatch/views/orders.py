"""/orders/ and /search/: every order this person may see, narrowed by what stands in the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dispatch import names, wording
from dispatch.counting import counts_of
from dispatch.filters import LABELS, SORTS, THANKS_WORDS, OrderListFilter
from dispatch.forms.orders import OrderFilterForm
from dispatch.paging import Page, page_of
from dispatch.rows import FIELDS, dressed
from dispatch.rowsheet import fill
from dispatch.trail import by_code, unit_name
from hotline.accounts.models import SEES_ALL_ORDERS, Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.numbers import is_order_number, normal_order_number
from workorders import search as searching
from workorders.errors import DomainError
from workorders.lifecycle import State, Urgency
from workorders.models import WorkOrder

COUNTED = 10_000
"""The list says how many there are up to here."""


@require_GET
@role_required(*SEES_ALL_ORDERS, Role.UNIT)
def orders(request: HttpRequest) -> HttpResponse:
    now = db_now()
    visible = WorkOrder.objects.visible_to(request.user)
    narrowed = OrderListFilter(request.GET, queryset=visible, request=request, now=now, user=request.user)
    form = OrderFilterForm(request.GET, auto_id="filter_%s")
    context: dict[str, Any] = {"form": form, "now": now, "chips": chips(request), "errors": []}
    by = SORTS.get(request.GET.get("sort", ""), "-created_at")
    try:
        if narrowed.is_valid():
            context |= page_context(request, sortable(narrowed.qs, by), by, now)
        else:
            context["errors"] = [str(text) for texts in narrowed.errors.values() for text in texts]
    except DomainError as refusal:
        context["errors"] = [str(refusal)]
    return render(request, "dispatch/orders.html", context, status=422 if context["errors"] else 200)


def sortable(rows: Any, by: str) -> Any:
    """Sorted by deadline or end, only orders that have one make sense."""
    if by == "due_at":
        return rows.open().filter(due_at__isnull=False)
    return rows.filter(closed_at__isnull=False) if by == "-closed_at" else rows


def page_context(request: HttpRequest, found: Any, by: str, now: datetime) -> dict[str, Any]:
    page: Page = page_of(found.values(*FIELDS), by=by, cursor=request.GET.get("cursor", ""))
    rows = dressed(page.rows, now)
    for row in rows:
        row["html"] = fill("dispatch/_sheet_order.html", row)
    first_and_last = page.next is None and not request.GET.get("cursor")
    total = len(page.rows) if first_and_last else counts_of(request.user, {"all": found}, cap=COUNTED)["all"]
    return {
        "rows": rows,
        "next": page.next,
        "total": total,
        "more_than": total >= COUNTED,
    }


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """One box: an order's number opens it, a phone number finds its caller's orders, anything else is
    words."""
    q, now = request.GET.get("q", "").strip()[: searching.LONGEST], db_now()
    visible = WorkOrder.objects.visible_to(request.user)
    context: dict[str, Any] = {"q": q, "now": now, "errors": [], "rows": []}
    number = normal_order_number(q)
    context["was_number"], context["was_phone"] = is_order_number(number), bool(q and searching.as_phone(q))
    if context["was_number"] and visible.filter(number=number).exists():
        return redirect("order", number)
    try:
        if q:
            found = searching.search(visible, q, user=request.user, now=now, request=request)
            context |= page_context(request, found, "-created_at", now)
    except DomainError as refusal:
        context["errors"] = [str(refusal)]
    response = render(request, "dispatch/search.html", context, status=422 if context["errors"] else 200)
    response["Cache-Control"] = "no-store"
    return response


# --- The filters in force, in words ------------------------------------------------------------------------


def chips(request: HttpRequest) -> list[dict[str, str]]:
    """Each filter of the address with its words; the fields above the list show theirs already."""
    shown_above = OrderFilterForm.base_fields
    return [
        {
            "name": name,
            "raw": request.GET[name],
            "label": str(label),
            "value": value_words(name, request.GET[name]),
            "without": without(request, name),
        }
        for name, label in LABELS.items()
        if request.GET.get(name) and (name not in shown_above or "," in request.GET[name])
    ]


def without(request: HttpRequest, name: str) -> str:
    """The same list with one filter less, from its first page."""
    params = request.GET.copy()
    params.pop(name, None)
    params.pop("cursor", None)
    return f"{request.path}?{params.urlencode()}"


def value_words(name: str, value: str) -> str:
    if name in WORDS:
        return _(", ").join(str(WORDS[name](code.strip())) for code in value.split(","))
    flags = {"1": _("yes"), "true": _("yes"), "0": _("no"), "false": _("no")}
    return flags.get(value.lower(), value) if name in FLAGS else value


FLAGS = {
    "overdue",
    "open",
    "direct",
    "transferred",
    "returned",
    "reworked",
    "reminded",
    "dissatisfied",
    "unclassified",
}
WORDS: dict[str, Any] = {
    "state": lambda code: dict(State.choices).get(code, code),
    "urgency": lambda code: dict(Urgency.choices).get(code, code),
    "unit": unit_name,
    "kind": by_code(names.kinds),
    "category": by_code(names.categories),
    "top": by_code(names.categories),
    "place": by_code(names.places),
    "thanks": lambda code: wording.words(THANKS_WORDS, code),
}
