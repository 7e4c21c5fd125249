"""Who saw what of whom, when and why: reading the access log, for the auditor.

Nothing here changes the log; taking a copy of it adds a line to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hotline.accounts.models import Role, User
from workorders.access import log_access
from workorders.errors import NotAllowed
from workorders.models import AccessLog
from workorders.models.accesslog import AccessAct

REVEALS_A_DAY = 30
"""More than this by one person in a day is an alarm."""
MOST_ROWS = 50_000
"""An export has at most so many rows: the newest."""


@dataclass(frozen=True)
class AccessFilter:
    """Empty fields narrow nothing. `since` is included, `until` is not."""

    person: str = ""
    order: str = ""
    act: str = ""
    field: str = ""
    reason: str = ""
    ip: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def facts(self) -> dict[str, str]:
        """What was asked for, for the log."""
        values = {**asdict(self), "since": iso(self.since), "until": iso(self.until)}
        return {name: value for name, value in values.items() if value}


def iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def require_auditor(user: User) -> None:
    if user.role != Role.AUDITOR or not user.is_active:
        raise NotAllowed(_("Only an auditor reads the access log."))


def accesses(wanted: AccessFilter) -> QuerySet[AccessLog]:
    """Lines of the access log with their person, units and order; the caller sorts and pages them."""
    rows = AccessLog.objects.select_related("user", "order").prefetch_related("user__units")
    rows = rows.defer("order__content", "order__bigrams", "order__public_reply")
    if wanted.person:
        people = User.objects.filter(Q(username__icontains=wanted.person) | Q(name__icontains=wanted.person))
        rows = rows.filter(user__in=people)
    exact = {"order__number": wanted.order, "act": wanted.act, "field": wanted.field, "ip": wanted.ip}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.reason:
        rows = rows.filter(reason__icontains=wanted.reason)
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    return rows.filter(at__lt=wanted.until) if wanted.until else rows


@dataclass(frozen=True)
class Revealer:
    """How many fields a person had revealed in a span, and whether that is more than a day's work needs."""

    user: User
    count: int

    @property
    def is_alarming(self) -> bool:
        return self.count > REVEALS_A_DAY


def most_revealing(since: datetime, until: datetime, limit: int = 10) -> list[Revealer]:
    """Who had most fields revealed, most first."""
    lines = AccessLog.objects.filter(act=AccessAct.REVEAL, at__gte=since, at__lt=until, user__isnull=False)
    counts = (
        lines.order_by().values_list("user").annotate(count=Count("pk")).order_by("-count", "user")[:limit]
    )
    people = User.objects.in_bulk([pk for pk, _count in counts])
    return [Revealer(people[pk], count) for pk, count in counts]


def people_alarming(since: datetime, until: datetime) -> int:
    """How many people had more fields revealed than a day's work needs."""
    lines = AccessLog.objects.filter(act=AccessAct.REVEAL, at__gte=since, at__lt=until).order_by()
    return lines.values("user").annotate(count=Count("pk")).filter(count__gt=REVEALS_A_DAY).count()


@transaction.atomic
def export(
    wanted: AccessFilter, *, actor: User, now: datetime, kind: str, request: HttpRequest | None = None
) -> tuple[AccessLog, Iterator[AccessLog]]:
    """The line that records this export, and the rows to write, newest first, at most MOST_ROWS.

    The export itself is not among them. Raises NotAllowed."""
    require_auditor(actor)
    rows = accesses(wanted).filter(at__lt=now).order_by("-at", "-pk")[:MOST_ROWS]
    facts: dict[str, Any] = {
        "what": "access log",
        "as": kind,
        "rows": rows.count(),
        "filters": wanted.facts(),
    }
    line = log_access(AccessAct.EXPORT, user=actor, now=now, request=request, facts=facts)
    return line, rows.iterator(chunk_size=1_000)
