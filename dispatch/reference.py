"""Reference data that the product brings: read from CSV, written as rows, without touching what a city has
changed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from dispatch.models import CalendarDay, CatalogueEntry, ClockRule, LunarNewYear
from hotline.accounts.models import Unit
from hotline.lib.cached import Cached
from workorders.models import Category, Kind, Place, Reason, UrgencyWord

FOLDERS = {
    "accounts": settings.BASE_DIR / "hotline" / "accounts" / "reference",
    "workorders": settings.BASE_DIR / "workorders" / "reference",
    "dispatch": settings.BASE_DIR / "dispatch" / "reference",
}
FIRST_DAY = date(2026, 1, 1)
"""From when the clock rules of the first version are valid."""


@dataclass
class Report:
    """How many rows each table gained, had changed, and kept because the city edited them."""

    lines: dict[str, list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, table: str, index: int) -> None:
        self.lines.setdefault(table, [0, 0, 0])[index] += 1


def rows(app: str, name: str) -> Iterator[dict[str, str]]:
    path: Path = FOLDERS[app] / name
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def words(text: str) -> list[str]:
    return [word for word in text.split("|") if word]


@transaction.atomic
def load() -> Report:
    """Bring every reference table up to date. Idempotent; fields and rows edited here stay as they are."""
    report = Report()
    for load_table in (
        load_kinds,
        load_categories,
        load_places,
        load_reasons,
        load_urgency_words,
        load_units,
        load_calendar,
        load_clock_rules,
        load_catalogue,
    ):
        load_table(report)
    check(report)
    Cached.forget_all()
    return report


def put(
    report: Report, model: type[models.Model], key: dict[str, Any], values: dict[str, Any]
) -> models.Model:
    """Insert the row, or update those of its fields that nobody edited here."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        report.note(model.__name__, 0)
        return model._default_manager.create(**key, **values)
    kept = set(getattr(row, "edited_fields", ()))
    changed = [name for name, value in values.items() if name not in kept and getattr(row, name) != value]
    if kept:
        report.note(model.__name__, 2)
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        report.note(model.__name__, 1)
    return row


def load_kinds(report: Report) -> None:
    for sort, row in enumerate(rows("workorders", "order_kinds.csv")):
        put(
            report,
            Kind,
            {"code": row["code"]},
            {
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "sort": sort,
                "default_workdays": int(row["default_workdays"]) if row["default_workdays"] else None,
                "handling_clock": row["handling_clock"] == "y",
                "callback": row["callback"] == "y",
                "default_mode": row["default_identity_mode"],
                "counts_in_three_rates": row["counts_in_three_rates"] == "y",
                "outcomes": words(row["outcomes"]),
                "note": row["note"],
            },
        )


def load_categories(report: Report) -> None:
    known: dict[str, Category] = {category.code: category for category in Category.objects.all()}

    def node(code: str, level: str, parent: Category | None, values: dict[str, Any]) -> Category:
        if level == "leaf" or code not in known:
            known[code] = put(report, Category, {"code": code}, {"level": level, "parent": parent, **values})
        return known[code]

    for row in rows("workorders", "categories.csv"):
        top = node(row["top_code"], "top", None, {"name_zh": row["top"], "name_en": row["top_en"]})
        group = node(row["group_code"], "group", top, {"name_zh": row["group"], "name_en": row["group_en"]})
        node(
            row["code"],
            "leaf",
            group,
            {
                "name_zh": row["name"],
                "name_en": row["name_en"],
                "unit_level": row["unit_level"],
                "unit_hint": row["unit_hint"],
                "deadline_workdays": int(row["deadline_workdays"] or 0) or None,
                "urgency": row["urgency"],
                "keywords": words(row["keywords"]),
                "statutory_clock": row["statutory_clock"],
            },
        )


def load_places(report: Report) -> None:
    known: dict[str, Place] = {}
    for row in rows("workorders", "places.csv"):
        known[row["code"]] = put(
            report,
            Place,
            {"code": row["code"]},
            {
                "name_zh": row["name"],
                "name_en": row["name_en"],
                "level": row["level"],
                "parent": known.get(row["admin_parent"] or row["parent_code"]),
                "gb_parent": row["gb_parent"],
                "aliases": words(row["aliases"]),
            },
        )


def load_reasons(report: Report) -> None:
    yes: Callable[[str], bool] = lambda text: text == "y"  # noqa: E731  # reads as the word in the table
    for row in rows("workorders", "refusal_reasons.csv"):
        put(
            report,
            Reason,
            {"use": row["outcome"], "code": row["code"]},
            {
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "must_transfer": yes(row["must_transfer"]),
                "needs_supervisor": yes(row["needs_supervisor"]),
                "lawful_route": row["lawful_route_zh"],
                "script": row["script_zh"],
                "basis": row["basis"],
            },
        )
    for row in rows("workorders", "request_reasons.csv"):
        put(
            report,
            Reason,
            {"use": row["request"], "code": row["code"]},
            {
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "makes_block": yes(row["makes_block"]),
            },
        )
    for row in rows("workorders", "callback_reasons.csv"):
        put(
            report,
            Reason,
            {"use": row["question"], "code": row["code"]},
            {
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "needs_redo": yes(row["needs_redo"]),
                "policy_limit": yes(row["policy_limit"]),
                "unit_attitude": yes(row["unit_attitude"]),
                "charged_to": row["charged_to"],
                "note": row["note"],
            },
        )


