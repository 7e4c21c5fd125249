"""The filters that stand above the list of orders. Others work from links and are shown as chips."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.filters import LABELS
from dispatch.forms.fields import kind_choices
from dispatch.forms.options import OptionList, leaves, places, units
from workorders.lifecycle import State, Urgency

ANY = _("all")
SORT_WORDS = [
    ("", _("newest first")),
    ("due", _("nearest deadline first")),
    ("ended", _("latest ended first")),
]


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrderFilterForm(forms.Form):
    """Only for drawing: what the values mean is in `dispatch.filters`."""

    q = forms.CharField(label=LABELS["q"], required=False, max_length=100)
    state = forms.ChoiceField(label=LABELS["state"], choices=[("", ANY), *State.choices], required=False)
    kind = forms.ChoiceField(
        label=LABELS["kind"], choices=lambda: [("", ANY), *kind_choices()], required=False
    )
    category = forms.CharField(label=LABELS["category"], required=False, widget=OptionList(leaves, hint=ANY))
    unit = forms.CharField(label=LABELS["unit"], required=False, widget=OptionList(units, hint=ANY))
    place = forms.CharField(label=LABELS["place"], required=False, widget=OptionList(places, hint=ANY))
    urgency = forms.ChoiceField(
        label=LABELS["urgency"], choices=[("", ANY), *Urgency.choices], required=False
    )
    card = forms.ChoiceField(
        label=LABELS["card"],
        choices=[("", ANY), ("yellow", _("Yellow card")), ("red", _("Red card"))],
        required=False,
    )
    overdue = forms.ChoiceField(
        label=LABELS["overdue"],
        choices=[("", ANY), ("1", _("overdue")), ("0", _("not overdue"))],
        required=False,
    )
    created_after = forms.CharField(label=LABELS["created_after"], required=False, widget=date_input())
    created_until = forms.CharField(label=LABELS["created_until"], required=False, widget=date_input())
    sort = forms.ChoiceField(label=_("Order of the list"), choices=SORT_WORDS, required=False)
