"""What every endpoint shares: who may call, how much, and what a body may be."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from dispatch.api.throttling import PerUser
from hotline.lib.db_now import db_now
from workorders.access import order_for
from workorders.models import WorkOrder

LONGEST_NUMBER = 24


class TooLarge(APIException):
    status_code, default_code, default_detail = 413, "too_large", _("This body is too large.")


class PlainJSONParser(JSONParser):
    """JSON, also when somebody nests it a thousand deep: refused like any other nonsense, not a fault."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError() from None


class ApiView(APIView):
    """An endpoint for logged-in people and programs. `longest_body` in bytes; a larger body is refused
    unread."""

    parser_classes = [PlainJSONParser]
    throttle_classes = [PerUser]
    longest_body = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.longest_body:
            raise TooLarge()

    @cached_property
    def now(self) -> datetime:
        """The database's clock, asked once per request."""
        return db_now()

    def order(self, number: str) -> WorkOrder:
        """The visible order with this number; Http404 alike for foreign, missing and impossible ones."""
        if len(number) > LONGEST_NUMBER or not number.isalnum():
            raise Http404
        return order_for(self.request.user, number)


def checked(shape: type[Serializer], data: Any) -> dict[str, Any]:
    """The input in its shape. Raises ValidationError with the fields at fault."""
    serializer = shape(data=data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
