"""Makers of what tests need: each shows only what matters to the test and fills in the rest."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from dispatch import assigning, returns, signing
from hotline.accounts.models import NEEDS_TOTP, Membership, Role, Unit, UnitKind, User
from workorders import callbacks, closing, intake, replying
from workorders.callbacks import Answers
from workorders.intake import CallerInput, OrderInput
from workorders.lifecycle import State
from workorders.models import WorkOrder

CITY_TIME = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=CITY_TIME)
"""A Tuesday, a working day."""
PASSWORD = "Clear-Water-7"
"""Password of everyone made here."""

numbers = count(1)


def make_unit(
    name: str = "", *, kind: str = UnitKind.MUNICIPAL, place_code: str = "370100", **fields
) -> Unit:
    """A unit of its own code; `parent`, `sees_subtree` … as wanted."""
    number = next(numbers)
    name = name or f"Unit {number}"
    defaults = {"code": f"{place_code}-T{number}", "name": name, "short_name": name, "place_code": place_code}
    return Unit.objects.create(kind=kind, **{**defaults, **fields})


def make_user(role: str, unit: Unit | None = None, **fields) -> User:
    """An account that is free to work: own password, and a member of `unit` if given.

    The unit is also its attribute `unit`, so that a test can say `unit_clerk.unit`."""
    number = next(numbers)
    defaults = {
        "username": f"{role}-{number}",
        "name": f"{Role(role).name.title()} {number}",
        "password": PASSWORD,
    }
    user = User.objects.create_user(role=role, **{**defaults, **fields})
    if unit is not None:
        Membership.objects.create(user=user, unit=unit)
        user.unit = unit
    return user


def client_of(user: User, **options) -> Client:
    """A browser in which `user` has logged in, second factor included where the role asks for one."""
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if user.role in NEEDS_TOTP:
        device, _created = TOTPDevice.objects.get_or_create(user=user, name="test", confirmed=True)
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


PHONE = "13812345678"
LEAF = "020103"
"""Sanitation and refuse collection: an ordinary matter of a subdistrict, 3 working days."""
PLACE = "370102001"


def someone(role: str, unit: Unit | None = None) -> User:
    """A person of that role (and unit) who did the earlier steps; the same one for the whole test."""
    people = User.objects.filter(role=role, username__startswith="earlier-")
    found = people.filter(units=unit).first() if unit else people.first()
    return found or make_user(role, unit, username=f"earlier-{role}-{next(numbers)}")


def make_order(
    *,
    state: str = State.PENDING,
    lead: Unit | None = None,
    kind: str = "help",
    category: str = LEAF,
    place: str = PLACE,
    content: str = "The refuse in our courtyard has not been collected for a week.",
    phone: str = PHONE,
    name: str = "Wang Fang",
    mode: str = "",
    urgency: str = "",
    at: datetime = NOON,
    **fields,
) -> WorkOrder:
    """An order in that state, led there through the doors at the instant `at`. `lead` holds it; without
    one a new unit does. Other fields go into OrderInput (channel, title, address …)."""
    order = intake.create(
        OrderInput(
            content=content,
            kind=kind,
            category=category,
            place=place,
            urgency=urgency,
            caller=CallerInput(name, phone, mode),
            **fields,
        ),
        actor=someone(Role.OPERATOR),
        now=at,
        draft=state == State.DRAFT,
    )
    walk(order, state, lead, at)
    return WorkOrder.objects.get(pk=order.pk)


def walk(order: WorkOrder, state: str, lead: Unit | None, at: datetime) -> None:
    """Take a pending order on to `state`."""
    common = {"now": at, "expect": None}
    if state in (State.DRAFT, State.PENDING):
        return
    if state == State.REJECTED:
        intake.reject(order.pk, actor=someone(Role.OPERATOR), reason="R01", **common)
    elif state == State.INVALID:
        intake.invalidate(order.pk, actor=someone(Role.OPERATOR), reason="V01", **common)
    elif state == State.WITHDRAWN:
        intake.withdraw(order.pk, actor=someone(Role.OPERATOR), text="called again", **common)
    elif state == State.HANDED_OVER:
        closing.hand_over(
            order.pk,
            actor=someone(Role.OPERATOR),
            peer="110",
            mode="transfer",
            consent=True,
            text="to the police",
            **common,
        )
    else:
        walk_with_unit(order, state, lead or make_unit(), common)


def walk_with_unit(order: WorkOrder, state: str, unit: Unit, common: dict) -> None:
    clerk = someone(Role.UNIT, unit)
    assigning.dispatch(order.pk, actor=someone(Role.DISPATCHER), unit=unit, reason="test", **common)
    if state == State.DISPATCHED:
        return
    if state in (State.RETURN_REVIEW, State.ADJUDICATION):
        ask = {"reason": "D01", "basis": "not in our duties"}
        returns.ask_return(order.pk, actor=clerk, **ask, **common)
        if state == State.ADJUDICATION:
            uphold = {"actor": someone(Role.SUPERVISOR), "uphold": True, "text": "right"}
            returns.review_return(order.pk, **uphold, **common)
            assigning.dispatch(order.pk, actor=someone(Role.DISPATCHER), unit=unit, reason="test", **common)
            returns.ask_return(order.pk, actor=clerk, **ask, **common)
            returns.review_return(order.pk, **uphold, **common)
        return
    signing.sign(order.pk, actor=clerk, **common)
    if state == State.HANDLING:
        return
    outcome = WorkOrder.objects.get(pk=order.pk).kind.outcomes[0]
    replying.reply(order.pk, actor=clerk, internal="done", public="It is done.", outcome=outcome, **common)
    if state == State.REPLY_REVIEW:
        return
    replying.review_reply(order.pk, actor=someone(Role.SUPERVISOR), accept=True, **common)
    order.refresh_from_db()
    if order.state == State.CLOSED or state == State.CALLBACK:
        return
    bad = state == State.REWORK_REVIEW
    answers = Answers(
        "satisfied",
        "dissatisfied" if bad else "satisfied",
        "no" if bad else "yes",
        reasons=["E01"] if bad else [],
    )
    callbacks.call_back(
        order.pk,
        actor=someone(Role.CALLBACK),
        attempt="answered",
        answers=answers,
        tries_allowed=3,
        retry_at=None,
        **common,
    )
