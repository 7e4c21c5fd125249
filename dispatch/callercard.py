"""Who is calling, as far as the number tells: the caller's card on the desk, open orders first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from dispatch import rows
from hotline.accounts.models import User
from hotline.lib.masking import mask_phone
from hotline.lib.numbers import is_order_number, normal_order_number
from workorders import search
from workorders.lifecycle import OPEN, State
from workorders.models import WorkOrder

MOST_OPEN, MOST_ENDED, MOST_COUNTED = 6, 5, 99
REMINDABLE = OPEN - {State.DRAFT}


@dataclass(frozen=True)
class CallerCard:
    """What the number in the box leads to. `orders` are rows of a list, each with `digit`, the key that
    reminds its unit: 0 where there is nothing left to remind of."""

    phone: str = ""
    """Masked; empty when the box holds the number of an order."""
    name: str = ""
    """Masked."""
    total: int = 0
    open: int = 0
    orders: list[dict[str, Any]] = field(default_factory=list)


def card_for(q: str, *, user: User, now: datetime, request: HttpRequest | None = None) -> CallerCard | None:
    """The card of a whole phone number or of an order's number; None for anything else.

    Every look at a caller by number is written to the access log; confidential orders are found by the
    supervisor alone (see `search.by_phone`)."""
    visible = WorkOrder.objects.visible_to(user)
    if is_order_number(number := normal_order_number(q)):
        found = dressed(visible.filter(number=number), now)
        return CallerCard(total=len(found), open=sum(row["digit"] > 0 for row in found), orders=found)
    if not (phone := search.as_phone(q)):
        return None
    orders = search.by_phone(visible, phone, user=user, now=now, request=request)
    newest = orders.order_by("-created_at", "-pk")
    running = newest.filter(state__in=OPEN)
    found = dressed(running[:MOST_OPEN], now)
    ended = dressed(newest.exclude(state__in=OPEN)[: max(0, MOST_ENDED - len(found))], now)
    name = newest.values_list("caller__name_masked", flat=True).exclude(caller__name_masked="").first()
    return CallerCard(
        phone=mask_phone(phone),
        name=name or "",
        total=newest[: MOST_COUNTED + 1].count(),
        open=running[: MOST_COUNTED + 1].count(),
        orders=[*found, *ended],
    )


def dressed(orders: Any, now: datetime) -> list[dict[str, Any]]:
    """The rows, with digits 1, 2, … for those that can be reminded of."""
    found, digit = rows.dressed(orders.values(*rows.FIELDS), now), 0
    for row in found:
        can = row["state"] in REMINDABLE and digit < 9
        digit += can
        row["digit"] = digit if can else 0
    return found
