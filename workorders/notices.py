"""提醒: who is told what. A notice is a row first; the bell shows it, the relay carries it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role, Unit, User
from hotline.lib.bulkinsert import insert_rows
from hotline.lib.cached import Cached
from workorders.lifecycle import State, Urgency
from workorders.models import Endpoint, Notice, OrderEvent, WorkOrder
from workorders.models.notice import NoticeChannel

BELL_LENGTH = 50
"""How many notices a page of the bell shows."""
MANY = 100
"""Unread notices are counted up to here: more is more."""


@dataclass(frozen=True)
class Message:
    """One notice to one receiver: a unit, everybody of a role, or one person.

    `key` names the occasion; together with the receiver it makes the notice happen once."""

    key: str
    kind: str
    order: WorkOrder
    unit_id: int | None = None
    role: str = ""
    user_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def full_key(self) -> str:
        if self.unit_id is not None:
            return f"{self.key}:unit-{self.unit_id}"
        return f"{self.key}:{self.role}" if self.role else f"{self.key}:user-{self.user_id}"

    def row(self, now: datetime) -> Notice:
        """The bell's row, unsaved."""
        return Notice(**self.values(now))

    def values(self, now: datetime, endpoint: Endpoint | None = None) -> dict[str, Any]:
        """The bell's row, which is delivered by being there, or that of an endpoint, due to be sent now."""
        return {
            "key": f"{self.full_key}:endpoint-{endpoint.pk}" if endpoint else self.full_key,
            "kind": self.kind,
            "channel": endpoint.channel if endpoint else NoticeChannel.BELL.value,
            "order_id": self.order.pk,
            "unit_id": self.unit_id,
            "role": self.role,
            "user_id": self.user_id,
            "endpoint_id": endpoint.pk if endpoint else None,
            "facts": {"number": self.order.number, "urgency": self.order.urgency} | self.facts,
            "created_at": now,
            "next_try_at": now if endpoint else None,
            "sent_at": None if endpoint else now,
            "tries": 0,
            "error": "",
        }


