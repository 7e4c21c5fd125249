"""The demo's desk: draws who calls when about what, begins the orders, and writes their lives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
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
from hotline.lib.worktime import local
from workorders.intake import searchable
from workorders.lifecycle import Channel, Mode, State, Urgency
from workorders.models import Caller, Category, Kind, Place, WorkOrder
from workorders.models.place import PlaceLevel

KINDS = {
    "inquiry": 38.0,
    "help": 33.0,
    "complaint": 17.0,
    "report": 2.4,
    "suggestion": 3.2,
    "thanks": 3.8,
    "other": 1.6,
}
"""How often each kind comes up, as in the published splits of three cities; thanks more often, so that a
tally shows."""
CHANNELS = {
    Channel.PHONE: 72,
    Channel.WECHAT: 9,
    Channel.APP: 6,
    Channel.WEB: 4,
    Channel.MAILBOX: 3,
    Channel.PLATFORM: 3,
    Channel.QR: 1.5,
    Channel.SMS: 1,
    Channel.COUNTER: 0.5,
}
DISTRICTS = {
    "370102": 13,
    "370103": 13,
    "370104": 10,
    "370105": 11,
    "370112": 14,
    "370113": 5,
    "370114": 10,
    "370115": 4,
    "370116": 7,
    "370117": 3,
    "370124": 4,
    "370126": 5,
    "370176": 7,
    "3701Z1": 2,
    "3701Z2": 2,
}
OF_PEERS = {"010107", "110103", "120102", "120103", "130101"}
"""Leaves that 110, 119 and 120 take over."""
REFUSED, INVALID = ("R01", "R04", "R05", "R07"), ("V01", "V02", "V04", "V05")


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

    def order(self, at: datetime, kind: str = "", *, category: str = "", taken: str = "", **plan) -> Story:
        """A new order that was told at `at`, with its story still to be lived. `taken`: `tidy`, at once and
        as it should be; `bare`, a message that nobody has looked at; else as it comes. `plan` fixes what
        would be drawn."""
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
        order = self.blank(
            at, kind, leaf, place, title, content, site.address(template.title + template.content)
        )
        if taken == "bare":
            order.channel, order.registered_by = Channel.WEB, None
        drawn = replace(self.plan(order, slots, answer, taken), **plan)
        return Story(self.begin(order, drawn), drawn, self.office, self.rng)

    def thanks(self, at: datetime) -> Story:
        praise = self.rng.choice(words.praises())
        place, district = self.somewhere(rural=False)
        slots = Site(place, district, self.rng).slots | words.draw_slots(self.rng, at)
        unit = self.office.named(praise.unit, place) if praise.unit else None
        slots["unit"] = unit.short_name if unit else ""
        order = self.blank(
            at,
            "thanks",
            self.leaves["180101"],
            place,
            praise.title.format(**slots)[:120],
            praise.content.format(**slots),
            "",
        )
        plan = Plan("thanks", slots, praise=praise)
        return Story(self.begin(order, plan), plan, self.office, self.rng)

    def odd(self, at: datetime, path: str = "") -> Story:
        """A call that is no matter for the hotline: silent, wrong, of another city …"""
        path = path or ("invalid" if self.rng.random() < 0.6 else "refused")
        code = self.rng.choice(INVALID if path == "invalid" else REFUSED)
        kind = "help" if path == "refused" else "other"
        order = self.blank(
            at,
            kind,
            self.leaves["190101"],
            None,
            words.remark(f"title_{code}", self.rng),
            words.remark(f"said_{code}", self.rng),
            "",
        )
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
        self,
        at: datetime,
        kind: str,
        leaf: Category,
        place: Place | None,
        title: str,
        content: str,
        address: str,
    ) -> WorkOrder:
        rng, channel = self.rng, self.pick(CHANNELS)
        mode = self.kinds[kind].default_mode
        if rng.random() < 0.05 and kind != "thanks":
            mode = Mode.ANONYMOUS
        elif rng.random() < 0.015:
            mode = Mode.CONFIDENTIAL
        order = WorkOrder(
            kind=self.kinds[kind],
            category=leaf,
            place=place,
            urgency=leaf.urgency,
            channel=channel,
            mode=mode,
            title=title,
            content=content,
            address=address[:200],
            created_at=at,
            query_code=query_code(rng),
            number=order_number(settings.CITY_PREFIX, timezone.localdate(at), rng),
            registered_by=self.cast.operator if channel in (Channel.PHONE, Channel.COUNTER) else None,
        )
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

    def plan(self, order: WorkOrder, slots: dict[str, str], answer: str, taken: str) -> Plan:
        """What will become of it; the shares are those of a hotline on an ordinary month."""
        rng, kind, leaf = self.rng, order.kind_id, order.category
        urgent = order.urgency == Urgency.E1
        direct = {"inquiry": 0.84, "help": 0.1, "complaint": 0.05, "suggestion": 0.06, "other": 0.5}.get(
            kind, 0
        )
        path = "full"
        if leaf.code in OF_PEERS:
            path = "handed_over"
        elif not urgent and rng.random() < direct:
            path = "direct"
        elif not urgent and kind != "report" and rng.random() < 0.015:
            path = "withdrawn"
        return Plan(
            path,
            slots,
            answer=answer,
            returns=self.pick({0: 92, 1: 6.5, 2: 1.5}),
            uphold=rng.random() < 0.7,
            is_signed=rng.random() > 0.05,
            reply_refused=rng.random() < 0.07,
            is_late=rng.random() < (0.09 if order.urgency == Urgency.N else 0.025),
            is_draft=not taken and order.channel == Channel.PHONE and rng.random() < 0.06,
            is_dissatisfied=rng.random() < {"inquiry": 0.03, "report": 0.05}.get(kind, 0.11),
            redo=rng.random() < 0.7,
            correct_to={} if taken == "tidy" else self.correction(order, path, is_sure=taken == "bare"),
        )

    def correction(self, order: WorkOrder, path: str, *, is_sure: bool) -> dict:
        """What a dispatcher puts right: a written message often comes without a category."""
        is_left = order.registered_by is None and path != "direct" and self.rng.random() < 0.4
        if not is_left and not is_sure:
            return {}
        right = {"category": order.category, "place": order.place}
        if order.urgency != Urgency.N:
            right["urgency"] = order.urgency
        order.category, order.place, order.urgency = None, None, Urgency.N
        return right

    def begin(self, order: WorkOrder, plan: Plan) -> OrderLife:
        life = OrderLife(order, self.ids)
        state = State.DRAFT if plan.is_draft else State.PENDING
        life.begin(
            actor=order.registered_by, at=order.created_at, state=state, facts={"channel": order.channel}
        )
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
