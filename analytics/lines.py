"""The orders behind one number of a snapshot, and what the number is called."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Func, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.models import ReviewLine, TallyLine
from dispatch import names, trail
from hotline.accounts.models import User
from workorders.lifecycle import Channel, Urgency
from workorders.models import WorkOrder

Line = ReviewLine | TallyLine

WORDS: dict[str, Any] = {
    "accepted": pgettext_lazy("figure", "Accepted"),
    "direct": _("Settled at the desk"),
    "transferred": _("Given to units"),
    "open": _("Not yet settled"),
    "not_accepted": _("Not accepted or invalid"),
    "closed": _("Closed that day"),
    "urgent": _("Urgent"),
    "overdue": _("Overdue"),
    "called_back": _("Called back"),
    "reached": _("Reached by call-back"),
    "dissatisfied": _("Dissatisfied"),
    "returned": _("Return asked for"),
    "thanks": _("Thanks"),
    "thanks_forwarded": _("Thanks passed on"),
}
TALLY_WORDS: dict[str, Any] = {
    "total": _("Thanks"),
    "transferred": _("Thanks passed on"),
    "week_before": _("Thanks of the week before"),
}
GROUPS: dict[str, tuple[Any, Any, Any]] = {
    "kind": (_("Kind"), trail.by_code(names.kinds), _("not classified")),
    "category": (_("Category"), trail.by_code(names.categories), _("not classified")),
    "channel": (_("Channel"), lambda code: dict(Channel.choices).get(code, code), ""),
    "unit": (_("Unit"), trail.unit_name, ""),
    "passed": (_("Thanks passed on"), trail.unit_name, ""),
    "urgency": (_("Urgency"), lambda code: dict(Urgency.choices).get(code, code), ""),
    "reason": (_("Reason"), trail.answer_reason, _("no reason given")),
}
"""Of the keys `group:code`: what the group is called, how a code is read, and what `none` means."""


def code_words(group: str, code: str) -> str:
    """The name of a code of a group in the reader's language."""
    _label, read, none = GROUPS[group]
    return str(none if code == "none" else read(code))


def line_words(line: Line) -> str:
    """What the number behind this line is called."""
    group, colon, code = line.key.partition(":")
    if colon and group in GROUPS:
        return f"{GROUPS[group][0]}: {code_words(group, code)}"
    table = TALLY_WORDS if isinstance(line, TallyLine) else WORDS
    return str(table.get(line.key, line.key))


def orders_of_line(line: Line, user: User) -> QuerySet[WorkOrder]:
    """Exactly the stored orders, as far as this person may see them. The ids stay in the database."""
    ids = type(line).objects.filter(pk=line.pk).annotate(one=Func(F("ids"), function="unnest")).values("one")
    return WorkOrder.objects.visible_to(user).filter(pk__in=ids)
