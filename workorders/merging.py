"""并单: a duplicate follows the order it is merged into, and keeps its own caller."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.actions import begin
from workorders.errors import IllegalTransition, InvalidInput
from workorders.intake import required
from workorders.lifecycle import FINAL
from workorders.models import WorkOrder


@transaction.atomic
def merge(order_id: int, *, actor: User, now: datetime, expect: int | None, into: WorkOrder) -> WorkOrder:
    """The order ends as `merged`; both trails say so, the parent's without naming a confidential child."""
    if into.pk == order_id:
        raise InvalidInput(_("An order cannot be merged into itself."), field="into")
    # Lock both in one order, so that two merges crossing each other wait instead of deadlocking.
    list(WorkOrder.objects.select_for_update(no_key=True).filter(pk__in=[order_id, into.pk]).order_by("pk"))
    move = begin(order_id, "merge", actor=actor, now=now, expect=expect)
    parent = begin(into.pk, "absorb", actor=actor, now=now, expect=None)
    if parent.order.state in FINAL:
        raise InvalidInput(_("That order is not open any more."), field="into")
    child = move.finish(facts={"into": parent.order.number}, parent=parent.order, no_callback_reason="merged")
    parent.finish(facts={"child": "" if child.is_confidential else child.number})
    return child


@transaction.atomic
def unmerge(order_id: int, *, actor: User, now: datetime, expect: int | None, reason: str) -> WorkOrder:
    """A wrong merge is undone while the parent is open: the order is `pending` again."""
    reason = required(reason, "reason", _("Say why they are two matters."))
    move = begin(order_id, "unmerge", actor=actor, now=now, expect=expect)
    parent = move.order.parent
    if parent is None or parent.state in FINAL:
        raise IllegalTransition(_("The other order is closed: the merge can no longer be undone."))
    return move.finish(facts={"reason": reason, "from": parent.number}, parent=None, no_callback_reason="")
