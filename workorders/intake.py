"""Taking an order in: create, submit, classify, answer on the line, and the ways in which it goes no
further."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role, User
from hotline.lib.bigrams import bigram_hashes
from hotline.lib.masking import mask_text, normal_phone
from hotline.lib.numbers import order_number, query_code
from workorders import actions, vocabulary
from workorders.actions import begin
from workorders.errors import IllegalTransition, InvalidInput, NotAllowed
from workorders.lifecycle import URGENCY_RANK, Channel, Mode, State, Urgency
from workorders.models import Caller, Category, Commendation, Kind, Place, Reason, TrainingRow, WorkOrder
from workorders.models.reason import ReasonUse

RNG = secrets.SystemRandom()


@dataclass(frozen=True)
class CallerInput:
    """What the caller told. `mode` empty: the kind's default."""

    name: str = ""
    phone: str = ""
    mode: str = ""


@dataclass(frozen=True)
class OrderInput:
    """What is known of a new order. Codes, not rows; empty means not known yet."""

    content: str
    channel: str = Channel.PHONE
    kind: str = ""
    category: str = ""
    place: str = ""
    title: str = ""
    address: str = ""
    urgency: str = ""
    caller: CallerInput = CallerInput()
    suggested_category: str = ""
    source: str = ""
    source_id: str = ""
    created_at: datetime | None = None


def create(data: OrderInput, *, actor: User | None, now: datetime, draft: bool = False) -> WorkOrder:
    """A new order, `pending` or, with `draft`, `draft`. Clocks start at `now` also when `created_at` is
    older.

    Raises InvalidInput (empty content, unknown code, bad phone), NotAllowed."""
    if actor is not None and actor.role not in (
        Role.OPERATOR,
        Role.DISPATCHER,
        Role.CALLBACK,
        Role.SUPERVISOR,
    ):
        raise NotAllowed()
    content = data.content.strip()
    if not content:
        raise InvalidInput(_("Write down what the caller said."), field="content")
    if data.channel not in Channel.values:
        raise InvalidInput(_("Unknown channel."), field="channel")
    kind, category, place = kind_of(data.kind), leaf_of(data.category), place_of(data.place)
    mode = mode_of(data.caller, kind)
    created_at = data.created_at or now
    order = WorkOrder(
        state=State.DRAFT if draft else State.PENDING,
        kind=kind,
        category=category,
        place=place,
        urgency=urgency_at_least(data.urgency, category),
        channel=data.channel,
        mode=mode,
        title=(data.title.strip() or title_from(content))[:120],
        content=content,
        address=data.address.strip()[:200],
        registered_by=actor,
        created_at=created_at,
        query_code=query_code(RNG),
        source=data.source,
        source_id=data.source_id,
    )
    order.bigrams = searchable(order)
    with transaction.atomic(
        savepoint=False
    ):  # two round trips less where a caller's transaction holds it all
        order.caller = remember_caller(data.caller, mode, now)
        _insert_numbered(order, actor=actor, now=now, facts={"channel": data.channel})
        if kind is not None and kind.code == "thanks":
            Commendation.objects.create(order=order)
        learn(order, data.suggested_category, actor=actor, now=now)
    return order


def _insert_numbered(order: WorkOrder, *, actor: User | None, now: datetime, facts: dict) -> None:
    """Insert with a fresh random number; a collision (1 in 10⁹ a day) draws again."""
    day = timezone.localtime(order.created_at).date()
    for _attempt in range(5):
        order.number = order_number(settings.CITY_PREFIX, day, RNG)
        if not WorkOrder.objects.filter(number=order.number).exists():
            break
    actions.found(order, actor=actor, now=now, facts=facts)


@transaction.atomic
def submit(order_id: int, *, actor: User, now: datetime, expect: int | None) -> WorkOrder:
    """draft → pending."""
    return begin(order_id, "submit", actor=actor, now=now, expect=expect).finish()


@transaction.atomic
def classify(
    order_id: int,
    *,
    actor: User | None,
    now: datetime,
    expect: int | None,
    kind: str = "",
    category: str = "",
    place: str = "",
    urgency: str = "",
    address: str | None = None,
    reason: str = "",
    suggested: str = "",
) -> WorkOrder:
    """Set or correct kind, category, place, urgency, address. Only what is given changes; urgency never falls
    below the leaf's, except that a supervisor may lower it."""
    move = begin(order_id, "classify", actor=actor, now=now, expect=expect)
    order = move.order
    changes, facts = corrections(order, kind=kind, category=category, place=place)
    wanted = wanted_urgency(order, urgency, changes.get("category", order.category), actor)
    if wanted != order.urgency:
        facts["urgency"] = [order.urgency, wanted]
        changes["urgency"] = wanted
    if address is not None and address.strip()[:200] != order.address:
        facts["address"] = True
        order.address = changes["address"] = address.strip()[:200]
        changes["bigrams"] = searchable(order)
    done = move.finish(facts=facts | ({"reason": reason} if reason else {}), **changes)
    if done.kind_id == "thanks":
        Commendation.objects.get_or_create(order=done)
    if "category" in changes:
        learn(done, suggested, actor=actor, now=now)
    return done


