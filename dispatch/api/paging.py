"""Pages that cost the same however deep one reads: the next one starts after a key, not after a count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from workorders.errors import InvalidInput

DEFAULT_LIMIT, LARGEST_LIMIT = 50, 100
PARAMETERS = frozenset({"cursor", "limit"})
signer = signing.Signer(salt="dispatch.api.cursor")


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next: str | None
    """The address of the next page."""


def newest_first(queryset: QuerySet, request: Request) -> Page:
    """One page by creation, newest first. `limit` up to 100. Raises InvalidInput for a bad cursor or limit."""
    rows = queryset.order_by("-created_at", "-id")
    if key := read_cursor(request):
        try:
            at, last = datetime.fromisoformat(key[0]), int(key[1])
        except (ValueError, IndexError, TypeError):
            raise BadCursor from None
        rows = rows.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(id__lt=last))
    return cut(rows, request, lambda row: [row.created_at.isoformat(), row.pk])


def by_number(queryset: QuerySet, request: Request) -> Page:
    """One page of a trail, oldest first. Raises InvalidInput for a bad cursor or limit."""
    rows = queryset.order_by("number")
    if key := read_cursor(request):
        if len(key) != 1 or not isinstance(key[0], int):
            raise BadCursor
        rows = rows.filter(number__gt=key[0])
    return cut(rows, request, lambda row: [row.number])


class BadCursor(InvalidInput):
    message = _("This cursor is not valid.")

    def __init__(self) -> None:
        super().__init__(field="cursor")


def cut(rows: QuerySet, request: Request, key: Any) -> Page:
    limit = read_limit(request)
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    query = request.query_params.copy()
    query["cursor"] = signer.sign_object(key(found[limit - 1]))
    return Page(found[:limit], request.build_absolute_uri(f"{request.path}?{query.urlencode()}"))


def read_cursor(request: Request) -> list[Any] | None:
    """The key in the cursor. The address of a next page is taken as its cursor, so `next` can be handed back whole."""
    text = request.query_params.get("cursor", "")
    if "cursor=" in text:
        text = parse_qs(urlsplit(text).query).get("cursor", [""])[0]
    if not text:
        return None
    try:
        key = signer.unsign_object(text)
    except (signing.BadSignature, ValueError):
        raise BadCursor from None
    return key


def read_limit(request: Request) -> int:
    text = request.query_params.get("limit", "")
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_LIMIT):
        raise InvalidInput(_("Between 1 and %(most)s.") % {"most": LARGEST_LIMIT}, field="limit")
    return int(text)


def refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """Raises InvalidInput for a parameter that does not exist: a mistyped filter must not show everything."""
    for name in request.query_params:
        if name not in known:
            raise InvalidInput(_("This parameter is not known here."), field=name[:60])
