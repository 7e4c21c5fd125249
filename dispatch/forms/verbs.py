"""One form per verb of an order. Field names are the parameters of the verb's function (see
`dispatch/verbs.py`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch import wording
from dispatch.forms.fields import (
    CodeField,
    OrderField,
    UnitField,
    UnitsField,
    YesNoField,
    kind_choices,
    leaf_choices,
    place_choices,
    reason_choices,
)
from dispatch.forms.options import OptionList, leaves, places
from hotline.accounts.models import Role, User
from workorders.lifecycle import Urgency
from workorders.models import WorkOrder
from workorders.models.reason import ReasonUse


def text_area(rows: int = 3, **attrs: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": 4000, **attrs})


def words(label: Any, *, rows: int = 3, required: bool = True, **kwargs: Any) -> forms.CharField:
    """A text of some sentences."""
    return forms.CharField(label=label, widget=text_area(rows), max_length=4000, required=required, **kwargs)


class VerbForm(forms.Form):
    """`version` is the order's version that this person saw: the verb refuses when it is not the present
    one."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: WorkOrder, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "version": order.version,
            **self.first_values(order),
            **kwargs.get("initial", {}),
        }
        super().__init__(*args, auto_id=f"{self.prefix_of(order)}_%s", **kwargs)
        self.order, self.user = order, user
        self.prepare(order, user)

    @classmethod
    def prefix_of(cls, order: WorkOrder) -> str:
        """Ids stay unique when forms of several orders are on a page."""
        return f"v{order.pk}{cls.__name__.lower()}"

    def first_values(self, order: WorkOrder) -> dict[str, Any]:
        return {}

    def prepare(self, order: WorkOrder, user: User) -> None:
        """Choices that depend on the order."""

    def facts(self) -> dict[str, Any]:
        """Arguments of the verb's function, besides who, when and the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class BareForm(VerbForm):
    """Nothing to fill in."""


class NoteForm(VerbForm):
    text = words(_("Note"))


class RemindForm(VerbForm):
    text = words(_("What the unit is reminded of"))


class WithdrawForm(VerbForm):
    text = words(_("How the caller withdrew it"))


class ReopenForm(VerbForm):
    text = words(_("What is new"))


class AnswerForm(VerbForm):
    text = words(_("Answer given to the caller"), rows=5)


class ClassifyForm(VerbForm):
    kind = CodeField(kind_choices, label=_("kind"), required=False)
    category = CodeField(leaf_choices, label=_("category"), required=False, widget=OptionList(leaves))
    place = CodeField(place_choices, label=_("place"), required=False, widget=OptionList(places))
    urgency = forms.ChoiceField(label=_("urgency"), choices=Urgency.choices, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
    suggested = forms.CharField(widget=forms.HiddenInput, max_length=6, required=False)
    """The category that the machine named first: whoever chooses otherwise teaches it."""

    def first_values(self, order: WorkOrder) -> dict[str, Any]:
        return {
            "kind": order.kind_id or "",
            "category": order.category.code if order.category else "",
            "place": order.place.code if order.place else "",
            "urgency": order.urgency,
        }

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        if facts["urgency"] == self.order.urgency:
            facts["urgency"] = ""  # unchanged: a new leaf may still raise it
        return facts


class DispatchForm(VerbForm):
    unit = UnitField(label=_("Lead"))
    co = UnitsField(label=_("Co-handling"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when the order goes elsewhere than the catalogue says."),
    )


class ForwardForm(VerbForm):
    unit = UnitField(label=_("Praised unit"))
    text = words(_("What the unit is thanked for"))


class AdjudicateForm(VerbForm):
    lead = UnitField(label=_("Lead"))
    co = UnitsField(label=_("Co-handling"))
    grounds = words(_("Grounds of the ruling"))


class HandlerForm(VerbForm):
    """Names a person of the unit that holds the order."""

    handler = forms.ModelChoiceField(User.objects.none(), label=_("Handler"), empty_label=None)

    def prepare(self, order: WorkOrder, user: User) -> None:
        people = User.objects.filter(role=Role.UNIT, is_active=True, units=order.unit_id).order_by("username")
        self.fields["handler"].queryset = people


class ContactForm(VerbForm):
    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    channel = forms.ChoiceField(label=_("How"), choices=list(wording.CONTACT_CHANNELS.items()))
    reached = YesNoField(_("Reached"), _("Not reached"), label=_("Result"))
    text = words(_("What was said"))

    def first_values(self, order: WorkOrder) -> dict[str, Any]:
        return {"at": timezone.localtime().replace(second=0, microsecond=0), "channel": "phone"}


class ProgressForm(VerbForm):
    text = words(_("What was found or done so far"))


class ReturnForm(VerbForm):
    reason = CodeField(lambda: reason_choices(ReasonUse.RETURN), label=_("Reason"))
    basis = forms.CharField(label=_("Legal basis"), max_length=300)
    suggested_unit = UnitField(label=_("Suggested unit"), required=False)
    text = words(_("Explanation"), required=False)


class ReviewReturnForm(VerbForm):
    uphold = YesNoField(_("Uphold: dispatch anew"), _("Refuse: the unit handles it"), label=_("Decision"))
    text = words(_("Grounds of the decision"))


class ReplyForm(VerbForm):
    outcome = forms.ChoiceField(label=_("Outcome"), widget=forms.RadioSelect)
    internal = words(
        _("Internal account"),
        rows=6,
        help_text=_("For the hotline: what was done, by whom, with what result."),
    )
    public = words(
        _("Public answer"), rows=7, help_text=_("The citizen reads exactly this. No data of other people.")
    )
    promise_on = forms.DateField(
        label=_("Promised for"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only when something is left to do by a day you name."),
    )

    def prepare(self, order: WorkOrder, user: User) -> None:
        outcomes = order.kind.outcomes if order.kind else []
        self.fields["outcome"].choices = [(code, wording.words(wording.OUTCOMES, code)) for code in outcomes]


class ReviewReplyForm(VerbForm):
    accept = YesNoField(_("Accept"), _("Send back to the unit"), label=_("Decision"))
    text = words(_("Remarks"), required=False, help_text=_("When it goes back: what the unit must add."))


class ReworkForm(VerbForm):
    redo = YesNoField(
        _("Rework: a new round with the same unit"), _("Close: the answer stands"), label=_("Decision")
    )
    text = words(_("Grounds of the decision"))


class CloseForm(VerbForm):
    text = words(_("Grounds"), required=False)


class MergeForm(VerbForm):
    into = OrderField(label=_("Number of the order it is merged into"), max_length=30)

    def prepare(self, order: WorkOrder, user: User) -> None:
        self.fields["into"].viewer = user


class UnmergeForm(VerbForm):
    reason = words(_("Why they are two matters"))


class HandOverForm(VerbForm):
    peer = forms.ChoiceField(label=_("Handed to"), choices=list(wording.PEERS.items()))
    mode = forms.ChoiceField(label=_("How"), choices=list(wording.HAND_OVER_MODES.items()))
    consent = forms.BooleanField(label=_("The caller agreed"), required=False)
    text = words(_("What was handed over and to whom"))


class RejectForm(VerbForm):
    reason = CodeField(lambda: reason_choices(ReasonUse.REJECT), label=_("Reason"))
    text = words(_("What was told to the caller"), required=False)


class InvalidateForm(VerbForm):
    reason = CodeField(lambda: reason_choices(ReasonUse.INVALID), label=_("Reason"))
    text = words(_("Remarks"), required=False)


class AppealForm(VerbForm):
    text = words(_("Why it is taken up again"))


class RevealForm(forms.Form):
    """Why somebody looks at a caller's data. The reason is recorded."""

    field = forms.ChoiceField(label=_("Field"), choices=list(wording.REVEALABLE.items()))
    reason = forms.CharField(label=_("Reason"), min_length=2, max_length=200)
