"""Celery's way in to this app: no rules here, safe to run twice."""

from celery import shared_task

from workorders import relay


@shared_task(ignore_result=True)
def send_due_notices(limit: int = 500) -> None:
    """Beat entry: carry out what is due. Any number may run at once."""
    relay.send_due(limit=limit)
