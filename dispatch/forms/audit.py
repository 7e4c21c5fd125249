"""The filters above the lists of /audit/: what they mean is in the rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.forms.orders import date_input
from dispatch.wording import REVEALABLE
from hotline.accounts.changewords import table_words
from hotline.accounts.logins import LoginFilter
from hotline.accounts.models import Change
from hotline.lib.numbers import normal_order_number
from workorders.auditing import AccessFilter
from workorders.models.accesslog import AccessAct

ANY = ("", _("all"))


def start_of(day: date | None) -> datetime | None:
    """Midnight of a day in the city's time."""
    return timezone.make_aware(datetime(day.year, day.month, day.day)) if day else None


class SpanForm(forms.Form):
    """A person and days, both included."""

    person = forms.CharField(label=_("Who"), required=False, max_length=60)
    since = forms.DateField(label=_("From day"), required=False, widget=date_input())
    until = forms.DateField(label=_("To day"), required=False, widget=date_input())

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))

    def span(self) -> dict[str, Any]:
        until = self.cleaned_data.get("until")
        return {
            "person": self.cleaned_data.get("person", "").strip(),
            "since": start_of(self.cleaned_data.get("since")),
            "until": start_of(until + timedelta(days=1)) if until else None,
        }


class AccessForm(SpanForm):
    order = forms.CharField(label=_("Order number"), required=False, max_length=40)
    act = forms.ChoiceField(label=_("Act"), required=False, choices=[ANY, *AccessAct.choices])
    field = forms.ChoiceField(label=_("Field"), required=False, choices=[ANY, *REVEALABLE.items()])
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    reason = forms.CharField(label=_("Words of the reason"), required=False, max_length=60)
    field_order = ["person", "order", "act", "field", "since", "until", "ip", "reason"]

    def wanted(self) -> AccessFilter:
        data = self.cleaned_data
        return AccessFilter(
            order=normal_order_number(data["order"]) if data["order"] else "",
            act=data["act"],
            field=data["field"],
            ip=data["ip"],
            reason=data["reason"].strip(),
            **self.span(),
        )


def changed_tables() -> list[tuple[str, str]]:
    """Tables of settings that have a history."""
    return sorted(
        (name, table_words(name))
        for name in Change.objects.order_by().values_list("table", flat=True).distinct()
    )


class ChangeForm(SpanForm):
    table = forms.ChoiceField(label=_("Table"), required=False, choices=lambda: [ANY, *changed_tables()])
    key = forms.CharField(label=_("Row"), required=False, max_length=80)
    field_order = ["table", "key", "person", "since", "until"]


class LoginForm(SpanForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("failed")), ("done", _("logged in"))]
    )
    ip = forms.GenericIPAddressField(label=_("IP address"), required=False)
    field_order = ["outcome", "person", "ip", "since", "until"]

    def wanted(self) -> LoginFilter:
        return LoginFilter(ip=self.cleaned_data["ip"], **self.span())
