"""Every table of settings that /manage/ shows."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.views.manage import forms
from analytics.views.manage.table import Column, Filter, Table
from dispatch import retiring
from hotline.accounts import people, totp
from hotline.accounts.models import Role, Unit, User
from hotline.lib.tags import table_time
from workorders import categories
from workorders.models import Category

USERS = Table(
    slug="users",
    model=User,
    title=_("Users"),
    about=_("Who may log in, in which role, and in which unit."),
    icon="users",
    form=forms.UserForm,
    lookup="username",
    order=("username",),
    search=("username", "name", "units__short_name"),
    columns=(
        Column(_("Name"), lambda user: user.name or user.username),
        Column(_("Role"), lambda user: user.get_role_display()),
        Column(_("Units"), lambda user: _(", ").join(str(unit) for unit in user.units.all())),
        Column(_("Last login"), lambda user: table_time(user.last_login)),
    ),
    filters=(
        Filter("role", _("Role"), lambda: Role.choices, lambda role: Q(role=role)),
        Filter(
            "unit",
            _("Unit"),
            lambda: Unit.objects.filter(is_active=True).values_list("code", "short_name"),
            lambda code: Q(units__code=code),
        ),
    ),
    prefetched=("units",),
    edit=people.edit,
    retire=people.deactivate,
    restore=people.reactivate,
    undo={
        action: lambda user, change, **why: people.undo_edit(user, change, **why)
        for action in ("edit", "undo")
    },
    side="analytics/manage/_side_user.html",
    side_context=lambda user: {
        "is_locked": user.username in people.locked_names([user.username]),
        "device": totp.device_of(user),
    },
    words={
        "add": _("New user"),
        "retire": _("Deactivate"),
        "restore": _("Activate again"),
        "warning": _(
            "The person cannot log in any more and every session ends. What was done stays in every trail."
        ),
    },
)

CATEGORIES = Table(
    slug="categories",
    model=Category,
    title=_("Categories"),
    about=_("What matters are about: deadlines, urgency and keywords of every leaf."),
    icon="category",
    form=forms.CategoryForm,
    columns=(),
    related=("parent__parent",),
    edit=categories.edit,
    add=categories.add,
    retire=retiring.retire_category,
    restore=retiring.restore_category,
    undo={
        action: lambda leaf, change, **why: retiring.restore_category(leaf, **why)
        for action in ("merge", "retire")
    },
    use=lambda row: retiring.use_of_category(row).lines(),
    side="analytics/manage/_side_category.html",
    words={
        "warning": _(
            "It is offered nowhere any more and its entries of the dispatch catalogue end today. Orders keep it."
        ),
    },
)

TABLES: dict[str, Table] = {table.slug: table for table in (CATEGORIES, USERS)}


def table_of(slug: str) -> Table | None:
    return TABLES.get(slug)
