"""The life of an order as data: states, verbs, who may take which step. No database here.

Source of the states and steps: the published state machine of the product (docs/states.md is rendered from
this table and checked for drift). `workorders.actions.advance` is the only reader that changes anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hotline.accounts.models import Role


class State(models.TextChoices):
    DRAFT = "draft", _("Being taken in")
    PENDING = "pending", _("To be dispatched")
    DISPATCHED = "dispatched", _("To be signed for")
    RETURN_REVIEW = "return_review", _("Return under review")
    ADJUDICATION = "adjudication", _("Adjudication")
    HANDLING = "handling", pgettext_lazy("state", "In hand")
    REPLY_REVIEW = "reply_review", _("Reply under review")
    CALLBACK = "callback", _("To be called back")
    REWORK_REVIEW = "rework_review", _("Rework to be decided")
    CLOSED = "closed", pgettext_lazy("state", "Closed")
    REJECTED = "rejected", _("Not accepted")
    MERGED = "merged", pgettext_lazy("state", "Merged")
    HANDED_OVER = "handed_over", _("Handed over outside")
    INVALID = "invalid", pgettext_lazy("state", "Invalid")
    WITHDRAWN = "withdrawn", pgettext_lazy("state", "Withdrawn")


class Urgency(models.TextChoices):
    N = "N", _("Ordinary")
    E2 = "E2", _("Lifeline")
    E1 = "E1", _("Life and property")


class Mode(models.TextChoices):
    REAL_NAME = "real_name", _("Real name")
    ANONYMOUS = "anonymous", _("Anonymous")
    CONFIDENTIAL = "confidential", _("Confidential")


class Channel(models.TextChoices):
    PHONE = "phone", _("Telephone")
    WEB = "web", _("Website")
    APP = "app", _("App")
    WECHAT = "wechat", _("WeChat")
    QR = "qr", _("QR code")
    SMS = "sms", _("Text message")
    MAILBOX = "mailbox", _("Mailbox")
    COUNTER = "counter", _("Counter")
    PLATFORM = "platform", _("Other platform")


WITH_LEAD = frozenset(
    {
        State.DISPATCHED,
        State.RETURN_REVIEW,
        State.ADJUDICATION,
        State.HANDLING,
        State.REPLY_REVIEW,
        State.CALLBACK,
        State.REWORK_REVIEW,
    }
)
"""States in which exactly one unit holds the order as lead."""
AT_THE_HOTLINE = frozenset(
    {State.PENDING, State.RETURN_REVIEW, State.REPLY_REVIEW, State.ADJUDICATION, State.REWORK_REVIEW}
)
"""States in which the hotline has to decide: what stands in triage."""
FINAL = frozenset(
    {State.CLOSED, State.REJECTED, State.MERGED, State.HANDED_OVER, State.INVALID, State.WITHDRAWN}
)
OPEN = frozenset(State) - FINAL
URGENCY_RANK = {Urgency.N: 0, Urgency.E2: 1, Urgency.E1: 2}


class By(StrEnum):
    """Who may take a step, besides the roles of people."""

    SYSTEM = "system"
    """The clocks: actor None."""
    LEAD_UNIT = "lead_unit"
    """A person of role `unit` who works in the unit that holds the order as lead."""
    SEES_IT = "sees_it"
    """Whoever the access scope shows the order to, auditors apart: they change nothing."""


OPERATOR, DISPATCHER, CALLBACK, SUPERVISOR, LEADER = (
    Role.OPERATOR,
    Role.DISPATCHER,
    Role.CALLBACK,
    Role.SUPERVISOR,
    Role.LEADER,
)
DESK = frozenset({OPERATOR, SUPERVISOR})
CENTRE = frozenset({OPERATOR, DISPATCHER, SUPERVISOR})
REVIEW = frozenset({DISPATCHER, SUPERVISOR})
STAFF = frozenset({OPERATOR, DISPATCHER, CALLBACK, SUPERVISOR, LEADER})
LEAD = frozenset({By.LEAD_UNIT})


@dataclass(frozen=True)
class Step:
    """One allowed move. `to=None` stays in the state (a fact is recorded). Several targets: the verb
    decides."""

    to: tuple[State | None, ...]
    by: frozenset[str]

    @property
    def stays(self) -> bool:
        return self.to == (None,)


def step(*to: State | None, by: Iterable[str]) -> Step:
    return Step(to or (None,), frozenset(str(who) for who in by))


D, P, S = State.DRAFT, State.PENDING, State
TRANSITIONS: dict[tuple[State, str], Step] = {
    (D, "submit"): step(P, by=CENTRE | {CALLBACK, By.SYSTEM}),
    (D, "answer"): step(S.CLOSED, by=CENTRE),
    (P, "answer"): step(S.CLOSED, by=CENTRE),
    (P, "dispatch"): step(S.DISPATCHED, by=CENTRE | {By.SYSTEM}),
    (S.DISPATCHED, "sign"): step(S.HANDLING, by=LEAD),
    (S.DISPATCHED, "deem-signed"): step(S.HANDLING, by={By.SYSTEM}),
    (S.DISPATCHED, "return"): step(S.RETURN_REVIEW, by=LEAD),
    (S.HANDLING, "return"): step(S.RETURN_REVIEW, by=LEAD),
    (S.RETURN_REVIEW, "review-return"): step(P, S.ADJUDICATION, S.HANDLING, by=REVIEW),
    (S.ADJUDICATION, "adjudicate"): step(S.HANDLING, by={SUPERVISOR, LEADER}),
    (S.HANDLING, "reply"): step(S.REPLY_REVIEW, by=LEAD),
    (S.REPLY_REVIEW, "review-reply"): step(S.CALLBACK, S.CLOSED, S.HANDLING, by=REVIEW),
    (S.CALLBACK, "callback"): step(S.CALLBACK, S.CLOSED, S.REWORK_REVIEW, by={CALLBACK, SUPERVISOR}),
    (S.CALLBACK, "close"): step(S.CLOSED, by={SUPERVISOR, By.SYSTEM}),
    (S.REWORK_REVIEW, "rework"): step(S.HANDLING, S.CLOSED, by={SUPERVISOR}),
    (P, "praise"): step(by=CENTRE),
    (S.CLOSED, "praise"): step(by={SUPERVISOR}),
    (P, "forward"): step(S.CLOSED, by=CENTRE),
    (P, "close"): step(S.CLOSED, by=CENTRE),
    (S.HANDED_OVER, "close"): step(S.CLOSED, by=CENTRE),
    (S.CLOSED, "archive"): step(by={By.SYSTEM}),
    (S.CLOSED, "reopen"): step(by=STAFF),
    (S.REJECTED, "appeal"): step(P, by=STAFF),
    (S.INVALID, "appeal"): step(P, by=STAFF),
    (S.MERGED, "unmerge"): step(P, by=REVIEW),
}
for _state in (D, P):
    TRANSITIONS |= {
        (_state, "classify"): step(by=CENTRE | {CALLBACK, By.SYSTEM}),
        (_state, "reject"): step(S.REJECTED, by=CENTRE),
        (_state, "invalidate"): step(S.INVALID, by=CENTRE),
        (_state, "hand-over"): step(S.HANDED_OVER, by=CENTRE),
        (_state, "merge"): step(S.MERGED, by=CENTRE),
    }
for _state in (P, S.DISPATCHED, S.RETURN_REVIEW, S.ADJUDICATION, S.HANDLING, S.REPLY_REVIEW):
    TRANSITIONS[(_state, "withdraw")] = step(S.WITHDRAWN, by=CENTRE | {CALLBACK})
for _state in (S.DISPATCHED, S.HANDLING):
    TRANSITIONS |= {
        (_state, "merge"): step(S.MERGED, by=REVIEW),
        (_state, "contact"): step(by=LEAD),
        (_state, "assign"): step(by=LEAD),
    }
for _state in (S.HANDLING, S.RETURN_REVIEW, S.ADJUDICATION):
    TRANSITIONS |= {(_state, "progress"): step(by=LEAD), (_state, "contact"): step(by=LEAD)}
for _state in OPEN - {D}:
    TRANSITIONS |= {
        (_state, "remind"): step(by=STAFF),
        (_state, "absorb"): step(by=CENTRE),
        (_state, "clock"): step(by={By.SYSTEM}),
    }
for _state in FINAL:
    TRANSITIONS[(_state, "clock")] = step(by={By.SYSTEM})
for _state in State:
    TRANSITIONS |= {
        (_state, "note"): step(by={By.SEES_IT}),
        (_state, "attach"): step(by={By.SEES_IT}),
        (_state, "reveal"): step(by=STAFF | LEAD | {By.SEES_IT}),
    }
del _state, D, P, S

VERBS: dict[str, object] = {
    "create": _("taken in"),
    "submit": _("submitted"),
    "classify": _("classified"),
    "answer": _("answered directly"),
    "dispatch": _("dispatched"),
    "sign": _("signed for"),
    "deem-signed": _("deemed signed for"),
    "contact": _("contacted the caller"),
    "return": _("asked to return it"),
    "review-return": _("decided the return"),
    "adjudicate": _("adjudicated"),
    "progress": _("reported progress"),
    "assign": _("named a handler"),
    "reply": _("replied"),
    "review-reply": _("reviewed the reply"),
    "callback": _("called back"),
    "rework": _("decided on rework"),
    "close": _("closed"),
    "praise": _("wrote down whom it praises"),
    "forward": _("passed the thanks on"),
    "hand-over": _("handed over outside"),
    "reject": _("did not accept it"),
    "invalidate": _("marked it invalid"),
    "appeal": _("took it up again on appeal"),
    "withdraw": _("withdrew it for the caller"),
    "reopen": _("reopened it as a new order"),
    "remind": _("reminded the unit"),
    "merge": _("merged it into another order"),
    "absorb": _("took in a duplicate"),
    "unmerge": _("undid the merge"),
    "note": _("added a note"),
    "attach": _("added a file"),
    "reveal": _("revealed personal data"),
    "archive": _("archived"),
    "clock": _("deadline"),
}
"""Every verb of the trail with its words, for people."""


def allowed_verbs(state: str, parties: Iterable[str]) -> list[str]:
    """Verbs open in this state to someone who counts as any of `parties` (roles and By values)."""
    who = set(parties)
    return [verb for (at, verb), move in TRANSITIONS.items() if at == state and move.by & who]
