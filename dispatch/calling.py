"""Calling back as the hotline does it: the rule of `workorders.callbacks` with the tries that the clock
rules allow, and the list of whom to call next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from dispatch import retrying
from hotline.accounts.models import User
from workorders import callbacks
from workorders.callbacks import Answers
from workorders.lifecycle import State
from workorders.models import WorkOrder


def call_back(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    attempt: str,
    service: str = "",
    result: str = "",
    solved: str = "",
    contacted: bool | None = None,
    reasons: Sequence[str] = (),
    text: str = "",
) -> WorkOrder:
    """One attempt, with what the citizen said. See `workorders.callbacks.call_back` for what follows from
    it."""
    order = WorkOrder.objects.get(pk=order_id)
    return callbacks.call_back(
        order_id,
        actor=actor,
        now=now,
        expect=expect,
        attempt=attempt,
        answers=Answers(service, result, solved, contacted, reasons, text),
        tries_allowed=retrying.tries_allowed(order),
        retry_at=retrying.next_try(order, now),
    )


def queue(user: User) -> QuerySet[WorkOrder]:
    """Orders to be called back, the next one first: by when the next try is due, then by number.

    Each has `next_try_at` and `tries`."""
    this_round = Q(callbacks__round=F("round"))
    return (
        WorkOrder.objects.visible_to(user)
        .filter(this_round, state=State.CALLBACK)
        .annotate(next_try_at=F("callbacks__next_try_at"), tries=Count("callbacks__attempts"))
        .order_by("next_try_at", "pk")
    )


def next_to_call(user: User, now: datetime) -> WorkOrder | None:
    """The order whose citizen should be called now; None while all next tries lie in the future."""
    return queue(user).with_words().filter(next_try_at__lte=now).first()
