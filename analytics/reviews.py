"""每日复盘: what a day brought, drafted by the system, completed and signed by the duty supervisor.

Sections and formulas follow the published layout of a daily review (totals with the identity accepted =
direct + transferred + open; kinds; top categories against the mean of the seven days before; overdue;
dissatisfied; thanks)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from analytics.models import ActionItem, Review, ReviewLine
from analytics.periods import day_bounds
from dispatch.models import Clock, Request
from hotline.accounts.models import Role, User
from hotline.lib.errors import DomainError, InvalidInput
from workorders.errors import NotAllowed
from workorders.lifecycle import FINAL, State, Urgency
from workorders.models import Callback, WorkOrder
from workorders.models.callback import Satisfaction, Solved

NOT_ACCEPTED = (State.DRAFT, State.REJECTED, State.INVALID)
HANDLING_CLOCKS = ("handle", "first_result", "rework")
TOP = 10

Lines = dict[str, list[int]]


class ReviewIsSigned(DomainError):
    code = "review_signed"
    message = _("This review is signed: its numbers are frozen.")


def draft(day: date, *, now: datetime) -> Review:
    """Count the day and store the snapshot as a draft; a draft that exists is recounted, a signed one is
    left alone.

    `as_of` is `now`, or the end of the day once it is past."""
    as_of = min(now, day_bounds(day)[1])
    with transaction.atomic():
        review = Review.objects.select_for_update().filter(date=day).first()
        if review is not None and review.status == Review.Status.SIGNED:
            return review
        numbers, lines = count(day, as_of)
        review, _is_new = Review.objects.update_or_create(
            date=day, defaults={"as_of": as_of, "numbers": numbers}
        )
        review.lines.all().delete()
        ReviewLine.objects.bulk_create(
            ReviewLine(review=review, key=key, ids=ids) for key, ids in lines.items()
        )
    return review


def count(day: date, as_of: datetime) -> tuple[dict[str, Any], Lines]:
    """The numbers of a day as they stood at `as_of`, and the ids of the orders behind each."""
    lines = orders_of(day, as_of) | clocks_of(as_of) | callbacks_of(day, as_of) | requests_of(day, as_of)
    kinds = {key[5:]: len(ids) for key, ids in lines.items() if key.startswith("kind:")}
    before = means_before(day)
    numbers = {
        "totals": {key: len(ids) for key, ids in lines.items() if ":" not in key},
        "means": {"accepted": before["accepted"]},
        "kinds": [{"code": code, "n": n, "mean": before["kinds"].get(code, 0)} for code, n in by_size(kinds)],
        "categories": top_categories(lines, before["categories"]),
        "units": [
            {"code": key[5:], "overdue": len(ids)}
            for key, ids in by_size({k: v for k, v in lines.items() if k.startswith("unit:")}, size=len)[:TOP]
        ],
    }
    return numbers, lines


def by_size(counts: dict[str, Any], size: Any = None) -> list[tuple[str, Any]]:
    """Largest first, ties by code, so that a recount gives the same order."""
    return sorted(counts.items(), key=lambda item: (-(size(item[1]) if size else item[1]), item[0]))


def orders_of(day: date, as_of: datetime) -> Lines:
    """Orders taken in that day. Direct: settled without a unit. Transferred: a unit got it. Open: neither
    yet."""
    start, end = day_bounds(day)
    lines: Lines = defaultdict(
        list, {key: [] for key in ("accepted", "direct", "transferred", "open", "thanks", "urgent")}
    )
    rows = WorkOrder.objects.filter(created_at__gte=start, created_at__lt=min(end, as_of)).values_list(
        "pk", "state", "kind_id", "category__code", "urgency", "dispatched_at", "closed_at"
    )
    for pk, state, kind, category, urgency, dispatched_at, closed_at in rows.iterator(chunk_size=5000):
        if state in NOT_ACCEPTED and not (state in FINAL and closed_at and closed_at >= as_of):
            if state != State.DRAFT:
                lines["not_accepted"].append(pk)
            continue
        lines["accepted"].append(pk)
        if dispatched_at and dispatched_at < as_of:
            lines["transferred"].append(pk)
        else:
            lines["direct" if closed_at and closed_at < as_of else "open"].append(pk)
        lines[f"kind:{kind or 'none'}"].append(pk)
        lines[f"category:{category or 'none'}"].append(pk)
        if kind == "thanks":
            lines["thanks"].append(pk)
        if urgency != Urgency.N:
            lines["urgent"].append(pk)
    lines["thanks_forwarded"] = list(
        WorkOrder.objects.filter(pk__in=lines["thanks"], commendation__forwarded_at__lt=as_of).values_list(
            "pk", flat=True
        )
    )
    lines["closed"] = list(
        WorkOrder.objects.filter(
            state=State.CLOSED, closed_at__gte=start, closed_at__lt=min(end, as_of)
        ).values_list("pk", flat=True)
    )
    return dict(lines)


def clocks_of(as_of: datetime) -> Lines:
    """Orders whose handling time had passed without a reply at that instant, in all and by unit."""
    late = Clock.objects.filter(kind__in=HANDLING_CLOCKS, due_at__lt=as_of, breached_at__isnull=False).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=as_of)
    )
    lines: Lines = defaultdict(list, {"overdue": []})
    for pk, unit in late.values_list("order_id", "order__unit__code").order_by("order_id").distinct():
        lines["overdue"].append(pk)
        if unit:
            lines[f"unit:{unit}"].append(pk)
    return dict(lines)


def callbacks_of(day: date, as_of: datetime) -> Lines:
    """Call-backs finished that day: reached, and dissatisfied with service or result or not solved."""
    start, end = day_bounds(day)
    done = Callback.objects.filter(done_at__gte=start, done_at__lt=min(end, as_of))
    bad = Q(service=Satisfaction.DISSATISFIED) | Q(result=Satisfaction.DISSATISFIED) | Q(solved=Solved.NO)
    return {
        "called_back": list(done.values_list("order_id", flat=True)),
        "reached": list(done.exclude(solved="").values_list("order_id", flat=True)),
        "dissatisfied": list(done.filter(bad).values_list("order_id", flat=True)),
    }


def requests_of(day: date, as_of: datetime) -> Lines:
    start, end = day_bounds(day)
    asked = Request.objects.filter(kind="return", requested_at__gte=start, requested_at__lt=min(end, as_of))
    return {"returned": list(asked.values_list("order_id", flat=True).distinct())}


def means_before(day: date) -> dict[str, Any]:
    """Means a day of the seven days before: accepted, by kind, by category."""
    start, _end = day_bounds(day)
    rows = (
        WorkOrder.objects.filter(created_at__gte=start - timedelta(days=7), created_at__lt=start)
        .exclude(state__in=NOT_ACCEPTED)
        .values_list("kind_id", "category__code")
        .annotate(n=Count("pk"))
        .order_by()
    )
    kinds: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for kind, category, n in rows:
        kinds[kind or "none"] += n
        categories[category or "none"] += n
    share = lambda counts: {code: round(n / 7, 1) for code, n in counts.items()}  # noqa: E731  # used twice, right here
    return {
        "accepted": round(sum(kinds.values()) / 7, 1),
        "kinds": share(kinds),
        "categories": share(categories),
    }


def top_categories(lines: Lines, means: dict[str, float]) -> list[dict[str, Any]]:
    """The ten most frequent leaves, with the mean of the week before and how unusual the day is (Poisson
    z)."""
    counts = {
        key[9:]: len(ids)
        for key, ids in lines.items()
        if key.startswith("category:") and key != "category:none"
    }
    return [
        {
            "code": code,
            "n": n,
            "mean": means.get(code, 0),
            "z": unusual(n, means.get(code, 0)),
            "new": code not in means,
        }
        for code, n in by_size(counts)[:TOP]
    ]


def unusual(n: int, mean: float) -> float:
    """(n − mean) / √mean; the mean counts as at least 1, so that one call about something new is no alarm."""
    return round((n - mean) / math.sqrt(max(mean, 1)), 1)


# --- What people add -------------------------------------------------------------------------------


def add_measure(review: Review, *, actor: User, text: str, owner: str, due_on: date) -> ActionItem:
    """A decision for the days to come. Raises ReviewIsSigned, InvalidInput, NotAllowed."""
    check_may_write(review, actor)
    if not text.strip() or not owner.strip():
        raise InvalidInput(_("A measure needs a text and an owner."), field="text")
    if due_on <= review.date:
        raise InvalidInput(_("A measure is for a day after the review."), field="due_on")
    return ActionItem.objects.create(review=review, text=text.strip(), owner=owner.strip(), due_on=due_on)


def finish_measure(item: ActionItem, *, actor: User, result: str, now: datetime) -> ActionItem:
    """What came of a measure; possible after the review that made it was signed."""
    if actor.role not in (Role.SUPERVISOR, Role.LEADER):
        raise NotAllowed()
    if not result.strip():
        raise InvalidInput(_("Say what came of it."), field="result")
    item.result, item.done_at = result.strip()[:300], now
    item.save(update_fields=["result", "done_at"])
    return item


def write_notes(review: Review, *, actor: User, notes: str) -> Review:
    check_may_write(review, actor)
    review.notes = notes.strip()
    review.save(update_fields=["notes"])
    return review


def measures_due(day: date) -> Iterable[ActionItem]:
    """Measures of earlier reviews that are due by `day` and have no result yet, or got it that day."""
    start, end = day_bounds(day)
    return ActionItem.objects.filter(
        Q(done_at__isnull=True) | Q(done_at__gte=start, done_at__lt=end),
        review__date__lt=day,
        due_on__lte=day,
    ).select_related("review")


def sign(review_id: int, *, actor: User, now: datetime) -> Review:
    """Freeze the review. Refused while a measure due by that day lacks its result (日清日结)."""
    with transaction.atomic():
        review = Review.objects.select_for_update().get(pk=review_id)
        check_may_write(review, actor)
        if any(item.done_at is None for item in measures_due(review.date)):
            raise DomainError(_("Measures due by this day still lack a result."), code="measures_open")
        review.status, review.signed_by, review.signed_at = Review.Status.SIGNED, actor, now
        review.save(update_fields=["status", "signed_by", "signed_at"])
    return review


def check_may_write(review: Review, actor: User) -> None:
    if actor.role != Role.SUPERVISOR:
        raise NotAllowed()
    if review.status == Review.Status.SIGNED:
        raise ReviewIsSigned()
