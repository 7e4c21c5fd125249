"""By what the pages narrow a list of orders: everything the API knows, and what makes a number on a board
or in a review a link to exactly those orders. The meaning of a filter is the same everywhere.

Days are days in Asia/Shanghai, from their first moment up to, not including, the first of the next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch import names
from dispatch.models import Clock, Request
from dispatch.orderfilter import MomentFilter, OrderFilter, YesNoFilter
from hotline.lib.numbers import normal_order_number
from workorders.lifecycle import OPEN, State
from workorders.models import Callback, Commendation
from workorders.models.callback import Satisfaction, Solved

SHOWN_CLOCKS = ("handle", "first_result", "rework")
SORTS = {"newest": "-created_at", "due": "due_at", "ended": "-closed_at"}


def day_span(on: date) -> tuple[datetime, datetime]:
    """First moment of the day and of the next."""
    start = timezone.make_aware(datetime.combine(on, time.min))
    return start, start + timedelta(days=1)


def within(field: str, on: date) -> Q:
    start, end = day_span(on)
    return Q(**{f"{field}__gte": start, f"{field}__lt": end})


class DayFilter(django_filters.Filter):
    """The day on which a time of the order lies: `?created_on=2026-03-10`."""

    field_class = forms.DateField

    def filter(self, queryset: QuerySet, value: date | None) -> QuerySet:
        return queryset.filter(within(self.field_name, value)) if value else queryset


class DateFilter(django_filters.Filter):
    """A day that a method reads."""

    field_class = forms.DateField


class OrderListFilter(OrderFilter):
    """The API's filters (state, unit, kind, category, urgency, overdue, q, created_after, created_before)
    and:

    open: not ended · created_on, dispatched_on, replied_on, closed_on: a day · created_until: that day
    included · closed_after, closed_before: like created_… · direct: answered on the line · transferred: was
    with a unit · card: yellow, red · due_within: minutes; not overdue yet, due before they have passed ·
    breached_on: its handling deadline passed on that day · returned: a return was asked for · reworked ·
    reminded · dissatisfied: a call-back answer was (service or result dissatisfied, or not solved) ·
    called_on: day of the answer · thanks: any, waiting, forwarded, recorded · place: there or anywhere
    below · top: first digits of the category · unclassified: no kind or no category yet · parent: number of
    the order it was merged into."""

    open = YesNoFilter(method="by_open")
    created_on = DayFilter(field_name="created_at")
    dispatched_on = DayFilter(field_name="dispatched_at")
    replied_on = DayFilter(field_name="replied_at")
    closed_on = DayFilter(field_name="closed_at")
    created_until = DateFilter(method="by_until")
    closed_after = MomentFilter(field_name="closed_at", lookup_expr="gte")
    closed_before = MomentFilter(field_name="closed_at", lookup_expr="lt")
    direct = YesNoFilter(field_name="is_direct")
    transferred = YesNoFilter(method="by_transferred")
    card = django_filters.ChoiceFilter(choices=[("yellow", ""), ("red", "")])
    due_within = django_filters.NumberFilter(method="by_due_within", min_value=1, max_value=100_000)
    breached_on = DateFilter(method="by_breach")
    returned = YesNoFilter(method="by_returned")
    reworked = YesNoFilter(method="by_reworked")
    reminded = YesNoFilter(method="by_reminded")
    dissatisfied = YesNoFilter(method="by_dissatisfied")
    called_on = DateFilter(method="by_call")
    thanks = django_filters.ChoiceFilter(
        method="by_thanks", choices=[(code, "") for code in ("any", "waiting", "forwarded", "recorded")]
    )
    place = django_filters.CharFilter(method="by_place", max_length=16)
    top = django_filters.CharFilter(method="by_top", max_length=6)
    unclassified = YesNoFilter(method="by_unclassified")
    parent = django_filters.CharFilter(method="by_parent", max_length=30)

    def by_open(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Q(state__in=OPEN), value)

    def by_until(self, orders: QuerySet, name: str, value: date | None) -> QuerySet:
        return orders.filter(created_at__lt=day_span(value)[1]) if value else orders

    def by_transferred(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Q(dispatched_at__isnull=False), value)

    def by_due_within(self, orders: QuerySet, name: str, value: Any) -> QuerySet:
        until = self.now + timedelta(minutes=int(value))
        return orders.filter(state__in=OPEN, due_at__gte=self.now, due_at__lt=until)

    def by_breach(self, orders: QuerySet, name: str, value: date | None) -> QuerySet:
        late = Clock.objects.filter(order=OuterRef("pk"), kind__in=SHOWN_CLOCKS)
        return orders.filter(Exists(late.filter(within("breached_at", value)))) if value else orders

    def by_returned(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Exists(Request.objects.filter(order=OuterRef("pk"), kind="return")), value)

    def by_reworked(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Q(round__gt=1), value)

    def by_reminded(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Q(reminders__gt=0), value)

    def by_dissatisfied(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        bad = Q(service=Satisfaction.DISSATISFIED) | Q(result=Satisfaction.DISSATISFIED) | Q(solved=Solved.NO)
        calls = Callback.objects.filter(bad, order=OuterRef("pk"))
        if on := self.form.cleaned_data.get("called_on"):
            calls = calls.filter(within("done_at", on))
        return either(orders, Exists(calls), value)

    def by_call(self, orders: QuerySet, name: str, value: date | None) -> QuerySet:
        calls = Callback.objects.filter(order=OuterRef("pk"))
        return orders.filter(Exists(calls.filter(within("done_at", value)))) if value else orders

    def by_thanks(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        passed_on = Exists(Commendation.objects.filter(order=OuterRef("pk"), forwarded_at__isnull=False))
        orders = orders.filter(kind="thanks")
        match value:
            case "waiting":
                return orders.filter(state__in=OPEN)
            case "forwarded":
                return orders.filter(passed_on)
            case "recorded":
                return orders.filter(~passed_on, state=State.CLOSED)
        return orders

    def by_place(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        return orders.filter(place_id__in=place_ids_below(value))

    def by_top(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        rows = names.categories.get().values()
        return orders.filter(category_id__in=[row.pk for row in rows if row.code.startswith(value)])

    def by_unclassified(self, orders: QuerySet, name: str, value: bool | None) -> QuerySet:
        return either(orders, Q(kind__isnull=True) | Q(category__isnull=True), value)

    def by_parent(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        return orders.filter(parent__number=normal_order_number(value))


def either(orders: QuerySet, condition: Any, value: bool | None) -> QuerySet:
    """Those that meet the condition, those that don't, or all when nothing is asked."""
    if value is None:
        return orders
    return orders.filter(condition) if value else orders.filter(~condition)


