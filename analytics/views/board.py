"""/board/: what is about to go wrong, what waits for a decision. The leader sees what the supervisor sees,
without the acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from analytics import board as rules
from dispatch import timeleft
from dispatch.views.fragments import not_modified
from dispatch.worklists import TRIAGE_STATES
from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from hotline.lib.db_now import db_now
from workorders.lifecycle import State

TROUBLE_WORDS = {
    "overdue": (_("Overdue"), "clock-x", "late"),
    "red": (_("Red card"), "flag", "late"),
    "adjudication": (_("Returned again: adjudication"), "scale", "late"),
    "dissatisfied": (_("Caller dissatisfied"), "mood-sad", "soon"),
    "emergency": (_("Emergency taken in"), "urgent", "urgent"),
}
TRIAGE_TABS = {state: tab for tab, state in TRIAGE_STATES.items()}


@require_GET
@role_required(Role.SUPERVISOR, Role.LEADER)
def board(request: HttpRequest) -> HttpResponse:
    return render(request, "analytics/board.html", board_context(request, db_now()))


@require_GET
@role_required(Role.SUPERVISOR, Role.LEADER)
def board_now(request: HttpRequest) -> HttpResponse:
    """The board alone, polled: 304 while nothing changed."""
    context = board_context(request, db_now())
    return not_modified(
        request, data_of(context), lambda: render(request, "analytics/_board_now.html", context)
    )


def board_context(request: HttpRequest, now: datetime) -> dict[str, Any]:
    user, tiles = request.user, rules.tiles(now)
    counts = rules.counts(user, now)
    decisions = rules.decisions(user)
    waiting = {decision.state for decision in decisions}
    rows = [{"tile": tile, "count": counts[tile.key], "query": tile.link()} for tile in tiles]
    return {
        "now": now,
        "tiles": [row for row in rows if row["tile"].key not in waiting],
        "decisions": [decision_row(decision, now) for decision in decisions],
        "units": rules.late_units(user, now),
        "troubles": [trouble_row(trouble) for trouble in rules.troubles(user, now)],
        "may_act": user.role == Role.SUPERVISOR,
        "hours": rules.LOOK_BACK.seconds // 3600,
    }


def decision_row(decision: rules.Decision, now: datetime) -> dict[str, Any]:
    return {
        "state": decision.state,
        "label": State(decision.state).label,
        "count": decision.count,
        "minutes": timeleft.minutes_left(decision.first_due_at, now, working=False),
        "decide": f"{reverse('triage')}?tab={TRIAGE_TABS[State(decision.state)]}",
    }


def trouble_row(trouble: rules.Trouble) -> dict[str, Any]:
    words, icon, level = TROUBLE_WORDS[trouble.what]
    return {
        "key": trouble.key,
        "at": trouble.at,
        "order": trouble.order,
        "words": words,
        "icon": icon,
        "level": level,
        "may_remind": trouble.order["state"] in (State.DISPATCHED, State.HANDLING),
    }


def data_of(context: dict[str, Any]) -> list[Any]:
    """What the page says, without the time of asking."""
    return [
        [(row["tile"].key, row["count"]) for row in context["tiles"]],
        [(row["state"], row["count"], row["minutes"]) for row in context["decisions"]],
        [(row["code"], row["n"]) for row in context["units"]],
        [(row["key"], row["order"]["state"], row["order"]["time_left"]) for row in context["troubles"]],
    ]
