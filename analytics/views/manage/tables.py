"""Every table of settings that /manage/ shows."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from analytics import parameters
from analytics.models import Parameter
from analytics.views.manage import forms
from analytics.views.manage.table import Column, Filter, Table
from dispatch import calendardays, cataloguing, retiring, ruleversions
from dispatch.models import CalendarDay, CatalogueEntry, ClockRule
from dispatch.models.catalogue import PlaceScope
from dispatch.names import kinds, name_of
from dispatch.wording import OUTCOMES
from hotline.accounts import people, totp, units
from hotline.accounts.models import Role, Unit, UnitKind, User
from hotline.lib.cached import Cached
from hotline.lib.tags import WEEKDAYS, day, table_time
from workorders import categories, endpoints, reference_rows
from workorders.lifecycle import Urgency
from workorders.models import Category, Endpoint, Kind, Place, Reason, UrgencyWord
from workorders.models.place import PlaceLevel
from workorders.models.reason import ReasonUse

VERSIONS = [("all", _("also ended ones")), ("ended", _("only ended ones"))]


THOSE_THAT_COUNT = _("those that count")


def in_force() -> Q:
    """Rows with a first and a last day that count today or will."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate())


def versions_where(chosen: str) -> Q:
    """Rows with a first and a last day: without a choice only those that count today or will."""
    return Q(valid_to__lt=timezone.localdate()) if chosen == "ended" else Q()


def yes_no(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def rule_name(rule: ClockRule) -> str:
    """The name in the reader's language, with the timer of the published table."""
    name = rule.name_en if (get_language() or "").startswith("en") else rule.name_zh
    return f"{rule.timer_code} {name}"


def duration(rule: ClockRule) -> str:
    return f"{rule.duration_value} {ruleversions.UNITS.get(rule.duration_unit, rule.duration_unit)}"


VARIANTS = {
    "channel=sms_web": _("text messages and web"),
    "channel=mailbox": _("mailbox"),
    "max": _("at most"),
    "max=works": _("at most, road or telecom works"),
    "remind-7": _("reminder a week before"),
    "remind-1": _("reminder a day before"),
    "due": _("on the day itself"),
    "broken+1": _("a day after it was broken"),
    "look_back": _("look back after a week"),
    "redials>=3": _("three calls or more"),
    "level=2": _("level 2"),
    "level=3": _("level 3"),
    "ack": _("answer"),
    "on_seat": _("at the desk"),
}


def variant_words(rule: ClockRule) -> str:
    """What narrows a rule, in words: kinds, the category's own days, or a case of its step."""
    variant = rule.variant
    if variant.startswith("kind="):
        codes = variant.removeprefix("kind=").split("|")
        return gettext(", ").join(name_of(kinds, code) for code in codes)
    for mark, words in (
        ("leaf<=", _("categories of at most %(n)s working days")),
        ("leaf>", _("categories of more than %(n)s working days")),
    ):
        if variant.startswith(mark):
            return str(words) % {"n": variant.removeprefix(mark)}
    return str(VARIANTS.get(variant, variant))


def rule_context(rule: ClockRule) -> dict[str, Any]:
    return {
        "rule_name": rule_name(rule),
        "duration": duration(rule),
        "variant": variant_words(rule),
        "running": ruleversions.running(rule),
        "versions": [(one, duration(one)) for one in ruleversions.versions(rule)[:20]],
        "ended": rule.valid_to is not None,
    }


_unit_names: Cached[dict[str, str]] = Cached(lambda: dict(Unit.objects.values_list("code", "short_name")))


def unit_of_entry(entry: CatalogueEntry) -> str:
    """The unit's name, or the pattern where the unit depends on the place."""
    return _unit_names.get().get(entry.unit_pattern, entry.unit_pattern)


def year_where(year: str) -> Q:
    return Q() if year == "all" else Q(date__year=int(year))


def this_year_on() -> Q:
    return Q(date__year__gte=timezone.localdate().year)


def years() -> list[tuple[str, str]]:
    found = CalendarDay.objects.dates("date", "year", order="DESC")
    return [*((str(one.year), str(one.year)) for one in found), ("all", gettext("all"))]


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
    use=lambda row: retiring.use_of_category(row, timezone.localdate()).lines(),
    side="analytics/manage/_side_category.html",
    words={
        "warning": _(
            "It is offered nowhere any more and its entries of the dispatch catalogue end today. "
            "Orders keep it."
        ),
    },
)

UNITS = Table(
    slug="units",
    model=Unit,
    title=_("Handling units"),
    about=_("Who can hold an order, what lies above and below it, and what people call it."),
    icon="building",
    form=forms.UnitForm,
    search=("code", "name", "short_name"),
    columns=(
        Column(_("Name"), lambda unit: unit.name),
        Column(_("Short name"), lambda unit: unit.short_name),
        Column(_("Type of unit"), lambda unit: unit.get_kind_display()),
        Column(_("Belongs to"), lambda unit: unit.parent),
    ),
    filters=(Filter("kind", _("Type of unit"), lambda: UnitKind.choices, lambda kind: Q(kind=kind)),),
    related=("parent",),
    edit=units.edit,
    add=units.add,
    retire=retiring.retire_unit,
    restore=units.restore,
    use=lambda unit: retiring.use_of_unit(unit, timezone.localdate()).lines(),
    words={
        "warning": _(
            "Nothing can be dispatched to it any more and its people see no order of it. Its past stays."
        )
    },
)

