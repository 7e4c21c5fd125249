"""By what a list of orders may be narrowed: these and nothing else."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from dispatch.routing import units_by_code
from workorders import search, vocabulary
from workorders.lifecycle import OPEN, State, Urgency
from workorders.models import Category, Kind, WorkOrder


class MomentField(forms.Field):
    """An ISO 8601 instant, or a day, which means its first moment in the city's time."""

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        text = str(value).strip().replace(" ", "+")  # an unescaped + of an offset arrives as a space
        try:
            if day := parse_date(text):
                return timezone.make_aware(datetime.combine(day, time.min))
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise forms.ValidationError(_("Give an instant as 2026-03-10T12:00:00+08:00, or a day."))
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


class MomentFilter(django_filters.Filter):
    field_class = MomentField


class CodesField(forms.Field):
    """One code, or several with commas between."""

    def __init__(self, *, known: Any, **options: Any) -> None:
        super().__init__(**options)
        self.known = known

    def to_python(self, value: Any) -> list[str]:
        codes = [code.strip() for code in str(value or "").split(",") if code.strip()]
        known = self.known()
        for code in codes[:50]:
            if code not in known:
                raise forms.ValidationError(_("Unknown code: %(code)s.") % {"code": code[:40]})
        return codes[:50]


class CodesFilter(django_filters.Filter):
    field_class = CodesField

    def filter(self, queryset: QuerySet, value: list[str]) -> QuerySet:
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


class YesNoField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        words = {"true": True, "1": True, "false": False, "0": False, "": None}
        if (word := str(value or "").lower()) not in words:
            raise forms.ValidationError(_("Give true or false."))
        return words[word]


class YesNoFilter(django_filters.Filter):
    field_class = YesNoField


def codes_of(table: Any) -> Any:
    return lambda: {row.code for row in vocabulary.rows(table)}


class OrderFilter(django_filters.FilterSet):
    """`now` and `user` come with the request. Raises what search raises."""

    state = CodesFilter(field_name="state", known=lambda: set(State.values))
    unit = CodesFilter(field_name="unit__code", known=lambda: set(units_by_code.get()))
    kind = CodesFilter(field_name="kind", known=codes_of(Kind))
    category = CodesFilter(field_name="category__code", known=codes_of(Category))
    urgency = CodesFilter(field_name="urgency", known=lambda: set(Urgency.values))
    overdue = YesNoFilter(method="by_overdue")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="by_words", max_length=100)

    class Meta:
        model = WorkOrder
        fields: list[str] = []

    def __init__(self, *args: Any, now: datetime, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now, self.user = now, user

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Words come last: they look at the newest of what the other filters left."""
        for name, value in sorted(self.form.cleaned_data.items(), key=lambda item: item[0] == "q"):
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    def by_overdue(self, queryset: QuerySet, name: str, value: bool | None) -> QuerySet:
        if value is None:
            return queryset
        late = {"state__in": OPEN, "due_at__lt": self.now}
        return queryset.filter(**late) if value else queryset.exclude(**late)

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return search.search(queryset, value, user=self.user, now=self.now, request=self.request)


FILTERS = frozenset(OrderFilter.base_filters)
