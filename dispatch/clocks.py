"""Clocks: started, met and stopped by what happens to an order."""

from workorders.models import OrderEvent, WorkOrder


def follow(order: WorkOrder, event: OrderEvent) -> None:
    """Start, meet and stop the clocks that this event touches; keep `due_at` and `next_due_at` on the order."""