def place_ids_below(code: str) -> list[int]:
    """Ids of the place with this code and of everything below it; none for an unknown code."""
    table = names.places.get()
    below = {pk for pk, row in table.items() if row.code == code}
    found: set[int] = set()
    while below:
        found |= below
        below = {pk for pk, row in table.items() if row.parent_id in below} - found
    return sorted(found)


LABELS = {
    "state": _("State"),
    "unit": _("Unit"),
    "kind": _("Kind"),
    "category": _("Category"),
    "urgency": _("Urgency"),
    "overdue": _("Overdue"),
    "q": _("Words"),
    "created_after": _("Taken in from"),
    "created_before": _("Taken in before"),
    "created_until": _("Taken in until"),
    "open": _("Open"),
    "created_on": _("Taken in on"),
    "dispatched_on": _("Dispatched on"),
    "replied_on": _("Replied on"),
    "closed_on": _("Ended on"),
    "closed_after": _("Ended from"),
    "closed_before": _("Ended before"),
    "direct": _("Answered directly"),
    "transferred": _("Given to a unit"),
    "card": _("Card"),
    "due_within": _("Due within (minutes)"),
    "breached_on": _("Became overdue on"),
    "returned": _("Return asked for"),
    "reworked": _("Reworked"),
    "reminded": _("Reminded"),
    "dissatisfied": _("Dissatisfied"),
    "called_on": _("Called back on"),
    "thanks": _("Thanks"),
    "place": _("Place"),
    "top": _("Top category"),
    "unclassified": _("Not classified"),
    "parent": _("Merged into"),
}
"""What a filter is called above the list."""
THANKS_WORDS = {
    "any": _("all"),
    "waiting": _("waiting to be passed on"),
    "forwarded": _("passed on"),
    "recorded": _("recorded"),
}
