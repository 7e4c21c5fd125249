"""Celery's way in to the clocks. The rules are in `dispatch.escalation`; `manage.py sweep` does the same
without it."""

from celery import shared_task

from dispatch import escalation, idempotency
from hotline.lib.db_now import db_now


@shared_task(ignore_result=True)
def sweep_clocks(limit: int = 20_000) -> None:
    """Beat entry: fire what is due. Safe to run twice, and any number of times at once."""
    escalation.sweep(limit=limit)


@shared_task(ignore_result=True)
def forget_old_keys() -> None:
    """Beat entry, nightly: drop idempotency keys that nobody repeats any more."""
    idempotency.forget_old(db_now())