def queue_notice(
    *,
    key: str,
    kind: str,
    order: WorkOrder,
    unit: Unit | None = None,
    role: str = "",
    user: User | None = None,
    facts: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Tell a unit, a role or a person, once per key. Call inside the transaction of what is told."""
    unit_id, user_id = unit.pk if unit else None, user.pk if user else None
    queue_notices([Message(key, kind, order, unit_id, role, user_id, facts or {})], now=now)


def queue_notices(messages: Sequence[Message], *, now: datetime) -> None:
    """`queue_notice` for many, in one statement. A message whose key is known is dropped."""
    rows = [message.values(now) for message in messages]
    for endpoint in _endpoints.get():
        rows += [message.values(now, endpoint) for message in messages if wants(endpoint, message)]
    insert_rows(Notice, rows, ignore_conflicts=True)


_endpoints = Cached(lambda: list(Endpoint.objects.filter(is_active=True).exclude(channel=NoticeChannel.BELL)))


def wants(endpoint: Endpoint, message: Message) -> bool:
    """Whether this message goes to this endpoint: of the same unit or role, and of a kind it takes."""
    if endpoint.kinds and message.kind not in endpoint.kinds:
        return False
    if endpoint.unit_id is not None:
        return endpoint.unit_id == message.unit_id
    return bool(endpoint.role) and endpoint.role == message.role


# --- What an event tells whom ------------------------------------------------------------------------

COMMAND = (Role.SUPERVISOR, Role.LEADER)
Occasion = tuple[str, tuple[str, ...]]
"""Kind of the notice, and who gets it: roles, or `unit` for the order's unit."""
TOLD: dict[str, Occasion] = {
    "dispatch": ("dispatched", ("unit",)),
    "adjudicate": ("ruled", ("unit",)),
    "remind": ("reminded", ("unit",)),
    "forward": ("thanks", ("unit",)),
}
"""Verbs that always tell the same."""


SILENT = frozenset({"clock", "deem-signed", "archive"})
"""What the sweep does; it tells by itself."""


def tell(order: WorkOrder, event: OrderEvent) -> None:
    """Queue what this event means to others. Clocks that fire queue their own notices."""
    if event.verb in SILENT:
        return
    if messages := messages_of(order, event):
        queue_notices(messages, now=event.at)


def messages_of(order: WorkOrder, event: OrderEvent) -> list[Message]:
    """What this event tells, and to whom."""
    occasion = f"order-{order.pk}-{event.number}"
    return [
        Message(occasion, kind, order, **receiver(who, order))
        for kind, receivers in [*occasions(order, event), *emergencies(order, event)]
        for who in receivers
        if who != "unit" or order.unit_id is not None
    ]


def receiver(who: str, order: WorkOrder) -> dict[str, Any]:
    """The fields of a message that say who gets it."""
    return {"unit_id": order.unit_id} if who == "unit" else {"role": str(who)}


def occasions(order: WorkOrder, event: OrderEvent) -> Iterable[Occasion]:
    """What this event is worth telling, urgency apart."""
    verb, facts = event.verb, event.facts
    if verb in TOLD:
        yield TOLD[verb]
    elif verb == "return":
        yield "return_asked", (Role.SUPERVISOR if facts.get("late") else Role.DISPATCHER,)
    elif verb == "review-return":
        yield "return_upheld" if facts.get("uphold") else "return_refused", ("unit",)
    elif verb == "review-reply" and event.to_state == State.HANDLING:
        yield "reply_refused", ("unit",)
    elif verb == "rework" and facts.get("redo"):
        yield "rework", ("unit",)
    elif verb == "callback":
        yield from bad_ratings(event)


def bad_ratings(event: OrderEvent) -> Iterable[Occasion]:
    """Whether the citizen who was called back is not content."""
    if "dissatisfied" in (event.facts.get("result"), event.facts.get("service")):
        yield "dissatisfied", (Role.SUPERVISOR,)
    elif event.to_state == State.REWORK_REVIEW:
        yield "unsolved", (Role.SUPERVISOR,)


def emergencies(order: WorkOrder, event: OrderEvent) -> Iterable[Occasion]:
    """What supervisor and leader hear of an emergency: that it came in, or became one, and that it was sent
    out."""
    if order.urgency != Urgency.E1:
        return
    became = event.verb == "classify" and event.facts.get("urgency", ["", ""])[1] == Urgency.E1
    if became or (event.to_state == State.PENDING and event.from_state != State.PENDING):
        yield "emergency", COMMAND
    elif event.verb == "dispatch":
        yield "emergency_dispatched", COMMAND


# --- The bell ----------------------------------------------------------------------------------------


def bell_of(
    user: User,
    *,
    since: datetime | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = BELL_LENGTH,
) -> QuerySet[Notice]:
    """The newest notices for this person, their role and their units, at most `limit`.

    Each part reads its own index and stops early, however many notices there are; hence the union."""
    whom = [Q(user_id=user.pk)]
    if user.role == Role.UNIT:
        whom += [Q(unit_id=unit_id) for unit_id in sorted(user.unit_ids())]
    else:
        whom.append(Q(role=user.role))
    parts = []
    for one in whom:
        part = Notice.objects.filter(one, channel=NoticeChannel.BELL)
        if since is not None:
            part = part.filter(created_at__gt=since)
        if before is not None:
            at, pk = before
            part = part.filter(created_at__lte=at).exclude(created_at=at, pk__gte=pk)
        parts.append(part.order_by("-created_at", "-pk")[:limit])
    if len(parts) == 1:
        return parts[0]
    return parts[0].union(*parts[1:], all=True).order_by("-created_at", "-id")[:limit]


def unread_count(user: User) -> int:
    """How many notices came since this person last looked, counted up to 100. One query."""
    return len(bell_of(user, since=user.notices_seen_at, limit=MANY).values_list("id"))


def mark_seen(user: User, now: datetime) -> None:
    """The person has looked at the bell: nothing up to `now` is unread."""
    User.objects.filter(pk=user.pk).update(notices_seen_at=now)
    user.notices_seen_at = now


# --- Words -------------------------------------------------------------------------------------------

WORDS: dict[str, Any] = {
    "dispatched": _("New order %(number)s: sign for it."),
    "ruled": _("Order %(number)s was awarded to your unit by a ruling."),
    "return_asked": _("A unit asks to return order %(number)s: decide on it."),
    "return_upheld": _("The return of order %(number)s was accepted."),
    "return_refused": _("The return of order %(number)s was refused: handle it."),
    "reply_refused": _("The reply to order %(number)s was not accepted: add what is missing."),
    "rework": _("Order %(number)s is to be done again."),
    "reminded": _("Reminder: order %(number)s is waited for."),
    "thanks": _("Your unit was thanked: order %(number)s."),
    "dissatisfied": _("The caller of order %(number)s is dissatisfied."),
    "unsolved": _("The caller of order %(number)s says that it is not solved."),
    "emergency": _("Emergency: order %(number)s was taken in."),
    "emergency_dispatched": _("Emergency: order %(number)s was dispatched."),
    "dispatch_due": _("Order %(number)s was not dispatched in time."),
    "sign_due": _("Order %(number)s was not signed for in time: it counts as signed for."),
    "contact_due": _("The caller of order %(number)s was not contacted in time."),
    "first_result_due": _("Order %(number)s has no first result in time."),
    "handle_yellow": _("Yellow card: order %(number)s is due soon."),
    "handle_due": _("Order %(number)s is overdue."),
    "handle_red": _("Red card: order %(number)s is overdue."),
    "rework_due": _("The rework of order %(number)s is overdue."),
    "interim_report_due": _("Order %(number)s: report on the progress."),
    "return_review_due": _("The return of order %(number)s was not decided in time."),
    "adjudicate_due": _("The ruling on order %(number)s is overdue."),
    "reply_review_due": _("The reply to order %(number)s was not reviewed in time."),
    "callback_due": _("The call-back about order %(number)s is overdue."),
    "callback_retry_due": _("The time for calling back about order %(number)s is over and tries are left."),
    "test": _("This is only a test: nothing happened."),
}
"""Every kind of notice in a sentence."""


def words_of(notice: Notice) -> str:
    """The notice as a sentence in the reader's language."""
    sentence = WORDS.get(notice.kind, _("Order %(number)s: something happened."))
    return str(sentence) % {"number": notice.facts.get("number", "")}
