"""The unit's reply and its review by the hotline."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.actions import begin
from workorders.errors import InvalidInput, NotAllowed
from workorders.intake import required
from workorders.lifecycle import Mode, State
from workorders.models import Callback, Promise, Reply, WorkOrder


@transaction.atomic
def reply(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    internal: str,
    public: str,
    outcome: str,
    promise_on: date | None = None,
) -> WorkOrder:
    """handling → reply_review. `internal` stays in the hotline, `public` is what the citizen will read,
    `outcome` is one of the kind's. A promise needs a day after today. Raises InvalidInput with the field
    at fault."""
    internal = required(internal, "internal", _("Write what was done, for the hotline."))
    public = required(public, "public", _("Write the answer the citizen will read."))
    move = begin(order_id, "reply", actor=actor, now=now, expect=expect)
    order = move.order
    if order.kind is not None and outcome not in order.kind.outcomes:
        raise InvalidInput(_("Choose an outcome of this kind of order."), field="outcome")
    if promise_on is not None and promise_on <= timezone.localdate(now):
        raise InvalidInput(_("A promise is a day in the future."), field="promise_on")
    Reply.objects.create(
        order=order,
        round=order.round,
        unit_id=order.unit_id,
        internal=internal,
        public=public,
        outcome=outcome,
        by=actor,
        at=now,
    )
    if promise_on is not None:
        Promise.objects.create(
            order=order, unit_id=order.unit_id, promised_on=promise_on, made_at=now, text=public
        )
    facts = {"outcome": outcome, "promise_on": promise_on.isoformat() if promise_on else ""}
    return move.finish(facts=facts, replied_at=now)


@transaction.atomic
def review_reply(
    order_id: int, *, actor: User, now: datetime, expect: int | None, accept: bool, text: str = ""
) -> WorkOrder:
    """Accepted: to call-back, or closed where nobody can or need be called. Refused: back to the unit with
    the same due time, and a text that says what is missing."""
    move = begin(order_id, "review-reply", actor=actor, now=now, expect=expect)
    order = move.order
    latest = order.replies.select_for_update().order_by("-at", "-pk").first()
    if latest.by_id == actor.pk:
        raise NotAllowed(_("Nobody reviews a reply of their own."))
    if not accept:
        text = required(text, "text", _("Say what the unit must add."))
    latest.accepted, latest.reviewed_by, latest.reviewed_at, latest.review_text = (
        accept,
        actor,
        now,
        text.strip(),
    )
    latest.save(update_fields=["accepted", "reviewed_by", "reviewed_at", "review_text"])
    facts = {"accept": accept, "text": text.strip()}
    if not accept:
        return move.finish(to=State.HANDLING, facts=facts)
    changes = {"outcome": latest.outcome, "public_reply": latest.public}
    if reason := why_no_callback(order):
        return move.finish(
            to=State.CLOSED, facts=facts | {"no_callback": reason}, no_callback_reason=reason, **changes
        )
    Callback.objects.create(order=order, round=order.round, opened_at=now, next_try_at=now)
    return move.finish(to=State.CALLBACK, facts=facts, **changes)


def why_no_callback(order: WorkOrder) -> str:
    """Code of the reason why nobody is called back about this order; empty when someone is."""
    if order.kind is not None and not order.kind.callback:
        return "kind"
    if order.mode == Mode.ANONYMOUS:
        return "anonymous"
    if order.caller is None or not order.caller.phone_index:
        return "no_phone"
    return ""
