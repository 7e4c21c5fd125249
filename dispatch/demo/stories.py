"""What becomes of one order: who does what, when, and with which words. Times are drawn, deadlines are the
rules' own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp
from random import Random

from dispatch import routing
from dispatch.calendar import working_calendar
from dispatch.demo.people import Cast
from dispatch.demo.verbs import OrderLife
from dispatch.demo.words import Praise, draw_slots, remark, reply_text
from dispatch.retrying import by_day
from dispatch.routing import Route
from hotline.accounts.models import Unit, User
from hotline.lib.worktime import add_work_minutes, local, next_opening
from workorders.callbacks import Answers
from workorders.lifecycle import FINAL, Mode, State, Urgency
from workorders.models import Category, Commendation, Kind, Place, Promise, Reason
from workorders.models.callback import Attempt

PEERS = {"EXT-110": "110", "EXT-119": "119", "EXT-120": "120"}
RETURN_REASONS = ("D01", "D01", "D01", "D02", "D02", "D03", "D04")
BAD_RESULTS = ("E01", "E01", "E02", "E03", "E04", "E05", "E05", "E06", "E09")
BAD_SERVICES = ("U01", "U02", "U03", "U04")
ASKED_AT_CALLBACK = {"inquiry": 0.03, "suggestion": 0.05}
"""Share of dissatisfied answers, where it is not the usual one."""


@dataclass(frozen=True)
class Plan:
    """What will become of an order, drawn before its life begins.

    `path`: direct, full, refused, invalid, handed_over, withdrawn, thanks. `stop`: the state in which
    nobody acts on the order any more, so that it is found there."""

    path: str
    slots: dict[str, str]
    answer: str = ""
    reason: str = ""
    returns: int = 0
    uphold: bool = True
    is_signed: bool = True
    is_late: bool = False
    is_draft: bool = False
    reply_refused: bool = False
    is_dissatisfied: bool = False
    redo: bool = True
    correct_to: dict[str, Kind | Category | Place | str] = field(default_factory=dict)
    praise: Praise | None = None
    stop: State | None = None


class Enough(Exception):
    """The story has reached the present, or the state where it stops."""


class Office:
    """What every story asks: reasons, routes, units and the people."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.calendar = cast, working_calendar()
        self.reasons = {reason.code: reason for reason in Reason.objects.all()}
        self.units = {unit.code: unit for unit in Unit.objects.filter(is_active=True)}
        self._routes: dict[tuple[int, int | None], Route] = {}

    def route(self, category: Category, place: Place | None, on: date) -> Route:
        key = (category.pk, place.pk if place else None)
        if key not in self._routes:
            self._routes[key] = routing.resolve(category, place, on=on)
        return self._routes[key]

    def named(self, pattern: str, place: Place | None) -> Unit | None:
        """The unit that a pattern names in this place."""
        chain = routing.ancestors(place)
        district = next((spot.code for spot in chain if spot.level in routing.DISTRICTS), "")
        return self.units.get(pattern.format(district=district, subdistrict=chain[0].code if chain else ""))

    def work_minutes(self, at: datetime, minutes: float) -> datetime:
        return add_work_minutes(at, minutes, self.calendar)

    def opening(self, at: datetime) -> datetime:
        return next_opening(at, self.calendar)


