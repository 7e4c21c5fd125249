"""/desk/: where a call becomes an order. One screen, one form, one key per act."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dispatch import callercard, idempotency, rows, taking
from dispatch.forms.desk import DeskForm, fresh_key, typed
from dispatch.hints import Matter, hints_for
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.http import Busy, is_busy
from hotline.lib.masking import mask_phone, mask_text
from workorders import drafts, intake
from workorders.access import order_for
from workorders.errors import DomainError
from workorders.models import WorkOrder

PREFIX = "desk:"
COME_BACK = timedelta(hours=12)
"""A draft as old as a shift waits in the list instead of coming back by itself."""
KEY = re.compile(r"desk:[0-9a-f]{24}")
at_the_desk = role_required(Role.OPERATOR, Role.SUPERVISOR)


@at_the_desk
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The page. Sent, it takes the call; refused, it keeps what was typed and answers 422."""
    if request.method == "POST":
        return send(request)
    kept, restored = None, False
    if key := request.GET.get("draft", ""):
        kept = drafts.load(request.user, key)
    elif not {"new", "done"} & request.GET.keys():
        kept = drafts.latest(request.user, PREFIX, since=db_now() - COME_BACK)
        restored = kept is not None
    first = {**kept.data, "key": kept.key} if kept else {"key": fresh_key()}
    return show(request, DeskForm(initial=first), kept=kept, restored=restored, done=done(request))


def show(request: HttpRequest, form: DeskForm, *, status: int = 200, **more: Any) -> HttpResponse:
    key = form["key"].value()
    context = {"form": form, "drafts": drafts_for(request, but=key), "reminder_key": fresh_key(), **more}
    return render(request, "dispatch/desk.html", context, status=status)


def send(request: HttpRequest) -> HttpResponse:
    now, data = db_now(), request.POST
    form = DeskForm(data)
    if data.get("action") == "draft":  # the page without its script; with it, save_draft
        drafts.save(request.user, data.get("key", ""), typed(data), now=now)
        return to_desk(draft=data.get("key", ""))
    if not form.is_valid():
        return show(request, form, status=422)

    def act() -> tuple[int, Any, WorkOrder]:
        order = taking.take(form.order_input(), form.ending(), actor=request.user, now=now)
        drafts.drop(request.user, form.cleaned_data["key"])
        return 200, {"number": order.number}, order

    content = {name: value for name, value in typed(data).items() if name not in ("confirmed", "suggested")}
    try:
        answer = idempotency.once(
            form.cleaned_data["key"],
            user=request.user,
            data=content | {"action": data.get("action", "")},
            now=now,
            act=act,
        )[1]
    except idempotency.KeyReused:
        return show(request, sent_before(data), status=422)
    except DomainError as refusal:
        form.refuse(refusal.field, str(refusal))
        return show(request, form, status=422)
    except OperationalError as error:
        if not is_busy(error):
            raise
        form.refuse(None, str(Busy.message))
        return show(request, form, status=422)
    return to_desk(done=answer["number"])


def sent_before(data: Any) -> DeskForm:
    """The form with a key of its own: it was sent once already, with other words."""
    form = DeskForm(data.copy() | {"key": fresh_key()})
    form.is_valid()
    form.refuse(
        None, _("This form was sent before with other content. Send it again if this is another matter.")
    )
    return form


def to_desk(**query: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk')}?{urlencode(query)}")


def done(request: HttpRequest) -> dict[str, Any] | None:
    """What to tell the caller about the order just taken. Only whoever took it is shown the query code."""
    mine = WorkOrder.objects.visible_to(request.user).filter(registered_by=request.user)
    return told(mine.filter(number=request.GET.get("done", "")))


def told(orders: QuerySet[WorkOrder]) -> dict[str, Any] | None:
    """The one order as a row of a list, with its query code; None when there is none."""
    found = rows.dressed(orders.values(*rows.FIELDS, "query_code")[:1], db_now())
    return found[0] if found else None


@at_the_desk
@require_POST
def caller(request: HttpRequest) -> HttpResponse:
    """The card of the number in the box."""
    card = callercard.card_for(
        request.POST.get("phone", ""), user=request.user, now=db_now(), request=request
    )
    return render(request, "dispatch/_caller.html", {"card": card, "reminder_key": fresh_key()})


@at_the_desk
@require_POST
def suggest(request: HttpRequest) -> HttpResponse:
    """What the machine says about the form as it stands."""
    data = request.POST
    matter = Matter(
        content=data.get("content", "")[:4000],
        address=data.get("address", "")[:200],
        category=data.get("category", ""),
        place=data.get("place", ""),
        has_name=bool(data.get("name", "").strip()) or data.get("mode") == "anonymous",
    )
    hints = hints_for(matter, user=request.user, now=db_now())
    return render(request, "dispatch/_hints.html", {"hints": hints, "reminder_key": fresh_key()})


@at_the_desk
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """The caller asks again: the order in hand is reminded of, once however often it is sent."""
    now, data = db_now(), request.POST
    order, text = order_for(request.user, data.get("number", "")), data.get("text", "").strip()
    refused = ""

    def act() -> tuple[int, Any, WorkOrder]:
        done = intake.remind(order.pk, actor=request.user, now=now, text=text)
        return 200, {"number": done.number}, done

    try:
        key = idempotency.check_key(data.get("reminder_key"))
        idempotency.once(
            key, user=request.user, data={"number": order.number, "text": text}, now=now, act=act
        )
    except DomainError as refusal:
        refused = str(refusal)
    else:
        if not data.get("content", "").strip():  # a call that was only about the reminder leaves no draft
            drafts.drop(request.user, data.get("key", ""))
    row = told(WorkOrder.objects.visible_to(request.user).filter(pk=order.pk))
    context = {"done": row, "is_reminder": True, "refused": refused}
    if request.htmx:
        return render(request, "dispatch/_strip.html", context, status=422 if refused else 200)
    return show(request, DeskForm(initial={"key": fresh_key()}), status=422 if refused else 200, **context)


@at_the_desk
@require_POST
def save_draft(request: HttpRequest) -> HttpResponse:
    """Keep the form as it stands. Answers with the time, by the database's clock."""
    now, key = db_now(), request.POST.get("key", "")
    if not KEY.fullmatch(key):
        return HttpResponseBadRequest()
    kept = drafts.save(request.user, key, typed(request.POST), now=now)
    return render(
        request, "dispatch/_draft_line.html", {"saved_at": now if kept and typed(request.POST) else None}
    )


@at_the_desk
@require_POST
def drop_draft(request: HttpRequest) -> HttpResponse:
    drafts.drop(request.user, request.POST.get("draft", ""))
    return to_desk(new="1")


def drafts_for(request: HttpRequest, *, but: str) -> list[dict[str, Any]]:
    """The other calls this person has begun: when, and the first words, masked."""
    return [
        {
            "key": kept.key,
            "at": kept.saved_at,
            "phone": mask_phone(kept.data.get("phone", "")),
            "words": mask_text(kept.data.get("content", ""))[:24],
        }
        for kept in drafts.newest(request.user, PREFIX)
        if kept.key != but
    ]
