"""The list of orders behind one number of a review or a tally."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from analytics.lines import Line, line_words, orders_of_line
from dispatch.paging import page_of
from dispatch.rows import FIELDS, dressed
from hotline.lib.db_now import db_now


def line_page(request: HttpRequest, line: Line, *, back: tuple[Any, ...], as_of: datetime) -> HttpResponse:
    """Newest first, a page at a time. States and deadlines are those of now; which orders, those of
    `as_of`."""
    now = db_now()
    orders = orders_of_line(line, request.user).values(*FIELDS)
    page = page_of(orders, by="-created_at", cursor=request.GET.get("cursor", ""))
    context = {
        "words": line_words(line),
        "total": len(line.ids),
        "back": resolve_url(*back),
        "parent": back[1],
        "kind": back[0],
        "as_of_then": as_of,
        "rows": dressed(page.rows, now),
        "next": page.next,
        "now": now,
    }
    return render(request, "analytics/line.html", context)
