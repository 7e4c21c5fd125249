"""Closing without a reply to review, and handing over outside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.actions import begin
from workorders.errors import IllegalTransition, InvalidInput
from workorders.intake import required
from workorders.lifecycle import State, Urgency
from workorders.models import WorkOrder

PEERS = ("110", "119", "120", "122", "96110", "utility", "other")
MODES = ("transfer", "tri_call", "order_push", "guide")


@transaction.atomic
def close(
    order_id: int, *, actor: User, now: datetime, expect: int | None, outcome: str = "", text: str = ""
) -> WorkOrder:
    """Thanks that name nobody: recorded. A call-back that will not succeed: closed as not rated, with
    grounds. An order handed over: closed with the peer's feedback. Anything else pending needs a unit, an
    answer or a refusal."""
    move = begin(order_id, "close", actor=actor, now=now, expect=expect)
    order = move.order
    if order.state == State.PENDING:
        if order.kind_id != "thanks":
            raise IllegalTransition(
                _("Only thanks are closed from here. Dispatch, answer or refuse this order.")
            )
        return move.finish(
            facts={"outcome": "recorded", "text": text.strip()}, outcome="recorded", no_callback_reason="kind"
        )
    text = required(text, "text", _("Give the grounds."))
    if order.state == State.CALLBACK:
        order.callbacks.filter(round=order.round).update(done_at=now, next_try_at=None)
        return move.finish(facts={"text": text, "rated": False}, no_callback_reason="not_rated")
    facts = {"outcome": outcome, "text": text}
    return move.finish(facts=facts, outcome=outcome or order.outcome, public_reply=text, closed_at=now)


@transaction.atomic
def hand_over(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    peer: str,
    mode: str,
    consent: bool,
    text: str,
) -> WorkOrder:
    """To 110, 119, 120, 122, a utility or another body; with the caller's consent, or without it in an
    emergency."""
    if peer not in PEERS:
        raise InvalidInput(_("Choose who takes over."), field="peer")
    if mode not in MODES:
        raise InvalidInput(_("Choose how it was handed over."), field="mode")
    text = required(text, "text", _("Write down what was handed over and to whom."))
    move = begin(order_id, "hand-over", actor=actor, now=now, expect=expect)
    if not consent and move.order.urgency != Urgency.E1:
        raise InvalidInput(
            _("The caller must consent, unless life or property is in danger."), field="consent"
        )
    facts = {"peer": peer, "mode": mode, "consent": consent, "text": text}
    return move.finish(facts=facts, no_callback_reason="handed_over")
