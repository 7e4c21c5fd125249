"""What follows an order's change in this app: those concerned are told."""

from django.dispatch import receiver

from workorders import notices
from workorders.signals import order_changed


@receiver(order_changed, dispatch_uid="workorders.notices_follow_order")
def notices_follow_order(sender, order, event, **kwargs) -> None:
    notices.tell(order, event)
