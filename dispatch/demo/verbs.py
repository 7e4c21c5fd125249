"""The verbs of an order's life with the facts that the doors write, for lives that are written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dispatch.bulk import ImpossibleLife, Life
from dispatch.models import Request
from dispatch.retrying import next_try, tries_allowed
from dispatch.routing import Route
from hotline.accounts.models import Unit, User
from workorders.callbacks import Answers
from workorders.lifecycle import State
from workorders.models import AccessLog, Callback, CallbackAttempt, Commendation, Promise, Reason, Reply
from workorders.models.accesslog import AccessAct
from workorders.models.callback import Attempt
from workorders.replying import why_no_callback


class OrderLife(Life):
    """A life with its verbs. Each is named after its door and takes the same facts."""

    request: Request | None = None
    latest_reply: Reply | None = None
    callback: Callback | None = None

    def classify(self, actor: User | None, at: datetime, **changes: Any) -> None:
        old = {name: getattr(self.order, name) for name in changes}
        facts = {name: [code_of(old[name]), code_of(value)] for name, value in changes.items()}
        self.take("classify", actor=actor, at=at, facts=facts, **changes)

    def answer(self, actor: User, at: datetime, text: str, outcome: str) -> None:
        self.take(
            "answer",
            actor=actor,
            at=at,
            facts={"text": text},
            is_direct=True,
            outcome=outcome,
            public_reply=text,
            replied_at=at,
            no_callback_reason="direct",
        )

    def refuse(self, actor: User, at: datetime, reason: Reason, text: str) -> None:
        facts = {"reason": reason.code, "text": text, "script": reason.script, "route": reason.lawful_route}
        self.take("reject", actor=actor, at=at, facts=facts, no_callback_reason="rejected")

    def invalidate(self, actor: User, at: datetime, reason: Reason, text: str) -> None:
        facts = {"reason": reason.code, "text": text}
        self.take("invalidate", actor=actor, at=at, facts=facts, no_callback_reason="invalid")

    def withdraw(self, actor: User, at: datetime, text: str) -> None:
        self.take("withdraw", actor=actor, at=at, facts={"text": text}, no_callback_reason="withdrawn")

    def hand_over(self, actor: User, at: datetime, peer: str, mode: str, text: str) -> None:
        facts = {"peer": peer, "mode": mode, "consent": True, "text": text}
        self.take("hand-over", actor=actor, at=at, facts=facts, no_callback_reason="handed_over")

    def feedback(self, actor: User, at: datetime, text: str) -> None:
        """The peer's feedback closes an order that was handed over."""
        facts = {"outcome": "solved", "text": text}
        self.take("close", actor=actor, at=at, facts=facts, outcome="solved", public_reply=text, closed_at=at)

    def remind(self, actor: User, at: datetime, text: str) -> None:
        self.take("remind", actor=actor, at=at, facts={"text": text}, reminders=self.order.reminders + 1)

    def note(self, actor: User, at: datetime, text: str) -> None:
        self.take("note", actor=actor, at=at, facts={"text": text})

    def merge_into(self, parent: OrderLife, actor: User, at: datetime) -> None:
        order = self.order
        self.take(
            "merge",
            actor=actor,
            at=at,
            facts={"into": parent.order.number},
            parent=parent.order,
            no_callback_reason="merged",
        )
        parent.take(
            "absorb", actor=actor, at=at, facts={"child": "" if order.is_confidential else order.number}
        )

    def dispatch(
        self,
        actor: User | None,
        at: datetime,
        unit: Unit,
        route: Route,
        *,
        co: Sequence[Unit] = (),
        reason: str = "",
    ) -> None:
        self.wait_until(at)
        why = route.as_facts() | {"follows": route.unit is not None and route.unit.pk == unit.pk}
        common = {"round": self.order.round, "started_at": at, "dispatched_by": actor}
        for other in co:
            self.assign(unit=other, role="co", **common)
        self.assign(unit=unit, why=why, reason=reason, **common)
        facts = {"unit": unit.code, "co": [other.code for other in co], "why": why, "reason": reason}
        changes: dict[str, Any] = {
            "unit": unit,
            "card": "",
            "return_refused": False,
            "deemed_signed": False,
            "dispatched_at": self.order.dispatched_at or at,
        }
        self.take("dispatch", actor=actor, at=at, facts=facts, **changes)

    def sign(self, clerk: User, at: datetime) -> None:
        self.wait_until(at)
        lead = self.lead
        lead.signed_by, lead.signed_at, lead.handler = clerk, at, clerk
        self.take("sign", actor=clerk, at=at, facts={"handler": clerk.username})

    def ask_return(
        self,
        clerk: User,
        at: datetime,
        reason: Reason,
        *,
        basis: str,
        text: str,
        suggested: Unit | None = None,
    ) -> None:
        self.wait_until(at)
        window = self.clocks.latest.get("return_window")
        late = window is None or window.ended_at is not None or window.due_at <= at
        self.request = self.add(
            Request(
                order=self.order,
                assignment=self.lead,
                kind="return",
                reason=reason,
                basis=basis,
                suggested_unit=suggested,
                text=text,
                late=late,
                requested_by=clerk,
                requested_at=at,
            )
        )
        facts = {"reason": reason.code, "basis": basis, "text": text, "late": late}
        facts["suggested_unit"] = suggested.code if suggested else ""
        self.take("return", actor=clerk, at=at, facts=facts)

    def review_return(self, actor: User, at: datetime, *, uphold: bool, text: str) -> None:
        request = self.request
        if request is None or request.assignment.dispatched_by_id == actor.pk:
            raise ImpossibleLife("a return that nobody asked for, or reviewed by its dispatcher")
        request.granted, request.decided_by, request.decided_at, request.decision_text = (
            uphold,
            actor,
            at,
            text,
        )
        facts = {"uphold": uphold, "text": text, "reason": request.reason_id}
        if not uphold:
            self.take(
                "review-return", actor=actor, at=at, to=State.HANDLING, facts=facts, return_refused=True
            )
            return
        upheld = self.order.returns_upheld + 1
        to = State.PENDING if upheld == 1 else State.ADJUDICATION
        self.take("review-return", actor=actor, at=at, to=to, facts=facts, returns_upheld=upheld)

    def adjudicate(self, actor: User, at: datetime, unit: Unit, grounds: str) -> None:
        self.wait_until(at)
        before = self.lead
        changed = before.unit_id != unit.pk
        if changed:
            before.ended_at, before.current = at, False
            self.assign(
                unit=unit,
                round=self.order.round,
                started_at=at,
                dispatched_by=actor,
                signed_at=at,
                why={"ruling": grounds},
            )
        facts = {"lead": unit.code, "co": [], "grounds": grounds, "changed": changed}
        self.take("adjudicate", actor=actor, at=at, facts=facts, unit=unit, return_refused=True)

    def reveal_phone(self, clerk: User, at: datetime, reason: str) -> None:
        self.take("reveal", actor=clerk, at=at, facts={"field": "phone"})
        self.add(
            AccessLog(act=AccessAct.REVEAL, user=clerk, order=self.order, field="phone", reason=reason, at=at)
        )

    def contact(self, clerk: User, at: datetime, *, reached: bool, text: str) -> None:
        self.wait_until(at)
        if reached and self.lead.contacted_at is None:
            self.lead.contacted_at = at
        facts = {"at": at.isoformat(), "channel": "phone", "reached": reached, "text": text}
        self.take("contact", actor=clerk, at=at, facts=facts)

    def progress(self, clerk: User, at: datetime, text: str) -> None:
        self.take("progress", actor=clerk, at=at, facts={"text": text, "at": at.isoformat()})

    def reply(
        self,
        clerk: User,
        at: datetime,
        *,
        internal: str,
        public: str,
        outcome: str,
        promise: Promise | None = None,
    ) -> None:
        self.wait_until(at)
        self.latest_reply = self.add(
            Reply(
                order=self.order,
                round=self.order.round,
                unit_id=self.order.unit_id,
                internal=internal,
                public=public,
                outcome=outcome,
                by=clerk,
                at=at,
            )
        )
        if promise is not None:
            self.add(promise)
        facts = {"outcome": outcome, "promise_on": promise.promised_on.isoformat() if promise else ""}
        self.take("reply", actor=clerk, at=at, facts=facts, replied_at=at)

    def review_reply(self, actor: User, at: datetime, *, accept: bool, text: str) -> None:
        reply = self.latest_reply
        if reply is None:
            raise ImpossibleLife("a review without a reply")
        reply.accepted, reply.reviewed_by, reply.reviewed_at, reply.review_text = accept, actor, at, text
        facts: dict[str, Any] = {"accept": accept, "text": text}
        if not accept:
            self.take("review-reply", actor=actor, at=at, to=State.HANDLING, facts=facts)
            return
        changes = {"outcome": reply.outcome, "public_reply": reply.public}
        if reason := why_no_callback(self.order):
            facts["no_callback"] = reason
            self.take(
                "review-reply",
                actor=actor,
                at=at,
                to=State.CLOSED,
                facts=facts,
                no_callback_reason=reason,
                **changes,
            )
            return
        self.callback = self.add(
            Callback(
                pk=self.ids.next(Callback),
                order=self.order,
                round=self.order.round,
                opened_at=at,
                next_try_at=at,
            )
        )
        self.tries = 0
        self.take("review-reply", actor=actor, at=at, to=State.CALLBACK, facts=facts, **changes)

    def call_back(self, agent: User, at: datetime, attempt: str, answers: Answers | None = None) -> None:
        self.wait_until(at)
        callback = self.callback
        if callback is None or self.order.state != State.CALLBACK:
            raise ImpossibleLife("nobody is to be called back")
        self.tries += 1
        facts: dict[str, Any] = {"attempt": attempt, "try": self.tries}
        self.add(CallbackAttempt(callback=callback, at=at, by=agent, attempt=attempt))
        if attempt == Attempt.NO_ANSWER and self.tries < tries_allowed(self.order):
            callback.next_try_at = next_try(self.order, at)
            self.take("callback", actor=agent, at=at, to=State.CALLBACK, facts=facts)
            return
        callback.done_at, callback.next_try_at = at, None
        if answers is None or attempt != Attempt.ANSWERED:
            facts["rated"] = False
            self.take(
                "callback", actor=agent, at=at, to=State.CLOSED, facts=facts, no_callback_reason="not_rated"
            )
            return
        callback.service, callback.result, callback.solved = answers.service, answers.result, answers.solved
        callback.contacted, callback.reasons, callback.text = (
            answers.contacted,
            list(answers.reasons),
            answers.text,
        )
        facts |= {"service": answers.service, "result": answers.result, "solved": answers.solved}
        facts |= {"reasons": list(answers.reasons), "text": answers.text}
        to = State.REWORK_REVIEW if answers.asks_for_rework else State.CLOSED
        self.take("callback", actor=agent, at=at, to=to, facts=facts)

    def give_up(self, at: datetime, step: int) -> None:
        if self.callback is not None:
            self.callback.done_at, self.callback.next_try_at = at, None
        facts = {"rated": False, "why": "tries_used"}
        self.take("close", actor=None, at=at, facts=facts, step=step, no_callback_reason="not_rated")

    def decide_rework(self, actor: User, at: datetime, *, redo: bool, text: str) -> None:
        facts = {"redo": redo, "text": text}
        if redo:
            self.take(
                "rework", actor=actor, at=at, to=State.HANDLING, facts=facts, round=self.order.round + 1
            )
        else:
            self.take("rework", actor=actor, at=at, to=State.CLOSED, facts=facts)

    def praise(self, **fields: Any) -> Commendation:
        """Whom a thanks order praises, as intake and `gratitude.describe` leave it."""
        return self.add(Commendation(order=self.order, **fields))

    def forward(self, actor: User, at: datetime, commendation: Commendation, unit: Unit, text: str) -> None:
        self.wait_until(at)
        commendation.unit, commendation.forwarded_at, commendation.confirmed = unit, at, True
        commendation.deed = commendation.deed or text
        self.assign(
            unit=unit,
            started_at=at,
            ended_at=at,
            current=True,
            dispatched_by=actor,
            signed_at=at,
            why={"praised": True},
        )
        self.take(
            "forward",
            actor=actor,
            at=at,
            facts={"unit": unit.code, "text": text},
            unit=unit,
            outcome="forwarded",
            no_callback_reason="kind",
            dispatched_at=self.order.dispatched_at or at,
        )

    def record_thanks(self, actor: User, at: datetime) -> None:
        facts = {"outcome": "recorded", "text": ""}
        self.take(
            "close",
            actor=actor,
            at=at,
            facts=facts,
            outcome="recorded",
            no_callback_reason="kind",
        )


def code_of(value: Any) -> str:
    return getattr(value, "code", value) or ""
