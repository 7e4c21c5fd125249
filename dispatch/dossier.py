"""Everything a page shows of one order, masked for the reader: a fixed number of queries, whatever happened
to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from dispatch import names, routing, trail, wording
from dispatch.clocklines import ClockLine, clocks_of
from dispatch.models import Assignment, Request
from dispatch.timeleft import minutes_left
from hotline.accounts.models import Role, User
from hotline.lib.masking import mask_address, mask_text
from workorders import access
from workorders.lifecycle import Mode
from workorders.models import AccessLog, Callback, Reply, WorkOrder
from workorders.models.accesslog import AccessAct

VIEW_ONCE_IN = timedelta(minutes=10)
RELATED = 6
SAME_CALLER = 50
"""Entries of the vault with one number that are looked through at most."""
HIDDEN_FROM_UNITS = frozenset({"into", "child", "previous", "from"})
"""Facts that name orders which a unit may not see."""


def note_view(order: WorkOrder, user: User, now: datetime, request: Any) -> None:
    """Write down that this person opened the order: once in ten minutes."""
    seen = AccessLog.objects.filter(order=order, user=user, act=AccessAct.VIEW, at__gt=now - VIEW_ONCE_IN)
    if not seen.exists():
        access.log_access(AccessAct.VIEW, user=user, now=now, order=order, request=request)


def dossier(order: WorkOrder, user: User, now: datetime) -> dict[str, Any]:
    inside = sees_inside(order, user)
    assignments = assignments_of(order, user)
    return {
        "head": head(order, now),
        "title": mask_text(order.title),
        "content": mask_text(order.content),
        "where": mask_address(order.address),
        "where_is_masked": mask_address(order.address) != order.address,
        "place_words": names.place_words(names.get(names.places, order.place_id)),
        "caller": caller_of(order, user),
        "assignments": assignments,
        "lead": next((row for row in assignments if row["role"] == "lead" and row["is_open"]), None),
        "clocks": clock_lines(order, now),
        "replies": replies_of(order) if inside else [],
        "callbacks": callbacks_of(order) if inside else [],
        "requests": requests_of(order) if inside else [],
        "commendation": getattr(order, "commendation", None) if order.kind_id == "thanks" else None,
        "related": related(order, user),
        "trail": trail_for(order, user),
        "outcome": wording.words(wording.OUTCOMES, order.outcome) if order.outcome else "",
        "no_callback": wording.words(wording.NO_CALLBACK, order.no_callback_reason)
        if order.no_callback_reason
        else "",
    }


def sees_inside(order: WorkOrder, user: User) -> bool:
    """Whether this person reads the hotline's own accounts: its staff, and the unit that holds or last held
    it."""
    return user.sees_all_orders or order.unit_id in user.visible_unit_ids()


def head(order: WorkOrder, now: datetime) -> dict[str, Any]:
    minutes = minutes_left(order.due_at, now, working=order.due_is_working)
    return {"minutes": minutes, "is_late": minutes is not None and minutes < 0}


def caller_of(order: WorkOrder, user: User) -> dict[str, Any]:
    """What is shown of the caller. A confidential one is there for the supervisor alone."""
    shut = order.is_confidential and user.role != Role.SUPERVISOR
    known = order.caller is not None and not shut
    return {
        "name": order.caller.name_masked if known else "",
        "phone": order.caller.phone_masked if known else "",
        "is_shut": shut,
        "is_anonymous": order.mode == Mode.ANONYMOUS or order.caller is None,
        "may_reveal": [
            (code, label)
            for code, label in wording.REVEALABLE.items()
            if not shut
            and user.role != Role.AUDITOR
            and (
                order.address
                if code == "address"
                else order.caller and getattr(order.caller, f"{code}_sealed")
            )
        ],
    }


def assignments_of(order: WorkOrder, user: User) -> list[dict[str, Any]]:
    if order.dispatched_at is None:
        return []
    rows = (
        Assignment.objects.filter(order=order)
        .select_related("handler", "dispatched_by")
        .order_by("-started_at", "-pk")
    )
    return [assignment_row(row, user) for row in rows[:30]]


def assignment_row(row: Assignment, user: User) -> dict[str, Any]:
    own = user.sees_all_orders or row.unit_id in user.visible_unit_ids()
    return {
        "unit": names.name_of(names.units, row.unit_id),
        "role": row.role,
        "round": row.round,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "is_open": row.ended_at is None,
        "signed_at": row.signed_at,
        "deemed": row.deemed,
        "contacted_at": row.contacted_at,
        "handler": str(row.handler) if row.handler and own else "",
        "why": routing.why_words(row.why) if row.why else "",
        "reason": mask_text(row.reason),
    }


def clock_lines(order: WorkOrder, now: datetime) -> list[ClockLine]:
    """Running clocks first, by due time; then those that ended, newest first."""
    lines = clocks_of(order, now)
    running = sorted((line for line in lines if line.ended_at is None), key=lambda line: line.due_at)
    return [*running, *(line for line in reversed(lines) if line.ended_at is not None)]


def replies_of(order: WorkOrder) -> list[dict[str, Any]]:
    """Newest first. The public answer is shown as it is: whoever reviews it must see what would be
    published."""
    if order.replied_at is None:
        return []
    rows = Reply.objects.filter(order=order).select_related("by", "reviewed_by").order_by("-at", "-pk")[:10]
    return [
        {
            "unit": names.name_of(names.units, row.unit_id),
            "round": row.round,
            "outcome": wording.words(wording.OUTCOMES, row.outcome),
            "public": row.public,
            "internal": mask_text(row.internal),
            "by": str(row.by),
            "at": row.at,
            "accepted": row.accepted,
            "reviewed_by": str(row.reviewed_by) if row.reviewed_by else "",
            "reviewed_at": row.reviewed_at,
            "review_text": mask_text(row.review_text),
        }
        for row in rows
    ]


def callbacks_of(order: WorkOrder) -> list[dict[str, Any]]:
    if order.replied_at is None:
        return []
    rows = Callback.objects.filter(order=order).prefetch_related("attempts").order_by("-round")[:5]
    return [
        {
            "round": row.round,
            "service": row.get_service_display(),
            "result": row.get_result_display(),
            "solved": row.get_solved_display(),
            "contacted": row.contacted,
            "reasons": [trail.answer_reason(code) for code in row.reasons],
            "text": mask_text(row.text),
            "done_at": row.done_at,
            "next_try_at": row.next_try_at,
            "attempts": [{"at": one.at, "words": one.get_attempt_display()} for one in row.attempts.all()],
        }
        for row in rows
    ]


def requests_of(order: WorkOrder) -> list[dict[str, Any]]:
    if order.dispatched_at is None:
        return []
    rows = (
        Request.objects.filter(order=order)
        .select_related("requested_by", "decided_by")
        .order_by("-requested_at")
    )
    return [
        {
            "words": row.get_kind_display(),
            "reason": names.reasons_by_pk(row.reason_id),
            "basis": row.basis,
            "suggested": names.name_of(names.units, row.suggested_unit_id) if row.suggested_unit_id else "",
            "text": mask_text(row.text),
            "late": row.late,
            "at": row.requested_at,
            "granted": row.granted,
            "decided_at": row.decided_at,
            "decision_text": mask_text(row.decision_text),
        }
        for row in rows[:10]
    ]


def related(order: WorkOrder, user: User) -> list[dict[str, Any]]:
    """Orders linked to this one that the person may see: where it was merged, what was merged into it, what
    it follows and what followed, and others of the same caller. Two queries.

    Nobody but the supervisor is led from a confidential order to its caller's others, or to it from
    them."""
    supervisor = user.role == Role.SUPERVISOR
    links = Q(parent_id=order.pk) | Q(previous_id=order.pk)
    links |= Q(pk__in=[pk for pk in (order.parent_id, order.previous_id) if pk])
    caller = order.caller
    if caller is not None and caller.phone_index and (supervisor or not order.is_confidential):
        # Ids first: beside a subquery the planner reads all orders, beside a list it uses four indexes.
        same = type(caller).objects.filter(phone_index=caller.phone_index).order_by("-pk")
        links |= Q(caller_id__in=list(same.values_list("pk", flat=True)[:SAME_CALLER]))
    rows = WorkOrder.objects.visible_to(user).filter(links).exclude(pk=order.pk)
    if not supervisor:
        rows = rows.exclude(mode=Mode.CONFIDENTIAL)
    found = rows.order_by("-created_at", "-pk").values(
        "pk", "number", "state", "title", "created_at", "parent_id", "previous_id"
    )[:RELATED]
    return [row | {"title": mask_text(row["title"]), "how": how_related(row, order)} for row in found]


def how_related(row: dict[str, Any], order: WorkOrder) -> str:
    if row["parent_id"] == order.pk:
        return "child"
    if row["pk"] == order.parent_id:
        return "parent"
    if row["pk"] == order.previous_id:
        return "previous"
    return "follows" if row["previous_id"] == order.pk else "caller"


def trail_for(order: WorkOrder, user: User) -> list[dict[str, Any]]:
    """The trail in words. A unit reads its own people's names, of the hotline's people the role."""
    events = trail.trail_of(order)
    return trail.lines(events) if user.sees_all_orders else trimmed(events, user)


def trimmed(events: Sequence[Any], user: User) -> list[dict[str, Any]]:
    own = user.visible_unit_ids()
    for event in events:
        event.facts = {key: value for key, value in event.facts.items() if key not in HIDDEN_FROM_UNITS}
        if event.unit_id not in own:
            event.facts.pop("handler", None)
    lines = trail.lines(events)
    for line, event in zip(lines, events, strict=True):
        if event.actor_id is not None and not (event.role == Role.UNIT and event.unit_id in own):
            line["who"], line["role"] = str(Role(event.role).label), ""
    return lines
