"""Fields of the API's inputs: codes that become rows, and a shape that refuses what it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from dispatch.routing import units_by_code
from hotline.accounts.models import Role, Unit, User
from workorders import vocabulary
from workorders.models import Kind

LARGEST = 2**31 - 1
LONG_TEXT = 5000


def printable(name: str) -> str:
    """A field's name as it can be told back: short, and without halves of characters, which no answer could
    carry."""
    return name[:60].encode("utf-8", "replace").decode()


class StrictSerializer(serializers.Serializer):
    """An input in which every field must be known: nobody sets a state, a unit or a time by naming it."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise serializers.ValidationError(
                {printable(name): [_("This field is not known here.")] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class TextInput(serializers.CharField):
    """A text a person wrote."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": LONG_TEXT, **options})


class OptionalText(serializers.CharField):
    """A text or code that may be left out, be empty or null: all three mean "not known"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"required": False, "allow_blank": True, "allow_null": True, "default": "", **options}
        )

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, "") if data is None else super().validate_empty_values(data)


class OptionalChoice(serializers.ChoiceField):
    """One of the choices, or left out, empty or null."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **{"required": False, "allow_blank": True, "default": "", **options})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return (True, "") if data is None else super().validate_empty_values(data)


@extend_schema_field(OpenApiTypes.STR)
class UnitCode(serializers.CharField):
    """The code of an active unit; gives the unit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, **options})

    def run_validation(self, data: Any = empty) -> Unit | None:
        if (code := super().run_validation(data)) is None:
            return None
        unit = units_by_code.get().get(code) or Unit.objects.filter(code=code, is_active=True).first()
        if unit is None:
            raise serializers.ValidationError(_("Unknown code: %(code)s.") % {"code": code})
        return unit


@extend_schema_field(OpenApiTypes.STR)
class Username(serializers.CharField):
    """The login name of a person who works in a unit; gives the person."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 150, **options})

    def run_validation(self, data: Any = empty) -> User:
        name = super().run_validation(data)
        user = User.objects.filter(username=name, role=Role.UNIT, is_active=True).first()
        if user is None:
            raise serializers.ValidationError(_("This person does not work in the unit."))
        return user


class OutcomeCode(serializers.CharField):
    """An outcome that some kind of order knows; whether it fits this order's kind is the verb's own rule."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 20, **options})

    def run_validation(self, data: Any = empty) -> str:
        code = super().run_validation(data)
        if code and not any(code in kind.outcomes for kind in vocabulary.rows(Kind)):
            raise serializers.ValidationError(_("Unknown code: %(code)s.") % {"code": code})
        return code
