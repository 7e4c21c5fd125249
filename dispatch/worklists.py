"""The lists people work from: a unit's inbox and the hotline's triage, each a few tabs over the orders they
may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch import timeleft
from dispatch.models import Assignment, Clock
from hotline.accounts.models import Role, User
from workorders.lifecycle import WITH_LEAD, State
from workorders.models import WorkOrder

RECENTLY = timedelta(days=7)
"""How long a closed order stays in the inbox's last tab."""


@dataclass(frozen=True)
class Worklist:
    """One tab: which of the orders stand in it, and the time by which they are sorted (see
    `paging.page_of`)."""

    code: str
    label: Any
    orders: QuerySet[WorkOrder]
    by: str


@dataclass(frozen=True)
class Inbox:
    """What a person's units hold, and the condition of each tab. The lists are lazy."""

    held: QuerySet[WorkOrder]
    conditions: dict[str, Q]

    def tab(self, code: str) -> Worklist:
        by = {"replied": "-replied_at", "closed": "-closed_at"}.get(code, "due_at")
        return Worklist(code, INBOX_TABS[code], self.held.filter(self.conditions[code]), by)

    def counts(self) -> dict[str, int]:
        """How many orders stand in each tab. One query, over the unit's open orders and those closed
        lately."""
        rows = self.held.filter(Q(state__in=WITH_LEAD) | self.conditions["closed"])
        return rows.aggregate(**{code: Count("pk", filter=where) for code, where in self.conditions.items()})


INBOX_TABS = {
    "sign": _("To sign for"),
    "hand": pgettext_lazy("inbox", "In hand"),
    "soon": _("Due soon"),
    "returned": _("Returned"),
    "replied": pgettext_lazy("inbox", "Replied"),
    "closed": _("Closed lately"),
}
TRIAGE_TABS = {
    "pending": _("To dispatch"),
    "returns": _("Returns to review"),
    "replies": _("Replies to review"),
    "adjudication": pgettext_lazy("triage", "Adjudication"),
    "rework": _("Rework to decide"),
}
TRIAGE_STATES = {
    "pending": State.PENDING,
    "returns": State.RETURN_REVIEW,
    "replies": State.REPLY_REVIEW,
    "adjudication": State.ADJUDICATION,
    "rework": State.REWORK_REVIEW,
}
TRIAGE_ROLES = {
    Role.DISPATCHER: ("pending", "returns", "replies"),
    Role.SUPERVISOR: tuple(TRIAGE_TABS),
    Role.LEADER: ("adjudication",),
}


def inbox(user: User, now: datetime) -> Inbox:
    """The inbox of a person of a unit: orders their units hold as lead or co-handle. One query: which are
    co-handled."""
    working, natural = timeleft.soon_limits(now)
    near = Q(due_is_working=True, due_at__lte=working) | Q(due_is_working=False, due_at__lte=natural)
    refused = Q(state=State.HANDLING, return_refused=True)
    return Inbox(
        WorkOrder.objects.visible_to(user).filter(held_by(user)),
        {
            "sign": Q(state=State.DISPATCHED),
            "hand": Q(state=State.HANDLING),
            "soon": Q(state__in=[State.DISPATCHED, State.HANDLING]) & near,
            "returned": Q(state__in=[State.RETURN_REVIEW, State.ADJUDICATION]) | refused,
            "replied": Q(state__in=[State.REPLY_REVIEW, State.CALLBACK, State.REWORK_REVIEW]),
            "closed": Q(state=State.CLOSED, closed_at__gte=now - RECENTLY),
        },
    )


def held_by(user: User) -> Q:
    """Orders whose lead is, or last was, one of the person's units, and those co-handled at present."""
    mine = user.unit_ids()
    co = Assignment.objects.filter(unit_id__in=mine, role="co", ended_at__isnull=True)
    shared = list(co.values_list("order_id", flat=True)[:500])
    return Q(unit_id__in=mine) | Q(pk__in=shared) if shared else Q(unit_id__in=mine)


def triage(user: User) -> dict[str, Worklist]:
    """The tabs of a dispatcher, supervisor or leader; empty for anybody else. No query; the lists are
    lazy."""
    visible = WorkOrder.objects.visible_to(user)
    return {
        code: Worklist(code, TRIAGE_TABS[code], visible.filter(state=TRIAGE_STATES[code]), by="next_due_at")
        for code in TRIAGE_ROLES.get(Role(user.role), ())
    }


def with_clock(orders: QuerySet[WorkOrder], kind: str) -> QuerySet[WorkOrder]:
    """With `clock_due_at` and `clock_is_working` of the running clock of that kind."""
    running = Clock.objects.running().filter(order=OuterRef("pk"), kind=kind)
    return orders.annotate(
        clock_due_at=Subquery(running.values("due_at")[:1]),
        clock_is_working=Subquery(running.values("is_working")[:1]),
    )


def holders(order_ids: list[int], user: User) -> dict[int, dict[str, Any]]:
    """By order: in which role a unit of this person holds it, and the handler's name. One query."""
    rows = Assignment.objects.filter(
        order_id__in=order_ids, unit_id__in=user.unit_ids(), current=True
    ).values("order_id", "role", "handler_id", "handler__name", "handler__username")
    found: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["role"] == "lead"):  # the lead's line comes last, and stays
        found[row["order_id"]] = {
            "role": row["role"],
            "handler": row["handler__name"] or row["handler__username"] or "",
        }
    return found
