"""The form in which the hotline writes down whom thanks praise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.forms.fields import UnitField
from dispatch.forms.verbs import VerbForm, words
from dispatch.thanking import Praised
from hotline.accounts.models import User
from workorders.models import Commendation, WorkOrder
from workorders.praise import Praise


class PraisedForm(VerbForm):
    """`facts()` gives `praised`. `suggested` fills in what nobody wrote down yet."""

    unit = UnitField(label=_("Praised unit"), required=False)
    person = forms.CharField(label=_("Person praised"), required=False, max_length=60)
    body = forms.CharField(label=_("Praised, in the caller's words"), required=False, max_length=120)
    deed = words(_("What was done"), rows=6, required=False)
    consent = forms.BooleanField(label=_("The person agrees to be named"), required=False)
    is_story = forms.BooleanField(label=_("A warm story for the weekly tally"), required=False)

    def __init__(
        self, *args: Any, known: Commendation | None, suggested: Praise | None, deed: str, **options: Any
    ) -> None:
        self.known, self.suggested, self.deed = known, suggested, deed
        super().__init__(*args, **options)

    def first_values(self, order: WorkOrder) -> dict[str, Any]:
        if self.known is not None and self.known.confirmed:
            row = self.known
            return {
                "unit": row.unit.code if row.unit else "",
                "person": row.person,
                "body": row.body,
                "deed": row.deed,
                "consent": row.consent,
                "is_story": row.is_story,
            }
        if self.suggested is None:
            return {"deed": self.deed}
        unit, join = self.suggested.unit, _(", ")
        persons = str(join).join(self.suggested.persons)
        return {
            "unit": unit.code if unit else "",
            "person": persons[:60],
            "body": self.suggested.body[:120],
            "deed": self.deed,
        }

    def prepare(self, order: WorkOrder, user: User) -> None:
        if self.known is not None and self.known.forwarded_at is not None:
            self.fields["unit"].disabled = True

    def facts(self) -> dict[str, Any]:
        return {"praised": Praised(**super().facts())}
