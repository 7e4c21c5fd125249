"""感谢: thanks from the list to the praised unit, or into the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dispatch import assigning
from hotline.accounts.models import Unit, User
from hotline.lib.masking import mask_text
from workorders import closing, gratitude
from workorders.errors import InvalidInput
from workorders.lifecycle import State
from workorders.models import WorkOrder
from workorders.praise import MASK, mask_caller, plain

COVER = "*"


@dataclass(frozen=True)
class Praised:
    """Whom an order of thanks praises, as a person of the hotline wrote it down."""

    unit: Unit | None
    person: str = ""
    deed: str = ""
    body: str = ""
    consent: bool = False
    is_story: bool = False


def waiting(user: User) -> QuerySet[WorkOrder]:
    """Thanks that nobody passed on or recorded yet."""
    return WorkOrder.objects.visible_to(user).filter(state=State.PENDING, kind="thanks")


def done(user: User) -> QuerySet[WorkOrder]:
    """Thanks that were passed on or recorded."""
    return WorkOrder.objects.visible_to(user).filter(state=State.CLOSED, kind="thanks")


def keep(order_id: int, *, actor: User, now: datetime, expect: int | None, praised: Praised) -> WorkOrder:
    """Write down whom it praises; the order stays where it is."""
    return gratitude.praise(order_id, actor=actor, now=now, expect=expect, **vars(praised))


@transaction.atomic
def pass_on(order_id: int, *, actor: User, now: datetime, expect: int | None, praised: Praised) -> WorkOrder:
    """Write down whom it praises, and give it to that unit. Raises InvalidInput without a unit or a deed."""
    if praised.unit is None:
        raise InvalidInput(_("Choose the praised unit, or close the thanks as recorded."), field="unit")
    if not praised.deed.strip():
        raise InvalidInput(_("Write what the unit is thanked for."), field="deed")
    order = keep(order_id, actor=actor, now=now, expect=expect, praised=praised)
    return assigning.forward(
        order_id, actor=actor, now=now, expect=order.version, unit=praised.unit, text=praised.deed
    )


@transaction.atomic
def record(order_id: int, *, actor: User, now: datetime, expect: int | None, praised: Praised) -> WorkOrder:
    """Write down whom it praises, and close it as recorded: it names no unit that could get it."""
    if praised.unit is not None:
        raise InvalidInput(_("These thanks name a unit: pass them on."), field="unit")
    order = keep(order_id, actor=actor, now=now, expect=expect, praised=praised)
    return closing.close(order_id, actor=actor, now=now, expect=order.version)


def told(text: str) -> str:
    """The text as a deed may be told: without the caller's name and without numbers."""
    return mask_text(mask_caller(plain(text)).replace(MASK, COVER))
