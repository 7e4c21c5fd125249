"""Who logged in, who tried in vain, from where and when. For the auditor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from axes.models import AccessFailureLog, AccessLog
from django.db.models import QuerySet


@dataclass(frozen=True)
class LoginFilter:
    """Empty fields narrow nothing. `since` is included, `until` is not."""

    person: str = ""
    ip: str = ""
    since: datetime | None = None
    until: datetime | None = None


def failures(wanted: LoginFilter) -> QuerySet[AccessFailureLog]:
    """Failed logins, with names as they were typed."""
    return narrowed(AccessFailureLog.objects.all(), wanted)


def successes(wanted: LoginFilter) -> QuerySet[AccessLog]:
    """Logins, and when they ended if somebody logged out."""
    return narrowed(AccessLog.objects.all(), wanted)


def narrowed(rows: QuerySet, wanted: LoginFilter) -> QuerySet:
    if wanted.person:
        rows = rows.filter(username__icontains=wanted.person)
    if wanted.ip:
        rows = rows.filter(ip_address=wanted.ip)
    if wanted.since:
        rows = rows.filter(attempt_time__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(attempt_time__lt=wanted.until)
    return rows
