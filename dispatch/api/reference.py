"""The tables an order's codes come from, for programs: categories, places, units, the dispatch catalogue.

Small, the same for everybody, and read from what the process remembers for some seconds anyway."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch import names
from dispatch.api import paging
from dispatch.api.base import ApiView
from dispatch.api.outputs import Refusal
from dispatch.models import CatalogueEntry
from dispatch.models.catalogue import PlaceScope
from hotline.accounts.models import UnitKind
from hotline.lib.cached import Cached
from workorders.keywords import normal
from workorders.lifecycle import Urgency
from workorders.models.category import Level
from workorders.models.place import PlaceLevel

MOST_ROWS = 1000
"""An answer is cut here; `next` then says where to go on."""
SECONDS = 60
"""How long a client may keep an answer."""


class CategoryShown(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    parent = serializers.CharField(source="parent.code", allow_null=True)
    urgency = serializers.ChoiceField(Urgency.choices)
    deadline_workdays = serializers.IntegerField(allow_null=True)
    unit_level = serializers.CharField(allow_blank=True)
    keywords = serializers.ListField(child=serializers.CharField())


class PlaceShown(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(PlaceLevel.choices)
    parent = serializers.CharField(source="parent.code", allow_null=True)
    aliases = serializers.ListField(child=serializers.CharField())


class UnitShown(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(UnitKind.choices)
    parent = serializers.CharField(allow_null=True)
    place = serializers.CharField(source="place_code")


class EntryShown(serializers.Serializer):
    id = serializers.IntegerField()
    category = serializers.CharField(source="category.code")
    scope = serializers.ChoiceField(PlaceScope.choices, source="place_scope")
    place = serializers.CharField(source="place.code", allow_null=True)
    role = serializers.ChoiceField(CatalogueEntry.EntryRole.choices)
    unit = serializers.CharField(
        source="unit_pattern",
        help_text="A unit's code; {district} and {subdistrict} stand for the order's place.",
    )
    basis = serializers.CharField()
    source = serializers.ChoiceField(CatalogueEntry.Source.choices)
    ask = serializers.CharField(allow_blank=True)
    alternatives = serializers.ListField(child=serializers.CharField())
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


catalogue: Cached[list[CatalogueEntry]] = Cached(
    lambda: list(
        CatalogueEntry.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate()))
        .select_related("category", "place")
        .order_by("category__code", "role", "pk")
    ),
    seconds=SECONDS,
)


def active(table: Cached[dict[Any, Any]]) -> list[Any]:
    return sorted((row for row in table.get().values() if row.is_active), key=lambda row: row.code)


def unit_rows() -> list[Any]:
    units = names.units.get()
    rows = active(names.units)
    return [
        {
            "code": u.code,
            "name": u.name,
            "short_name": u.short_name,
            "kind": u.kind,
            "place_code": u.place_code,
            "parent": units[u.parent_id].code if u.parent_id in units else None,
            "aliases": u.aliases,
        }
        for u in rows
    ]


class TableView(ApiView):
    """One table. `filters` are parameters that must equal a field of the row as shown; `q` looks into
    `searched`."""

    shape: ClassVar[type[serializers.Serializer]]
    filters: ClassVar[tuple[str, ...]] = ("parent", "level")
    searched: ClassVar[tuple[str, ...]] = ("code", "name")

    def rows(self) -> Iterable[Any]:
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        paging.refuse_unknown(request, frozenset(self.filters) | {"q", "cursor"})
        shown = self.shape(self.rows(), many=True).data
        wanted = {name: request.query_params[name] for name in self.filters if request.query_params.get(name)}
        found = [row for row in shown if all(str(row[name]) == value for name, value in wanted.items())]
        if q := normal(request.query_params.get("q", "")[:100]):
            found = [row for row in found if any(q in normal(str(row[name])) for name in self.searched)]
        start = self.start()
        following = start + MOST_ROWS if len(found) > start + MOST_ROWS else None
        answer = {
            "next": paging.address(request, str(following)) if following else None,
            "results": found[start : start + MOST_ROWS],
        }
        return Response(answer, headers={"Cache-Control": f"private, max-age={SECONDS}"})

    def start(self) -> int:
        text = paging.read_cursor(self.request) or "0"
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise paging.BadCursor
        return int(text)


def table_view(
    name: str,
    shape: type[serializers.Serializer],
    rows: Any,
    *,
    filters: tuple[str, ...],
    searched: tuple[str, ...],
    text: str,
) -> Any:
    page = type(
        f"{shape.__name__}Page",
        (serializers.Serializer,),
        {"next": serializers.CharField(allow_null=True), "results": shape(many=True)},
    )
    attributes = {"shape": shape, "filters": filters, "searched": searched, "rows": lambda self: rows()}
    view = type(f"{name.title()}Table", (TableView,), attributes)
    described = extend_schema_view(
        get=extend_schema(
            operation_id=name,
            tags=["reference"],
            description=text,
            parameters=[OpenApiParameter(one, str) for one in (*filters, "q", "cursor")],
            responses={200: page, 400: Refusal, 401: Refusal},
        )
    )
    return described(view).as_view()


categories = table_view(
    "categories",
    CategoryShown,
    lambda: active(names.categories),
    filters=("parent", "level"),
    searched=("code", "name", "keywords"),
    text="The category tree: top, group, leaf. Orders carry leaves.",
)
places = table_view(
    "places",
    PlaceShown,
    lambda: active(names.places),
    filters=("parent", "level"),
    searched=("code", "name", "aliases"),
    text="City, districts, subdistricts.",
)
units = table_view(
    "units",
    UnitShown,
    unit_rows,
    filters=("parent", "kind", "place"),
    searched=("code", "name", "short_name"),
    text="Whoever can hold an order.",
)
entries = table_view(
    "catalogue",
    EntryShown,
    catalogue.get,
    filters=("category", "scope", "role", "unit"),
    searched=("category", "unit", "basis"),
    text="Which leaf belongs to which unit, and why. Valid entries only.",
)
