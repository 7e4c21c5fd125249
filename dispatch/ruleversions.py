"""Rules of clocks as a city changes them: a change is a new version with a first day and a basis.

The version before ends the day before. Clocks that run keep the version that made them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.models import Clock, ClockRule
from hotline.accounts.changing import (
    CannotUndo,
    StaleRow,
    Values,
    check_fields,
    facts_of,
    fingerprint,
    require_admin,
)
from hotline.accounts.history import changed_fields, record_change
from hotline.accounts.models import Change, User
from hotline.lib.cached import Cached
from hotline.lib.errors import InvalidInput

EDITABLE = ("duration_value", "duration_unit", "cap_value", "max_times")
ONE_DAY = timedelta(days=1)
UNITS: dict[str, Any] = {
    "s": pgettext_lazy("length of time", "seconds"),
    "min": pgettext_lazy("length of time", "minutes"),
    "h": pgettext_lazy("length of time", "hours"),
    "day": pgettext_lazy("length of time", "days"),
    "workhour": pgettext_lazy("length of time", "working hours"),
    "workday": pgettext_lazy("length of time", "working days"),
    "percent": pgettext_lazy("length of time", "percent of the handling time"),
}
WORKING = frozenset({"workhour", "workday"})
LONGEST = {
    "s": 86_400,
    "min": 10_080,
    "h": 2_160,
    "day": 1_825,
    "workhour": 2_000,
    "workday": 500,
    "percent": 100,
}
"""Anything longer is a slip of the finger."""


def versions(rule: ClockRule) -> QuerySet[ClockRule]:
    """Every version of the same rule, the newest first."""
    same = {name: getattr(rule, name) for name in ("timer_code", "kind", "step", "urgency", "variant")}
    return ClockRule.objects.filter(**same).order_by("-valid_from", "-pk")


def in_force(today: date) -> Q:
    """Versions that count today or will."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=today)


def running(rule: ClockRule) -> int:
    """How many clocks run under exactly this version. They keep it."""
    return Clock.objects.running().filter(rule=rule).count()


@transaction.atomic
def new_version(
    rule: ClockRule,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "new_version",
) -> ClockRule:
    """The rule with other figures from `values["valid_from"]` on. Returns the new version.

    Raises InvalidInput (no basis, a past day, a figure that no clock can follow, nothing changed, not the
    newest version), StaleRow, NotAdministrator."""
    require_admin(actor)
    newest = ClockRule.objects.select_for_update().get(pk=rule.pk)
    if expect and fingerprint(newest) != expect:
        raise StaleRow
    if newest.valid_to is not None:
        raise InvalidInput(_("This version has ended: change the newest one."))
    basis = (values.get("basis") or basis).strip()
    if not basis:
        raise InvalidInput(_("Name the decision or document that this rests on."), field="basis")
    starts = values.get("valid_from") or timezone.localdate(now)
    check_start(newest, starts, now)
    figures = {name: values[name] for name in EDITABLE if name in values}
    check_figures(newest, figures)
    was, becomes = changed_fields(facts_of(newest, EDITABLE), {**facts_of(newest, EDITABLE), **figures})
    if not was:
        raise InvalidInput(_("Nothing is changed."))
    made = copy_of(newest, figures, starts, basis)
    newest.valid_to, newest.edited = starts - ONE_DAY, True
    newest.save(update_fields=["valid_to", "edited"])
    made.save(force_insert=True)
    was["valid_from"], becomes["valid_from"] = newest.valid_from, starts
    record_change(actor, made, made.history_key, action, was, becomes, now, basis)
    Cached.forget_all()
    return made


def copy_of(rule: ClockRule, figures: Values, starts: date, basis: str) -> ClockRule:
    fields = {f.attname: getattr(rule, f.attname) for f in ClockRule._meta.fields if not f.primary_key}
    made = ClockRule(
        **{**fields, **figures, "valid_from": starts, "valid_to": None, "basis": basis, "edited": True}
    )
    if made.duration_unit != "percent":
        made.is_working = made.duration_unit in WORKING
    check_fields(made, [*EDITABLE, "valid_from", "basis"])
    return made


def check_start(newest: ClockRule, starts: date, now: datetime) -> None:
    if starts < timezone.localdate(now):
        raise InvalidInput(
            _("A rule counts from today or a later day on, never backwards."), field="valid_from"
        )
    if starts < newest.valid_from:
        raise InvalidInput(
            _("The present version only begins on %(day)s.") % {"day": newest.valid_from}, field="valid_from"
        )


def check_figures(rule: ClockRule, figures: Values) -> None:
    """A figure that the clocks could not follow is refused here, not when an order needs it."""
    unit = figures.get("duration_unit", rule.duration_unit)
    value = figures.get("duration_value", rule.duration_value)
    if unit not in UNITS:
        raise InvalidInput(_("Choose a unit of time."), field="duration_unit")
    if (unit == "percent") != (rule.duration_unit == "percent"):
        text = _("A share of the handling time cannot take the place of a time, nor a time of a share.")
        raise InvalidInput(text, field="duration_unit")
    if value is None or abs(value) > LONGEST[unit]:
        raise InvalidInput(_("At most %(most)s here.") % {"most": LONGEST[unit]}, field="duration_value")
    if (value < 0) != (rule.duration_value < 0) and rule.duration_value != 0:
        raise InvalidInput(_("This rule counts in the other direction."), field="duration_value")
    if value == 0 and rule.duration_value != 0:
        raise InvalidInput(_("A time of nothing is no time."), field="duration_value")


@transaction.atomic
def undo(rule: ClockRule, change: Change, *, actor: User | None, now: datetime, basis: str = "") -> ClockRule:
    """Back to the figures before `change`: a version that has not begun is withdrawn, one that has is
    followed by a new version from today on. Returns the version that counts then. Raises CannotUndo."""
    require_admin(actor)
    newest = versions(rule).select_for_update().filter(valid_to__isnull=True).first()
    if newest is None or newest.pk != rule.pk:
        raise CannotUndo
    if newest.valid_from > timezone.localdate(now):
        return withdraw(newest, actor, now, basis)
    figures = {name: change.before[name] for name in EDITABLE if name in change.before}
    values = {**figures, "valid_from": timezone.localdate(now), "basis": basis or f"#{change.pk}"}
    return new_version(newest, values, actor=actor, now=now, action="undo")


def withdraw(version: ClockRule, actor: User | None, now: datetime, basis: str) -> ClockRule:
    """A version that never began never will; the one before goes on."""
    before = versions(version).filter(valid_to=version.valid_from - ONE_DAY).exclude(pk=version.pk).first()
    if before is None:
        raise CannotUndo
    version.valid_to, before.valid_to = version.valid_from - ONE_DAY, None
    version.save(update_fields=["valid_to"])
    before.save(update_fields=["valid_to"])
    became = {"valid_from": version.valid_from}
    record_change(actor, version, version.history_key, "withdraw", became, {"valid_from": None}, now, basis)
    Cached.forget_all()
    return before
