"""The demo month: the calls of its days, and orders in every state that a visitor must find."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from dispatch.demo import words
from dispatch.demo.desk import Desk, Made
from dispatch.demo.people import Cast
from dispatch.demo.stories import Plan, Story
from dispatch.demo.verbs import OrderLife
from hotline.lib.worktime import SHANGHAI, local
from workorders.lifecycle import OPEN, Channel, State

HOURS = (1, 0.6, 0.4, 0.3, 0.3, 0.5, 1.2, 3, 6.5, 8, 8, 7, 5, 5.5, 6.5, 7, 6.5, 5.5, 4.5, 4, 3.5, 3, 2.2, 1.5)
"""Calls over the hours of a day."""
BATCH = 500
"""Lives that are written at once."""


def make(
    cast: Cast, *, days: int, per_day: int, seed: int, now: datetime, tick: Callable[[int], None]
) -> Made:
    """Make the month that ends at `now`, some orders in every state among it. `tick(n)` is told of n new
    orders."""
    rng = Random(f"{seed} {local(now).date()}")
    desk = Desk(cast, now, rng)
    for at in arrivals(rng, days=days, per_day=per_day, now=now):
        before = desk.made.orders
        tell_one(desk, at)
        desk.write(least=BATCH)
        tick(desk.made.orders - before)
    show_cases(desk, per_day / 40)
    desk.write()
    return desk.made


def tell_one(desk: Desk, at: datetime) -> None:
    """One caller's matter, or that of several about the same thing."""
    drawn = desk.rng.random()
    if drawn < 0.035:
        desk.live(desk.odd(at))
    elif drawn < 0.045:
        tell_together(desk, at)
    else:
        life = desk.live(desk.order(at))
        if life.order.state == State.CLOSED and desk.rng.random() < 0.006:
            tell_again(desk, life)


def tell_together(desk: Desk, at: datetime, *, others: int = 3) -> None:
    """The same trouble told by several neighbours within hours: the later ones are merged into the first."""
    rng = desk.rng
    category = rng.choice(("050101", "060101", "060201", "010106", "020106"))
    first = desk.order(at, "help", category=category, taken="tidy", path="full", returns=0)
    order = first.order
    stories = []
    for _neighbour in range(rng.randint(1, others)):
        told_at = min(at + timedelta(minutes=rng.uniform(3, 240)), desk.now)
        twin = desk.blank(
            told_at, "help", order.category, order.place, order.title, order.content, order.address
        )
        plan = Plan("full", first.plan.slots)
        story = Story(desk.begin(twin, plan), plan, desk.office, rng)
        first.visits.append((told_at + timedelta(minutes=rng.uniform(3, 25)), merging(story, first)))
        stories.append(story)
    first.visits.sort(key=lambda visit: visit[0])
    desk.live(first)
    for story in stories:
        desk.live(story)


def merging(twin: Story, first: Story) -> Callable[[datetime], None]:
    """The dispatcher finds the twin and merges it, while both are open."""

    def visit(at: datetime) -> None:
        twin.life.wait_until(at)
        if first.order.state in OPEN - {State.DRAFT} and twin.order.state == State.PENDING:
            twin.life.merge_into(first.life, first.cast.dispatcher, at)

    return visit


def tell_again(desk: Desk, life: OrderLife) -> None:
    """The trouble came back after the order was closed: a new order, linked to the old one."""
    old, at = life.order, life.at + timedelta(days=desk.rng.uniform(1, 6))
    if at > desk.now or old.archived_at is not None:
        return
    text = words.remark("reopen", desk.rng)
    life.take("reopen", actor=desk.cast.operator, at=at, facts={"text": text})
    order = desk.blank(
        at, old.kind_id, old.category, old.place, old.title, f"{old.content}\n\n{text}", old.address
    )
    order.previous, order.caller, order.mode = old, old.caller, old.mode
    order.registered_by, order.channel = desk.cast.operator, Channel.PHONE
    plan = Plan("full", {"district": ""})
    new = OrderLife(order, desk.ids)
    new.begin(actor=desk.cast.operator, at=at, facts={"previous": old.number})
    desk.live(Story(new, plan, desk.office, desk.rng))


