"""The demo month: who calls when about what, and the lives that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random

from django.conf import settings
from django.utils import timezone

from dispatch import bulk
from dispatch.demo import words
from dispatch.demo.people import Cast
from dispatch.demo.stories import Office, Plan, Story
from dispatch.demo.verbs import OrderLife
from dispatch.demo.words import Site, Template
from hotline.lib.numbers import order_number, query_code
from hotline.lib.worktime import SHANGHAI, local
from workorders.intake import searchable
from workorders.lifecycle import OPEN, Channel, Mode, State, Urgency
from workorders.models import Caller, Category, Kind, Place, WorkOrder
from workorders.models.place import PlaceLevel

KINDS = {
    "inquiry": 38.0, "help": 33.0, "complaint": 17.0, "report": 2.4, "suggestion": 3.2, "thanks": 3.8, "other": 1.6,
}  # fmt: skip
"""How often each kind comes up, as in the published splits of three cities; thanks more often, so that a tally shows."""
CHANNELS = {
    Channel.PHONE: 72, Channel.WECHAT: 9, Channel.APP: 6, Channel.WEB: 4, Channel.MAILBOX: 3, Channel.PLATFORM: 3,
    Channel.QR: 1.5, Channel.SMS: 1, Channel.COUNTER: 0.5,
}  # fmt: skip
HOURS = (1, 0.6, 0.4, 0.3, 0.3, 0.5, 1.2, 3, 6.5, 8, 8, 7, 5, 5.5, 6.5, 7, 6.5, 5.5, 4.5, 4, 3.5, 3, 2.2, 1.5)
"""Calls over the hours of a day."""
DISTRICTS = {
    "370102": 13, "370103": 13, "370104": 10, "370105": 11, "370112": 14, "370113": 5, "370114": 10, "370115": 4,
    "370116": 7, "370117": 3, "370124": 4, "370126": 5, "370176": 7, "3701Z1": 2, "3701Z2": 2,
}  # fmt: skip
OF_PEERS = {"010107", "110103", "120102", "120103", "130101"}
"""Leaves that 110, 119 and 120 take over."""
REFUSED, INVALID = ("R01", "R04", "R05", "R07"), ("V01", "V02", "V04", "V05")
BATCH = 500


@dataclass
class Made:
    """What was made."""

    orders: int = 0
    states: Counter[str] = field(default_factory=Counter)


class Desk:
    """Draws the orders of the demo, and writes their lives."""

    def __init__(self, cast: Cast, now: datetime, rng: Random, *, known_callers: int = 900) -> None:
        self.now, self.rng, self.cast = now, rng, cast
        self.office, self.ids = Office(cast), bulk.Ids()
        self.kinds = {kind.code: kind for kind in Kind.objects.all()}
        self.leaves = {leaf.code: leaf for leaf in Category.objects.filter(level="leaf", is_active=True)}
        self.places = places_by_district()
        self.by_kind: dict[str, dict[str, list[Template]]] = {}
        for template in words.templates():
            self.by_kind.setdefault(template.kind, {}).setdefault(template.category, []).append(template)
        self.callers: list[Caller] = []
        self.fresh_callers: list[Caller] = []
        self.known_callers = known_callers
        self.lives: list[OrderLife] = []
        self.made = Made()

    # --- Drawing an order ------------------------------------------------------------------------------

    def order(self, at: datetime, kind: str = "", *, category: str = "", is_tidy: bool = False, **plan) -> Story:
        """A new order that was told at `at`, with its story still to be lived. A tidy one is taken in at once and as
        it should be; `plan` fixes what would be drawn."""
        kind = kind or self.pick(KINDS)
        if kind == "thanks":
            return self.thanks(at)
        template = self.template(kind, at, category)
        leaf = self.leaves[template.category]
        place, district = self.place_for(template)
        site = Site(place, district, self.rng)
        slots = site.slots | words.draw_slots(self.rng, at)
        title, content = words.told(template, slots, leaf.urgency, self.rng)
        answer = template.answer.format(**slots) if template.answer else ""
        order = self.blank(at, kind, leaf, place, title, content, site.address(template.title + template.content))
        drawn = replace(self.plan(order, slots, answer, is_tidy), **plan)
        return Story(self.begin(order, drawn), drawn, self.office, self.rng)

    def thanks(self, at: datetime) -> Story:
        praise = self.rng.choice(words.praises())
        place, district = self.somewhere(rural=False)
        slots = Site(place, district, self.rng).slots | words.draw_slots(self.rng, at)
        unit = self.office.named(praise.unit, place) if praise.unit else None
        slots["unit"] = unit.short_name if unit else ""
        order = self.blank(
            at, "thanks", self.leaves["180101"], place, praise.title.format(**slots)[:120],
            praise.content.format(**slots), "",
        )  # fmt: skip
        plan = Plan("thanks", slots, praise=praise)
        return Story(self.begin(order, plan), plan, self.office, self.rng)

    def odd(self, at: datetime, path: str = "") -> Story:
        """A call that is no matter for the hotline: silent, wrong, of another city …"""
        path = path or ("invalid" if self.rng.random() < 0.6 else "refused")
        code = self.rng.choice(INVALID if path == "invalid" else REFUSED)
        kind = "help" if path == "refused" else "other"
        order = self.blank(
            at, kind, self.leaves["190101"], None, words.remark(f"title_{code}", self.rng),
            words.remark(f"said_{code}", self.rng), "",
        )  # fmt: skip
        order.channel = Channel.PHONE
        order.registered_by = self.cast.operator
        plan = Plan(path, {}, reason=code)
        return Story(self.begin(order, plan), plan, self.office, self.rng)

    def template(self, kind: str, at: datetime, category: str) -> Template:
        leaves = self.by_kind[kind]
        if not category:
            month, weights = local(at).month, words.leaf_weights()
            category = self.pick({code: weights[code].in_month(month) for code in leaves})
        return self.rng.choice(leaves[category])

    def place_for(self, template: Template) -> tuple[Place, Place]:
        return self.somewhere(rural="{village}" in template.title + template.content)

    def somewhere(self, *, rural: bool) -> tuple[Place, Place]:
        """A subdistrict with its district; villages lie in towns."""
        for _try in range(60):
            district, subdistricts = self.places[self.pick(DISTRICTS)]
            place = self.rng.choice(subdistricts)
            if not rural or place.name_zh.endswith(words.lists()["town_word"][0]):
                break
        return place, district

    def blank(
        self, at: datetime, kind: str, leaf: Category, place: Place | None, title: str, content: str, address: str
    ) -> WorkOrder:  # fmt: skip
        rng, channel = self.rng, self.pick(CHANNELS)
        mode = self.kinds[kind].default_mode
        if rng.random() < 0.05 and kind != "thanks":
            mode = Mode.ANONYMOUS
        elif rng.random() < 0.015:
            mode = Mode.CONFIDENTIAL
        order = WorkOrder(
            kind=self.kinds[kind], category=leaf, place=place, urgency=leaf.urgency, channel=channel, mode=mode,
            title=title, content=content, address=address[:200], created_at=at, query_code=query_code(rng),
            number=order_number(settings.CITY_PREFIX, timezone.localdate(at), rng),
            registered_by=self.cast.operator if channel in (Channel.PHONE, Channel.COUNTER) else None,
        )  # fmt: skip
        order.bigrams = searchable(order)
        if mode != Mode.ANONYMOUS:
            order.caller = self.caller(at)
        return order

    def caller(self, at: datetime) -> Caller:
        """Somebody who called before, or somebody new."""
        rng = self.rng
        if self.callers and (rng.random() < 0.14 or len(self.callers) >= self.known_callers):
            return self.callers[int(len(self.callers) * rng.random() ** 2.2)]
        caller = Caller.sealed(name=words.person_name(rng), phone=words.phone_number(rng), at=at)
        caller.pk = self.ids.next(Caller)
        self.callers.append(caller)
        self.fresh_callers.append(caller)
        return caller

    def plan(self, order: WorkOrder, slots: dict[str, str], answer: str, is_tidy: bool) -> Plan:
        """What will become of it; the shares are those of a hotline on an ordinary month."""
        rng, kind, leaf = self.rng, order.kind_id, order.category
        urgent = order.urgency == Urgency.E1
        direct = {"inquiry": 0.84, "help": 0.1, "complaint": 0.05, "suggestion": 0.06, "other": 0.5}.get(kind, 0)
        path = "full"
        if leaf.code in OF_PEERS:
            path = "handed_over"
        elif not urgent and rng.random() < direct:
            path = "direct"
        elif not urgent and kind != "report" and rng.random() < 0.015:
            path = "withdrawn"
        return Plan(
            path, slots, answer=answer, returns=self.pick({0: 92, 1: 6.5, 2: 1.5}), uphold=rng.random() < 0.7,
            is_signed=rng.random() > 0.05, is_late=rng.random() < (0.09 if order.urgency == Urgency.N else 0.025), reply_refused=rng.random() < 0.07,
            is_draft=not is_tidy and order.channel == Channel.PHONE and rng.random() < 0.06,
            is_dissatisfied=rng.random() < {"inquiry": 0.03, "report": 0.05}.get(kind, 0.11),
            redo=rng.random() < 0.7, correct_to={} if is_tidy else self.correction(order, path),
        )  # fmt: skip

    def correction(self, order: WorkOrder, path: str) -> dict:
        """What a dispatcher puts right: a written message comes without a category more often than not."""
        if order.registered_by is not None or path == "direct" or self.rng.random() > 0.4:
            return {}
        right = {"category": order.category, "place": order.place}
        if order.urgency != Urgency.N:
            right["urgency"] = order.urgency
        order.category, order.place, order.urgency = None, None, Urgency.N
        return right

    def begin(self, order: WorkOrder, plan: Plan) -> OrderLife:
        life = OrderLife(order, self.ids)
        state = State.DRAFT if plan.is_draft else State.PENDING
        life.begin(actor=order.registered_by, at=order.created_at, state=state, facts={"channel": order.channel})
        return life

    def pick(self, weights: dict) -> object:
        return self.rng.choices(list(weights), list(weights.values()))[0]

    # --- Writing ---------------------------------------------------------------------------------------

    def live(self, story: Story) -> OrderLife:
        """Live it to the present and keep it for writing."""
        story.run(self.now)
        return self.keep(story.life)

    def keep(self, life: OrderLife) -> OrderLife:
        self.lives.append(life)
        self.made.orders += 1
        self.made.states[life.order.state] += 1
        return life

    def write(self, *, least: int = 1) -> None:
        """Copy what has been lived, once there is enough of it."""
        if len(self.lives) < least:
            return
        bulk.copy_rows(Caller, self.fresh_callers)
        bulk.copy_lives(self.lives)
        self.fresh_callers, self.lives = [], []


def places_by_district() -> dict[str, tuple[Place, list[Place]]]:
    """Districts and zones with the subdistricts that they administer."""
    rows = {place.pk: place for place in Place.objects.filter(is_active=True)}
    for place in rows.values():
        place.parent = rows.get(place.parent_id)
    found: dict[str, tuple[Place, list[Place]]] = {}
    for place in sorted(rows.values(), key=lambda place: place.code):
        if place.level == PlaceLevel.SUBDISTRICT and place.parent is not None:
            found.setdefault(place.parent.code, (place.parent, []))[1].append(place)
    return found


def make(cast: Cast, *, days: int, per_day: int, seed: int, now: datetime, tick: Callable[[int], None]) -> Made:
    """Make the month that ends at `now`, some orders in every state among it. `tick(n)` is told of n new orders."""
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
    first = desk.order(at, "help", category=category, is_tidy=True, path="full", returns=0)
    order = first.order
    stories = []
    for _neighbour in range(rng.randint(1, others)):
        told_at = min(at + timedelta(minutes=rng.uniform(3, 240)), desk.now)
        twin = desk.blank(told_at, "help", order.category, order.place, order.title, order.content, order.address)
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
    """Orders that a visitor must find: at least `least` in this state (at 40 calls a day), the first of `ages` that
    allows it. An untidy one still lacks category and place."""

    state: State
    least: int
    ages: tuple[timedelta, ...]
    plan: dict = field(default_factory=dict)
    category: str = ""
    is_tidy: bool = True
    stays: bool = True
    is_extra: bool = False
    """Made even where chance made enough orders in that state."""


CASES = (
    Case(State.DRAFT, 2, (HOUR / 10, HOUR), {"is_draft": True}),
    Case(State.PENDING, 4, (HOUR / 6, HOUR / 2, 2 * HOUR), is_tidy=False, is_extra=True),
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
                desk.now - age * desk.rng.uniform(0.8, 1.1), "help", category=case.category, is_tidy=case.is_tidy,
                stop=case.state if case.stays else None, **(USUAL | case.plan),
            )  # fmt: skip
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
