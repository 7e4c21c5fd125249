"""What went wrong on the way out, and trying it again: endpoints, dead notices, parked steps of clocks."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from analytics.views.manage.rows import row_context, row_or_404
from analytics.views.manage.tables import ENDPOINTS, RULES
from dispatch import parked
from dispatch.wording import CLOCK_STEPS, CLOCKS
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError
from workorders import endpoints
from workorders.notices import WORDS

SHOWN = 50


@require_POST
@role_required(Role.ADMIN)
def endpoint_test(request: HttpRequest, key: str) -> HttpResponse:
    """Answers with what was sent and what came back; nothing of it is kept but that it was tried."""
    endpoint = row_or_404(ENDPOINTS, key)
    trial = endpoints.try_out(endpoint, actor=request.user, now=db_now())
    context = row_context(ENDPOINTS, endpoint) | {"trial": trial}
    return render(request, "analytics/manage/trial.html", context)


@require_GET
@role_required(Role.ADMIN)
def dead(request: HttpRequest) -> HttpResponse:
    return dead_page(request)


def dead_page(request: HttpRequest, failed: int | None = None, status: int = 200) -> HttpResponse:
    rows = [(row, kind_words(row.kind)) for row in endpoints.dead_notices()[:SHOWN]]
    total = endpoints.dead_notices().count()
    context = {
        "table": ENDPOINTS,
        "rows": rows,
        "total": total,
        "more": total > len(rows),
        "failed": failed,
        "typed": request.POST.get("note", ""),
    }
    return render(request, "analytics/manage/dead.html", context, status=status)


def kind_words(kind: str) -> str:
    """What such a notice says, without the order: the administrator sees none."""
    return str(WORDS.get(kind, kind)) % {"number": "…"}


@require_POST
@role_required(Role.ADMIN)
def dead_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """retry, or discard with a note."""
    notice = get_object_or_404(endpoints.dead_notices(), pk=pk)
    by = {"actor": request.user, "now": db_now()}
    try:
        if act == "retry":
            endpoints.retry(notice, **by)
            messages.success(request, _("The notice is tried again."))
        elif act == "discard":
            endpoints.discard(notice, note=request.POST.get("note", ""), **by)
            messages.success(request, _("The notice is given up."))
        else:
            raise Http404("no such act")
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return dead_page(request, failed=pk, status=422)
    return redirect("manage_dead")


@require_POST
@role_required(Role.ADMIN)
def dead_all(request: HttpRequest) -> HttpResponse:
    """Try every dead notice again, a hundred at once."""
    count = 0
    for notice in endpoints.dead_notices()[:100]:
        endpoints.retry(notice, actor=request.user, now=db_now())
        count += 1
    words = ngettext("%(count)s notice is tried again.", "%(count)s notices are tried again.", count)
    messages.success(request, words % {"count": count})
    return redirect("manage_dead")


@require_GET
@role_required(Role.ADMIN)
def parked_list(request: HttpRequest) -> HttpResponse:
    """Which step of which kind of clock; not of which order: the administrator sees none."""
    steps, total = list(parked.parked_steps()[:SHOWN]), parked.parked_steps().count()
    rows = [
        (step, CLOCKS.get(step.clock.kind, step.clock.kind), CLOCK_STEPS.get(step.step, step.step))
        for step in steps
    ]
    context = {"table": RULES, "rows": rows, "total": total, "more": total > len(rows)}
    return render(request, "analytics/manage/parked.html", context)


@require_POST
@role_required(Role.ADMIN)
def parked_retry(request: HttpRequest, pk: int) -> HttpResponse:
    step = get_object_or_404(parked.parked_steps(), pk=pk)
    try:
        parked.retry(step, actor=request.user, now=db_now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The step is tried again."))
    return redirect("manage_parked")