USUAL = {"path": "full", "returns": 0, "is_late": False, "reply_refused": False, "is_signed": True}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """Orders that a visitor must find: at least `least` in this state (at 40 calls a day), the first of
    `ages` that allows it. `taken` as `Desk.order` knows it."""

    state: State
    least: int
    ages: tuple[timedelta, ...]
    plan: dict = field(default_factory=dict)
    category: str = ""
    taken: str = "tidy"
    stays: bool = True
    is_extra: bool = False
    """Made even where chance made enough orders in that state."""


CASES = (
    Case(State.DRAFT, 2, (HOUR / 10, HOUR), {"is_draft": True}),
    Case(State.PENDING, 4, (HOUR / 6, HOUR / 2, 2 * HOUR), taken="bare", is_extra=True),
    Case(State.PENDING, 8, (HOUR / 8, HOUR / 3, HOUR, 3 * HOUR, DAY)),
    Case(State.DISPATCHED, 8, (HOUR / 2, HOUR, 4 * HOUR, 16 * HOUR)),
    Case(State.RETURN_REVIEW, 3, (4 * HOUR, DAY, 2 * DAY, 4 * DAY), {"returns": 1}),
    Case(State.ADJUDICATION, 2, (3 * DAY, 5 * DAY, 7 * DAY, 11 * DAY), {"returns": 2, "uphold": True}),
    Case(State.REPLY_REVIEW, 5, (DAY, 2 * DAY, 4 * DAY, 7 * DAY)),
    Case(State.CALLBACK, 9, (2 * DAY, 4 * DAY, 7 * DAY)),
    Case(State.REWORK_REVIEW, 3, (3 * DAY, 5 * DAY, 8 * DAY, 11 * DAY), {"is_dissatisfied": True}),
    Case(State.HANDLING, 4, (6 * DAY, 8 * DAY, 9 * DAY, 12 * DAY), {"is_late": True}, is_extra=True),
    Case(State.HANDLING, 1, (HOUR / 2,), category="050102", stays=False, is_extra=True),
    Case(State.HANDLING, 1, (HOUR,), category="060102", stays=False, is_extra=True),
    Case(State.HANDED_OVER, 2, (HOUR / 3, HOUR), {"path": "handed_over"}, category="010107"),
    Case(State.WITHDRAWN, 2, (3 * DAY, 5 * DAY), {"path": "withdrawn"}),
)


def show_cases(desk: Desk, share: float) -> None:
    """See to it that every state can be seen, however small the demo is."""
    for case in CASES:
        least = max(1, round(case.least * min(share, 1)))
        goal = least + (desk.made.states[case.state] if case.is_extra else 0)
        for age in case.ages * 4:
            if desk.made.states[case.state] >= goal:
                break
            story = desk.order(
                desk.now - age * desk.rng.uniform(0.8, 1.1),
                "help",
                category=case.category,
                taken=case.taken,
                stop=case.state if case.stays else None,
                **(USUAL | case.plan),
            )
            story.run(desk.now)
            if story.order.state == case.state:
                desk.keep(story.life)
    for path, state in (("invalid", State.INVALID), ("refused", State.REJECTED)):
        while desk.made.states[state] < 2:
            desk.live(desk.odd(desk.now - 5 * HOUR, path))
    for _try in range(20):
        if desk.made.states[State.MERGED] < 2:
            tell_together(desk, desk.now - 3 * DAY)


def arrivals(rng: Random, *, days: int, per_day: int, now: datetime) -> Iterator[datetime]:
    """When the calls of these days come, oldest first, up to `now`."""
    today = local(now).date()
    for back in range(days - 1, -1, -1):
        day = today - timedelta(days=back)
        count = round(per_day * day_factor(day) * rng.uniform(0.88, 1.12))
        for at in sorted(moment_of(day, rng) for _call in range(count)):
            if at < now:
                yield at


def day_factor(day: date) -> float:
    """Mondays bring more, weekends fewer."""
    return (1.18, 1.06, 1.03, 1.0, 1.0, 0.83, 0.78)[day.weekday()]


def moment_of(day: date, rng: Random) -> datetime:
    hour = rng.choices(range(24), HOURS)[0]
    at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), SHANGHAI)
    return at + timedelta(microseconds=rng.randrange(1_000_000))
