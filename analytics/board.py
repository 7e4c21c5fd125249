"""The supervisor's and the leader's board: what is about to go wrong. Every number is the count behind a
list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.utils.translation import gettext_lazy as _

from dispatch.counting import counts_of
from dispatch.rows import FIELDS, dressed
from hotline.accounts.models import Unit, User
from workorders.lifecycle import State, Urgency
from workorders.models import OrderEvent, WorkOrder

DUE_SOON = timedelta(hours=2)
LOOK_BACK = timedelta(hours=12)
"""How far back "what goes wrong now" reaches."""
NEWEST = 30
TOP = 10
EVERY_ONE = 2**31
DECISIONS = (State.RETURN_REVIEW, State.REPLY_REVIEW, State.REWORK_REVIEW, State.ADJUDICATION)
"""States in which an order waits for the hotline's own decision."""
HANDLING_CLOCKS = ("handle", "first_result", "rework")


@dataclass(frozen=True)
class Tile:
    key: str
    label: Any
    level: str
    """calm, soon, late or urgent: which colour and icon it has when the count is above zero."""
    icon: str
    filters: dict[str, str]
    """Parameters of the orders list that show exactly the counted orders."""
    condition: Q

    def link(self) -> str:
        return urlencode(self.filters)


def of_state(label: Any, code: str, icon: str, level: str = "calm") -> Tile:
    return Tile(code, label, level, icon, {"state": code}, Q(state=code))


def tiles(now: datetime) -> list[Tile]:
    """The tiles of the board at an instant, in reading order."""
    e1, e2, soon = Q(urgency=Urgency.E1), Q(urgency=Urgency.E2), now + DUE_SOON
    within = {"due_within": str(DUE_SOON // timedelta(minutes=1))}
    return [
        Tile("urgent", _("Emergencies open"), "urgent", "urgent", {"urgency": "E1", "open": "1"}, e1),
        Tile("lifeline", _("Lifeline open"), "soon", "bolt", {"urgency": "E2", "open": "1"}, e2),
        Tile("overdue", _("Overdue"), "late", "clock-x", {"overdue": "1"}, Q(due_at__lt=now)),
        Tile(
            "due_soon",
            _("Due within 2 hours"),
            "soon",
            "clock-exclamation",
            within,
            Q(due_at__gte=now, due_at__lt=soon),
        ),
        Tile("red", _("Red cards"), "late", "flag", {"card": "red", "open": "1"}, Q(card="red")),
        Tile("yellow", _("Yellow cards"), "soon", "flag", {"card": "yellow", "open": "1"}, Q(card="yellow")),
        of_state(_("To be dispatched"), State.PENDING, "inbox"),
        of_state(_("To be signed for"), State.DISPATCHED, "mail"),
        of_state(_("In hand"), State.HANDLING, "progress"),
        of_state(_("To be called back"), State.CALLBACK, "phone-outgoing"),
        of_state(_("Returns to review"), State.RETURN_REVIEW, "arrow-back-up", "soon"),
        of_state(_("Replies to review"), State.REPLY_REVIEW, "checklist"),
        of_state(_("Rework to be decided"), State.REWORK_REVIEW, "refresh-alert", "soon"),
        of_state(_("Adjudication"), State.ADJUDICATION, "scale", "late"),
    ]


def counts(user: User, now: datetime) -> dict[str, int]:
    """Tile key → number of open orders this person may see. Two queries: states by the index of open orders,
    the others each by an index of its own."""
    orders = WorkOrder.objects.visible_to(user).open()
    by_state = dict(orders.values_list("state").annotate(n=Count("pk")).order_by())
    rest = {tile.key: orders.filter(tile.condition) for tile in tiles(now) if "state" not in tile.filters}
    found = counts_of(user, rest, cap=EVERY_ONE)
    return {tile.key: found.get(tile.key, by_state.get(tile.key)) or 0 for tile in tiles(now)}


# --- What waits for a decision, and who is late ------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    state: str
    count: int
    first_due_at: datetime | None
    """The earliest deadline among them."""


def decisions(user: User) -> list[Decision]:
    """How many orders wait for each of the hotline's own decisions, in the order of the life. One query."""
    waiting = WorkOrder.objects.visible_to(user).filter(state__in=DECISIONS)
    rows = waiting.values("state").annotate(n=Count("pk"), due=Min("next_due_at")).order_by()
    found = {row["state"]: row for row in rows}
    none = {"n": 0, "due": None}
    return [
        Decision(state, row["n"], row["due"]) for state in DECISIONS for row in [found.get(state) or none]
    ]


def late_units(user: User, now: datetime) -> list[dict[str, Any]]:
    """The ten units that hold most overdue orders: code, name, n. One or two queries."""
    late = WorkOrder.objects.visible_to(user).open().filter(due_at__lt=now, unit__isnull=False)
    rows = list(late.values_list("unit_id").annotate(n=Count("pk")).order_by("-n", "unit_id")[:TOP])
    units = Unit.objects.in_bulk([unit for unit, _n in rows])
    return [{"code": units[unit].code, "name": str(units[unit]), "n": n} for unit, n in rows]


# --- What goes wrong now -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """One thing that went wrong with an order: `what` is overdue, red, adjudication, dissatisfied or
    emergency."""

    key: str
    what: str
    at: datetime
    order: dict[str, Any]
    """The order as lists show it (`dispatch.rows`)."""


TROUBLE_EVENTS = (
    Q(verb="clock", facts__step="red")
    | Q(verb="clock", facts__step="due", facts__kind__in=HANDLING_CLOCKS)
    | Q(to_state__in=[State.ADJUDICATION, State.REWORK_REVIEW])
)
"""Each part lies in the partial index `event_trouble`."""


def troubles(user: User, now: datetime) -> list[Trouble]:
    """The newest things that went wrong in the last hours, newest first, at most thirty. Three queries."""
    since = now - LOOK_BACK
    orders = WorkOrder.objects.visible_to(user)
    events = OrderEvent.objects.filter(TROUBLE_EVENTS, at__gte=since, order__in=orders)
    rows = events.order_by("-at", "-pk").values_list(
        "pk", "order_id", "at", "verb", "to_state", "facts__step"
    )
    found = [
        (at, f"e{pk}", order, what_of(verb, to_state, step))
        for pk, order, at, verb, to_state, step in rows[:NEWEST]
    ]
    emergencies = orders.filter(urgency=Urgency.E1, created_at__gte=since).order_by("-created_at", "-pk")
    found += [
        (at, f"o{pk}", pk, "emergency") for pk, at in emergencies.values_list("pk", "created_at")[:NEWEST]
    ]
    found = sorted(found, reverse=True)[:NEWEST]
    shown = orders.filter(pk__in={order for _at, _key, order, _what in found}).values(*FIELDS)
    dressed_by_pk = {row["pk"]: row for row in dressed(shown, now)}
    return [Trouble(key, what, at, dressed_by_pk[order]) for at, key, order, what in found]


def what_of(verb: str, to_state: str, step: str | None) -> str:
    if verb == "clock":
        return "red" if step == "red" else "overdue"
    return "adjudication" if to_state == State.ADJUDICATION else "dissatisfied"