def corrections(order: WorkOrder, **codes: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which of kind, category and place change, as fields of the order and as facts [old, new] for the trail.
    What becomes a report of wrongdoing becomes confidential."""
    chosen = {
        "kind": kind_of(codes["kind"]),
        "category": leaf_of(codes["category"]),
        "place": place_of(codes["place"]),
    }
    changes: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for name, row in chosen.items():
        if row is not None and row.pk != getattr(order, f"{name}_id"):
            old = getattr(order, name)
            facts[name] = [old.code if old else "", row.code]
            changes[name] = row
    if "kind" in changes and changes["kind"].code == "report" and order.mode == Mode.REAL_NAME:
        changes["mode"] = Mode.CONFIDENTIAL
    return changes, facts


def wanted_urgency(order: WorkOrder, asked: str, category: Category | None, actor: User | None) -> str:
    """The urgency after a correction. Raises NotAllowed when someone else than a supervisor lowers E1."""
    at_least = urgency_at_least(asked or order.urgency, category)
    if not asked or URGENCY_RANK[asked] >= URGENCY_RANK[order.urgency]:
        return at_least
    is_supervisor = actor is not None and actor.role == Role.SUPERVISOR
    if order.urgency == Urgency.E1 and not is_supervisor:
        raise NotAllowed(_("Only a supervisor may lower an emergency."), field="urgency")
    return asked if is_supervisor else at_least


@transaction.atomic
def answer(
    order_id: int, *, actor: User, now: datetime, expect: int | None, text: str, outcome: str = "answered"
) -> WorkOrder:
    """直办: answered on the line, closed without a dispatch. An order that was dispatched before is not
    direct."""
    text = required(text, "text", _("Write the answer that was given."))
    move = begin(order_id, "answer", actor=actor, now=now, expect=expect)
    if move.order.dispatched_at is not None:
        raise IllegalTransition(_("A unit has had this order: it can no longer be answered directly."))
    return move.finish(
        facts={"text": text},
        is_direct=True,
        outcome=outcome,
        public_reply=text,
        replied_at=now,
        no_callback_reason="direct",
    )


@transaction.atomic
def reject(
    order_id: int, *, actor: User, now: datetime, expect: int | None, reason: str, text: str = ""
) -> WorkOrder:
    """不予受理 with a coded reason whose script was told. What must be transferred is never refused."""
    row = reason_of(reason, ReasonUse.REJECT, ReasonUse.TRANSFER)
    if row.must_transfer:
        raise InvalidInput(_("Such a matter is transferred, never refused: hand it over."), field="reason")
    if row.needs_supervisor and actor.role != Role.SUPERVISOR:
        raise NotAllowed(_("This reason needs the duty supervisor."), field="reason")
    move = begin(order_id, "reject", actor=actor, now=now, expect=expect)
    facts = {"reason": row.code, "text": text.strip(), "script": row.script, "route": row.lawful_route}
    return move.finish(facts=facts, no_callback_reason="rejected")


@transaction.atomic
def invalidate(
    order_id: int, *, actor: User, now: datetime, expect: int | None, reason: str, text: str = ""
) -> WorkOrder:
    """无效: silent, wrong number, nuisance, test, entered twice."""
    row = reason_of(reason, ReasonUse.INVALID)
    move = begin(order_id, "invalidate", actor=actor, now=now, expect=expect)
    return move.finish(facts={"reason": row.code, "text": text.strip()}, no_callback_reason="invalid")


@transaction.atomic
def appeal(
    order_id: int, *, actor: User, now: datetime, expect: int | None, reason: str = "", text: str
) -> WorkOrder:
    """A refused or invalid order is taken up again: back to `pending`."""
    text = required(text, "text", _("Say why it is taken up again."))
    move = begin(order_id, "appeal", actor=actor, now=now, expect=expect)
    return move.finish(facts={"text": text, "reason": reason}, no_callback_reason="")


@transaction.atomic
def withdraw(order_id: int, *, actor: User, now: datetime, expect: int | None, text: str) -> WorkOrder:
    """撤诉 by the verified caller. Never for a report of wrongdoing or a danger to life."""
    text = required(text, "text", _("Say how the caller withdrew it."))
    move = begin(order_id, "withdraw", actor=actor, now=now, expect=expect)
    if move.order.kind_id == "report" or move.order.urgency == Urgency.E1:
        raise IllegalTransition(
            _("Reports of wrongdoing and dangers are followed through, they cannot be withdrawn.")
        )
    return move.finish(facts={"text": text}, no_callback_reason="withdrawn")


@transaction.atomic
def remind(order_id: int, *, actor: User, now: datetime, text: str, expect: int | None = None) -> WorkOrder:
    """催办: the caller asks again, or the hotline does. The unit is told; the state stays."""
    text = required(text, "text", _("Say what the unit is reminded of."))
    move = begin(order_id, "remind", actor=actor, now=now, expect=expect)
    return move.finish(facts={"text": text}, reminders=move.order.reminders + 1)


@transaction.atomic
def note(order_id: int, *, actor: User, now: datetime, text: str, expect: int | None = None) -> WorkOrder:
    """A remark on the trail, by anyone who sees the order."""
    text = required(text, "text", _("The note is empty."))
    return begin(order_id, "note", actor=actor, now=now, expect=expect).finish(facts={"text": text})


def reopen(order_id: int, *, actor: User, now: datetime, expect: int | None, text: str) -> WorkOrder:
    """New facts on a closed order make a new one, linked to it. Returns the new order, `pending`."""
    text = required(text, "text", _("Say what is new."))
    with transaction.atomic():
        old = begin(order_id, "reopen", actor=actor, now=now, expect=expect).finish(facts={"text": text})
        order = WorkOrder(
            state=State.PENDING,
            kind=old.kind,
            category=old.category,
            place=old.place,
            urgency=old.urgency,
            channel=old.channel,
            mode=old.mode,
            title=old.title,
            content=f"{old.content}\n\n{text}",
            address=old.address,
            caller=old.caller,
            registered_by=actor,
            created_at=now,
            previous=old,
            query_code=query_code(RNG),
        )
        order.bigrams = searchable(order)
        _insert_numbered(order, actor=actor, now=now, facts={"previous": old.number})
    return order


# --- What the values mean --------------------------------------------------------------------------


def kind_of(code: str) -> Kind | None:
    return vocabulary.find(Kind, code, field="kind")


def place_of(code: str) -> Place | None:
    return vocabulary.find(Place, code, field="place")


def leaf_of(code: str) -> Category | None:
    category = vocabulary.find(Category, code, field="category")
    if category is not None and category.level != "leaf":
        raise InvalidInput(_("Choose a category of the lowest level."), field="category")
    return category


def reason_of(code: str, *uses: str) -> Reason:
    reason = Reason.objects.filter(code=code, is_active=True, use__in=uses).first()
    if reason is None:
        raise InvalidInput(_("Choose a reason from the list."), field="reason")
    return reason


def required(text: str | None, field: str, message: object) -> str:
    if not (text := (text or "").strip()):
        raise InvalidInput(message, field=field)
    return text


def mode_of(caller: CallerInput, kind: Kind | None) -> str:
    """The identity mode: as asked; without any caller anonymous; else the kind's default (a report:
    confidential)."""
    if caller.mode:
        if caller.mode not in Mode.values:
            raise InvalidInput(_("Unknown identity mode."), field="mode")
        return caller.mode
    if not caller.phone.strip() and not caller.name.strip():
        return Mode.ANONYMOUS
    return kind.default_mode if kind else Mode.REAL_NAME


def urgency_at_least(asked: str, category: Category | None) -> str:
    """The higher of what was asked and the leaf's own urgency (domain: the maximum counts)."""
    if asked and asked not in Urgency.values:
        raise InvalidInput(_("Unknown urgency."), field="urgency")
    return max(
        asked or Urgency.N, category.urgency if category else Urgency.N, key=lambda code: URGENCY_RANK[code]
    )


