"""What the API tells of an order, masked for the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from dispatch import names
from dispatch.api.verbs import OFFERED
from dispatch.models import Assignment
from dispatch.models.assignment import AssignmentRole
from dispatch.routing import why_words
from dispatch.timeleft import minutes_left
from hotline.accounts.models import Role, User
from hotline.lib.masking import mask_address, mask_text
from workorders.actions import parties
from workorders.lifecycle import By, Channel, Mode, State, Urgency, allowed_verbs
from workorders.models import OrderEvent, Reply, WorkOrder


@dataclass
class Reader:
    """Who reads, and when: what decides how much is told."""

    user: User
    now: datetime

    @cached_property
    def sees_all(self) -> bool:
        return self.user.sees_all_orders

    def sees_inside(self, order: WorkOrder) -> bool:
        """The hotline's own accounts of an order: its staff, and the unit that holds it."""
        return self.sees_all or order.unit_id in self.user.visible_unit_ids()

    def number_of(self, order_id: int | None) -> str | None:
        """The number of a linked order, if this person may see that one too."""
        if order_id is None:
            return None
        seen = WorkOrder.objects.visible_to(self.user).filter(pk=order_id)
        return seen.values_list("number", flat=True).first()

    def verbs(self, order: WorkOrder) -> list[str]:
        """What this person, to whom the order was shown, may do to it now."""
        who = parties(order, self.user, may_look_up=False) | {By.SEES_IT}
        return [verb for verb in allowed_verbs(order.state, who) if verb in OFFERED]

    def caller(self, order: WorkOrder) -> dict[str, str] | None:
        """Name and phone, always masked. A confidential caller is there for the supervisor alone."""
        if order.caller is None or (order.is_confidential and self.user.role != Role.SUPERVISOR):
            return None
        return {"name": order.caller.name_masked, "phone": order.caller.phone_masked}


# Orders are told by plain functions, because lists and the intake are asked most; the serializers beside
# them are what the OpenAPI document says of them, and a test holds the two together.


def order_row(order: WorkOrder, reader: Reader) -> dict[str, Any]:
    """An order in a list (OrderRow). Costs no query if the caller is joined."""
    category, place = names.get(names.categories, order.category_id), names.get(names.places, order.place_id)
    kind, unit = names.get(names.kinds, order.kind_id), names.get(names.units, order.unit_id)
    return {
        "number": order.number,
        "version": order.version,
        "state": str(order.state),
        "kind": order.kind_id,
        "category": category and category.code,
        "place": place and place.code,
        "urgency": str(order.urgency),
        "unit": unit and unit.code,
        "due_at": stamp(order.due_at),
        "remaining_minutes": minutes_left(order.due_at, reader.now, working=order.due_is_working),
        "overlays": order.overlays(),
        "names": {
            "state": str(State(order.state).label),
            "kind": kind and kind.name,
            "category": category and category.name,
            "place": place and place.name,
            "unit": unit and unit.short_name,
        },
        "title": mask_text(order.title),
        "channel": str(order.channel),
        "mode": str(order.mode),
        "caller": reader.caller(order),
        "round": order.round,
        "reminders": order.reminders,
        "outcome": order.outcome,
        "created_at": stamp(order.created_at),
        "dispatched_at": stamp(order.dispatched_at),
        "replied_at": stamp(order.replied_at),
        "closed_at": stamp(order.closed_at),
    }


def order_shown(order: WorkOrder, reader: Reader) -> dict[str, Any]:
    """An order with everything that the reader may know of it (OrderShown)."""
    return order_row(order, reader) | {
        "content": mask_text(order.content),
        "address": order.address if reader.sees_all else mask_address(order.address),
        "public_reply": mask_text(order.public_reply),
        "replies": replies_of(order, reader),
        "assignments": assignments_of(order, reader),
        "parent": reader.number_of(order.parent_id),
        "previous": reader.number_of(order.previous_id),
        "verbs": reader.verbs(order),
    }


def order_created(order: WorkOrder, reader: Reader) -> dict[str, Any]:
    """A new order, with the code that the citizen needs to ask for it (OrderCreated). It is told this
    once."""
    return order_shown(order, reader) | {"query_code": order.query_code}


def replies_of(order: WorkOrder, reader: Reader) -> list[dict[str, Any]]:
    """Newest first, at most twenty; for the hotline and the unit that holds the order."""
    if order.dispatched_at is None or not reader.sees_inside(order):
        return []
    rows = order.replies.select_related("unit").order_by("-at", "-pk")[:20]
    return ReplyShown(rows, many=True, context={"reader": reader}).data


def assignments_of(order: WorkOrder, reader: Reader) -> list[dict[str, Any]]:
    """Oldest first, at most fifty."""
    if order.dispatched_at is None:
        return []
    rows = (
        Assignment.objects.filter(order=order).select_related("unit", "handler").order_by("started_at", "pk")
    )
    return AssignmentShown(rows[:50], many=True, context={"reader": reader}).data