KINDS = Table(
    slug="kinds",
    model=Kind,
    title=_("Kinds"),
    about=_("Inquiry, help, complaint and so on: working days, call-back, outcomes."),
    icon="tags",
    form=forms.KindForm,
    columns=(
        Column(_("Name"), str),
        Column(_("Working days"), lambda kind: kind.default_workdays, "num"),
        Column(_("Identity mode"), lambda kind: kind.get_default_mode_display()),
        Column(_("Call-back"), lambda kind: yes_no(kind.callback)),
        Column(
            _("Outcomes"), lambda kind: _(", ").join(str(OUTCOMES.get(code, code)) for code in kind.outcomes)
        ),
    ),
    order=("sort", "code"),
    edit=reference_rows.edit_kind,
)

PLACES = Table(
    slug="places",
    model=Place,
    title=_("Places"),
    about=_("The city, its districts, subdistricts, communities and grids."),
    icon="map-pin",
    form=forms.PlaceForm,
    search=("code", "name_zh", "name_en"),
    columns=(
        Column(_("Name"), str),
        Column(_("Level"), lambda place: place.get_level_display()),
        Column(_("Lies in"), lambda place: place.parent),
        Column(_("Aliases"), lambda place: _(", ").join(place.aliases)),
    ),
    filters=(Filter("level", _("Level"), lambda: PlaceLevel.choices, lambda level: Q(level=level)),),
    related=("parent",),
    edit=reference_rows.edit_place,
    add=reference_rows.add_place,
    retire=retiring.retire_place,
    restore=reference_rows.restore_place,
    use=lambda place: retiring.use_of_place(place, timezone.localdate()).lines(),
    words={"warning": _("It is offered nowhere any more. Orders keep it.")},
)

REASONS = Table(
    slug="reasons",
    model=Reason,
    title=_("Reasons"),
    about=_("Coded reasons of refusals, returns and dissatisfaction, and what follows from them."),
    icon="list-check",
    form=forms.ReasonForm,
    search=("code", "name_zh", "name_en"),
    columns=(
        Column(_("Name"), str),
        Column(_("Used for"), lambda reason: reason.get_use_display()),
        Column(_("Basis"), lambda reason: reason.basis, "clip"),
    ),
    filters=(Filter("purpose", _("Used for"), lambda: ReasonUse.choices, lambda use: Q(use=use)),),
    edit=reference_rows.edit,
    add=reference_rows.add_reason,
    retire=reference_rows.retire_reason,
    restore=reference_rows.restore,
    words={"warning": _("It is offered no longer. What was decided with it keeps it.")},
)

WORDS = Table(
    slug="words",
    model=UrgencyWord,
    title=_("Urgent words"),
    about=_("Words that raise the urgency of a text, and ordinary ones that hide an alarm inside them."),
    icon="urgent",
    form=forms.WordForm,
    lookup="word",
    order=("word",),
    search=("word", "note"),
    columns=(
        Column(_("Urgency"), lambda word: word.get_level_display()),
        Column(_("Note"), lambda word: word.note),
    ),
    filters=(Filter("level", _("Urgency"), lambda: Urgency.choices, lambda level: Q(level=level)),),
    edit=reference_rows.edit,
    add=reference_rows.add_word,
    retire=reference_rows.retire_word,
    restore=reference_rows.restore,
    words={"warning": _("The word is marked no longer.")},
)

ENDPOINTS = Table(
    slug="endpoints",
    model=Endpoint,
    title=_("Endpoints of notices"),
    about=_("Where notices go besides the bell: signed webhooks, text messages, WeCom."),
    icon="plug-connected",
    form=forms.EndpointForm,
    lookup="name",
    order=("name",),
    search=("name", "url"),
    columns=(
        Column(_("Channel"), lambda endpoint: endpoint.get_channel_display()),
        Column(_("For"), lambda endpoint: endpoint.unit or endpoint.get_role_display()),
        Column(_("Address"), lambda endpoint: endpoint.url, "clip"),
    ),
    related=("unit",),
    edit=endpoints.edit,
    add=endpoints.add,
    retire=endpoints.retire,
    restore=endpoints.restore,
    side="analytics/manage/_side_endpoint.html",
    words={
        "warning": _("Nothing is sent there any more. What could not be sent waits among the dead notices.")
    },
)

