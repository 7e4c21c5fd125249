"""What a person may do with an order, as pages offer it: the words of the act, its form, and the door it
goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch import adjudicating, assigning, calling, returns, signing
from dispatch.forms import verbs as forms
from dispatch.forms.callbacks import CallbackForm
from hotline.accounts.models import User
from workorders import callbacks, closing, intake, merging, replying
from workorders.actions import parties
from workorders.lifecycle import By, State, Urgency, allowed_verbs
from workorders.models import WorkOrder


@dataclass(frozen=True)
class Verb:
    """`door(order_id, *, actor, now, expect, **facts)` is the only way to the state."""

    code: str
    label: Any
    form: type[forms.VerbForm]
    door: Callable[..., WorkOrder]
    icon: str
    done: Any
    is_main: bool = False
    """What moves the order on; the others are folded away."""
    is_grave: bool = False


VERBS: dict[str, Verb] = {
    verb.code: verb
    for verb in (
        Verb(
            "sign",
            pgettext_lazy("act", "Sign for"),
            forms.BareForm,
            signing.sign,
            "mail-opened",
            _("Signed for."),
            True,
        ),
        Verb(
            "reply",
            pgettext_lazy("act", "Reply"),
            forms.ReplyForm,
            replying.reply,
            "message-2",
            _("The reply is sent to review."),
            True,
        ),
        Verb(
            "submit",
            pgettext_lazy("act", "Submit"),
            forms.BareForm,
            intake.submit,
            "send",
            _("Submitted."),
            True,
        ),
        Verb(
            "dispatch",
            pgettext_lazy("act", "Dispatch"),
            forms.DispatchForm,
            assigning.dispatch,
            "send",
            _("Dispatched."),
            True,
        ),
        Verb(
            "forward",
            _("Pass the thanks on"),
            forms.ForwardForm,
            assigning.forward,
            "heart-handshake",
            _("The thanks are passed on."),
            True,
        ),
        Verb(
            "review-return",
            _("Decide the return"),
            forms.ReviewReturnForm,
            returns.review_return,
            "gavel",
            _("The return is decided."),
            True,
        ),
        Verb(
            "adjudicate",
            _("Adjudicate"),
            forms.AdjudicateForm,
            adjudicating.adjudicate,
            "scale",
            _("The ruling is recorded."),
            True,
        ),
        Verb(
            "review-reply",
            _("Review the reply"),
            forms.ReviewReplyForm,
            replying.review_reply,
            "checklist",
            _("The reply is reviewed."),
            True,
        ),
        Verb(
            "callback",
            _("Call back"),
            CallbackForm,
            calling.call_back,
            "phone-outgoing",
            _("The call-back is recorded."),
            True,
        ),
        Verb(
            "rework",
            _("Decide on rework"),
            forms.ReworkForm,
            callbacks.decide_rework,
            "rotate-2",
            _("The rework is decided."),
            True,
        ),
        Verb(
            "contact",
            _("Record a contact"),
            forms.ContactForm,
            assigning.contact,
            "phone-call",
            _("The contact is recorded."),
            True,
        ),
        Verb(
            "progress",
            _("Report progress"),
            forms.ProgressForm,
            assigning.progress,
            "progress",
            _("The progress is recorded."),
            True,
        ),
        Verb(
            "answer",
            _("Answer directly"),
            forms.AnswerForm,
            intake.answer,
            "message",
            _("Answered and closed."),
            True,
        ),
        Verb(
            "classify",
            _("Correct the classification"),
            forms.ClassifyForm,
            intake.classify,
            "tag",
            _("The classification is corrected."),
            True,
        ),
        Verb(
            "assign",
            _("Name a handler"),
            forms.HandlerForm,
            assigning.assign,
            "user-check",
            _("The handler is named."),
        ),
        Verb(
            "return",
            _("Ask to return it"),
            forms.ReturnForm,
            returns.ask_return,
            "arrow-back-up",
            _("The return waits for review."),
        ),
        Verb(
            "remind",
            _("Remind the unit"),
            forms.RemindForm,
            intake.remind,
            "speakerphone",
            _("The unit is reminded."),
        ),
        Verb("note", _("Add a note"), forms.NoteForm, intake.note, "note", _("The note is added.")),
        Verb(
            "merge", _("Merge into another order"), forms.MergeForm, merging.merge, "git-merge", _("Merged.")
        ),
        Verb(
            "unmerge",
            _("Undo the merge"),
            forms.UnmergeForm,
            merging.unmerge,
            "git-branch",
            _("The merge is undone."),
        ),
        Verb(
            "hand-over",
            _("Hand over outside"),
            forms.HandOverForm,
            closing.hand_over,
            "transfer-out",
            _("Handed over."),
        ),
        Verb(
            "reopen",
            _("Reopen as a new order"),
            forms.ReopenForm,
            intake.reopen,
            "refresh",
            _("A new order is made."),
        ),
        Verb("appeal", _("Take up again"), forms.AppealForm, intake.appeal, "restore", _("Taken up again.")),
        Verb(
            "close",
            pgettext_lazy("act", "Close"),
            forms.CloseForm,
            closing.close,
            "circle-check",
            _("Closed."),
        ),
        Verb(
            "withdraw",
            _("Withdraw for the caller"),
            forms.WithdrawForm,
            intake.withdraw,
            "arrow-back",
            _("Withdrawn."),
            is_grave=True,
        ),
        Verb(
            "reject",
            _("Do not accept"),
            forms.RejectForm,
            intake.reject,
            "ban",
            _("Not accepted."),
            is_grave=True,
        ),
        Verb(
            "invalidate",
            _("Mark as invalid"),
            forms.InvalidateForm,
            intake.invalidate,
            "circle-off",
            _("Marked as invalid."),
            is_grave=True,
        ),
    )
}
"""In the order in which pages offer them."""


def offered(order: WorkOrder, user: User) -> list[Verb]:
    """The acts that make sense on this order for this person, who has been shown it, main ones first. What
    the table allows but a rule would refuse anyway is left out: no button leads to a certain refusal."""
    # The order came through the access scope: no need to ask it again.
    who = parties(order, user, may_look_up=False) | {By.SEES_IT}
    allowed = set(allowed_verbs(order.state, who))
    return [verb for code, verb in VERBS.items() if code in allowed and not is_pointless(order, code)]


def is_pointless(order: WorkOrder, code: str) -> bool:
    thanks = order.kind_id == "thanks"
    match code:
        case "return":
            return (
                order.return_refused
                or order.round > 1
                or not (order.state == State.DISPATCHED or order.state == State.HANDLING)
            )
        case "dispatch":
            return thanks
        case "forward":
            return not thanks
        case "close":
            return order.state == State.PENDING and not thanks
        case "answer":
            return order.dispatched_at is not None or thanks
        case "withdraw":
            return order.kind_id == "report" or order.urgency == Urgency.E1
        case "remind":
            return order.unit_id is None
    return False
