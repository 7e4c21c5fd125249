"""/orders/<number>/: one order, all that is known of it, and the acts that are open to the reader."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from dispatch.dossier import dossier, note_view, trail_for
from dispatch.forms.verbs import RevealForm, VerbForm
from dispatch.verbs import VERBS, Verb, offered
from dispatch.views.files import files_context
from hotline.accounts.models import User
from hotline.lib.db_now import db_now
from hotline.lib.tags import clock_time
from workorders import access
from workorders.access import order_for
from workorders.actions import open_verbs
from workorders.errors import DomainError, StaleVersion
from workorders.models import Draft, WorkOrder


@login_required
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    found, now = order_for(request.user, number), db_now()
    note_view(found, request.user, now, request)
    acts = offered(found, request.user)
    context = dossier(found, request.user, now) | {
        "order": found,
        "now": now,
        "main_acts": [act for act in acts if act.is_main],
        "other_acts": [act for act in acts if not act.is_main],
        "reveal_form": RevealForm(),
        **files_context(found, request.user),
    }
    return render(request, "dispatch/order.html", context)


@login_required
@require_GET
def order_print(request: HttpRequest, number: str) -> HttpResponse:
    """The order on A4, masked like the page."""
    found, now = order_for(request.user, number), db_now()
    note_view(found, request.user, now, request)
    context = dossier(found, request.user, now) | {"order": found, "now": now}
    return render(request, "dispatch/order_print.html", context)


# --- Acts ----------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def order_verb(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """The form of one act, as a page or a fragment; sent, the act itself.

    Refused input answers 422 and a version that someone overtook 409, both with what was typed."""
    found = order_for(request.user, number)
    act = VERBS.get(verb)
    if act is None:
        raise Http404("no such act")
    if request.method == "GET":
        initial = {name: request.GET[name] for name in act.form.base_fields if name in request.GET}
        initial |= kept(request.user, found, act)
        return show_form(request, found, act, act.form(order=found, user=request.user, initial=initial))
    form = act.form(request.POST, order=found, user=request.user)
    if not form.is_valid():
        return show_form(request, found, act, form, status=422)
    now = db_now()
    try:
        done = act.door(
            found.pk, actor=request.user, now=now, expect=form.cleaned_data["version"], **form.facts()
        )
    except StaleVersion:
        return show_conflict(request, found, act, form)
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return show_form(request, found, act, form, status=422)
    if act.code == "reply":
        Draft.objects.filter(user=request.user, key=draft_key(found)).delete()
    messages.success(request, f"{done.number} · {act.done}")
    return go(request, next_page(request, done))


def show_form(
    request: HttpRequest, found: WorkOrder, act: Verb, form: VerbForm, status: int = 200, **more: Any
) -> HttpResponse:
    if status == 200 and act not in offered(found, request.user):
        more["closed"] = True
        status = 409
    context = {
        "order": found,
        "act": act,
        "form": form,
        "verb": act.code,
        "next": wanted_page(request),
        "template": form_template(act),
        **more,
    }
    if request.htmx:
        return render(request, "dispatch/_verb_form.html", context, status=status)
    now = db_now()
    context |= {"page": dossier(found, request.user, now), "now": now}
    return render(request, "dispatch/order_verb.html", context, status=status)


FORM_TEMPLATES = {"reply": "dispatch/_reply_fields.html", "callback": "dispatch/_callback_fields.html"}


def form_template(act: Verb) -> str:
    return FORM_TEMPLATES.get(act.code, "dispatch/_verb_fields.html")


def show_conflict(request: HttpRequest, found: WorkOrder, act: Verb, form: VerbForm) -> HttpResponse:
    """Someone was faster: what was typed, what changed meanwhile, and the form on the present version."""
    seen = form.cleaned_data["version"]
    found.refresh_from_db()
    meanwhile = [line for line in trail_for(found, request.user) if line["number"] > seen]
    data = request.POST.copy()
    data["version"] = str(found.version)
    again = act.form(data, order=found, user=request.user)
    still = act.code in open_verbs(found, request.user)
    latest = found.replies.order_by("-at", "-pk").first() if act.code == "reply" else None
    return show_form(
        request,
        found,
        act,
        again,
        status=409,
        meanwhile=meanwhile,
        still_open=still,
        latest=latest,
        typed=typed_values(again),
    )


def typed_values(form: VerbForm) -> list[dict[str, str]]:
    """What was typed, for reading and copying where the form itself can no longer be sent."""
    return [
        {"label": str(bound.label), "value": str(bound.value() or "")}
        for bound in form
        if not bound.is_hidden and bound.value()
    ]


def wanted_page(request: HttpRequest) -> str:
    """Where to go after the act: a page of ours that the form names, else nothing."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return (
        target if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()) else ""
    )


def next_page(request: HttpRequest, done: WorkOrder) -> str:
    return wanted_page(request) or resolve_url("order", done.number)


def go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


# --- Personal data ---------------------------------------------------------------------------------------


@login_required
@require_POST
def order_reveal(request: HttpRequest, number: str) -> HttpResponse:
    """The plain value of one field, for a stated reason, recorded. Never kept by the browser."""
    found, form = order_for(request.user, number), RevealForm(request.POST)
    context: dict[str, Any] = {"order": found, "form": form, "before": found.version}
    status = 422
    if form.is_valid():
        try:
            context["value"] = access.reveal(
                found.pk, actor=request.user, now=db_now(), request=request, **form.cleaned_data
            )
            found.refresh_from_db(fields=["version"])
            status = 200
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    template = "dispatch/_revealed.html" if request.htmx else "dispatch/order_reveal.html"
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


# --- Drafts of replies -------------------------------------------------------------------------------------

DRAFT_FIELDS = ("outcome", "internal", "public", "promise_on")


def draft_key(found: WorkOrder) -> str:
    return f"reply:{found.number}"


def kept(user: User, found: WorkOrder, act: Verb) -> dict[str, Any]:
    """What this person typed earlier and did not send."""
    if act.code != "reply":
        return {}
    draft = Draft.objects.filter(user=user, key=draft_key(found)).first()
    return {} if draft is None else json.loads(draft.data) | {"saved_at": draft.saved_at}


@login_required
@require_POST
def reply_draft(request: HttpRequest, number: str) -> HttpResponse:
    """Keep what is being typed. Answers with the time, by the database's clock."""
    found, now = order_for(request.user, number), db_now()
    if "reply" not in open_verbs(found, request.user):
        return JsonResponse({"detail": _("This order can no longer be replied to.")}, status=409)
    data = {name: request.POST.get(name, "")[:8000] for name in DRAFT_FIELDS}
    Draft.objects.update_or_create(
        user=request.user, key=draft_key(found), defaults={"data": json.dumps(data), "saved_at": now}
    )
    return JsonResponse({"saved": clock_time(now)})
