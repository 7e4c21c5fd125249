"""Pages over HTTP: `next` is the address of the following page, a parameter that does not fit is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from dispatch.paging import PAGE_SIZE, Cursor, page_of
from workorders.errors import InvalidInput

LARGEST_LIMIT = 100
LARGEST_NUMBER = 2**31 - 1
PARAMETERS = frozenset({"cursor", "limit"})
Page = tuple[list[Any], str | None]
"""The rows, and the address of the next page if there is one."""


def newest_first(queryset: QuerySet, request: Request) -> Page:
    """One page by creation, newest first. Raises InvalidInput for a bad cursor or limit."""
    text = read_cursor(request)
    at = Cursor.read(text)
    if text and (at is None or at.value is None):
        raise BadCursor
    page = page_of(queryset, by="-created_at", cursor=text, size=read_limit(request))
    return page.rows, address(request, page.next) if page.next else None


def by_number(events: QuerySet, request: Request) -> Page:
    """One page of a trail, oldest first. Raises InvalidInput for a bad cursor or limit."""
    text, limit = read_cursor(request) or "0", read_limit(request)
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_NUMBER):
        raise BadCursor
    rows = list(events.filter(number__gt=int(text)).order_by("number")[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], address(request, str(rows[limit - 1].number))


class BadCursor(InvalidInput):
    message = _("This cursor is not valid.")

    def __init__(self) -> None:
        super().__init__(field="cursor")


def address(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def read_cursor(request: Request) -> str:
    """The cursor asked for, empty for the first page. The whole address of a next page is taken too, so
    that `next` can be handed back as it came."""
    text = request.query_params.get("cursor", "")
    return parse_qs(urlsplit(text).query).get("cursor", [""])[0] if "cursor=" in text else text


def read_limit(request: Request) -> int:
    text = request.query_params.get("limit", "")
    if not text:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_LIMIT):
        raise InvalidInput(_("Between 1 and %(most)s.") % {"most": LARGEST_LIMIT}, field="limit")
    return int(text)


def refuse_unknown(request: Request, known: frozenset[str]) -> None:
    """Raises InvalidInput for a parameter that does not exist: a mistyped filter must not show everything."""
    for name in request.query_params:
        if name not in known:
            raise InvalidInput(_("This parameter is not known here."), field=name[:60])
