"""What each request may say: one shape for a new order and one for every verb."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from dispatch.api.fields import (
    LARGEST,
    OptionalChoice,
    OptionalText,
    OutcomeCode,
    StrictSerializer,
    TextInput,
    UnitCode,
    Username,
)
from dispatch.assigning import CONTACT_CHANNELS
from workorders.access import REVEALABLE
from workorders.closing import MODES, PEERS
from workorders.lifecycle import Channel, Mode, Urgency
from workorders.models.callback import Attempt, Satisfaction, Solved


class CallerShape(StrictSerializer):
    name = OptionalText(max_length=60)
    phone = OptionalText(max_length=40)
    mode = OptionalChoice(Mode.choices, help_text=_("Empty: the kind's default; anonymous without a caller."))


class NewOrder(StrictSerializer):
    channel = serializers.ChoiceField(Channel.choices)
    kind = OptionalText(max_length=12)
    category = OptionalText(max_length=6)
    title = OptionalText(max_length=120)
    content = serializers.CharField(max_length=20_000)
    address = OptionalText(max_length=200)
    place = OptionalText(max_length=16)
    urgency = OptionalChoice(Urgency.choices)
    caller = CallerShape(required=False, allow_null=True)
    draft = serializers.BooleanField(required=False, default=False)


class VerbInput(StrictSerializer):
    """`version`: the version of the order you saw."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST)


class LooseVerbInput(StrictSerializer):
    """`version` may be left out: such an act conflicts with nothing."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)


class SubmitInput(VerbInput):
    pass


class ClassifyInput(VerbInput):
    kind = OptionalText(max_length=12)
    category = OptionalText(max_length=6)
    place = OptionalText(max_length=16)
    urgency = OptionalChoice(Urgency.choices)
    reason = TextInput(max_length=300)


class AnswerInput(VerbInput):
    text = TextInput()


class DispatchInput(VerbInput):
    unit = UnitCode()
    co = serializers.ListField(child=UnitCode(), required=False, default=list, max_length=10)
    reason = OptionalText(max_length=300)


class SignInput(VerbInput):
    handler = Username(required=False)


class ContactInput(VerbInput):
    at = serializers.DateTimeField()
    channel = serializers.ChoiceField(CONTACT_CHANNELS)
    reached = serializers.BooleanField()
    text = TextInput()


class ReturnInput(VerbInput):
    reason = serializers.CharField(max_length=8)
    basis = TextInput(max_length=300)
    suggested_unit = UnitCode(required=False, allow_null=True)
    text = OptionalText(max_length=5000)


class ReviewReturnInput(VerbInput):
    uphold = serializers.BooleanField()
    text = TextInput()


class AdjudicateInput(VerbInput):
    lead = UnitCode()
    co = serializers.ListField(child=UnitCode(), required=False, default=list, max_length=10)
    grounds = TextInput()


class ProgressInput(VerbInput):
    text = TextInput()
    at = serializers.DateTimeField(required=False)


class AssignInput(VerbInput):
    handler = Username()


class ReplyInput(VerbInput):
    internal = TextInput(max_length=20_000)
    public = TextInput(max_length=20_000)
    outcome = OutcomeCode()
    promise_on = serializers.DateField(required=False, allow_null=True)


class ReviewReplyInput(VerbInput):
    accept = serializers.BooleanField()
    text = OptionalText(max_length=5000)


class CallbackInput(VerbInput):
    attempt = serializers.ChoiceField(Attempt.choices)
    contacted = serializers.BooleanField(required=False, allow_null=True, default=None)
    service = OptionalChoice(Satisfaction.choices)
    result = OptionalChoice(Satisfaction.choices)
    solved = OptionalChoice(Solved.choices)
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, default=list, max_length=20
    )
    text = OptionalText(max_length=5000)


class ReworkInput(VerbInput):
    redo = serializers.BooleanField()
    text = TextInput()


class CloseInput(VerbInput):
    outcome = OutcomeCode(required=False, allow_blank=True, default="")
    text = OptionalText(max_length=5000)


class ForwardInput(VerbInput):
    unit = UnitCode()
    text = TextInput()


class HandOverInput(VerbInput):
    peer = serializers.ChoiceField(PEERS)
    mode = serializers.ChoiceField(MODES)
    consent = serializers.BooleanField()
    text = TextInput()


class RefuseInput(VerbInput):
    reason = serializers.CharField(max_length=8)
    text = OptionalText(max_length=5000)


class AppealInput(VerbInput):
    reason = OptionalText(max_length=300)
    text = TextInput()


class TextVerbInput(VerbInput):
    text = TextInput()


class RemindInput(LooseVerbInput):
    text = TextInput()


class NoteInput(LooseVerbInput):
    text = TextInput()


class RevealInput(LooseVerbInput):
    field = serializers.ChoiceField(REVEALABLE)
    reason = TextInput(max_length=200)


class MergeInput(VerbInput):
    into = serializers.CharField(max_length=40, help_text=_("The number of the order that stays."))


class UnmergeInput(VerbInput):
    reason = TextInput(max_length=300)
