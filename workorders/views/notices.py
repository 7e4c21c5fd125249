"""/notices/: what happened that concerns me, and the bell in the top bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from hotline.lib.db_now import db_now
from workorders.models import Notice, WorkOrder
from workorders.notices import BELL_LENGTH, bell_of, mark_seen, unread_count, words_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@login_required
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """A page of notices, newest first. Opening the first one is looking: nothing is unread afterwards."""
    before, seen_at = cursor_of(request.GET.get("cursor", "")), request.user.notices_seen_at
    found = list(bell_of(request.user, before=before, limit=BELL_LENGTH + 1))
    more, found = len(found) > BELL_LENGTH, found[:BELL_LENGTH]
    if before is None:
        mark_seen(request.user, db_now())
    context = {"rows": rows_of(request, found, seen_at), "next": cursor_at(found[-1]) if more else None}
    return render(request, "workorders/notices.html", context)


def rows_of(request: HttpRequest, found: list[Notice], seen_at: datetime | None) -> list[dict]:
    """Notices as the page shows them; an order that this person may no longer see is named without a link."""
    ids = {notice.order_id for notice in found}
    visible = WorkOrder.objects.visible_to(request.user).filter(pk__in=ids)
    numbers = dict(visible.values_list("pk", "number"))
    return [
        {
            "words": words_of(notice),
            "at": notice.created_at,
            "urgency": notice.facts.get("urgency", ""),
            "number": numbers.get(notice.order_id, ""),
            "is_new": seen_at is None or notice.created_at > seen_at,
        }
        for notice in found
    ]


def cursor_at(notice: Notice) -> str:
    return f"{(notice.created_at - EPOCH) // timedelta(microseconds=1)}.{notice.pk}"


def cursor_of(text: str) -> tuple[datetime, int] | None:
    """None for the first page, and for a text that is no cursor."""
    ticks, dot, pk = text.partition(".")
    try:
        return (EPOCH + timedelta(microseconds=int(ticks)), int(pk)) if dot else None
    except (ValueError, OverflowError):
        return None


@login_required
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, polled: 304 while its number stays."""
    unread = unread_count(request.user)
    etag = f'"{unread}-{get_language()}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = render(request, "_bell.html", {"unread": unread})
    response["ETag"], response["Cache-Control"] = etag, "private, no-store"
    return response
