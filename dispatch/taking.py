"""Taking a call at the desk: one order and what becomes of it, in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch import assigning, routing, wording
from dispatch.routing import Route
from hotline.accounts.models import Unit, UnitKind, User
from workorders import closing, gratitude, intake
from workorders.errors import InvalidInput
from workorders.intake import OrderInput
from workorders.lifecycle import Urgency
from workorders.models import WorkOrder
from workorders.models.reason import ReasonUse


@dataclass(frozen=True)
class Praise:
    """Whom a caller thanks, as far as it was told."""

    unit: Unit | None = None
    person: str = ""
    deed: str = ""
    consent: bool = False

    @property
    def is_told(self) -> bool:
        """Whether the operator wrote down anything of it; else it is left to whoever passes the thanks on."""
        return bool(self.unit or self.person.strip() or self.deed.strip())


@dataclass(frozen=True)
class Ending:
    """What becomes of the matter. `action`: submit, dispatch, answer, reject, invalidate or hand_over;
    the other fields are those of that verb."""

    action: str = "submit"
    unit: Unit | None = None
    """Dispatch: another unit than the catalogue's, with `reason`. None: the catalogue's."""
    reason: str = ""
    text: str = ""
    peer: str = ""
    mode: str = ""
    consent: bool = False
    praise: Praise = Praise()
    confirmed: bool = False
    """The operator confirmed that life or property is in danger."""


@transaction.atomic
def take(data: OrderInput, ending: Ending, *, actor: User, now: datetime) -> WorkOrder:
    """A new order, taken as far as `ending` says: all of it, or nothing when a rule refuses.

    Thanks go to the praised unit if one is named, else they wait in triage. Raises InvalidInput, also
    for an emergency that was not confirmed and for a dispatch that the catalogue does not decide;
    NotAllowed; and the verbs' refusals."""
    check_confirmed(data, ending)
    if data.kind == "thanks" and ending.action in ("submit", "dispatch"):
        return thank(data, ending, actor=actor, now=now)
    return ENDINGS[ending.action](data, ending, actor=actor, now=now)


def check_confirmed(data: OrderInput, ending: Ending) -> None:
    """An emergency is never sent by a slip of the hand, whether it was marked or the leaf is one."""
    urgency = intake.urgency_at_least(data.urgency, intake.leaf_of(data.category))
    if urgency == Urgency.E1 and not ending.confirmed:
        raise InvalidInput(_("Confirm that life or property is in danger."), field="confirmed")


def direct_route(data: OrderInput, chosen: Unit | None, *, now: datetime) -> Route:
    """The route of an order that may go straight to its unit. A question that the catalogue leaves open
    is answered by choosing one of the units it names.

    Raises InvalidInput naming what is missing: kind, category, place, an entry of the catalogue, the
    answer to an open question; and for a matter of an emergency line, which is handed over."""
    if not data.kind:
        raise InvalidInput(_("Choose the kind first."), field="kind")
    if not data.category:
        raise InvalidInput(_("Choose the category first."), field="category")
    day = timezone.localdate(now)
    route = routing.resolve(intake.leaf_of(data.category), intake.place_of(data.place), on=day)
    if route.ask and (chosen is None or chosen.code not in route.alternatives):
        question = wording.words(wording.QUESTIONS, route.ask)
        raise InvalidInput(
            _("To be asked first: %(question)s Choose the unit, or send it to triage.")
            % {"question": question},
            field="unit",
        )
    if route.unit is None:
        field = "place" if route.gap == "no_place" else "unit"
        raise InvalidInput(_("%(why)s Send it to triage.") % {"why": route.why()}, field=field)
    if (chosen or route.unit).kind == UnitKind.EXTERNAL:
        raise InvalidInput(_("This is a matter of an emergency line: hand the call over."), field="unit")
    return route


def to_triage(data: OrderInput, ending: Ending, *, actor: User, now: datetime) -> WorkOrder:
    return intake.create(data, actor=actor, now=now)


def to_unit(data: OrderInput, ending: Ending, *, actor: User, now: datetime) -> WorkOrder:
    """Straight to the catalogue's lead and co-handling units, or to another lead for a reason."""
    route = direct_route(data, ending.unit, now=now)
    unit = ending.unit or route.unit
    assert unit is not None  # direct_route saw to it
    co = route.co if unit == route.unit else ()
    order = intake.create(data, actor=actor, now=now)
    return assigning.dispatch(
        order.pk, actor=actor, now=now, expect=order.version, unit=unit, co=co, reason=ending.reason
    )


def thank(data: OrderInput, ending: Ending, *, actor: User, now: datetime) -> WorkOrder:
    order, praise = intake.create(data, actor=actor, now=now), ending.praise
    if praise.is_told:
        gratitude.describe(
            order, unit=praise.unit, person=praise.person, deed=praise.deed, consent=praise.consent
        )
    if praise.unit is None:
        return order
    text = praise.deed.strip() or data.content
    return assigning.forward(
        order.pk, actor=actor, now=now, expect=order.version, unit=praise.unit, text=text
    )


def answer(data: OrderInput, ending: Ending, **who: Any) -> WorkOrder:
    return ended(intake.answer, data, who, text=ending.text)


def reject(data: OrderInput, ending: Ending, **who: Any) -> WorkOrder:
    return ended(intake.reject, data, who, reason=ending.reason, text=ending.text)


def hand_over(data: OrderInput, ending: Ending, **who: Any) -> WorkOrder:
    facts = {"peer": ending.peer, "mode": ending.mode, "consent": ending.consent, "text": ending.text}
    return ended(closing.hand_over, data, who, **facts)


def invalidate(data: OrderInput, ending: Ending, **who: Any) -> WorkOrder:
    """A silent call has no content: then the reason is the content."""
    if not data.content.strip():
        reason = intake.reason_of(ending.reason, ReasonUse.INVALID)
        data = replace(data, content=reason.name_zh)
    return ended(intake.invalidate, data, who, reason=ending.reason, text=ending.text)


def ended(door: Callable[..., WorkOrder], data: OrderInput, who: dict[str, Any], **facts: Any) -> WorkOrder:
    """Created as a draft, which waits for nobody, and ended by one verb."""
    order = intake.create(data, draft=True, **who)
    return door(order.pk, expect=order.version, **facts, **who)


ENDINGS: dict[str, Callable[..., WorkOrder]] = {
    "submit": to_triage,
    "dispatch": to_unit,
    "answer": answer,
    "reject": reject,
    "invalidate": invalidate,
    "hand_over": hand_over,
}
