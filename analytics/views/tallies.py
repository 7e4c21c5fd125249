"""/tallies/: how many thanks a week brought, whom they praise, and the stories worth telling."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics import tallies as rules
from analytics.forms import WeekForm
from analytics.models import Tally, TallyLine
from analytics.periods import day_bounds, week_of
from analytics.reviews import NOT_ACCEPTED
from analytics.views.orders import line_page
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from hotline.lib.errors import DomainError
from workorders.lifecycle import State

WEEKS_A_PAGE = 26
WEEK = timedelta(days=7)
readers = role_required(Role.SUPERVISOR, Role.LEADER)
writers = role_required(Role.SUPERVISOR)


@require_GET
@readers
def tallies(request: HttpRequest) -> HttpResponse:
    return show_list(request, WeekForm(initial={"day": timezone.localdate(db_now())}))


def show_list(request: HttpRequest, form: WeekForm, status: int = 200) -> HttpResponse:
    found = Tally.objects.order_by("-week_start")
    if before := parse_date(request.GET.get("cursor", "")[:10]):
        found = found.filter(week_start__lt=before)
    rows = list(found[: WEEKS_A_PAGE + 1])
    more, rows = len(rows) > WEEKS_A_PAGE, rows[:WEEKS_A_PAGE]
    context = {
        "rows": [{"tally": row, "last": last_day(row.week_start), "share": share_of(row)} for row in rows],
        "next": rows[-1].week_start.isoformat() if more else None,
        "form": form,
        "may_write": request.user.role == Role.SUPERVISOR,
    }
    return render(request, "analytics/tallies.html", context, status=status)


@require_POST
@writers
def tally_make(request: HttpRequest) -> HttpResponse:
    """Count the week that holds a day, or count it anew."""
    form = WeekForm(request.POST)
    if form.is_valid():
        try:
            found = rules.make(week_of(form.cleaned_data["day"]), now=db_now())
        except DomainError as refusal:
            form.add_error("day", str(refusal))
        else:
            messages.success(request, _("The week is counted."))
            return redirect("tally", found.week_start)
    return show_list(request, form, status=422)


@require_GET
@readers
def tally(request: HttpRequest, week_start: date) -> HttpResponse:
    """One week. Any of its days leads to it."""
    if (start := week_of(week_start)) != week_start:
        return redirect("tally", start)
    now, may_write = db_now(), request.user.role == Role.SUPERVISOR
    found = Tally.objects.filter(week_start=start).first()
    context: dict[str, Any] = {
        "start": start,
        "last": last_day(start),
        "before": start - WEEK,
        "after": start + WEEK,
        "now": now,
        "may_write": may_write and start <= timezone.localdate(now),
        "tally": found,
    }
    if found is not None:
        context |= {
            "numbers": found.numbers,
            "share": share_of(found),
            "accepted_query": accepted_query(found),
            "change": found.numbers.get("total", 0) - found.numbers.get("week_before", 0),
            "units": [unit_row(row) for row in found.numbers.get("units", [])],
        }
    return render(request, "analytics/tally.html", context)


@require_GET
@readers
def tally_orders(request: HttpRequest, week_start: date, key: str) -> HttpResponse:
    """Exactly the orders behind one number."""
    line = get_object_or_404(TallyLine.objects.select_related("tally"), tally__week_start=week_start, key=key)
    return line_page(request, line, back=("tally", week_start), as_of=line.tally.as_of)


def unit_row(row: dict[str, Any]) -> dict[str, Any]:
    return {"transferred": 0, **row, "key": f"unit:{row['code']}", "passed_key": f"passed:{row['code']}"}


def last_day(start: date) -> date:
    return start + WEEK - timedelta(days=1)


def share_of(found: Tally) -> float | None:
    """Share of the thanks that reached the praised unit."""
    total = found.numbers.get("total", 0)
    return found.numbers.get("transferred", 0) / total if total else None


def accepted_query(found: Tally) -> str:
    """Parameters of the orders list for what was accepted in the week, up to the time of counting."""
    start: datetime = day_bounds(found.week_start)[0]
    states = [state for state in State.values if state not in NOT_ACCEPTED]
    moments = {"created_after": start.isoformat(), "created_before": found.as_of.isoformat()}
    return urlencode({"state": ",".join(states), **moments})
