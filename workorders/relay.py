"""Carrying notices out: at least once, with the notice's key as message id, so that a receiver can drop
repeats.

A claim is committed before anything is sent: who dies while sending leaves a notice that is tried again when
the claim runs out. Nothing is sent inside a transaction."""

from __future__ import annotations

import http.client
import json
import logging
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from hotline.lib.db_now import db_now
from hotline.lib.outgoing import AddressRefused, post, signed_headers
from workorders.models import Notice
from workorders.models.notice import NoticeChannel
from workorders.notices import words_of

logger = logging.getLogger(__name__)
CLAIM = 10
"""Notices claimed at once: even if each takes its whole timeout, all are tried before the claim runs out."""
HELD_FOR = timedelta(seconds=60)
TRIES = 8
BACKOFF = timedelta(seconds=1)
"""After the first failure; doubled after each further one. After about two minutes a notice is dead."""
PLACEHOLDER = re.compile(r"\{(number|words|url|kind|unit|urgency)\}")


def unsent() -> QuerySet[Notice]:
    """Notices that have to leave and have not. What the bell shows is delivered by being a row."""
    waiting = Notice.objects.filter(sent_at__isnull=True, dead_at__isnull=True)
    return waiting.exclude(channel=NoticeChannel.BELL)


def send_due(now_of: Callable[[], datetime] = db_now, limit: int | None = None) -> int:
    """Send what is due, at most `limit`, and return how many were tried."""
    tried = 0
    while limit is None or tried < limit:
        claimed = claim(now_of(), CLAIM if limit is None else min(CLAIM, limit - tried))
        if not claimed:
            break
        deliver(claimed, now_of)
        tried += len(claimed)
    return tried


@transaction.atomic
def claim(now: datetime, size: int) -> list[Notice]:
    """Take the notices due longest, so that nobody else sends them for a while."""
    due = (
        unsent().filter(next_try_at__lte=now).select_related("endpoint", "unit").order_by("next_try_at", "pk")
    )
    notices = list(due.select_for_update(skip_locked=True, no_key=True, of=("self",))[:size])
    held = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
    held.update(next_try_at=now + HELD_FOR, tries=F("tries") + 1)
    for notice in notices:
        notice.tries += 1
    return notices


def deliver(notices: Iterable[Notice], now_of: Callable[[], datetime]) -> None:
    """Send claimed notices. Once an endpoint cannot be reached, the others for it wait: its timeout is paid
    once."""
    silent: set[int | None] = set()
    for notice in notices:
        if notice.endpoint_id in silent:
            give_back(notice, now_of())
            continue
        try:
            send(notice, now_of())
        except (OSError, http.client.HTTPException) as error:
            silent.add(notice.endpoint_id)
            put_off(notice, now_of(), error)
        except (AddressRefused, ValueError) as error:
            put_off(notice, now_of(), error)
        else:
            Notice.objects.filter(pk=notice.pk).update(sent_at=now_of(), error="")


def send(notice: Notice, now: datetime) -> None:
    """One HTTP exchange. Raises ValueError for an answer that is no success."""
    endpoint = notice.endpoint
    if endpoint is None or not endpoint.is_active:
        raise ValueError("the endpoint is switched off")
    body = body_of(notice)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Hotline"}
    secrets = [endpoint.secret, endpoint.old_secret]
    headers |= signed_headers(notice.key, int(now.timestamp()), body, secrets)
    status = post(endpoint.url, body, headers, allow_private=endpoint.allow_private)
    if not 200 <= status < 300:
        raise ValueError(f"HTTP {status}")


def body_of(notice: Notice) -> bytes:
    """What the receiver gets: codes, the order's number and a sentence; never a name, a phone or what was
    said."""
    with translation.override(settings.LANGUAGE_CODE):
        words = words_of(notice)
    number = notice.facts.get("number", "")
    values = {
        "number": number,
        "words": words,
        "url": address_of(number),
        "kind": notice.kind,
        "unit": notice.unit.code if notice.unit else "",
        "urgency": notice.facts.get("urgency", ""),
    }
    if notice.endpoint is not None and notice.endpoint.template:
        return filled(notice.endpoint.template, values).encode()
    data: dict[str, Any] = {**values, "role": notice.role, "due_at": notice.facts.get("due_at")}
    message = {"type": notice.kind, "timestamp": notice.created_at.isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False).encode()


def filled(template: str, values: dict[str, str]) -> str:
    """The template with its placeholders replaced, escaped for the JSON string in which each stands."""
    return PLACEHOLDER.sub(lambda found: json.dumps(values[found[1]], ensure_ascii=False)[1:-1], template)


def address_of(number: str) -> str:
    """Where the order is shown; empty until the site knows its own address."""
    try:
        return f"{settings.SITE_URL}{reverse('order', args=[number])}" if number else ""
    except NoReverseMatch:
        return settings.SITE_URL


def put_off(notice: Notice, now: datetime, error: Exception) -> None:
    """Try again later, twice as late each time; after eight tries it is dead and waits for somebody."""
    reason = f"{type(error).__name__}: {error}"[:300]
    dead = now if notice.tries >= TRIES else None
    if dead:
        logger.error("notice %s to endpoint %s is dead: %s", notice.key, notice.endpoint, reason)
    later = now + BACKOFF * 2 ** (notice.tries - 1)
    Notice.objects.filter(pk=notice.pk).update(next_try_at=later, dead_at=dead, error=reason)


def give_back(notice: Notice, now: datetime) -> None:
    """It was claimed but not tried."""
    later = now + BACKOFF * 2 ** (notice.tries - 1)
    Notice.objects.filter(pk=notice.pk).update(next_try_at=later, tries=F("tries") - 1)


def send_again(notice_ids: Iterable[int], *, now: datetime) -> int:
    """Give dead notices another eight tries. Returns how many there were."""
    dead = Notice.objects.filter(pk__in=list(notice_ids), dead_at__isnull=False, sent_at__isnull=True)
    return dead.update(dead_at=None, tries=0, next_try_at=now, error="")


def next_try() -> datetime | None:
    """When the next unsent notice may be tried; None when everything is sent or dead."""
    return unsent().order_by("next_try_at").values_list("next_try_at", flat=True).first()
