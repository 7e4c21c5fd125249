"""Every refusal of the API has one shape."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.utils import OperationalError
from django.http import Http404
from django.utils import translation
from rest_framework import exceptions, serializers

from hotline.lib.errors import DomainError, InvalidInput
from hotline.lib.http import api_error


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class LockTimeout(Exception):
    sqlstate = "55P03"


class Deadlock(Exception):
    pgcode = "40P01"


def told(exc):
    """The answer, without an open transaction to roll back."""
    return api_error(exc, {"view": None, "request": None})


def database_error(cause):
    error = OperationalError("canceling statement due to lock timeout")
    error.__cause__ = cause
    return error


def test_a_refusal_of_the_domain_answers_with_its_status_and_code():
    answer = told(DomainError("No.", code="stale_version"))
    assert (answer.status_code, answer.data) == (409, {"code": "stale_version", "detail": "No."})


def test_a_refusal_names_the_field_at_fault():
    answer = told(InvalidInput("Not a unit.", field="unit"))
    assert answer.data == {"code": "invalid", "detail": "Not a unit.", "fields": {"unit": ["Not a unit."]}}


def test_a_refusal_carries_its_details():
    assert told(DomainError("No.", version=7)).data["details"] == {"version": 7}


def test_input_of_the_wrong_shape_is_400_with_its_fields():
    class Shape(serializers.Serializer):
        version = serializers.IntegerField()

    shape = Shape(data={"version": "many"})
    with pytest.raises(exceptions.ValidationError) as refused:
        shape.is_valid(raise_exception=True)
    answer = told(refused.value)
    assert answer.status_code == 400
    assert answer.data["code"] == "invalid"
    assert list(answer.data["fields"]) == ["version"]


def test_a_complaint_about_no_field_stands_under_its_own_name():
    assert told(exceptions.ValidationError("Odd.")).data["fields"] == {"non_field_errors": ["Odd."]}


def test_a_model_that_refuses_a_value_is_400():
    assert told(DjangoValidationError({"title": "Too long."})).data["fields"] == {"title": ["Too long."]}


def test_missing_and_hidden_have_the_same_body():
    missing = told(Http404("No WorkOrder matches the given query."))
    hidden = told(exceptions.NotFound("Order JN1 is not yours."))
    assert missing.status_code == hidden.status_code == 404
    assert missing.data == hidden.data
    assert missing.data["code"] == "not_found"


def test_a_refused_right_is_403():
    answer = told(PermissionDenied("secret reason"))
    assert (answer.status_code, answer.data["code"]) == (403, "permission_denied")
    assert "secret" not in answer.data["detail"]


def test_a_missing_login_is_told_by_its_code():
    assert told(exceptions.NotAuthenticated()).data["code"] == "not_authenticated"


def test_a_throttle_says_when_to_come_back():
    answer = told(exceptions.Throttled(wait=42))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "42")


@pytest.mark.parametrize("cause", [LockTimeout(), Deadlock()])
def test_a_row_held_by_another_is_busy(cause):
    answer = told(database_error(cause))
    assert (answer.status_code, answer.data["code"]) == (409, "busy")


def test_a_lost_database_is_a_fault_not_a_refusal():
    assert told(database_error(None)) is None


def test_a_bug_is_a_fault_not_a_refusal():
    assert told(RuntimeError("bug")) is None