def load_urgency_words(report: Report) -> None:
    for row in rows("workorders", "urgency_words.csv"):
        put(report, UrgencyWord, {"word": row["word"]}, {"level": row["level"], "note": row["note"]})


def load_units(report: Report) -> None:
    known: dict[str, Unit] = {}
    parents: list[tuple[Unit, str]] = []
    for row in rows("accounts", "units.csv"):
        unit = put(
            report,
            Unit,
            {"code": row["code"]},
            {
                "name": row["name"],
                "short_name": row["short_name"],
                "kind": row["kind"],
                "place_code": row["place_code"],
                "aliases": words(row["aliases"]),
                "verified": row["verified"] == "y",
            },
        )
        known[unit.code] = unit
        parents.append((unit, row["parent_code"]))
    for unit, parent_code in parents:
        parent = known.get(parent_code)
        if "parent" not in unit.edited_fields and unit.parent_id != (parent.pk if parent else None):
            unit.parent = parent
            unit.save(update_fields=["parent"])


def load_calendar(report: Report) -> None:
    known = {day.date: day for day in CalendarDay.objects.all()}
    for row in rows("dispatch", "calendar_cn.csv"):
        day, is_work = date.fromisoformat(row["date"]), row["kind"] == "makeup_workday"
        values = {"is_work": is_work, "name": row["name"], "source": "official", "notice": row["source"]}
        if day not in known:
            CalendarDay.objects.create(date=day, **values)
            report.note("CalendarDay", 0)
        elif known[day].edited:
            report.note("CalendarDay", 2)
    LunarNewYear.objects.bulk_create(
        (
            LunarNewYear(year=int(row["year"]), date=date.fromisoformat(row["date"]))
            for row in rows("dispatch", "lunar_new_year.csv")
        ),
        ignore_conflicts=True,
    )


def load_clock_rules(report: Report) -> None:
    """A rule of the first version is inserted once. A changed one is a new version with its own validity,
    made in the product, so an existing key is never written over."""
    known = {(r.timer_code, r.kind, r.step, r.urgency, r.variant) for r in ClockRule.objects.all()}
    for row in rows("dispatch", "clocks.csv"):
        key = (row["timer_code"], row["kind"], row["step"], row["urgency"], row["variant"])
        if key in known:
            continue
        number = lambda text: int(text) if text else None  # noqa: E731  # local to this row shape
        ClockRule.objects.create(
            timer_code=row["timer_code"],
            kind=row["kind"],
            step=row["step"],
            name_zh=row["name_zh"],
            name_en=row["name"],
            urgency=row["urgency"],
            variant=row["variant"],
            duration_value=int(row["duration_value"]),
            duration_unit=row["duration_unit"],
            is_working=row["clock"] == "work",
            starts_on=row["starts_on"],
            stops_on=row["stops_on"],
            on_fire=row["on_fire"],
            basis=row["basis"],
            origin=row["origin"],
            cap_value=number(row["cap_value"]),
            cap_unit=row["cap_unit"],
            note=row["note"],
            repeat_every=row["repeat_every"],
            max_times=number(row["max_times"]),
            valid_from=FIRST_DAY,
        )
        report.note("ClockRule", 0)


def load_catalogue(report: Report) -> None:
    """An entry is inserted once, by leaf, role, scope and unit; later changes are made in the product."""
    leaves = {category.code: category for category in Category.objects.filter(level="leaf")}
    known = set(CatalogueEntry.objects.values_list("category__code", "role", "place_scope", "unit_pattern"))
    ever_lead = set(CatalogueEntry.objects.filter(role="lead").values_list("category__code", "place_scope"))
    for row in rows("dispatch", "routing.csv"):
        key = (row["category_code"], row["role"], row["place_scope"], row["unit_pattern"])
        if key in known or (
            row["role"] == "lead" and (row["category_code"], row["place_scope"]) in ever_lead
        ):
            continue
        CatalogueEntry.objects.create(
            category=leaves[row["category_code"]],
            role=row["role"],
            place_scope=row["place_scope"],
            unit_pattern=row["unit_pattern"],
            basis=row["basis"],
            ask=row["ask"],
            alternatives=words(row["alternatives"]),
            valid_from=date.fromisoformat(row["valid_from"]),
        )
        report.note("CatalogueEntry", 0)


def check(report: Report) -> None:
    """What the database cannot: a unit's place exists; a leaf has a lead."""
    places = set(Place.objects.values_list("code", flat=True))
    for unit in Unit.objects.filter(is_active=True).exclude(place_code__in=places):
        report.problems.append(f"unit {unit.code} names the unknown place {unit.place_code}")
    led = CatalogueEntry.objects.filter(role="lead", valid_to__isnull=True).values("category_id")
    for leaf in Category.objects.filter(level="leaf", is_active=True).exclude(pk__in=led):
        report.problems.append(f"category {leaf.code} has no lead in the catalogue")
