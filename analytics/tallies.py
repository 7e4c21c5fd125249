"""感谢类周统计: how many thanks, how many reached the praised unit, whom they praise, warm stories."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from analytics.models import Tally, TallyLine
from analytics.periods import day_bounds
from analytics.reviews import NOT_ACCEPTED
from hotline.lib.errors import InvalidInput
from hotline.lib.masking import mask_text
from workorders.models import Commendation, WorkOrder


def make(week_start: date, *, now: datetime) -> Tally:
    """Count the week that starts on `week_start` and store the snapshot, over an earlier one. Raises
    InvalidInput for a week to come."""
    if day_bounds(week_start)[0] > now:
        raise InvalidInput(_("This week has not begun yet."), field="week")
    as_of = min(now, day_bounds(week_start + timedelta(days=6))[1])
    numbers, lines = count(week_start, as_of)
    with transaction.atomic():
        tally, _is_new = Tally.objects.update_or_create(
            week_start=week_start, defaults={"as_of": as_of, "numbers": numbers}
        )
        tally.lines.all().delete()
        TallyLine.objects.bulk_create(TallyLine(tally=tally, key=key, ids=ids) for key, ids in lines.items())
    return tally


def count(week_start: date, as_of: datetime) -> tuple[dict[str, Any], dict[str, list[int]]]:
    """Total and transferred (passed on to the praised unit) of one week, by unit, with stories; the week
    before beside.

    A unit counts what is confirmed as its own. Stories name a unit, tell a deed and are free of personal
    data."""
    start = day_bounds(week_start)[0]
    taken = thanks_between(start, as_of)
    lines: dict[str, list[int]] = defaultdict(list, {"total": [], "transferred": []})
    units: dict[str, dict[str, Any]] = {}
    stories = []
    for row in taken:
        lines["total"].append(row.order_id)
        passed_on = row.forwarded_at is not None and row.forwarded_at < as_of
        if passed_on:
            lines["transferred"].append(row.order_id)
        if row.unit is None or not row.confirmed:
            continue
        lines[f"unit:{row.unit.code}"].append(row.order_id)
        entry = units.setdefault(
            row.unit.code,
            {"code": row.unit.code, "name": row.unit.name, "n": 0, "transferred": 0, "persons": []},
        )
        entry["n"] += 1
        if passed_on:
            lines[f"passed:{row.unit.code}"].append(row.order_id)
            entry["transferred"] += 1
        if row.person and row.consent and row.person not in entry["persons"]:
            entry["persons"].append(row.person)
        if row.is_story and row.deed:
            person = row.person if row.consent else ""
            stories.append(
                {
                    "number": row.order.number,
                    "unit": row.unit.name,
                    "person": person,
                    "deed": mask_text(row.deed),
                }
            )
    accepted = (
        WorkOrder.objects.filter(created_at__gte=start, created_at__lt=as_of)
        .exclude(state__in=NOT_ACCEPTED)
        .count()
    )
    before = thanks_between(start - timedelta(days=7), start).values_list("order_id", flat=True)
    lines["week_before"] = list(before)
    numbers = {
        "total": len(lines["total"]),
        "transferred": len(lines["transferred"]),
        "accepted": accepted,
        "per_10000": round(10_000 * len(lines["total"]) / accepted, 1) if accepted else None,
        "week_before": len(lines["week_before"]),
        "units": sorted(units.values(), key=lambda entry: (-entry["n"], entry["code"])),
        "stories": stories,
    }
    return numbers, dict(lines)


def thanks_between(start: datetime, end: datetime):
    return (
        Commendation.objects.filter(
            order__kind_id="thanks", order__created_at__gte=start, order__created_at__lt=end
        )
        .exclude(order__state__in=NOT_ACCEPTED)
        .select_related("order", "unit")
        .order_by("order__created_at", "order_id")
    )
