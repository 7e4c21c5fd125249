"""The form of one call-back: how the call went, and the three answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.forms.fields import reason_choices
from dispatch.forms.verbs import VerbForm, words
from workorders.models.callback import Attempt, Satisfaction, Solved
from workorders.models.reason import ReasonUse


def one_of(label: Any, choices: list[tuple[Any, Any]], *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=required)


class CallbackForm(VerbForm):
    """Answers are needed when the citizen answered; the rule says which are missing."""

    attempt = one_of(_("How did the call go?"), Attempt.choices, required=True)
    contacted = one_of(
        _("Did the unit make contact?"),
        [("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No"))],
    )
    service = one_of(_("Satisfied with the service?"), Satisfaction.choices)
    result = one_of(_("Satisfied with the result?"), Satisfaction.choices)
    solved = one_of(_("Is the matter solved?"), Solved.choices)
    reasons = forms.MultipleChoiceField(
        label=_("Reasons of dissatisfaction"),
        choices=lambda: [
            (_("With the service"), reason_choices(ReasonUse.SERVICE)),
            (_("With the result"), reason_choices(ReasonUse.RESULT)),
        ],
        widget=forms.SelectMultiple(attrs={"size": 8}),
        required=False,
    )
    text = words(_("In the citizen's words"), required=False)

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        facts["contacted"] = {"yes": True, "no": False}.get(facts["contacted"])
        return facts
