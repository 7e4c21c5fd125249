"""每日复盘: what a day brought, drafted by the system, completed and signed by the duty supervisor.

Sections and formulas follow the published layout of a daily review (totals with the identity accepted =
direct + transferred + open; kinds; top categories against the mean of the seven days before; overdue;
dissatisfied; thanks)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
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
URGENT_SHOWN = 20

Lines = dict[str, list[int]]


class ReviewIsSigned(DomainError):
    code = "review_signed"
    message = _("This review is signed: its numbers are frozen.")


def draft(day: date, *, now: datetime) -> Review:
    """Count the day and store the snapshot as a draft; a draft that exists is recounted, a signed one is
    left alone.

    `as_of` is `now`, or the end of the day once it is past. Raises InvalidInput for a day to come."""
    start, end = day_bounds(day)
    if start > now:
        raise InvalidInput(_("This day has not begun yet."), field="date")
    as_of = min(now, end)
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


def catch_up(*, days: int, now: datetime) -> list[Review]:
    """Draft the reviews of the last `days` whole days that are missing: after a stop over midnight, after an
    import. Reviews that exist are left alone."""
    today = timezone.localdate(now)
    wanted = [today - timedelta(days=back) for back in range(days, 0, -1)]
    known = set(Review.objects.filter(date__in=wanted).values_list("date", flat=True))
    return [draft(day, now=now) for day in wanted if day not in known]


def count(day: date, as_of: datetime) -> tuple[dict[str, Any], Lines]:
    """The numbers of a day as they stood at `as_of`, and the ids of the orders behind each."""
    lines = orders_of(day, as_of) | clocks_of(as_of) | callbacks_of(day, as_of) | requests_of(day, as_of)
    kinds = sizes(lines, "kind")
    before = means_before(day)
    numbers = {
        "totals": {key: len(ids) for key, ids in lines.items() if ":" not in key},
        "means": {"accepted": before["accepted"]},
        "kinds": [{"code": code, "n": n, "mean": before["kinds"].get(code, 0)} for code, n in by_size(kinds)],
        "channels": [{"code": code, "n": n} for code, n in by_size(sizes(lines, "channel"))],
        "categories": top_categories(lines, before["categories"]),
        "units": [{"code": code, "overdue": n} for code, n in by_size(sizes(lines, "unit"))[:TOP]],
        "reasons": [{"code": code, "n": n} for code, n in by_size(sizes(lines, "reason"))],
        "urgent": urgent_orders(lines["urgent"], as_of),
    }
    return numbers, lines


def sizes(lines: Lines, group: str) -> dict[str, int]:
    """Code → number of orders of the lines `group:code`."""
    start = f"{group}:"
    return {key[len(start) :]: len(ids) for key, ids in lines.items() if key.startswith(start)}


def by_size(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Largest first, ties by code, so that a recount gives the same order."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def orders_of(day: date, as_of: datetime) -> Lines:
    """Orders taken in that day. Direct: settled without a unit. Transferred: a unit got it. Open: neither
    yet."""
    start, end = day_bounds(day)
    lines: Lines = defaultdict(
        list, {key: [] for key in ("accepted", "direct", "transferred", "open", "thanks", "urgent")}
    )
    rows = WorkOrder.objects.filter(created_at__gte=start, created_at__lt=min(end, as_of)).values_list(
        "pk", "state", "kind_id", "category__code", "urgency", "channel", "dispatched_at", "closed_at"
    )
    for pk, state, kind, category, urgency, channel, dispatched_at, closed_at in rows.iterator(
        chunk_size=5000
    ):
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
        lines[f"channel:{channel}"].append(pk)
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


def urgent_orders(ids: list[int], as_of: datetime) -> list[dict[str, Any]]:
    """The day's emergencies and lifeline matters, E1 first, with what had happened to each by `as_of`; at
    most twenty."""
    rows = (
        WorkOrder.objects.filter(pk__in=ids)
        .order_by("urgency", "created_at", "pk")
        .values(
            "number", "urgency", "category__code", "unit__code", "created_at", "dispatched_at", "replied_at"
        )[:URGENT_SHOWN]
    )
    until = lambda at: at.isoformat() if at and at < as_of else None  # noqa: E731  # used twice below
    return [
        {
            "number": row["number"],
            "urgency": row["urgency"],
            "category": row["category__code"],
            "unit": row["unit__code"],
            "created_at": row["created_at"].isoformat(),
            "dispatched_at": until(row["dispatched_at"]),
            "replied_at": until(row["replied_at"]),
        }
        for row in rows
    ]


def callbacks_of(day: date, as_of: datetime) -> Lines:
    """Call-backs finished that day: reached, and dissatisfied with service or result or not solved."""
    start, end = day_bounds(day)
    done = Callback.objects.filter(done_at__gte=start, done_at__lt=min(end, as_of))
    bad = Q(service=Satisfaction.DISSATISFIED) | Q(result=Satisfaction.DISSATISFIED) | Q(solved=Solved.NO)
    lines: dict[str, set[int]] = defaultdict(set, {"dissatisfied": set()})
    for pk, reasons in done.filter(bad).values_list("order_id", "reasons"):
        lines["dissatisfied"].add(pk)
        for reason in reasons or ["none"]:
            lines[f"reason:{reason}"].add(pk)
    lines["called_back"] = set(done.values_list("order_id", flat=True))
    lines["reached"] = set(done.exclude(solved="").values_list("order_id", flat=True))
    return {key: sorted(ids) for key, ids in lines.items()}


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


def measures_due(review: Review) -> QuerySet[ActionItem]:
    """Measures of earlier reviews that this one checks off: due by its day and without a result when the day
    began; once it is signed, those that had their result by then."""
    due = ActionItem.objects.filter(review__date__lt=review.date, due_on__lte=review.date)
    since = Q(done_at__gte=day_bounds(review.date)[0])
    if review.status == Review.Status.SIGNED:
        since &= Q(done_at__lte=review.signed_at)
    else:
        since |= Q(done_at__isnull=True)
    return due.filter(since).select_related("review")


def sign(review_id: int, *, actor: User, now: datetime, seen: datetime | None = None) -> Review:
    """Freeze the review. Refused while a measure due by that day lacks its result (日清日结), and when it was
    counted anew since `seen`, the `as_of` that the signer read."""
    with transaction.atomic():
        review = Review.objects.select_for_update().get(pk=review_id)
        check_may_write(review, actor)
        if seen is not None and seen != review.as_of:
            raise DomainError(
                _("The numbers were counted anew meanwhile. Look at them again."), code="stale_version"
            )
        if measures_due(review).filter(done_at__isnull=True).exists():
            raise DomainError(_("Measures due by this day still lack a result."), code="measures_open")
        review.status, review.signed_by, review.signed_at = Review.Status.SIGNED, actor, now
        review.save(update_fields=["status", "signed_by", "signed_at"])
    return review


def check_may_write(review: Review, actor: User) -> None:
    if actor.role != Role.SUPERVISOR:
        raise NotAllowed()
    if review.status == Review.Status.SIGNED:
        raise ReviewIsSigned()
