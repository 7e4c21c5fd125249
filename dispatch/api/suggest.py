"""Suggestions over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch import suggesting
from dispatch.api.base import ApiView, checked
from dispatch.api.fields import OptionalText, StrictSerializer
from dispatch.api.outputs import Refusal
from hotline.lib.masking import mask_phone
from workorders.access import log_access
from workorders.lifecycle import State, Urgency
from workorders.models.accesslog import AccessAct


class SuggestInput(StrictSerializer):
    content = serializers.CharField(max_length=20_000, allow_blank=True)
    address = OptionalText(max_length=200)
    phone = OptionalText(max_length=40)


class Scored(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    score = serializers.FloatField()


class ScoredUnit(Scored):
    why = serializers.CharField()


class PlaceFound(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class UrgencyFound(serializers.Serializer):
    level = serializers.ChoiceField(Urgency.choices)
    matched = serializers.ListField(child=serializers.CharField())


class Duplicate(serializers.Serializer):
    number = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    likeness = serializers.FloatField(help_text="0 to 1: share of common character pairs.")
    same_caller = serializers.BooleanField()


class Suggested(serializers.Serializer):
    kind = serializers.CharField(allow_null=True)
    categories = Scored(many=True)
    units = ScoredUnit(many=True)
    place = PlaceFound(allow_null=True)
    urgency = UrgencyFound()
    duplicates = Duplicate(many=True)
    knowledge = serializers.ListField(child=serializers.DictField())


class Suggest(ApiView):
    @extend_schema(
        operation_id="suggest",
        tags=["suggestions"],
        request=SuggestInput,
        responses={200: Suggested, **{code: Refusal for code in (400, 401, 429)}},
    )
    def post(self, request: Request) -> Response:
        """Kind, categories, units with reasons, urgency, place and possible duplicates of a text."""
        data = checked(SuggestInput, request.data)
        if data["phone"]:
            log_access(
                AccessAct.SEARCH,
                user=request.user,
                now=self.now,
                field="phone",
                request=request,
                facts={"phone": mask_phone(data["phone"]), "part": "suggest"},
            )
        found = suggesting.suggest(**data, user=request.user, now=self.now)
        return Response(found.as_dict())
