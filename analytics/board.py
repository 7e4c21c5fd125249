"""The supervisor's and the leader's board: what is about to go wrong. Every number is the count behind a
list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.lifecycle import State, Urgency
from workorders.models import WorkOrder

DUE_SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Tile:
    key: str
    label: Any
    level: str
    """calm, soon, late or urgent: which colour and icon it has when the count is above zero."""
    filters: dict[str, str]
    """Parameters of the orders list that show exactly the counted orders."""
    condition: Q

    def link(self) -> str:
        return urlencode(self.filters)


def tiles(now: datetime) -> list[Tile]:
    """The tiles of the board at an instant, in reading order."""
    state = lambda key, label, code, level="calm": Tile(key, label, level, {"state": code}, Q(state=code))  # noqa: E731
    return [
        Tile(
            "urgent", _("Emergencies open"), "urgent", {"urgency": "E1", "open": "1"}, Q(urgency=Urgency.E1)
        ),
        Tile("lifeline", _("Lifeline open"), "soon", {"urgency": "E2", "open": "1"}, Q(urgency=Urgency.E2)),
        Tile("overdue", _("Overdue"), "late", {"overdue": "1"}, Q(due_at__lt=now)),
        Tile(
            "due_soon",
            _("Due within 2 hours"),
            "soon",
            {"due_within": "120"},
            Q(due_at__gte=now, due_at__lt=now + DUE_SOON),
        ),
        Tile("red", _("Red cards"), "late", {"card": "red", "open": "1"}, Q(card="red")),
        Tile("yellow", _("Yellow cards"), "soon", {"card": "yellow", "open": "1"}, Q(card="yellow")),
        state("pending", _("To be dispatched"), State.PENDING),
        state("dispatched", _("To be signed for"), State.DISPATCHED),
        state("handling", _("In hand"), State.HANDLING),
        state("return_review", _("Returns to review"), State.RETURN_REVIEW, "soon"),
        state("adjudication", _("Adjudication"), State.ADJUDICATION, "late"),
        state("reply_review", _("Replies to review"), State.REPLY_REVIEW),
        state("callback", _("To be called back"), State.CALLBACK),
        state("rework_review", _("Rework to be decided"), State.REWORK_REVIEW, "soon"),
    ]


def counts(user: User, now: datetime) -> dict[str, int]:
    """Tile key → number of open orders this person may see. One query over the index of open orders."""
    aggregates = {tile.key: Count("pk", filter=tile.condition) for tile in tiles(now)}
    return WorkOrder.objects.visible_to(user).open().aggregate(**aggregates)
