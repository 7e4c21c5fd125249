"""Calling the citizen back: attempts, three separate answers, and the decision on rework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import User
from workorders.actions import begin
from workorders.errors import IllegalTransition, InvalidInput
from workorders.intake import required
from workorders.lifecycle import State
from workorders.models import CallbackAttempt, Reason, WorkOrder
from workorders.models.callback import Attempt, Satisfaction, Solved
from workorders.models.reason import ReasonUse


@dataclass(frozen=True)
class Answers:
    """What the citizen said. Needed whole when the call was answered; otherwise empty."""

    service: str = ""
    result: str = ""
    solved: str = ""
    contacted: bool | None = None
    reasons: Sequence[str] = ()
    text: str = ""

    @property
    def asks_for_rework(self) -> bool:
        return self.result == Satisfaction.DISSATISFIED or self.solved == Solved.NO

    @property
    def is_dissatisfied(self) -> bool:
        return self.asks_for_rework or self.service == Satisfaction.DISSATISFIED


@transaction.atomic
def call_back(
    order_id: int,
    *,
    actor: User,
    now: datetime,
    expect: int | None,
    attempt: str,
    answers: Answers,
    tries_allowed: int,
    retry_at: datetime | None,
) -> WorkOrder:
    """Record one attempt. Answered: closed, or to the rework decision when the result is not good.
    Refused, a dead number or the last of `tries_allowed` unanswered tries: closed as not rated. Else it
    stays, next try at `retry_at`."""
    check_answers(attempt, answers)
    move = begin(order_id, "callback", actor=actor, now=now, expect=expect)
    order = move.order
    callback = order.callbacks.select_for_update().get(round=order.round)
    CallbackAttempt.objects.create(callback=callback, at=now, by=actor, attempt=attempt)
    tries = callback.attempts.count()
    facts: dict = {"attempt": attempt, "try": tries}
    if attempt == Attempt.NO_ANSWER and tries < tries_allowed:
        callback.next_try_at = retry_at
        callback.save(update_fields=["next_try_at"])
        return move.finish(to=State.CALLBACK, facts=facts)
    callback.done_at, callback.next_try_at = now, None
    if attempt != Attempt.ANSWERED:
        callback.save(update_fields=["done_at", "next_try_at"])
        return move.finish(to=State.CLOSED, facts=facts | {"rated": False}, no_callback_reason="not_rated")
    callback.service, callback.result, callback.solved = answers.service, answers.result, answers.solved
    callback.contacted, callback.reasons, callback.text = (
        answers.contacted,
        list(answers.reasons),
        answers.text.strip(),
    )
    callback.save()
    facts |= {"service": answers.service, "result": answers.result, "solved": answers.solved}
    facts |= {"reasons": list(answers.reasons), "text": answers.text.strip()}
    return move.finish(to=State.REWORK_REVIEW if answers.asks_for_rework else State.CLOSED, facts=facts)


def check_answers(attempt: str, answers: Answers) -> None:
    """Raises InvalidInput where the answers do not fit the attempt."""
    if attempt not in Attempt.values:
        raise InvalidInput(_("Say how the call went."), field="attempt")
    if attempt != Attempt.ANSWERED:
        return
    for field, allowed in (("service", Satisfaction), ("result", Satisfaction), ("solved", Solved)):
        if getattr(answers, field) not in allowed.values:
            raise InvalidInput(_("Ask all three: service, result, solved."), field=field)
    if answers.is_dissatisfied and not answers.reasons and not answers.text.strip():
        raise InvalidInput(_("Give a reason for the dissatisfaction."), field="reasons")
    known = set(
        Reason.objects.filter(
            code__in=answers.reasons, use__in=[ReasonUse.SERVICE, ReasonUse.RESULT]
        ).values_list("code", flat=True)
    )
    if unknown := set(answers.reasons) - known:
        raise InvalidInput(_("Unknown reason: %(code)s.") % {"code": sorted(unknown)[0]}, field="reasons")


@transaction.atomic
def give_up(order_id: int, *, now: datetime, step: int) -> WorkOrder:
    """The time for tries is over and none is left: the system closes the order as not rated."""
    move = begin(order_id, "close", actor=None, now=now, expect=None)
    move.order.callbacks.filter(round=move.order.round).update(done_at=now, next_try_at=None)
    facts = {"rated": False, "why": "tries_used"}
    return move.finish(facts=facts, step=step, no_callback_reason="not_rated")


@transaction.atomic
def decide_rework(
    order_id: int, *, actor: User, now: datetime, expect: int | None, redo: bool, text: str
) -> WorkOrder:
    """Redo: one more round with the same unit and a new due time. Not: closed, and the answer stays as it
    was given. One ordinary rework; a second dissatisfaction is for supervision or a final answer."""
    text = required(text, "text", _("Give the grounds of the decision."))
    move = begin(order_id, "rework", actor=actor, now=now, expect=expect)
    if not redo:
        return move.finish(to=State.CLOSED, facts={"redo": False, "text": text})
    if move.order.round >= 2:
        raise IllegalTransition(
            _("This order was reworked once. A second time needs supervision or a final answer.")
        )
    return move.finish(to=State.HANDLING, facts={"redo": True, "text": text}, round=move.order.round + 1)