class Story:
    """One order's story by its plan. `visits` are acts of others on it (duplicates), at their times."""

    def __init__(self, life: OrderLife, plan: Plan, office: Office, rng: Random) -> None:
        self.life, self.plan, self.office, self.rng = life, plan, office, rng
        self.cast, self.order = office.cast, life.order
        self.visits: list[tuple[datetime, Callable[[datetime], None]]] = []

    def run(self, until: datetime) -> None:
        """Live up to `until`, which is the present."""
        self.until = until
        with suppress(Enough):
            self.tell()
        self.receive_visits(until)
        self.life.wait_until(until)

    def tell(self) -> None:
        if self.plan.is_draft:
            self.life.take("submit", actor=self.cast.operator, at=self.go(self.soon(3)))
        if self.plan.correct_to:
            self.life.classify(self.cast.dispatcher, self.go(self.soon(12)), **self.plan.correct_to)
        {
            "direct": self.answer,
            "full": self.full,
            "refused": self.refuse,
            "invalid": self.invalidate,
            "handed_over": self.hand_over,
            "withdrawn": self.withdraw,
            "thanks": self.thank,
        }[self.plan.path]()

    # --- Time ----------------------------------------------------------------------------------------

    def go(self, at: datetime) -> datetime:
        """The instant of the next act. Raises Enough where there is none: it would lie in the future, or
        the order has ended meanwhile or is to stay as it is."""
        self.receive_visits(min(at, self.until))
        self.life.wait_until(min(at, self.until))
        if at > self.until or self.order.state in FINAL or self.order.state == self.plan.stop:
            raise Enough
        return max(at, self.life.at)

    def receive_visits(self, until: datetime) -> None:
        while self.visits and self.visits[0][0] <= until:
            at, visit = self.visits.pop(0)
            self.life.wait_until(at)
            visit(max(at, self.life.at))

    def soon(self, minutes: float, spread: float = 0.5) -> datetime:
        """Around so many minutes after the last act, by the natural clock."""
        return self.life.at + timedelta(minutes=minutes * exp(self.rng.gauss(0, spread)) + 0.3)

    def in_office(self, minutes: float, spread: float = 0.6) -> datetime:
        """Around so many minutes of working time later."""
        drawn = minutes * exp(self.rng.gauss(0, spread)) + 1
        return self.office.work_minutes(self.life.at, drawn) + timedelta(seconds=self.rng.randrange(1, 55))

    def later(self, e1: float, e2: float, ordinary: float) -> datetime:
        """Minutes by urgency: natural for emergencies and lifelines, working time for the rest."""
        if self.order.urgency == Urgency.N:
            return self.in_office(ordinary)
        return self.soon(e1 if self.order.urgency == Urgency.E1 else e2)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # --- Short lives ---------------------------------------------------------------------------------

    def answer(self) -> None:
        text = self.plan.answer or reply_text("*", "explained", self.words(), self.rng)[1]
        self.life.answer(self.cast.operator, self.go(self.soon(5)), text, "answered")

    def refuse(self) -> None:
        code = self.plan.reason
        self.life.refuse(
            self.cast.operator,
            self.go(self.soon(5)),
            self.office.reasons[code],
            remark(f"reject_{code}", self.rng),
        )

    def invalidate(self) -> None:
        code = self.plan.reason
        self.life.invalidate(
            self.cast.operator,
            self.go(self.soon(2)),
            self.office.reasons[code],
            remark(f"invalid_{code}", self.rng),
        )

    def hand_over(self) -> None:
        """An emergency of 110, 119 or 120: passed on at once, closed with the peer's feedback."""
        route = self.office.route(self.order.category, self.order.place, local(self.life.at).date())
        peer = PEERS.get(route.unit.code if route.unit else "", "110")
        mode = self.rng.choice(("transfer", "tri_call"))
        self.life.hand_over(
            self.cast.operator, self.go(self.soon(1.5, 0.3)), peer, mode, remark("hand_over", self.rng)
        )
        at = self.soon(90)
        self.life.wait_until(min(at, self.until))
        if at <= self.until and self.plan.stop != State.HANDED_OVER:
            self.life.feedback(self.cast.dispatcher, max(at, self.life.at), remark("hand_back", self.rng))

    def thank(self) -> None:
        praise = self.plan.praise
        unit = self.office.named(praise.unit, self.order.place) if praise and praise.unit else None
        if praise is None or unit is None:
            self.commend(praise, None)
            self.life.record_thanks(self.cast.dispatcher, self.go(self.in_office(120)))
            return
        row = self.commend(praise, unit)
        at = self.go(self.in_office(240))
        text = praise.deed
        self.life.forward(self.cast.dispatcher, at, row, unit, text)

    def commend(self, praise: Praise | None, unit: Unit | None) -> Commendation:
        if praise is None:
            return self.life.praise()
        named = "{person}" in praise.title + praise.content
        return self.life.praise(
            unit=unit,
            body=unit.name[:120] if unit else "",
            person=self.plan.slots["person"] if named else "",
            deed=praise.deed,
            consent=named and self.chance(0.8),
            confirmed=unit is not None,
            is_story=praise.is_story,
        )

    def withdraw(self) -> None:
        self.dispatch()
        self.sign()
        self.life.withdraw(self.cast.operator, self.go(self.in_office(200)), remark("withdraw", self.rng))

    # --- The full path -------------------------------------------------------------------------------

    def full(self) -> None:
        self.find_unit()
        self.work()
        self.round_off()
        if self.order.state == State.HANDLING:  # done again
            self.work()
            self.round_off()

    def find_unit(self) -> None:
        """Dispatched until a unit keeps it."""
        for returned in range(3):
            self.dispatch(is_again=returned > 0)
            if returned >= self.plan.returns:
                self.sign()
                return
            if not self.give_back():
                return

    def dispatch(self, *, is_again: bool = False) -> None:
        order, rng = self.order, self.rng
        by_desk = order.registered_by is not None and not is_again and self.chance(0.6)
        waits = {Urgency.E1: 3, Urgency.E2: 8}.get(Urgency(order.urgency), 9 if by_desk else 35)
        at = self.go(self.soon(waits * (12 if self.chance(0.02) else 1)))
        route = self.office.route(order.category, order.place, local(at).date())
        unit, reason = self.choose(route, is_again)
        is_plain = order.urgency == Urgency.N and order.kind_id != "report" and not route.ask and not reason
        actor: User | None = self.cast.operator if by_desk else self.cast.dispatcher
        if is_plain and not by_desk and self.chance(0.3):
            actor = None  # the system's own dispatch
        co = [other for other in route.co[:1] if other.pk != unit.pk and self.chance(0.25)]
        self.life.dispatch(actor, at, unit, route, co=co, reason=reason)
        if order.reminders == 0 and self.chance(0.02):
            self.life.note(self.cast.dispatcher, self.go(self.soon(20)), remark("note", rng))

    def choose(self, route: Route, is_again: bool) -> tuple[Unit, str]:
        """The catalogue's unit; another one after a return, or where a question was open."""
        before = self.life.assignments[-1].unit_id if is_again else None
        options = [self.office.units[code] for code in route.alternatives if code in self.office.units]
        if is_again:
            options += [other for other in route.co] + [
                self.office.units["370100-URBAN"],
                self.hotline_of_district(),
            ]
        options = [unit for unit in options if unit.pk != before]
        if route.unit is not None and not is_again and not (route.ask and options and self.chance(0.3)):
            return route.unit, ""
        unit = self.rng.choice(options[:2]) if options else route.unit or self.hotline_of_district()
        return unit, remark("redispatch" if is_again else "chosen", self.rng)

    def hotline_of_district(self) -> Unit:
        return self.office.named("{district}-HOTLINE", self.order.place) or self.office.units["370100-URBAN"]

    def sign(self) -> None:
        at = self.later(4, 10, 90)
        if not self.plan.is_signed:
            return
        at = self.go(at)
        if self.order.state == State.DISPATCHED:
            self.life.sign(self.clerk, at)

    def give_back(self) -> bool:
        """Asked back and decided. True when it is to be dispatched again."""
        at = self.go(self.later(5, 20, 80))
        code = self.rng.choice(RETURN_REASONS)
        self.life.ask_return(
            self.clerk,
            at,
            self.office.reasons[code],
            basis=remark("basis", self.rng),
            text=remark(f"return_{code}", self.rng),
        )
        request = self.life.request
        ours = request.assignment.dispatched_by_id == self.cast.dispatcher.pk or request.late
        reviewer = self.cast.supervisor if ours else self.cast.dispatcher
        at = self.go(self.later(6, 25, 80))
        uphold = self.plan.uphold
        self.life.review_return(
            reviewer, at, uphold=uphold, text=remark("uphold" if uphold else "refuse", self.rng)
        )
        if self.order.state == State.ADJUDICATION:
            judge = self.cast.leader if self.chance(0.4) else self.cast.supervisor
            at = self.go(self.later(30, 120, 420))
            units = [self.hotline_of_district(), self.life.lead.unit]
            self.life.adjudicate(judge, at, self.rng.choice(units), remark("adjudicate", self.rng))
        return self.order.state == State.PENDING

    @property
    def clerk(self) -> User:
        return self.cast.clerks[self.order.unit_id]

    def work(self) -> None:
        """What the unit does until its reply."""
        rng = self.rng
        if self.order.caller_id is not None and self.chance(0.93):
            at = self.go(self.later(11, 60, 130))
            if self.order.state in (State.DISPATCHED, State.HANDLING):
                if self.order.mode == Mode.REAL_NAME and self.chance(0.3):
                    self.life.reveal_phone(self.clerk, at, remark("reveal_reason", rng))
                reached = self.chance(0.93)
                self.life.contact(
                    self.clerk,
                    self.go(at + timedelta(minutes=1)),
                    reached=reached,
                    text=remark("contact" if reached else "contact_failed", rng),
                )
        reply_at = self.time_of_reply()
        self.report_until(reply_at)
        if self.plan.is_late or self.chance(0.04):
            at = self.go(self.later(60, 400, 900))
            self.life.remind(self.cast.operator, at, remark("remind", rng))
        at = self.go(max(reply_at, self.life.at + timedelta(minutes=2)))
        if self.order.state == State.DISPATCHED:  # nobody had signed; the reply needs it
            self.life.sign(self.clerk, at)
        self.reply(at)

    def report_until(self, reply_at: datetime) -> None:
        """Progress of an emergency or a lifeline, mostly before each report is due; now and then of other
        matters."""
        latest = self.life.clocks.latest
        for _report in range(8):
            report = latest.get("interim_report")
            if report is None or report.ended_at is not None:
                break
            at = report.started_at + (report.due_at - report.started_at) * self.rng.uniform(0.5, 1.05)
            if at >= reply_at or self.order.state not in (State.HANDLING, State.DISPATCHED):
                return
            at = self.go(max(at, self.life.at + timedelta(minutes=1)))
            if self.order.state != State.HANDLING:
                return
            self.life.progress(self.clerk, at, remark("progress", self.rng))
        if self.order.urgency == Urgency.N and self.chance(0.18):
            at = self.in_office(300)
            if at < reply_at and self.go(at) and self.order.state == State.HANDLING:
                self.life.progress(self.clerk, max(at, self.life.at), remark("progress", self.rng))

    def time_of_reply(self) -> datetime:
        """Before the deadline, or after it where the plan says so; ordinary work is done in office hours."""
        running = self.life.clocks.latest.get("rework") or self.life.clocks.latest.get("handle")
        if running is None or running.ended_at is not None:
            return self.later(120, 600, 900)
        start, due = max(running.started_at, self.life.at), running.due_at
        if self.plan.is_late and self.order.urgency != Urgency.N:
            return max(due, self.life.at) + timedelta(minutes=self.rng.uniform(10, 300))
        if self.plan.is_late:
            return self.office.work_minutes(max(due, self.life.at), self.rng.uniform(30, 2200))
        share = min(self.rng.betavariate(2, 1.6), 0.97)
        at = start + max(due - start, timedelta(minutes=40)) * share
        if self.order.urgency != Urgency.N:  # reports fall due every few hours: such work is done soon
            return min(at, self.soon(75 if self.order.urgency == Urgency.E1 else 330))
        return self.office.opening(at) + timedelta(minutes=self.rng.uniform(2, 50))

    def reply(self, at: datetime) -> None:
        outcome = self.outcome()
        internal, public = reply_text(self.order.category.code, outcome, self.words(), self.rng)
        promise = None
        if outcome in ("partly_solved", "kept") and self.chance(0.5):
            day = local(at).date() + timedelta(days=self.rng.randint(20, 160))
            promise = Promise(
                order=self.order, unit_id=self.order.unit_id, promised_on=day, made_at=at, text=public
            )
        self.life.reply(self.clerk, at, internal=internal, public=public, outcome=outcome, promise=promise)

    def outcome(self) -> str:
        """One of the kind's outcomes, the first one most often."""
        outcomes = self.order.kind.outcomes
        return outcomes[0] if self.chance(0.82) else self.rng.choice(outcomes[1:])

    def words(self) -> dict[str, str]:
        slots = self.plan.slots | draw_slots(self.rng, self.life.at)
        return slots | {"site": self.order.address or slots.get("district", "")}

    def round_off(self) -> None:
        """Review, call-back, and the decision on a rework."""
        self.review()
        if self.order.state == State.HANDLING:
            self.reply(self.go(self.later(20, 90, 200)))
            self.review()
        tries = 0
        while self.order.state == State.CALLBACK:
            at = self.go(by_day(self.later(30, 200, 200)) if tries == 0 else self.next_try())
            if self.order.state == State.CALLBACK:
                self.life.call_back(self.cast.callback, at, *self.call())
            tries += 1
        if self.order.state == State.REWORK_REVIEW:
            redo = self.plan.redo and self.order.round == 1
            text = remark("rework_yes" if redo else "rework_no", self.rng)
            self.life.decide_rework(
                self.cast.supervisor, self.go(self.later(20, 90, 110)), redo=redo, text=text
            )

    def next_try(self) -> datetime:
        due = self.life.callback.next_try_at if self.life.callback else None
        return max(due or self.life.at, self.life.at) + timedelta(minutes=self.rng.uniform(1, 40))

    def review(self) -> None:
        reviewer = self.cast.dispatcher if self.chance(0.7) else self.cast.supervisor
        at = self.go(self.later(8, 40, 60))
        refused = self.plan.reply_refused and len([e for e in self.life.events if e.verb == "reply"]) == 1
        text = remark("review_bad" if refused else "review_ok", self.rng)
        self.life.review_reply(reviewer, at, accept=not refused, text=text)

    def call(self) -> tuple[str, Answers | None]:
        """How the call went, and what the citizen said."""
        if self.chance(0.16):
            return Attempt.NO_ANSWER, None
        if self.chance(0.03):
            return self.rng.choice((Attempt.REFUSED, Attempt.DEAD)), None
        bad = self.plan.is_dissatisfied and self.order.round == 1 or self.chance(0.01)
        if bad:
            codes = [self.rng.choice(BAD_RESULTS)]
            service = "fairly"
            if self.chance(0.3):
                codes.append(self.rng.choice(BAD_SERVICES))
                service = "dissatisfied"
            text = remark(f"callback_bad_{codes[0]}", self.rng)
            solved = "no" if self.chance(0.7) else "partly"
            return Attempt.ANSWERED, Answers(service, "dissatisfied", solved, "U01" not in codes, codes, text)
        service = "satisfied" if self.chance(0.93) else "fairly"
        result, solved = ("satisfied", "yes") if self.chance(0.86) else ("fairly", "partly")
        return Attempt.ANSWERED, Answers(service, result, solved, True, (), remark("callback_good", self.rng))
