"""The trail of an order in words: who did what when, what changed from what to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from dispatch import names, routing, wording
from hotline.accounts.models import Role, User
from hotline.lib.masking import mask_text
from hotline.lib.tags import NOTHING, day, full_time
from workorders.lifecycle import Channel, State, Urgency
from workorders.models import Category, Kind, OrderEvent, Place, WorkOrder
from workorders.models.callback import Attempt, Satisfaction, Solved
from workorders.models.reason import ReasonUse

ICONS = {
    "create": "phone-incoming",
    "submit": "send",
    "classify": "tag",
    "answer": "message",
    "dispatch": "send",
    "sign": "mail-opened",
    "deem-signed": "clock-x",
    "contact": "phone-call",
    "return": "arrow-back-up",
    "review-return": "gavel",
    "adjudicate": "scale",
    "progress": "progress",
    "assign": "user-check",
    "reply": "message-2",
    "review-reply": "checklist",
    "callback": "phone-outgoing",
    "rework": "rotate-2",
    "close": "circle-check",
    "forward": "heart-handshake",
    "praise": "heart",
    "hand-over": "transfer-out",
    "reject": "ban",
    "invalidate": "circle-off",
    "appeal": "restore",
    "withdraw": "arrow-back",
    "reopen": "refresh",
    "remind": "speakerphone",
    "merge": "git-merge",
    "absorb": "git-merge",
    "unmerge": "git-branch",
    "note": "note",
    "attach": "paperclip",
    "reveal": "eye",
    "archive": "archive",
    "clock": "alarm",
}
FAMILIES = {
    "clock": "clocks",
    "deem-signed": "clocks",
    "archive": "clocks",
    "reveal": "access",
    "note": "notes",
    "attach": "notes",
    "remind": "notes",
}
"""For the filter above the trail; everything else is a step of the handling."""
ANSWERS = frozenset({ReasonUse.SERVICE, ReasonUse.RESULT})
"""Uses of the reasons that a citizen gives at a call-back."""


def trail_of(order: WorkOrder) -> list[OrderEvent]:
    """The order's events, newest first, with their people. One query."""
    return list(order.events.select_related("actor", "unit").order_by("-number"))


def lines(events: Iterable[OrderEvent]) -> list[dict[str, Any]]:
    """What the timeline prints. At most one query, for the people that facts name."""
    events = list(events)
    people = people_named(events)
    return [line(event, people) for event in events]


def line(event: OrderEvent, people: dict[str, str]) -> dict[str, Any]:
    facts = event.facts
    return {
        "number": event.number,
        "icon": ICONS.get(event.verb, "circle-dot"),
        "family": FAMILIES.get(event.verb, "steps"),
        "words": headline(event),
        "who": str(event.actor) if event.actor else _("System"),
        "role": Role(event.role).label if event.role else "",
        "unit": str(event.unit) if event.unit and event.role == Role.UNIT else "",
        "is_system": event.actor_id is None,
        "at": event.at,
        "from": State(event.from_state).label if event.from_state else "",
        "to": State(event.to_state).label if event.to_state and event.to_state != event.from_state else "",
        "details": [
            {"label": label, "value": value} for label, value in details(event.verb, facts, people) if value
        ],
        "text": mask_text(str(facts.get("text") or facts.get("grounds") or facts.get("plain") or "")),
    }


def headline(event: OrderEvent) -> str:
    """The act, and how a decision went."""
    facts, verb = event.facts, event.verb
    if verb == "review-return":
        return _("Upheld the return") if facts.get("uphold") else _("Refused the return")
    if verb == "review-reply":
        return _("Accepted the reply") if facts.get("accept") else _("Sent the reply back")
    if verb == "rework":
        return _("Ordered a rework") if facts.get("redo") else _("Decided against a rework")
    if verb == "clock" and facts.get("kind"):
        kind = wording.words(wording.CLOCKS, facts["kind"])
        return f"{kind}: {wording.words(wording.CLOCK_STEPS, facts.get('step', ''))}"
    words = str(event.words)
    return words[:1].upper() + words[1:]


def people_named(events: Iterable[OrderEvent]) -> dict[str, str]:
    """Names by username of the handlers that these events name."""
    usernames = {event.facts["handler"] for event in events if event.facts.get("handler")}
    if not usernames:
        return {}
    return {user.username: str(user) for user in User.objects.filter(username__in=usernames)}


# --- Facts, in the order in which they are read -------------------------------------------------------


def details(verb: str, facts: dict[str, Any], people: dict[str, str]) -> list[tuple[str, str]]:
    """Label and value of each fact of an event that says something to a reader."""
    found = []
    for key, label, read in FACTS:
        if key in facts and facts[key] not in (None, "", []):
            value = read(facts[key])
            if key == "handler":
                value = people.get(facts[key], facts[key])
            found.append((str(label()), value))
    if verb == "dispatch" and facts.get("why"):
        found.append((_("Why"), routing.why_words(facts["why"])))
    return found


