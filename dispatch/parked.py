"""Steps of clocks that failed five times: shown to the administrator, who has them tried again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dispatch.escalation import try_again
from dispatch.models import ClockStep
from hotline.accounts.changing import require_admin
from hotline.accounts.history import record_change
from hotline.accounts.models import User
from hotline.lib.errors import InvalidInput


def parked_steps() -> QuerySet[ClockStep]:
    """What waits for somebody, longest parked first."""
    parked = ClockStep.objects.filter(
        parked_at__isnull=False, fired_at__isnull=True, cancelled_at__isnull=True
    )
    return parked.select_related("clock").order_by("parked_at", "pk")


@transaction.atomic
def retry(step: ClockStep, *, actor: User | None, now: datetime) -> None:
    """Give a step another five tries. Raises InvalidInput when it is not parked any more,
    NotAdministrator."""
    require_admin(actor)
    if not try_again([step.pk], now=now):
        raise InvalidInput(_("This step was dealt with already."))
    record_change(actor, step, str(step.pk), "retry", {"error": step.error}, {}, now)
