"""Taking units, leaves and places out of use: what still hangs on them, and what the catalogue has to
follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dispatch.models import Assignment, CatalogueEntry
from hotline.accounts.changing import change_row, earlier_values, history_of
from hotline.accounts.models import Membership, Unit, User
from hotline.lib.errors import InvalidInput
from workorders import categories
from workorders.models import Category, Place, WorkOrder


@dataclass(frozen=True)
class Use:
    """What uses a row today. Counts only: an administrator sees no order."""

    orders: int = 0
    below: int = 0
    entries: int = 0
    people: int = 0

    def lines(self) -> list[str]:
        """What there is, in sentences; empty when nothing uses the row."""
        texts = (
            (self.orders, ngettext("%(n)s open order", "%(n)s open orders", self.orders)),
            (self.below, ngettext("%(n)s row in use below it", "%(n)s rows in use below it", self.below)),
            (
                self.entries,
                ngettext(
                    "%(n)s entry of the dispatch catalogue",
                    "%(n)s entries of the dispatch catalogue",
                    self.entries,
                ),
            ),
            (self.people, ngettext("%(n)s active account", "%(n)s active accounts", self.people)),
        )
        return [text % {"n": f"{count:,}"} for count, text in texts if count]


def valid_now(today: date) -> Q:
    """Catalogue entries that are valid today or will be."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=today)


def use_of_unit(unit: Unit, today: date) -> Use:
    return Use(
        orders=Assignment.objects.filter(unit=unit, ended_at__isnull=True).count(),
        below=unit.children.filter(is_active=True).count(),
        entries=CatalogueEntry.objects.filter(valid_now(today), unit_pattern=unit.code).count(),
        people=Membership.objects.filter(unit=unit, user__is_active=True).count(),
    )


def use_of_category(category: Category, today: date) -> Use:
    below = CatalogueEntry.objects.filter(category__code__startswith=category.code)
    return Use(
        orders=categories.open_orders(category),
        below=category.children.filter(is_active=True).count(),
        entries=below.filter(valid_now(today)).count(),
    )


def use_of_place(place: Place, today: date) -> Use:
    return Use(
        orders=WorkOrder.objects.open().filter(place=place).count(),
        below=place.children.filter(is_active=True).count(),
        entries=CatalogueEntry.objects.filter(valid_now(today), place=place).count(),
    )


@transaction.atomic
def retire_unit(unit: Unit, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a unit out of use. Its past stays; its people see nothing of it any more.

    Raises InvalidInput while it holds an open order, something in use lies below it, or the catalogue names
    it."""
    Unit.objects.select_for_update().get(pk=unit.pk)
    use = use_of_unit(unit, timezone.localdate(now))
    if use.orders:
        raise InvalidInput(
            ngettext(
                "The unit still holds %(n)s open order: dispatch it elsewhere first.",
                "The unit still holds %(n)s open orders: dispatch them elsewhere first.",
                use.orders,
            )
            % {"n": f"{use.orders:,}"}
        )
    if use.below:
        raise InvalidInput(_("Take the units below it out of use first, or move them."))
    if use.entries:
        raise InvalidInput(_("The dispatch catalogue still names this unit: end those entries first."))
    return change_row(unit, {"is_active": False}, actor=actor, now=now, basis=basis, action="retire")


def retire_place(place: Place, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a place out of use; orders that have it keep it. Raises InvalidInput while something hangs on
    it."""
    use = use_of_place(place, timezone.localdate(now))
    if use.below:
        raise InvalidInput(_("Take the places below it out of use first, or move them."))
    if use.entries:
        raise InvalidInput(_("The dispatch catalogue still names this place: end those entries first."))
    if Unit.objects.filter(place_code=place.code, is_active=True).exists():
        raise InvalidInput(_("Units in use lie in this place: give them another place first."))
    return change_row(place, {"is_active": False}, actor=actor, now=now, basis=basis, action="retire")


@transaction.atomic
def retire_category(category: Category, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a category out of use and end its entries of the catalogue. Raises InvalidInput."""
    done = categories.retire(category, actor=actor, now=now, basis=basis)
    if done:
        end_entries(category, actor=actor, now=now, basis=basis)
    return done


@transaction.atomic
def merge_categories(
    leaf: Category, into: Category, *, actor: User | None, now: datetime, basis: str = "", expect: str = ""
) -> None:
    """Merge a leaf into another and end its entries of the catalogue. Raises InvalidInput, StaleRow."""
    categories.merge(leaf, into, actor=actor, now=now, basis=basis, expect=expect)
    end_entries(leaf, actor=actor, now=now, basis=basis)


@transaction.atomic
def restore_category(category: Category, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a category into use again, undoing a merge as well, with the entries that ended when it went.

    Raises InvalidInput."""
    if category.merged_into_id is not None:
        done = categories.unmerge(category, actor=actor, now=now, basis=basis)
    else:
        done = categories.restore(category, actor=actor, now=now, basis=basis)
    if done:
        reopen_entries(category, actor=actor, now=now, basis=basis)
    return done


ENDED_WITH_LEAF = "end_with_leaf"


def end_entries(category: Category, *, actor: User | None, now: datetime, basis: str) -> None:
    """From today on the catalogue says nothing about this leaf."""
    today = timezone.localdate(now)
    for entry in CatalogueEntry.objects.filter(valid_now(today), category=category):
        ended = {"valid_to": today - timedelta(days=1)}
        change_row(entry, ended, actor=actor, now=now, basis=basis, action=ENDED_WITH_LEAF)


def reopen_entries(category: Category, *, actor: User | None, now: datetime, basis: str) -> None:
    """Make valid again what ended together with the leaf."""
    for entry in CatalogueEntry.objects.filter(category=category, valid_to__isnull=False):
        last = history_of(entry).first()
        if last is not None and last.action == ENDED_WITH_LEAF:
            change_row(
                entry, earlier_values(last, entry), actor=actor, now=now, basis=basis, action="restore"
            )
