"""What people write into reviews and tallies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analytics.models import ActionItem


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DayForm(forms.Form):
    """Which day to draft a review of, or which week to count."""

    day = forms.DateField(label=_("Day"), widget=date_input())


class WeekForm(DayForm):
    day = forms.DateField(label=_("A day of the week"), widget=date_input())


class NotesForm(forms.Form):
    notes = forms.CharField(
        label=_("Typical cases, hard points, feedback"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class MeasureForm(forms.ModelForm):
    """A measure for the days to come; tomorrow unless told otherwise."""

    class Meta:
        model = ActionItem
        fields = ["text", "owner", "due_on"]
        widgets = {"due_on": date_input()}

    def __init__(self, *args: Any, after: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["due_on"].initial = after + timedelta(days=1)


class ResultForm(forms.Form):
    """What came of one measure."""

    result = forms.CharField(label=_("Result"), max_length=300)


class SignForm(forms.Form):
    seen = forms.DateTimeField(widget=forms.HiddenInput)
