"""What follows an order's change in this app: assignments end with it, clocks start, stop and are met."""

from django.dispatch import receiver

from dispatch import clocks
from dispatch.models import Assignment
from workorders.lifecycle import FINAL, State
from workorders.signals import order_changed


@receiver(order_changed, dispatch_uid="dispatch.assignments_follow_order")
def assignments_follow_order(sender, order, event, **kwargs) -> None:
    """Final: open assignments end and stay `current`. Back to pending: they end, and none is current any
    more."""
    if event.verb == "create" or event.from_state == event.to_state:
        return
    if order.state in FINAL and event.from_state not in (State.DRAFT, State.PENDING):
        Assignment.objects.filter(order=order, ended_at__isnull=True).update(ended_at=event.at)
    elif order.state == State.PENDING and event.from_state != State.DRAFT:
        Assignment.objects.filter(order=order, ended_at__isnull=True).update(ended_at=event.at, current=False)
        Assignment.objects.filter(order=order, current=True, ended_at__isnull=False).update(current=False)


@receiver(order_changed, dispatch_uid="dispatch.clocks_follow_order")
def clocks_follow_order(sender, order, event, **kwargs) -> None:
    if event.verb != "clock":
        clocks.follow(order, event)