def remember_caller(given: CallerInput, mode: str, now: datetime) -> Caller | None:
    """The known caller with this number and name, or a new one. An anonymous order keeps none."""
    name = given.name.strip()[:60]
    try:
        phone = normal_phone(given.phone) if given.phone.strip() else ""
    except ValueError:
        raise InvalidInput(_("This is not a telephone number."), field="phone") from None
    if mode == Mode.ANONYMOUS or not (name or phone):
        return None
    fresh = Caller.sealed(name=name, phone=phone, at=now)
    if phone:
        known = Caller.objects.filter(phone_index=fresh.phone_index).order_by("-id")[:5]
        for caller in known:
            if not name or caller.plain_name() == name:
                return caller
    fresh.save(force_insert=True)
    return fresh


def title_from(content: str) -> str:
    """A title from the first sentence, at most 40 characters."""
    first = content.strip().splitlines()[0]
    for stop in ("\u3002", "\uff1b", "\uff01", "\uff1f"):
        first = first.split(stop)[0]
    return first[:40]


def searchable(order: WorkOrder) -> list[int]:
    """Hashed bigrams of title, content and address: what keyword search looks through."""
    return bigram_hashes(f"{order.title}\n{order.content[:4000]}\n{order.address}")


def learn(order: WorkOrder, suggested: str, *, actor: User | None, now: datetime) -> None:
    """Keep a person's choice of category, with what was suggested (if anything), as a training row."""
    if actor is None or order.category is None:
        return
    TrainingRow.objects.create(
        order=order,
        text=mask_text(f"{order.title}\n{order.content}"),
        label=order.category.code,
        suggested=suggested,
        source="intake",
        at=now,
        by=actor,
    )
