"""Whether the system works, for watchdogs: `/readyz` says yes or what is wrong, `/metrics` gives the figures.

Progress is watched, not processes: a worker can live and do nothing."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import groupby

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hotline.lib.requests import client_ip
from workorders.lifecycle import OPEN

SWEEP_AGE, STEP_AGE, NOTICE_AGE = timedelta(seconds=15), timedelta(seconds=60), timedelta(seconds=120)
"""Older than this is wrong: the last sweep, a step that is due, a notice that has to leave."""
OLDEST = """
SELECT clock_timestamp(),
  (SELECT at FROM dispatch_sweep WHERE name = 'clocks'),
  (SELECT min(try_at) FROM dispatch_clockstep
   WHERE fired_at IS NULL AND cancelled_at IS NULL AND parked_at IS NULL),
  (SELECT min(created_at) FROM workorders_notice
   WHERE sent_at IS NULL AND dead_at IS NULL AND channel <> 'bell')
"""
COUNTS = {
    "hotline_due_steps": """SELECT count(*) FROM dispatch_clockstep
        WHERE fired_at IS NULL AND cancelled_at IS NULL AND parked_at IS NULL
          AND try_at <= clock_timestamp()""",
    "hotline_parked_steps": """SELECT count(*) FROM dispatch_clockstep
        WHERE parked_at IS NOT NULL AND fired_at IS NULL""",
    "hotline_unsent_notices": """SELECT count(*) FROM workorders_notice
        WHERE sent_at IS NULL AND dead_at IS NULL AND channel <> 'bell'""",
    "hotline_dead_notices": """SELECT count(*) FROM workorders_notice
        WHERE dead_at IS NOT NULL AND sent_at IS NULL AND NOT facts ? 'discarded'""",
    "hotline_overdue_orders": """SELECT count(*) FROM workorders_workorder
        WHERE state = ANY(%(open)s) AND due_at < clock_timestamp()""",
}


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 while everything moves; else 503 and every reason. Tells no more than codes and ages."""
    reasons = [*broken_broker(), *standing_still()]
    return JsonResponse({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


def standing_still() -> Iterator[str]:
    """What the database says about progress."""
    try:
        now, swept_at, due_at, queued_at = oldest()
    except Error:
        yield "database: does not answer"
        return
    if swept_at is None:
        yield "sweep: none has run yet"
    elif now - swept_at > SWEEP_AGE:
        yield f"sweep: the last was {seconds(now - swept_at)} s ago"
    if due_at is not None and now - due_at > STEP_AGE:
        yield f"clocks: one has been due for {seconds(now - due_at)} s"
    if queued_at is not None and now - queued_at > NOTICE_AGE:
        yield f"notices: one has been unsent for {seconds(now - queued_at)} s"


def oldest() -> tuple[datetime, datetime | None, datetime | None, datetime | None]:
    """The database's time, the last sweep, the step due longest, the notice unsent longest."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        return cursor.fetchone()


def broken_broker() -> Iterator[str]:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        yield "broker: does not answer"


def seconds(span: timedelta) -> int:
    return int(span.total_seconds())


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures in Prometheus' text format, for this machine and who has METRICS_TOKEN. No personal data."""
    if not may_read(request):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    try:
        text = "\n".join(lines_of(figures()))
    except Error:
        return HttpResponse("# the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse(f"{text}\n", content_type="text/plain; version=0.0.4")


def lines_of(values: Iterable[tuple[str, float]]) -> Iterator[str]:
    """Prometheus' lines: the type once before the gauges of one name, which stand together."""
    for name, group in groupby(values, key=lambda pair: pair[0].partition("{")[0]):
        yield f"# TYPE {name} gauge"
        yield from (f"{full_name} {value}" for full_name, value in group)


def may_read(request: HttpRequest) -> bool:
    """The bearer of the token, or a program on this machine that speaks for nobody behind a proxy."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.METRICS_TOKEN and hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
        return True
    if settings.TRUSTED_PROXIES < 1 and {"X-Forwarded-For", "Forwarded"} & set(request.headers):
        return False
    address = client_ip(request)
    return not address or ip_address(address).is_loopback


def figures() -> Iterator[tuple[str, float]]:
    """Every gauge with its value."""
    now, swept_at, due_at, queued_at = oldest()
    ages = {"last_sweep": swept_at, "oldest_due_step": due_at, "oldest_unsent_notice": queued_at}
    for name, at in ages.items():
        if at is not None:
            yield f"hotline_{name}_age_seconds", max((now - at).total_seconds(), 0)
    open_states = sorted(OPEN)
    with connection.cursor() as cursor:
        for name, query in COUNTS.items():
            cursor.execute(query, {"open": open_states})
            yield name, cursor.fetchone()[0]
        cursor.execute(
            "SELECT state, count(*) FROM workorders_workorder WHERE state = ANY(%s) GROUP BY 1", [open_states]
        )
        counted = dict(cursor.fetchall())
    for state in open_states:
        yield f'hotline_open_orders{{state="{state}"}}', counted.get(state, 0)
