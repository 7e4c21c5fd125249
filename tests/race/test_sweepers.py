"""Sweepers and people at the same orders at the same time, on committed rows."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.db.models import Count

from dispatch import escalation
from dispatch.models import Clock, ClockStep
from tests.makers import NOON, make_order, make_user
from workorders import intake
from workorders.errors import IllegalTransition
from workorders.lifecycle import State
from workorders.models import OrderEvent, WorkOrder

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
LATER = NOON + timedelta(days=10)


def together(*jobs):
    """Run the jobs in threads that start at the same instant; raises the first failure."""
    gate, failures = threading.Barrier(len(jobs)), []

    def run(job):
        try:
            gate.wait()
            job()
        except Exception as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def fired_twice() -> int:
    fired = OrderEvent.objects.exclude(step=None).order_by().values("step")
    return fired.annotate(times=Count("id")).filter(times__gt=1).count()


def waiting() -> int:
    return ClockStep.objects.filter(fired_at=None, cancelled_at=None, try_at__lte=LATER).count()


def sweep() -> int:
    return escalation.sweep(lambda: LATER)


def test_sweepers_share_the_work_and_fire_nothing_twice(monkeypatch):
    monkeypatch.setattr(escalation, "BATCH", 7)
    for _number in range(25):
        make_order(state=State.DISPATCHED)
    due = waiting()

    together(sweep, sweep, sweep, sweep)
    sweep()

    assert (fired_twice(), waiting()) == (0, 0)
    assert OrderEvent.objects.exclude(step=None).count() == due


def test_closing_while_clocks_fire_neither_deadlocks_nor_fires_after_the_end(monkeypatch):
    monkeypatch.setattr(escalation, "BATCH", 5)
    operator = make_user("operator")
    orders = [make_order(state=State.DISPATCHED).pk for _number in range(30)]

    def close_all(seed):
        for pk in random.Random(seed).sample(orders, len(orders)):
            try:
                intake.withdraw(pk, actor=operator, now=LATER, expect=None, text="asked to")
            except IllegalTransition:
                continue  # the other closer was quicker

    together(sweep, sweep, sweep, lambda: close_all(1), lambda: close_all(2))
    sweep()

    assert not WorkOrder.objects.exclude(state=State.WITHDRAWN).exists()
    assert not Clock.objects.running().exists()
    assert (fired_twice(), waiting()) == (0, 0)
    assert {order.events.last().verb for order in WorkOrder.objects.all()} == {"withdraw"}


def test_a_sweeper_that_dies_holds_nothing():
    order = make_order()

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert len(escalation.claim(LATER, 10)) == 1
        raise KeyboardInterrupt

    assert sweep() == 1
    assert order.events.filter(verb="clock").count() == 1


def test_an_order_in_somebody_s_hands_is_skipped_not_waited_for():
    held, free = make_order(), make_order()
    holding, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            WorkOrder.objects.select_for_update(no_key=True).get(pk=held.pk)
            holding.set()
            done.wait(10)

    def sweep_meanwhile():
        holding.wait(10)
        try:
            assert sweep() == 1
        finally:
            done.set()

    together(hold, sweep_meanwhile)

    assert free.events.filter(verb="clock").exists()
    assert sweep() == 1
