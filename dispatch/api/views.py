"""Orders over HTTP: make, list, read, and every verb."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.api import outputs, paging
from dispatch.api.base import ApiView, checked
from dispatch.api.inputs import NewOrder, RevealInput
from dispatch.api.verbs import Verb, reveal
from dispatch.idempotency import check_key, once
from dispatch.orderfilter import FILTERS, OrderFilter
from workorders import intake
from workorders.access import log_access
from workorders.intake import CallerInput, OrderInput
from workorders.models import WorkOrder
from workorders.models.accesslog import AccessAct

REFUSALS = {code: outputs.Refusal for code in (400, 401, 403, 404, 409, 429)}
PAGING = [
    OpenApiParameter("cursor", str, description="Where the page starts: `next` of the page before."),
    OpenApiParameter("limit", int, description="Rows a page, 1 to 100; 50 unless told."),
]
FILTER_WORDS = {
    "state": "Codes of states, comma between.",
    "unit": "Codes of units that hold the order, or held it last.",
    "kind": "Codes of kinds.",
    "category": "Codes of leaves.",
    "urgency": "E1, E2, N.",
    "overdue": "true: open and past its due time.",
    "q": "An order number, a whole phone number, or words of two characters and more.",
    "created_after": "ISO 8601 instant or day, inclusive.",
    "created_before": "ISO 8601 instant or day, exclusive.",
}


UNLISTED = ("bigrams", "content", "public_reply")
"""Long columns that no list tells."""


class OrderView(ApiView):
    """Shared by what answers with an order."""

    @property
    def reader(self) -> outputs.Reader:
        return outputs.Reader(self.request.user, self.now)


class Orders(OrderView):
    @extend_schema(
        operation_id="order_list",
        tags=["orders"],
        parameters=[
            *(OpenApiParameter(name, str, description=text) for name, text in FILTER_WORDS.items()),
            *PAGING,
        ],
        responses={200: outputs.OrderPage, **{code: outputs.Refusal for code in (400, 401, 429)}},
    )
    def get(self, request: Request) -> Response:
        """The orders you may see, newest first."""
        paging.refuse_unknown(request, FILTERS | paging.PARAMETERS)
        scope = WorkOrder.objects.visible_to(request.user).select_related("caller").defer(*UNLISTED)
        found = OrderFilter(request.query_params, scope, now=self.now, user=request.user, request=request)
        if not found.is_valid():
            raise serializers.ValidationError(found.errors)
        orders, following = paging.newest_first(found.qs, request)
        reader = self.reader
        return Response(
            {"next": following, "results": [outputs.order_row(order, reader) for order in orders]}
        )

    @extend_schema(
        operation_id="order_create",
        tags=["orders"],
        request=NewOrder,
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="Up to 255 characters of your own; the same key and content give the same order.",
            )
        ],
        responses={201: outputs.OrderCreated, **{c: outputs.Refusal for c in (400, 401, 403, 409, 422, 429)}},
    )
    def post(self, request: Request) -> Response:
        """Take an order in: `pending`, or `draft` with `draft: true`."""
        key = check_key(request.headers.get("Idempotency-Key"))
        data = checked(NewOrder, request.data)

        def act() -> tuple[int, dict[str, Any], WorkOrder]:
            order = intake.create(order_input(data), actor=request.user, now=self.now, draft=data["draft"])
            return 201, outputs.order_created(order, self.reader), order

        status, body = once(key, user=request.user, data=request.data, now=self.now, act=act)
        return Response(
            body, status=status, headers={"Location": reverse("api_order", args=[body["number"]])}
        )


def order_input(data: dict[str, Any]) -> OrderInput:
    names = ("content", "channel", "kind", "category", "place", "title", "address", "urgency")
    return OrderInput(
        **{name: data[name] for name in names}, caller=CallerInput(**(data.get("caller") or {}))
    )


class Order(OrderView):
    @extend_schema(
        operation_id="order_read",
        tags=["orders"],
        responses={200: outputs.OrderShown, 401: outputs.Refusal, 404: outputs.Refusal},
    )
    def get(self, request: Request, number: str) -> Response:
        """One order with all that you may know of it. The reading is recorded."""
        order = self.order(number)
        log_access(AccessAct.VIEW, user=request.user, now=self.now, order=order, request=request)
        return Response(outputs.order_shown(order, self.reader))


class Events(OrderView):
    @extend_schema(
        operation_id="order_events",
        tags=["orders"],
        parameters=PAGING,
        responses={200: outputs.EventPage, 400: outputs.Refusal, 401: outputs.Refusal, 404: outputs.Refusal},
    )
    def get(self, request: Request, number: str) -> Response:
        """The trail, oldest first."""
        paging.refuse_unknown(request, paging.PARAMETERS)
        order = self.order(number)
        events, following = paging.by_number(order.events.select_related("actor", "unit"), request)
        log_access(
            AccessAct.VIEW,
            user=request.user,
            now=self.now,
            order=order,
            request=request,
            facts={"part": "events"},
        )
        rows = outputs.EventShown(events, many=True, context={"reader": self.reader}).data
        return Response({"next": following, "results": rows})


class Clocks(OrderView):
    @extend_schema(
        operation_id="order_clocks",
        tags=["orders"],
        responses={200: outputs.ClockShown(many=True), 401: outputs.Refusal, 404: outputs.Refusal},
    )
    def get(self, request: Request, number: str) -> Response:
        """The deadlines of an order, running and ended, at most a hundred."""
        rows = self.order(number).clocks.order_by("started_at", "pk")[:100]
        return Response(outputs.ClockShown(rows, many=True).data)


class VerbView(OrderView):
    """One verb. `verb` is set by `view_of`."""

    verb: Verb

    def post(self, request: Request, number: str) -> Response:
        order = self.order(number)
        data = dict(checked(self.verb.input, request.data))
        common = {"actor": request.user, "now": self.now, "expect": data.pop("version", None)}
        done = self.verb.act(order, common, data)
        return Response(outputs.order_shown(self.as_seen(done), self.reader))

    def as_seen(self, order: WorkOrder) -> WorkOrder:
        """The order read again with all that belongs to it. Someone who lost sight of it by the act still
        gets the answer to the act."""
        visible = WorkOrder.objects.visible_to(self.request.user).select_related("caller")
        seen = visible.filter(pk=order.pk).first()
        return seen or order


def view_of(verb: Verb) -> Any:
    """The endpoint of one verb, described in the OpenAPI document under its own name."""
    name = "".join(part.title() for part in verb.name.split("-"))
    view = type(f"{name}View", (VerbView,), {"verb": verb})
    described = extend_schema_view(
        post=extend_schema(
            operation_id=f"order_{verb.name.replace('-', '_')}",
            tags=["verbs"],
            request=verb.input,
            summary=f"{verb.name}: {verb.words}",
            responses={200: outputs.OrderShown, **REFUSALS},
        )
    )
    return described(view).as_view()


class Reveal(OrderView):
    @extend_schema(
        operation_id="order_reveal",
        tags=["verbs"],
        request=RevealInput,
        responses={200: outputs.Revealed, **REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        """The plain value of one field, for a stated reason. Recorded in the trail and in the access log."""
        order = self.order(number)
        found = reveal(order, request, self.now, checked(RevealInput, request.data))
        version = (
            WorkOrder.objects.visible_to(request.user).values_list("version", flat=True).get(pk=order.pk)
        )
        return Response({**found, "version": version}, headers={"Cache-Control": "no-store"})


class Unknown(ApiView):
    """What is not there, said like every refusal."""

    schema = None

    def get(self, request: Request, **kwargs: Any) -> Response:
        raise Http404

    post = put = patch = delete = get