def stamp(at: datetime | None) -> str | None:
    return None if at is None else timezone.localtime(at).isoformat()


class Shown(serializers.Serializer):
    """A shape for reading; `context["reader"]` says for whom."""

    @property
    def reader(self) -> Reader:
        return self.context["reader"]


class Names(serializers.Serializer):
    """Words for the codes, in the reader's language."""

    state = serializers.CharField()
    kind = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    place = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True)


class CallerShown(serializers.Serializer):
    name = serializers.CharField()
    phone = serializers.CharField()


class OrderRow(serializers.Serializer):
    """An order in a list."""

    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    kind = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_null=True)
    place = serializers.CharField(allow_null=True)
    urgency = serializers.ChoiceField(Urgency.choices)
    unit = serializers.CharField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    remaining_minutes = serializers.IntegerField(allow_null=True)
    overlays = serializers.ListField(child=serializers.CharField())
    names = Names()
    title = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    mode = serializers.ChoiceField(Mode.choices)
    caller = CallerShown(allow_null=True)
    round = serializers.IntegerField()
    reminders = serializers.IntegerField()
    outcome = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    dispatched_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class AssignmentShown(Shown):
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.short_name")
    role = serializers.ChoiceField(AssignmentRole.choices)
    round = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    signed_at = serializers.DateTimeField(allow_null=True)
    contacted_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    why = serializers.SerializerMethodField()
    reason = serializers.CharField(allow_blank=True)
    handler = serializers.SerializerMethodField()

    def get_why(self, assignment: Assignment) -> str:
        return why_words(assignment.why) if assignment.why else ""

    def get_handler(self, assignment: Assignment) -> str | None:
        """A unit learns the names of its own people only."""
        reader = self.reader
        if assignment.handler is None:
            return None
        own = reader.sees_all or assignment.unit_id in reader.user.visible_unit_ids()
        return str(assignment.handler) if own else None


class ReplyShown(Shown):
    unit = serializers.CharField(source="unit.code")
    round = serializers.IntegerField()
    outcome = serializers.CharField()
    public = serializers.SerializerMethodField()
    internal = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    accepted = serializers.BooleanField(allow_null=True)
    review_text = serializers.SerializerMethodField()

    def get_public(self, reply: Reply) -> str:
        return mask_text(reply.public)

    def get_internal(self, reply: Reply) -> str:
        return mask_text(reply.internal)

    def get_review_text(self, reply: Reply) -> str:
        return mask_text(reply.review_text)


class OrderShown(OrderRow):
    """An order with everything that the reader may know of it."""

    content = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    public_reply = serializers.CharField(allow_blank=True)
    replies = ReplyShown(many=True)
    assignments = AssignmentShown(many=True)
    parent = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    verbs = serializers.ListField(child=serializers.CharField())


class OrderCreated(OrderShown):
    """A new order, with the code that the citizen needs to ask for it. It is told this once."""

    query_code = serializers.CharField()


class OrderPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = OrderRow(many=True)


class Revealed(serializers.Serializer):
    number = serializers.CharField()
    version = serializers.IntegerField()
    field = serializers.CharField()
    value = serializers.CharField(allow_blank=True)


LINKS = frozenset({"into", "child", "previous", "from", "handler"})
"""Facts that name other orders or people: kept from units."""


class EventShown(Shown):
    """One line of the trail. Staff read who acted; a unit reads as what."""

    number = serializers.IntegerField()
    verb = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField()
    role = serializers.CharField(allow_blank=True)
    name = serializers.SerializerMethodField()
    unit = serializers.CharField(source="unit.code", allow_null=True)
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    facts = serializers.SerializerMethodField()

    def get_name(self, event: OrderEvent) -> str | None:
        return str(event.actor) if self.reader.sees_all and event.actor else None

    def get_facts(self, event: OrderEvent) -> dict[str, Any]:
        facts = event.facts
        if not self.reader.sees_all:
            facts = {name: value for name, value in facts.items() if name not in LINKS}
        return masked(facts)


def masked(value: Any) -> Any:
    """The same facts with personal data in their texts masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {name: masked(one) for name, one in value.items()}
    return [masked(one) for one in value] if isinstance(value, list) else value


class EventPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = EventShown(many=True)


class ClockShown(serializers.Serializer):
    kind = serializers.CharField()
    generation = serializers.IntegerField()
    is_working = serializers.BooleanField()
    is_provisional = serializers.BooleanField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    met_at = serializers.DateTimeField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class Refusal(serializers.Serializer):
    """Every refusal: a stable code, a sentence for people, and the fields at fault where there are some."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]  # the name is the contract
    details = serializers.DictField(required=False)
