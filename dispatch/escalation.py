"""What happens when time is up: due steps of clocks are claimed, fired once, recorded and told.

A batch is one transaction: steps, clocks, orders, events and notices, or nothing of it. Any number of
sweepers may run; each skips what another holds. Step and order are locked together, because an act of a
person locks the order first and its clocks after it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min

from dispatch import signing
from dispatch.clockrows import QUIET, WAITING
from dispatch.clocks import repeated
from dispatch.models import Clock, ClockStep, Sweep
from dispatch.retrying import tries_allowed
from hotline.accounts.models import Role
from hotline.lib.db_now import db_now
from workorders import callbacks, notices
from workorders.actions import SystemAct, act_in_bulk
from workorders.lifecycle import Urgency
from workorders.models import Callback, WorkOrder
from workorders.notices import Message

logger = logging.getLogger(__name__)
BATCH = 200
TRIES = 5
BACKOFF = timedelta(seconds=10)
"""After a first failure; three times as long after each further one."""
HEAVY = ("order__content", "order__public_reply", "order__bigrams")
"""Columns that no clock needs and that cost more to read than all the rest."""
ENDS_AT_DUE = frozenset({"sign", "return_window", "interim_report", "archive"})
"""Clocks that are over when their time is: there is nothing left that could meet them."""
UNIT = "unit"
TOLD: dict[tuple[str, str], tuple[str, ...]] = {
    ("dispatch", "due"): (Role.DISPATCHER, Role.SUPERVISOR),
    ("sign", "due"): (UNIT, Role.SUPERVISOR),
    ("contact", "due"): (UNIT,),
    ("first_result", "due"): (UNIT, Role.SUPERVISOR),
    ("handle", "due"): (UNIT, Role.SUPERVISOR),
    ("handle", "yellow"): (UNIT, Role.SUPERVISOR),
    ("handle", "red"): (UNIT, Role.SUPERVISOR),
    ("rework", "due"): (UNIT, Role.SUPERVISOR),
    ("interim_report", "due"): (UNIT, Role.SUPERVISOR),
    ("return_review", "due"): (Role.DISPATCHER, Role.SUPERVISOR),
    ("adjudicate", "due"): (Role.SUPERVISOR, Role.LEADER),
    ("reply_review", "due"): (Role.DISPATCHER, Role.SUPERVISOR),
    ("callback", "due"): (Role.CALLBACK, Role.SUPERVISOR),
    ("callback_retry", "due"): (Role.CALLBACK, Role.SUPERVISOR),
}
"""Who hears of a step. Of an emergency the duty leader hears everything that the supervisor does."""


def sweep(now_of: Callable[[], datetime] = db_now, limit: int | None = None) -> int:
    """Fire what is due, at most `limit` steps, and return how many were claimed.

    `now_of` is asked before each batch. Steps that fail are put off and do not stop the others."""
    done = 0
    while limit is None or done < limit:
        now = now_of()
        note_sweep("clocks", now)
        claimed = sweep_batch(now, BATCH if limit is None else min(BATCH, limit - done))
        if claimed == 0:
            break
        done += claimed
    return done


def note_sweep(name: str, now: datetime) -> None:
    """Remember that this sweep is alive; `/readyz` reads it."""
    Sweep.objects.bulk_create(
        [Sweep(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


@transaction.atomic
def sweep_batch(now: datetime, size: int) -> int:
    """Claim and fire one batch. Returns how many steps were claimed: 0 when nothing is due or all is held."""
    steps = claim(now, size)
    if not steps:
        return 0
    try:
        with transaction.atomic():
            fire(steps, now)
    except Exception:
        logger.exception("a batch of %s clock steps failed; they are fired one by one", len(steps))
        for step in steps:
            fire_alone(step.pk, now)
    return len(steps)


def claim(now: datetime, size: int) -> list[ClockStep]:
    """The steps due longest, locked with their orders until the transaction ends; what others hold is
    skipped.

    Steps of one order share its instance."""
    waiting = ClockStep.objects.filter(WAITING, try_at__lte=now).order_by("try_at", "pk")
    locked = waiting.select_for_update(skip_locked=True, no_key=True, of=("self", "order"))
    return sharing_orders(locked.select_related("clock", "order").defer(*HEAVY)[:size])


def sharing_orders(steps: Iterable[ClockStep]) -> list[ClockStep]:
    found = list(steps)
    orders: dict[int, WorkOrder] = {}
    for step in found:
        step.order = orders.setdefault(step.order_id, step.order)
    return found


def fire_alone(step_id: int, now: datetime) -> None:
    """Fire one step whose batch failed, read anew because the failed attempt changed what was in memory."""
    step = ClockStep.objects.select_related("clock", "order").defer(*HEAVY).get(pk=step_id)
    try:
        with transaction.atomic():
            fire([step], now)
    except Exception as error:
        logger.exception("clock step %s of order %s failed", step_id, step.order.number)
        postpone(step, now, error)


def postpone(step: ClockStep, now: datetime, error: Exception) -> None:
    """Later again; after five failures not again by itself, but shown to the administrator."""
    step.tries += 1
    step.error = f"{type(error).__name__}: {error}"[:300]
    step.try_at = now + BACKOFF * 3 ** (step.tries - 1)
    step.parked_at = now if step.tries >= TRIES else None
    step.save(update_fields=["tries", "error", "try_at", "parked_at"])


def try_again(step_ids: Iterable[int], *, now: datetime) -> int:
    """Give parked steps another five tries, from now on. Returns how many there were."""
    parked = ClockStep.objects.filter(pk__in=list(step_ids), parked_at__isnull=False, fired_at__isnull=True)
    return parked.update(parked_at=None, tries=0, try_at=now, error="")


# --- Firing ------------------------------------------------------------------------------------------


def fire(steps: list[ClockStep], now: datetime) -> None:
    """Fire claimed steps: all of it, or an exception and nothing."""
    given_up = out_of_tries([step.order for step in steps if step.clock.kind == "callback_retry"])
    ClockStep.objects.filter(pk__in=[step.pk for step in steps]).update(fired_at=now)
    due = [step.clock for step in steps if step.step == "due"]
    Clock.objects.filter(
        pk__in=[clock.pk for clock in due if clock.kind not in QUIET], breached_at__isnull=True
    ).update(breached_at=now)
    over = [clock.pk for clock in due if clock.kind in ENDS_AT_DUE]
    Clock.objects.filter(pk__in=over).update(ended_at=now)
    Clock.objects.filter(pk__in=over, kind="archive").update(met_at=now)
    signing.deem_signed([clock.order_id for clock in due if clock.kind == "sign"], now=now)
    repeated([clock for clock in due if clock.kind == "interim_report"], now)
    show_next({step.order_id: step.order for step in steps})
    act_in_bulk(
        [act_of(step, now) for step in steps if step.order_id not in given_up or not is_retry(step)], now=now
    )
    for step in steps:
        if step.order_id in given_up and is_retry(step):
            callbacks.give_up(step.order_id, now=now, step=step.pk)
    notices.queue_notices([message for step in steps for message in messages_of(step, given_up)], now=now)


def is_retry(step: ClockStep) -> bool:
    return step.clock.kind == "callback_retry" and step.step == "due"


def out_of_tries(orders: list[WorkOrder]) -> set[int]:
    """Orders whose citizen was called as often as the rule asks, in the present round."""
    if not orders:
        return set()
    rounds = Callback.objects.filter(order__in=orders, round=F("order__round")).annotate(
        tries=Count("attempts")
    )
    tries = dict(rounds.values_list("order_id", "tries"))
    return {order.pk for order in orders if tries.get(order.pk, 0) >= tries_allowed(order)}


def show_next(orders: dict[int, WorkOrder]) -> None:
    """Set `next_due_at` of the orders; it is written with their events."""
    waiting = ClockStep.objects.filter(WAITING, order__in=orders)
    coming = dict(waiting.values_list("order_id").annotate(at=Min("due_at")).order_by())
    for pk, order in orders.items():
        order.next_due_at = coming.get(pk)


def act_of(step: ClockStep, now: datetime) -> SystemAct:
    """The event of a fired step, and what it changes on the order."""
    clock, order = step.clock, step.order
    facts = {
        "kind": clock.kind,
        "step": step.step,
        "generation": clock.generation,
        "due_at": step.due_at.isoformat(),
    }
    verb = "clock"
    changes: dict[str, Any] = {}
    if step.step == "due" and clock.kind == "sign":
        verb, changes = "deem-signed", {"deemed_signed": True}
    elif step.step == "due" and clock.kind == "archive":
        verb, changes = "archive", {"archived_at": now}
    elif step.step in ("yellow", "red") and order.card != "red":
        changes = {"card": step.step}
    return SystemAct(order, verb, facts, step.pk, changes)


def messages_of(step: ClockStep, given_up: set[int]) -> list[Message]:
    """What a fired step tells, and to whom."""
    kind, order = f"{step.clock.kind}_{step.step}", step.order
    receivers: list[str] = list(TOLD.get((step.clock.kind, step.step), ()))
    if is_retry(step) and order.pk in given_up:
        return []
    if order.urgency == Urgency.E1 and Role.SUPERVISOR in receivers and Role.LEADER not in receivers:
        receivers.append(Role.LEADER)
    facts: dict[str, Any] = {"due_at": step.due_at.isoformat()}
    return [
        Message(f"step-{step.pk}", kind, order, **notices.receiver(who, order), facts=facts)
        for who in receivers
        if who != UNIT or order.unit_id is not None
    ]
