"""The form of the desk: one call, and every way it may end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dispatch import wording
from dispatch.forms import options
from dispatch.forms.fields import (
    CodeField,
    UnitField,
    kind_choices,
    leaf_choices,
    place_choices,
    reason_choices,
)
from dispatch.taking import Ending, Praise
from hotline.lib.numbers import is_order_number, normal_order_number
from workorders.intake import CallerInput, OrderInput
from workorders.lifecycle import Mode, Urgency
from workorders.models.reason import ReasonUse

ACTIONS = ("submit", "dispatch", "answer", "reject", "invalidate", "hand_over")
NEEDED: dict[str, tuple[str, ...]] = {
    "submit": ("content",),
    "dispatch": ("content",),
    "answer": ("content", "answer_text"),
    "reject": ("content", "reject_reason"),
    "invalidate": ("invalid_reason",),
    "hand_over": ("content", "hand_peer", "hand_mode", "hand_text"),
}
FIELD_OF = {
    "answer": {"text": "answer_text"},
    "reject": {"reason": "reject_reason", "text": "reject_text"},
    "invalidate": {"reason": "invalid_reason", "text": "invalid_text"},
    "hand_over": {"peer": "hand_peer", "mode": "hand_mode", "consent": "hand_consent", "text": "hand_text"},
    "submit": {"text": "praise_deed"},
    "dispatch": {"text": "praise_deed"},
}
"""The form's name of what a verb calls its fields."""
NEED_WORDS = {
    "content": _("Write down what the caller said."),
    "answer_text": _("Write the answer that was given."),
    "reject_reason": _("Choose a reason from the list."),
    "invalid_reason": _("Choose a reason from the list."),
    "hand_peer": _("Choose who takes over."),
    "hand_mode": _("Choose how it was handed over."),
    "hand_text": _("Write down what was handed over and to whom."),
}
ASIDE = {"key", "csrfmiddlewaretoken", "action"}
"""Not part of what was typed."""
LEAVES = options.OptionList(options.leaves, hint=_("Name, code or a word of it"))
PLACES = options.OptionList(options.places, hint=_("Name or part of it"))
UNITS = options.OptionList(options.units, hint=_("As the catalogue says"))
PRAISED = options.OptionList(options.units, hint=_("Name or part of it"))
REJECTS = options.OptionList(lambda: options.reasons(ReasonUse.REJECT), is_long=False)
INVALIDS = options.OptionList(lambda: options.reasons(ReasonUse.INVALID), is_long=False)


def fresh_key() -> str:
    """Names one form: its draft, and the one order that comes of it."""
    return f"desk:{secrets.token_hex(12)}"


def words(label: Any, rows: int, **kwargs: Any) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=4000, required=False, widget=area, **kwargs)


def line(label: Any, most: int, **attrs: Any) -> forms.CharField:
    box = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    return forms.CharField(label=label, max_length=most, required=False, widget=box)


