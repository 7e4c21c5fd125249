"""事项: the tree of categories as a city keeps it: added, renamed, moved, merged, taken out of use.

Orders keep the leaf they were given; a merged leaf says which one took its place. What the dispatch catalogue
has to do with it lies higher: `dispatch.retiring`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from hotline.accounts.changing import Values, add_row, change_row
from hotline.accounts.models import User
from hotline.lib.errors import InvalidInput
from workorders.models import Category, WorkOrder
from workorders.models.category import Level

CODE_LENGTH = {Level.TOP: 2, Level.GROUP: 4, Level.LEAF: 6}
ABOVE = {Level.TOP: None, Level.GROUP: Level.TOP, Level.LEAF: Level.GROUP}
NAMES = {"name_zh", "name_en"}


def add(values: Values, *, actor: User | None, now: datetime, basis: str = "") -> Category:
    """A new node: its code begins with the code above it and is two digits longer.

    Raises InvalidInput, NotAdministrator."""
    parent = values.get("parent")
    level = {None: Level.TOP, Level.TOP: Level.GROUP, Level.GROUP: Level.LEAF}.get(parent and parent.level)
    if level is None:
        raise InvalidInput(_("Nothing lies below a leaf."), field="parent")
    check_parent(level, parent)
    code = values.get("code") or next_code(parent)
    if not (code.isascii() and code.isdigit()) or len(code) != CODE_LENGTH[level]:
        raise InvalidInput(
            _("The code of this level has %(count)s digits.") % {"count": CODE_LENGTH[level]}, field="code"
        )
    if parent is not None and not code.startswith(parent.code):
        raise InvalidInput(_("The code begins with %(code)s.") % {"code": parent.code}, field="code")
    row = Category(**{**values, "code": code, "level": level})
    return add_row(row, actor=actor, now=now, basis=basis)


def next_code(parent: Category | None) -> str:
    """The first free code below a node. Raises InvalidInput when all 99 are taken."""
    start = parent.code if parent else ""
    taken = set(Category.objects.filter(code__startswith=start).values_list("code", flat=True))
    for number in range(1, 100):
        if (code := f"{start}{number:02d}") not in taken:
            return code
    raise InvalidInput(_("All codes of this group are taken."), field="code")


def check_parent(level: str, parent: Category | None) -> None:
    wanted = ABOVE[Level(level)]
    if wanted is None and parent is None:
        return
    if parent is None or parent.level != wanted or not parent.is_active:
        raise InvalidInput(_("Choose a group in use, one level above."), field="parent")


def edit(
    category: Category,
    values: Values,
    *,
    actor: User | None,
    now: datetime,
    basis: str = "",
    expect: str = "",
    action: str = "",
) -> bool:
    """Rename, move, or change deadline, urgency and keywords. False when nothing differs.

    Orders that are open keep the deadlines they run under; new ones count for clocks that start from now on.
    Raises InvalidInput, StaleRow, NotAdministrator."""
    if "parent" in values and values["parent"] != category.parent:
        check_parent(category.level, values["parent"])
    if "keywords" in values:
        values = {**values, "keywords": list(dict.fromkeys(values["keywords"]))}
    action = action or action_of(category, values)
    return change_row(category, values, actor=actor, now=now, basis=basis, expect=expect, action=action)


def action_of(category: Category, values: Values) -> str:
    """One word for the history: what mattered most."""
    changed = {name for name, value in values.items() if getattr(category, name) != value}
    if "parent" in changed:
        return "move"
    return "rename" if changed and changed <= NAMES else "edit"


def retire(category: Category, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a node out of use: it is offered nowhere any more, orders that have it keep it.

    Raises InvalidInput while something in use lies below it, and for the last leaf in use."""
    if category.children.filter(is_active=True).exists():
        raise InvalidInput(_("Take what lies below it out of use first."))
    if category.level == Level.LEAF and not other_leaves(category).exists():
        raise InvalidInput(_("This is the only category in use: orders could not be given one."))
    return change_row(category, {"is_active": False}, actor=actor, now=now, basis=basis, action="retire")


def other_leaves(category: Category):
    return Category.objects.filter(level=Level.LEAF, is_active=True).exclude(pk=category.pk)


def restore(category: Category, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Take a node into use again. Raises InvalidInput while what lies above it is out of use, and for a
    merged leaf, which is separated by undoing the merge."""
    if category.parent is not None and not category.parent.is_active:
        raise InvalidInput(_("Take the group above it into use first."))
    if category.merged_into_id is not None:
        raise InvalidInput(_("This category was merged: undo the merge in its history."))
    return change_row(category, {"is_active": True}, actor=actor, now=now, basis=basis, action="restore")


@transaction.atomic
def merge(
    leaf: Category, into: Category, *, actor: User | None, now: datetime, basis: str = "", expect: str = ""
) -> None:
    """`leaf` goes out of use in favour of `into`, which gains its keywords. Orders keep their leaf.

    Leaves merged into `leaf` before follow it. Raises InvalidInput, StaleRow, NotAdministrator."""
    list(Category.objects.select_for_update().filter(pk__in=sorted([leaf.pk, into.pk])).order_by("pk"))
    if leaf.level != Level.LEAF or into.level != Level.LEAF or not into.is_active or leaf.pk == into.pk:
        raise InvalidInput(_("Choose another category in use."), field="into")
    if not leaf.is_active:
        raise InvalidInput(_("This category is out of use already."))
    gone = {"is_active": False, "merged_into": into}
    change_row(leaf, gone, actor=actor, now=now, basis=basis, action="merge", expect=expect)
    words = list(dict.fromkeys([*into.keywords, *leaf.keywords]))
    change_row(into, {"keywords": words}, actor=actor, now=now, basis=basis or leaf.code)
    for earlier in Category.objects.filter(merged_into=leaf):
        change_row(earlier, {"merged_into": into}, actor=actor, now=now, basis=basis, action="merge")


def unmerge(leaf: Category, *, actor: User | None, now: datetime, basis: str = "") -> bool:
    """Separate a merged leaf again. The keywords that the other one gained stay there: its history undoes
    them.

    Raises InvalidInput when it was not merged."""
    if leaf.merged_into_id is None:
        raise InvalidInput(_("This category was not merged."))
    back = {"is_active": True, "merged_into": None}
    return change_row(leaf, back, actor=actor, now=now, basis=basis, action="unmerge")


def open_orders(category: Category) -> int:
    """How many open orders have this leaf, or a leaf below this group. A count, never the orders."""
    orders = WorkOrder.objects.open()
    if category.level == Level.LEAF:
        return orders.filter(category=category).count()
    return orders.filter(category__code__startswith=category.code).count()


def open_orders_by_leaf() -> dict[str, int]:
    """Open orders of every leaf that has any, by code; one query."""
    rows = WorkOrder.objects.open().filter(category__isnull=False).order_by().values_list("category__code")
    return dict(rows.annotate(count=Count("pk")))