RULES = Table(
    slug="clock-rules",
    model=ClockRule,
    title=_("Clock rules"),
    about=_("How long every step may take. A change is a new version with a first day and a basis."),
    icon="clock",
    form=forms.ClockRuleForm,
    name=lambda rule: f"{rule_name(rule)} {Urgency(rule.urgency).label if rule.urgency else ''}",
    lookup="pk",
    order=("timer_code", "kind", "pk"),
    search=("timer_code", "name_zh", "name_en", "basis"),
    columns=(
        Column(_("Rule"), rule_name),
        Column(_("Urgency"), lambda rule: Urgency(rule.urgency).label if rule.urgency else "", "nowrap"),
        Column(_("Applies to"), variant_words),
        Column(_("Duration"), duration),
        Column(_("Valid from"), lambda rule: rule.valid_from.isoformat(), "nowrap"),
        Column(_("Valid to"), lambda rule: rule.valid_to and rule.valid_to.isoformat(), "nowrap"),
    ),
    filters=(
        Filter("versions", _("Versions"), lambda: VERSIONS, versions_where, THOSE_THAT_COUNT, in_force),
        Filter("urgency", _("Urgency"), lambda: Urgency.choices, lambda level: Q(urgency=level)),
    ),
    edit=lambda rule, values, **by: ruleversions.new_version(rule, values, **by),
    undo={"new_version": ruleversions.undo, "undo": ruleversions.undo},
    side="analytics/manage/_side_rule.html",
    side_context=rule_context,
    words={"save": _("Save as a new version")},
)

CATALOGUE = Table(
    slug="catalogue",
    model=CatalogueEntry,
    title=_("Dispatch catalogue"),
    about=_("Which unit handles which matter where, and on what basis. Entries are added and ended."),
    icon="route",
    form=forms.CatalogueForm,
    edit_form=forms.CatalogueEndForm,
    name=lambda entry: f"{entry.category} → {unit_of_entry(entry)}",
    lookup="pk",
    order=("category__code", "pk"),
    search=("category__code", "category__name_zh", "unit_pattern", "basis"),
    columns=(
        Column(_("Category"), lambda entry: f"{entry.category.code} {entry.category}"),
        Column(_("Scope"), lambda entry: entry.place or entry.get_place_scope_display()),
        Column(_("Role"), lambda entry: entry.get_role_display()),
        Column(_("Unit"), unit_of_entry),
        Column(_("Open question"), lambda entry: entry.ask),
        Column(_("Valid from"), lambda entry: entry.valid_from.isoformat(), "nowrap"),
        Column(_("Valid to"), lambda entry: entry.valid_to and entry.valid_to.isoformat(), "nowrap"),
    ),
    filters=(
        Filter("versions", _("Validity"), lambda: VERSIONS, versions_where, THOSE_THAT_COUNT, in_force),
        Filter("role", _("Role"), lambda: CatalogueEntry.EntryRole.choices, lambda role: Q(role=role)),
        Filter("scope", _("Scope"), lambda: PlaceScope.choices, lambda scope: Q(place_scope=scope)),
    ),
    related=("category", "place"),
    edit=cataloguing.end,
    add=cataloguing.add,
    undo={
        "end": cataloguing.reopen,
        "end_with_leaf": cataloguing.reopen,
        "add": cataloguing.take_back,
    },
    side="analytics/manage/_side_entry.html",
    side_context=lambda entry: {"unit_words": unit_of_entry(entry)},
    words={"add": _("New entry"), "save": _("End the entry")},
)

CALENDAR = Table(
    slug="calendar",
    model=CalendarDay,
    title=_("Working calendar"),
    about=_("Days that differ from Monday to Friday: holidays, make-up working days, local orders."),
    icon="calendar",
    form=forms.CalendarForm,
    name=lambda row: f"{day(row.date)} {row.name}",
    lookup="date",
    order=("date",),
    search=("name", "notice"),
    columns=(
        Column(_("Weekday"), lambda row: day(row.date)),
        Column(_("Kind of day"), lambda row: _("working day") if row.is_work else _("free day")),
        Column(_("Name"), lambda row: row.name),
        Column(_("Source"), lambda row: row.get_source_display()),
        Column(_("Notice"), lambda row: row.notice, "clip"),
    ),
    filters=(
        Filter("year", _("Year"), years, year_where, _("from this year on"), this_year_on),
        Filter("source", _("Source"), lambda: CalendarDay.Source.choices, lambda source: Q(source=source)),
    ),
    edit=calendardays.edit,
    add=calendardays.add,
    undo={"add": calendardays.remove},
    words={"add": _("New day")},
)

PARAMETERS = Table(
    slug="parameters",
    model=Parameter,
    title=_("Parameters"),
    about=_("What the city decides about its reports."),
    icon="adjustments-horizontal",
    form=forms.ParameterForm,
    name=lambda row: parameters.LABELS.get(row.key, row.key),
    lookup="key",
    order=("key",),
    columns=(
        Column(_("Name"), lambda row: parameters.LABELS.get(row.key, row.key)),
        Column(_("Value"), lambda row: WEEKDAYS[row.value - 1]),
        Column(_("Basis"), lambda row: row.basis),
    ),
    edit=parameters.edit,
)

TABLES: dict[str, Table] = {
    table.slug: table
    for table in (
        CATEGORIES,
        KINDS,
        PLACES,
        UNITS,
        USERS,
        CATALOGUE,
        RULES,
        CALENDAR,
        REASONS,
        WORDS,
        ENDPOINTS,
        PARAMETERS,
    )
}