class DeskForm(forms.Form):
    """Nothing is required by itself: what is, depends on the action (`NEEDED`)."""

    key = forms.RegexField(r"^desk:[0-9a-f]{24}\Z", widget=forms.HiddenInput)
    action = forms.ChoiceField(choices=[(code, code) for code in ACTIONS], required=False)
    suggested = forms.CharField(max_length=6, required=False, widget=forms.HiddenInput)
    by_hand = forms.CharField(max_length=3, required=False, widget=forms.HiddenInput)
    """Set once the operator chose the identity mode; until then the kind decides (a report: confidential)."""

    phone = line(_("Phone or order number"), 40, inputmode="text")
    name = line(_("Caller's name"), 60)
    mode = forms.ChoiceField(
        label=_("Identity"),
        choices=Mode.choices,
        widget=forms.RadioSelect,
        required=False,
        initial=Mode.REAL_NAME,
    )
    content = words(_("What the caller said"), 5)
    address = line(_("Address"), 200)
    place = CodeField(place_choices, widget=PLACES, label=_("Place"), required=False)
    kind = CodeField(kind_choices, label=_("Kind"), required=False)
    category = CodeField(leaf_choices, widget=LEAVES, label=_("Category"), required=False)
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, required=False, initial=Urgency.N
    )
    confirmed = forms.BooleanField(label=_("Confirmed: life or property is in danger"), required=False)
    unit = UnitField(widget=UNITS, label=_("Handling unit"), required=False)
    reason = line(_("Why another unit than the catalogue's"), 300)

    praise_unit = UnitField(widget=PRAISED, label=_("Praised unit"), required=False)
    praise_person = line(_("Person praised"), 60)
    praise_deed = line(_("What was done"), 400)
    praise_consent = forms.BooleanField(label=_("The person agrees to be named"), required=False)

    answer_text = words(_("Answer given to the caller"), 4)
    reject_reason = CodeField(
        lambda: reason_choices(ReasonUse.REJECT), widget=REJECTS, label=_("Reason"), required=False
    )
    reject_text = words(_("What was told to the caller"), 2)
    invalid_reason = CodeField(
        lambda: reason_choices(ReasonUse.INVALID), widget=INVALIDS, label=_("Reason"), required=False
    )
    invalid_text = line(_("Remarks"), 300)
    hand_peer = forms.ChoiceField(
        label=_("Handed to"), choices=[("", _("– choose –")), *wording.PEERS.items()], required=False
    )
    hand_mode = forms.ChoiceField(
        label=_("How"), choices=[("", _("– choose –")), *wording.HAND_OVER_MODES.items()], required=False
    )
    hand_consent = forms.BooleanField(label=_("The caller agreed"), required=False)
    hand_text = words(_("What was handed over and to whom"), 2)

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        if is_order_number(normal_order_number(phone)):
            raise ValidationError(
                _("This is an order's number. For a new order type the caller's phone, or nothing.")
            )
        return phone

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in NEEDED[data.get("action") or "submit"]:
            if name not in self.errors and not str(data.get(name) or "").strip():
                self.add_error(name, NEED_WORDS[name])
        return data

    def refuse(self, field: str | None, message: str) -> None:
        """Put a rule's refusal beside the field it names, else on top."""
        field = FIELD_OF[self.cleaned_data.get("action") or "submit"].get(field or "", field)
        self.add_error(field if field in self.fields else None, message)

    def order_input(self) -> OrderInput:
        data = self.cleaned_data
        mode = data["mode"] if data["by_hand"] or data["mode"] != Mode.REAL_NAME else ""
        return OrderInput(
            content=data["content"],
            kind=data["kind"],
            category=data["category"],
            place=data["place"],
            address=data["address"],
            urgency=data["urgency"],
            suggested_category=data["suggested"],
            caller=CallerInput(data["name"], data["phone"], mode),
        )

    def ending(self) -> Ending:
        data = self.cleaned_data
        action = data["action"] or "submit"
        own = {verb: data[name] for verb, name in FIELD_OF[action].items() if not name.startswith("praise")}
        if action == "dispatch":
            own = {"unit": data["unit"], "reason": data["reason"]}
        praise = Praise(
            data["praise_unit"], data["praise_person"], data["praise_deed"], data["praise_consent"]
        )
        return Ending(action=action, praise=praise, confirmed=data["confirmed"], **own)


def typed(data: Mapping[str, str]) -> dict[str, str]:
    """What a person typed or chose, as it came: for the draft. Presets alone are nothing."""
    found = {name: data.get(name, "") for name in DeskForm.base_fields if name not in ASIDE}
    presets = {"mode": Mode.REAL_NAME, "urgency": Urgency.N, "suggested": None}
    if all(not value or presets.get(name, "") in (value, None) for name, value in found.items()):
        return {}
    return {name: value for name, value in found.items() if value}
