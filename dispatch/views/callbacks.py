"""/callbacks/: whom to call next, what it was about, and the form for what the citizen says."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dispatch import calling
from dispatch.dossier import dossier, note_view
from dispatch.forms.callbacks import CallbackForm
from dispatch.rows import FIELDS, dressed
from dispatch.verbs import VERBS
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from workorders.access import order_for
from workorders.lifecycle import State

SHOWN = 30
"""Rows of the queue on the page; the count says how many there are."""


@require_GET
@role_required(Role.CALLBACK, Role.SUPERVISOR)
def callbacks(request: HttpRequest) -> HttpResponse:
    now, waiting = db_now(), calling.queue(request.user)
    wanted = request.GET.get("order", "")
    order = order_for(request.user, wanted) if wanted else calling.next_to_call(request.user, now)
    rows = dressed(waiting.values(*FIELDS, "next_try_at", "tries")[:SHOWN], now)
    for row in rows:
        row["is_due"] = row["next_try_at"] is not None and row["next_try_at"] <= now
    totals = waiting.aggregate(n=Count("pk"), due=Count("pk", filter=Q(next_try_at__lte=now)))
    context = {"rows": rows, "totals": totals, "order": order, "now": now, "state_is_right": True}
    if order is not None:
        note_view(order, request.user, now, request)
        context |= dossier(order, request.user, now) | {
            "act": VERBS["callback"],
            "form": CallbackForm(order=order, user=request.user),
            "template": "dispatch/_callback_fields.html",
            "next": request.path,
            "back": request.path,
            "state_is_right": order.state == State.CALLBACK,
        }
    return render(request, "dispatch/callbacks.html", context)
