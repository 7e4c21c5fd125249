"""What the machine would say about a matter while a person types: kind, category, unit, urgency, duplicates.

Everything here is a hint that a person confirms."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch import names, routing
from hotline.accounts.models import Role, Unit, User
from hotline.lib.bigrams import bigram_hashes, clean_text, jaccard
from hotline.lib.masking import mask_text
from workorders import places, vocabulary
from workorders.classification import suggest_categories, urgency_of
from workorders.kinds import suggest_kind
from workorders.lifecycle import OPEN, Mode
from workorders.models import Caller, Category, Place, WorkOrder
from workorders.models.order import WorkOrderQuerySet

SHORTEST = 2
"""Characters; a shorter text says nothing."""
THANKS_GROUP = "18"
MOST_UNITS, MOST_DUPLICATES = 5, 5
LOOK_BACK = timedelta(days=30)
CANDIDATES = 200
"""Orders of the same category and place that are compared, newest first; half as many of other places."""
ALIKE = 0.3
"""Share of common character pairs from which two texts may be the same matter."""


@dataclass
class Suggestion:
    """In the shape of `POST suggest/`."""

    kind: str | None = None
    categories: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    place: dict[str, Any] | None = None
    urgency: dict[str, Any] = field(default_factory=lambda: {"level": "N", "matched": []})
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    knowledge: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def suggest(
    content: str,
    address: str = "",
    phone: str = "",
    *,
    user: User | None,
    now: datetime,
    place: Place | None = None,
) -> Suggestion:
    """Suggestions for a text of two characters and more; empty ones for less.

    `place` if already chosen, else it is read from address and text. Duplicates are among what `user` may
    see; None is the system, which sees all."""
    found = Suggestion()
    if len(clean_text(content)) < SHORTEST:
        return found
    rows = vocabulary.by_code(Category)
    scored = [(rows[code], score) for code, score in suggest_categories(content) if code in rows]
    chosen = place or places.place_of(address, content)
    spot = names.get(names.places, chosen.pk) if chosen else None
    found.categories = [{"code": leaf.code, "name": leaf.name, "score": score} for leaf, score in scored]
    is_thanks = bool(scored) and scored[0][0].code.startswith(THANKS_GROUP)
    found.kind = suggest_kind(content) or ("thanks" if is_thanks else None)
    found.place = {"code": spot.code, "name": names.place_words(spot)} if spot else None
    found.units = units_for(scored, spot, now)
    urgent = urgency_of(content)
    found.urgency = {"level": urgent.level, "matched": list(urgent.matched)}
    leaves = [leaf for leaf, _score in scored]
    found.duplicates = duplicates(content, address, phone, leaves, spot, user=user, now=now)
    return found


def units_for(
    scored: list[tuple[Category, float]], place: Place | None, now: datetime
) -> list[dict[str, Any]]:
    """The catalogue's unit for each suggested category, best first; those that an open question could
    choose follow their lead."""
    found: dict[str, dict[str, Any]] = {}
    day, units = timezone.localdate(now), routing.units_by_code.get()

    def add(unit: Unit | None, score: float, why: str) -> None:
        if unit is not None and unit.code not in found:
            found[unit.code] = {
                "code": unit.code,
                "name": unit.short_name,
                "score": round(score, 4),
                "why": why,
            }

    for leaf, score in scored:
        route = routing.resolve(leaf, place, on=day)
        add(route.unit, score, f"{leaf.name}: {route.why()}")
        for code in route.alternatives:
            add(
                units.get(code),
                score / 2,
                _("%(category)s: possible as well, to be asked") % {"category": leaf.name},
            )
    return sorted(found.values(), key=lambda unit: -unit["score"])[:MOST_UNITS]


def duplicates(
    content: str,
    address: str,
    phone: str,
    leaves: list[Category],
    place: Place | None,
    *,
    user: User | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Orders that may be the same matter: open ones of the same caller, then texts alike of the last 30
    days, the same place before others. Bounded: the cost does not grow with the number of orders."""
    orders = WorkOrder.objects.all() if user is None else WorkOrder.objects.visible_to(user)
    own = same_caller(orders, phone, user)
    hashes = bigram_hashes(f"{content}\n{address}")
    found = [entry(order, jaccard(hashes, order.bigrams), same_caller=True) for order in own]
    seen = {order.pk for order in own}
    alike = []
    for order in candidates(orders, leaves, place, now):
        if order.pk not in seen and (likeness := jaccard(hashes, order.bigrams)) >= ALIKE:
            seen.add(order.pk)
            alike.append((place is not None and order.place_id == place.pk, likeness, order))
    alike.sort(key=lambda item: (item[0], item[1], item[2].pk), reverse=True)
    found += [entry(order, likeness, same_caller=False) for _here, likeness, order in alike]
    return found[:MOST_DUPLICATES]


def same_caller(orders: WorkOrderQuerySet, phone: str, user: User | None) -> list[WorkOrder]:
    """Open orders of whoever has this number. Not for units, and confidential ones for the supervisor
    alone: the number would tell who reported."""
    if not phone.strip() or (user is not None and not user.sees_all_orders):
        return []
    found = orders.filter(caller__in=Caller.objects.with_phone(phone).values("pk"), state__in=OPEN)
    if user is not None and user.role != Role.SUPERVISOR:
        found = found.exclude(mode=Mode.CONFIDENTIAL)
    return list(found.order_by("-created_at", "-pk")[:MOST_DUPLICATES])


def candidates(
    orders: WorkOrderQuerySet, leaves: list[Category], place: Place | None, now: datetime
) -> chain[WorkOrder]:
    """Recent orders worth comparing: of the suggested leaves, in the place and elsewhere."""
    recent = orders.filter(created_at__gte=now - LOOK_BACK).order_by("-created_at", "-pk")
    recent = recent.only("number", "state", "title", "created_at", "bigrams", "place_id", "unit_id", "mode")
    lists = []
    for leaf in leaves:
        of_leaf = recent.filter(category=leaf)
        if place is not None:
            lists.append(of_leaf.filter(place=place)[:CANDIDATES])
        lists.append(of_leaf[: CANDIDATES // 2])
    return chain.from_iterable(lists)


def entry(order: WorkOrder, likeness: float, *, same_caller: bool) -> dict[str, Any]:
    return {
        "number": order.number,
        "state": order.state,
        "title": mask_text(order.title),
        "created_at": timezone.localtime(order.created_at).isoformat(),
        "likeness": round(likeness, 3),
        "same_caller": same_caller,
    }