def changed(read: Callable[[str], str]) -> Callable[[Any], str]:
    """Reader of a fact that is [old, new]."""

    def words(value: Any) -> str:
        if not isinstance(value, list | tuple) or len(value) != 2:
            return _("changed")
        return f"{read(value[0]) if value[0] else NOTHING} → {read(value[1]) if value[1] else NOTHING}"

    return words


def by_code(table: Any) -> Callable[[str], str]:
    def name(code: str) -> str:
        return next((str(row) for row in table.get().values() if row.code == code), code)

    return name


def unit_name(code: str) -> str:
    unit = routing.units_by_code.get().get(code)
    return str(unit) if unit else by_code(names.units)(code)


def unit_names(codes: list[str]) -> str:
    return _(", ").join(unit_name(code) for code in codes)


def reason_name(code: str, *, of_answers: bool = False) -> str:
    """The name of a reason by its code: of a call-back's answers, or of an act."""
    rows = names.reasons.get().values()
    row = next((row for row in rows if row.code == code and (row.use in ANSWERS) == of_answers), None)
    return str(row) if row else mask_text(str(code))


def answer_reason(code: str) -> str:
    return reason_name(code, of_answers=True)


def reason_any(value: Any) -> str:
    """Reasons are a code, or the id of one in the decision on a return, or free words."""
    if isinstance(value, int):
        return names.reasons_by_pk(value)
    return reason_name(value)


def moment(text: str) -> str:
    at = parse_datetime(text)
    return full_time(at) if isinstance(at, datetime) else text


def date_words(text: str) -> str:
    on = parse_date(text)
    return day(on) if on else text


def coded(table: dict[str, Any]) -> Callable[[str], str]:
    return lambda code: str(wording.words(table, code))


def chosen(choices: Any) -> Callable[[str], str]:
    return lambda code: str(dict(choices.choices).get(code, code))


def yes_no(value: Any) -> str:
    return _("yes") if value else _("no")


FACTS: tuple[tuple[str, Callable[[], Any], Callable[[Any], str]], ...] = (
    (
        "channel",
        lambda: _("Channel"),
        lambda code: str({**wording.CONTACT_CHANNELS, **dict(Channel.choices)}.get(code, code)),
    ),
    ("previous", lambda: _("Follows"), str),
    ("kind", lambda: Kind._meta.verbose_name, changed(by_code(names.kinds))),
    ("category", lambda: Category._meta.verbose_name, changed(by_code(names.categories))),
    ("place", lambda: Place._meta.verbose_name, changed(by_code(names.places))),
    ("urgency", lambda: _("urgency"), changed(chosen(Urgency))),
    ("address", lambda: _("address"), lambda value: _("changed")),
    ("unit", lambda: _("unit"), unit_name),
    ("lead", lambda: _("Lead"), unit_name),
    ("co", lambda: _("Co-handling"), unit_names),
    ("handler", lambda: _("Handler"), str),
    ("at", lambda: _("At"), moment),
    ("reached", lambda: _("Reached"), yes_no),
    ("reason", lambda: _("Reason"), reason_any),
    ("basis", lambda: _("Basis"), str),
    ("suggested_unit", lambda: _("Suggested unit"), unit_name),
    ("late", lambda: _("After the window"), yes_no),
    ("outcome", lambda: _("Outcome"), coded(wording.OUTCOMES)),
    ("promise_on", lambda: _("Promised for"), date_words),
    ("no_callback", lambda: _("No call-back"), coded(wording.NO_CALLBACK)),
    ("attempt", lambda: _("Call"), chosen(Attempt)),
    ("try", lambda: _("Try"), str),
    ("service", lambda: _("Service"), chosen(Satisfaction)),
    ("result", lambda: _("Result"), chosen(Satisfaction)),
    ("solved", lambda: _("Solved?"), chosen(Solved)),
    ("reasons", lambda: _("Reasons"), lambda codes: _(", ").join(map(answer_reason, codes))),
    ("peer", lambda: _("Handed to"), coded(wording.PEERS)),
    ("mode", lambda: _("How"), coded(wording.HAND_OVER_MODES)),
    ("consent", lambda: _("Caller agreed"), yes_no),
    ("named", lambda: _("May be named"), yes_no),
    ("story", lambda: _("Warm story"), yes_no),
    ("into", lambda: _("Into"), str),
    ("child", lambda: _("Order"), str),
    ("from", lambda: _("From"), str),
    ("route", lambda: _("Lawful route"), str),
    ("field", lambda: _("Field"), coded(wording.REVEALABLE)),
    ("name", lambda: _("File"), str),
)
"""Key of a fact, its label, its reader. `kind` of a clock event is not a change and is in the headline
instead."""
