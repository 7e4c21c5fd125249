"""Locked logins: five failures of one name from one address lock that pair for fifteen minutes.

The pair, not the name: nobody can lock the duty supervisor out from elsewhere; and not the address alone: a
whole call floor sits behind one."""

from datetime import datetime, timedelta

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from axes.utils import reset
from django.db.models import Max

from hotline.accounts.history import record_change
from hotline.accounts.models import User


def locked_for(username: str, ip: str, now: datetime) -> timedelta:
    """How long this name stays locked at this address, counted from the last attempt."""
    attempts = AccessAttempt.objects.filter(username=username, ip_address=ip or None)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or now
    return max(last + (get_cool_off() or timedelta()) - now, timedelta())


def unlock(user: User, actor: User | None, now: datetime) -> int:
    """Forget the failed logins of this name at every address; returns how many records there were."""
    forgotten = reset(username=user.username)
    if forgotten:
        record_change(actor, user, user.username, "unlock", {}, {}, now)
    return forgotten
