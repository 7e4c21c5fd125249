"""The verbs of an order as the API offers them: each name with its input and the rule that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from dispatch import adjudicating, assigning, calling, returns, signing
from dispatch.api import inputs
from hotline.lib.numbers import normal_order_number
from workorders import access, callbacks, closing, intake, merging, replying
from workorders.errors import InvalidInput, StaleVersion
from workorders.lifecycle import VERBS as WORDS
from workorders.models import WorkOrder

Common = dict[str, Any]
"""actor, now and, for most, expect: what every verb is told."""


@dataclass(frozen=True)
class Verb:
    """`act(order, common, data)` carries it out. Raises DomainError."""

    name: str
    input: type[Serializer]
    act: Callable[[WorkOrder, Common, dict[str, Any]], WorkOrder]

    @property
    def words(self) -> object:
        return WORDS[self.name]


def plain(rule: Callable[..., WorkOrder]) -> Callable[[WorkOrder, Common, dict[str, Any]], WorkOrder]:
    """The input's fields are the rule's own arguments."""
    return lambda order, common, data: rule(order.pk, **common, **data)


def merge(order: WorkOrder, common: Common, data: dict[str, Any]) -> WorkOrder:
    number = normal_order_number(data["into"])
    into = WorkOrder.objects.visible_to(common["actor"]).filter(number=number).first()
    if into is None:
        raise InvalidInput(_("There is no such order."), field="into")
    return merging.merge(order.pk, **common, into=into)


def reveal(order: WorkOrder, request: Request, now: Any, data: dict[str, Any]) -> dict[str, Any]:
    """The plain value of one field of the caller. The only verb that does not answer with the order."""
    seen = data.get("version")
    if seen is not None and seen != order.version:
        raise StaleVersion(seen=seen, version=order.version)
    value = access.reveal(
        order.pk, actor=request.user, now=now, field=data["field"], reason=data["reason"], request=request
    )
    return {"number": order.number, "field": data["field"], "value": value}


VERBS = {
    verb.name: verb
    for verb in (
        Verb("submit", inputs.SubmitInput, plain(intake.submit)),
        Verb("classify", inputs.ClassifyInput, plain(intake.classify)),
        Verb("answer", inputs.AnswerInput, plain(intake.answer)),
        Verb("dispatch", inputs.DispatchInput, plain(assigning.dispatch)),
        Verb("sign", inputs.SignInput, plain(signing.sign)),
        Verb("contact", inputs.ContactInput, plain(assigning.contact)),
        Verb("return", inputs.ReturnInput, plain(returns.ask_return)),
        Verb("review-return", inputs.ReviewReturnInput, plain(returns.review_return)),
        Verb("adjudicate", inputs.AdjudicateInput, plain(adjudicating.adjudicate)),
        Verb("progress", inputs.ProgressInput, plain(assigning.progress)),
        Verb("assign", inputs.AssignInput, plain(assigning.assign)),
        Verb("reply", inputs.ReplyInput, plain(replying.reply)),
        Verb("review-reply", inputs.ReviewReplyInput, plain(replying.review_reply)),
        Verb("callback", inputs.CallbackInput, plain(calling.call_back)),
        Verb("rework", inputs.ReworkInput, plain(callbacks.decide_rework)),
        Verb("close", inputs.CloseInput, plain(closing.close)),
        Verb("forward", inputs.ForwardInput, plain(assigning.forward)),
        Verb("hand-over", inputs.HandOverInput, plain(closing.hand_over)),
        Verb("reject", inputs.RefuseInput, plain(intake.reject)),
        Verb("invalidate", inputs.RefuseInput, plain(intake.invalidate)),
        Verb("appeal", inputs.AppealInput, plain(intake.appeal)),
        Verb("withdraw", inputs.TextVerbInput, plain(intake.withdraw)),
        Verb("reopen", inputs.TextVerbInput, plain(intake.reopen)),
        Verb("remind", inputs.RemindInput, plain(intake.remind)),
        Verb("note", inputs.NoteInput, plain(intake.note)),
        Verb("merge", inputs.MergeInput, merge),
        Verb("unmerge", inputs.UnmergeInput, plain(merging.unmerge)),
    )
}
"""`reveal` has a view of its own: it answers with a value."""
OFFERED = frozenset(VERBS) | {"reveal"}
