"""Every refusal of the API in one shape: {code, detail, [fields], [details]}."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.utils import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from hotline.lib.errors import DomainError

LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED = "55P03", "40P01"
GENERAL = "non_field_errors"


def api_error(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a refusal inside an API view (REST_FRAMEWORK["EXCEPTION_HANDLER"]).

    None for what is not a refusal but a fault: it goes on to Django, is logged, and answers 500."""
    if isinstance(exc, Http404 | exceptions.NotFound):
        exc = exceptions.NotFound()  # one body for missing and hidden: it must not tell them apart
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, DjangoValidationError):
        exc = exceptions.ValidationError(get_error_detail(exc))
    elif isinstance(exc, DomainError):
        return as_response(exc, context)
    elif is_busy(exc):
        return as_response(Busy(), context)
    if not isinstance(exc, exceptions.APIException):
        return None
    response = exception_handler(exc, context)  # keeps Retry-After and WWW-Authenticate
    invalid = isinstance(exc, exceptions.ValidationError)
    response.data = validation_body(exc) if invalid else plain_body(exc)
    return response


class Busy(DomainError):
    """Someone else holds the row just now; nothing was changed, and trying again helps."""

    code = "busy"
    message = gettext_lazy("Someone else is working on this right now. Try again in a moment.")


def is_busy(exc: BaseException) -> bool:
    """True when the database gave up waiting for a lock, or chose this transaction to break a deadlock."""
    cause = exc.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return isinstance(exc, OperationalError) and state in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}


def as_response(refusal: DomainError, context: dict[str, Any]) -> Response:
    """The answer to a refusal of the domain. An open transaction around the view is rolled back."""
    base = exceptions.APIException()
    base.status_code = refusal.status
    response = exception_handler(base, context)
    body: dict[str, Any] = {"code": refusal.code, "detail": str(refusal.message)}
    if refusal.field:
        body["fields"] = {refusal.field: [body["detail"]]}
    if refusal.details:
        body["details"] = refusal.details
    response.data = body
    return response


def validation_body(exc: exceptions.ValidationError) -> dict[str, Any]:
    """Fields with their complaints; what concerns no field stands under non_field_errors."""
    fields = exc.detail if isinstance(exc.detail, dict) else {GENERAL: exc.detail}
    return {"code": "invalid", "detail": _("Some of the input does not fit."), "fields": fields}


def plain_body(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc.detail, exceptions.ErrorDetail):
        return {"code": exc.detail.code, "detail": str(exc.detail)}
    return {"code": exc.default_code, "detail": str(exc.default_detail), "details": exc.detail}
