"""The permission matrix: every address × every role. An address that is not in the table fails the build."""

import re
from datetime import timedelta

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from hotline.accounts.models import Role
from tests.makers import client_of, make_order, make_user, someone
from workorders import merging
from workorders.lifecycle import TRANSITIONS, By, State
from workorders.models import WorkOrder

OP, D, C, S, L, U, A, X = (
    Role.OPERATOR,
    Role.DISPATCHER,
    Role.CALLBACK,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.UNIT,
    Role.ADMIN,
    Role.AUDITOR,
)
EVERYONE = set(Role)
SEE_ORDERS = EVERYONE - {A}
PUBLIC = "public"
"""Needs no login."""

PAGES = {
    # everybody's own
    "home": EVERYONE,
    "profile": EVERYONE,
    "password_change": EVERYONE,
    "totp_verify": EVERYONE,
    "totp_enrol": EVERYONE,
    "sessions_end": EVERYONE,
    "token_create": EVERYONE,
    "token_revoke": EVERYONE,
    "notices": EVERYONE,
    "bell": EVERYONE,
    "ui": EVERYONE,
    "apidocs": EVERYONE,
    "schema": EVERYONE,
    "logout": PUBLIC,
    "login": PUBLIC,
    "set_language": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # operator
    "desk": {OP, S},
    "desk_caller": {OP, S},
    "desk_suggest": {OP, S},
    "desk_remind": {OP, S},
    "desk_draft": {OP, S},
    "desk_draft_drop": {OP, S},
    "thanks": {OP, D, S},
    "thanks_order": {OP, D, S},
    # dispatcher
    "triage": {D, S, L},
    "triage_counts": {D, S, L},
    "triage_hints": {D, S, L},
    "triage_act": {D, S, L},
    # unit and call-back
    "inbox": {U},
    "inbox_counts": {U},
    "inbox_sign": {U},
    "callbacks": {C, S},
    # orders: by the access scope
    "orders": SEE_ORDERS,
    "search": EVERYONE,
    "order": SEE_ORDERS,
    "order_print": SEE_ORDERS,
    "order_reveal": SEE_ORDERS,
    "order_file": SEE_ORDERS,
    "order_files": SEE_ORDERS,
    "reply_draft": SEE_ORDERS,
    "order_verb": SEE_ORDERS,
    # supervisor and leader
    "board": {S, L},
    "board_now": {S, L},
    "reviews": {S, L},
    "review": {S, L},
    "review_orders": {S, L},
    "review_draft": {S},
    "review_notes": {S},
    "review_measure": {S},
    "review_result": {S},
    "review_sign": {S},
    "tallies": {S, L},
    "tally": {S, L},
    "tally_orders": {S, L},
    "tally_make": {S},
    # API, besides the verbs
    "api_orders": EVERYONE,
    "api_order": SEE_ORDERS,
    "api_events": SEE_ORDERS,
    "api_clocks": SEE_ORDERS,
    "api_files": SEE_ORDERS,
    "api_file": SEE_ORDERS,
    "api_reveal": SEE_ORDERS,
    "api_categories": EVERYONE,
    "api_units": EVERYONE,
    "api_places": EVERYONE,
    "api_catalogue": EVERYONE,
    "api_suggest": EVERYONE,
    "api_unknown": EVERYONE,
    "api_nothing": EVERYONE,
    "api_board": {S, L},
    "api_daily_review": {S, L},
    "api_gratitude_tally": {S, L},
}
BY_PREFIX = {"manage": {A}, "audit": {X}}
"""Pages of these names are for these roles alone."""


def addresses(patterns=None, prefix=""):
    """(route, name) of every address of the site."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.name


def verb_of(name: str) -> str | None:
    verb = name.removeprefix("api_")
    known = {verb for _state, verb in TRANSITIONS} - {"reveal"}
    return verb if name.startswith("api_") and verb in known else None


def allowed(name: str):
    if name in PAGES:
        return PAGES[name]
    return BY_PREFIX.get(name.split("_")[0])


ALL = sorted({(route, name) for route, name in addresses()})
OTHERS = [(route, name) for route, name in ALL if not verb_of(name)]


@pytest.mark.parametrize(("route", "name"), OTHERS)
def test_every_address_is_in_the_table(route, name):
    assert allowed(name) is not None, f"{route} ({name}) is not in the permission table"


def filled(route: str, number: str) -> str:
    """The address with sample values."""
    samples = {
        "<str:number>": number,
        "<str:verb>": "note",
        "<int:pk>": "999999",
        "<int:file_id>": "999999",
        "<str:key>": "zz",
        "<slug:slug>": "categories",
        "<slug:act>": "unlock",
        "<day:day>": "2026-03-10",
        "<day:week_start>": "2026-03-06",
        "<str:date>": "2026-03-10",
        "<str:week>": "2026-03-06",
        "<path:rest>": "nothing",
    }
    for mark, value in samples.items():
        route = route.replace(mark, value)
    assert "<" not in route, f"{route} needs a sample value"
    return "/" + route


@pytest.fixture
def order(unit):
    return make_order(state=State.HANDLING, lead=unit, at=timezone.now() - timedelta(hours=1))


def reached(client, url: str) -> int:
    """Status of a GET, or of an empty POST where GET is not a method of the address."""
    response = client.get(url)
    if response.status_code != 405:
        return response.status_code
    return (client.post(url, {}, "application/json") if "/api/" in url else client.post(url)).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_reaches_what_the_table_says_and_nothing_else(role, order, unit):
    client = client_of(make_user(role, unit if role == U else None))
    wrong = []

    for route, name in OTHERS:
        if allowed(name) is PUBLIC or name in ("logout", "sessions_end"):
            continue
        status = reached(client, filled(route, order.number))
        # A sample that does not exist is 404 for whoever may look; who may not gets 403, or 404 for orders.
        hidden = status == 404 and "<str:number>" in route and role not in SEE_ORDERS
        is_in = status not in (401, 403) and not hidden
        if name in ("api_unknown", "api_nothing") or (name in ("order_file", "api_file") and status == 404):
            continue
        if is_in != (role in allowed(name)):
            wrong.append(f"{name}: {status}")

    assert wrong == []


@pytest.mark.django_db
def test_a_visitor_reaches_nothing_but_the_public_addresses(client, order):
    wrong = []

    for route, name in ALL:
        if allowed(name) is PUBLIC:
            continue
        url = filled(route, order.number)
        for response in (client.get(url), client.post(url)):
            to_login = response.status_code == 302 and response.headers["Location"].startswith("/login/")
            if not to_login and response.status_code not in (401, 403, 405):
                wrong.append(f"{name}: {response.status_code}")

    assert wrong == []


# --- Verbs: state × role as the table of states says ------------------------------------------------------

BODIES = {
    "classify": {"kind": "complaint", "reason": "heard again"},
    "answer": {"text": "At window 3."},
    "dispatch": {"unit": "370102-MARKET", "reason": "test"},
    "contact": {"at": "", "channel": "phone", "reached": True, "text": "spoke"},
    "return": {"reason": "D01", "basis": "duties"},
    "review-return": {"uphold": True, "text": "right"},
    "adjudicate": {"lead": "370102-MARKET", "grounds": "ruled"},
    "progress": {"text": "found it"},
    "reply": {"internal": "done", "public": "It is done.", "outcome": "solved"},
    "review-reply": {"accept": True},
    "callback": {"attempt": "answered", "service": "satisfied", "result": "satisfied", "solved": "yes"},
    "rework": {"redo": True, "text": "right"},
    "close": {"text": "no answer ever"},
    "forward": {"unit": "370102-MARKET", "text": "kind"},
    "hand-over": {"peer": "110", "mode": "transfer", "consent": True, "text": "to the police"},
    "reject": {"reason": "R01"},
    "invalidate": {"reason": "V01"},
    "appeal": {"text": "heard again"},
    "withdraw": {"text": "called"},
    "reopen": {"text": "it is back"},
    "remind": {"text": "please"},
    "note": {"text": "noted"},
    "unmerge": {"reason": "two matters"},
}
STATES = {
    "submit": State.DRAFT,
    "answer": State.PENDING,
    "dispatch": State.PENDING,
    "sign": State.DISPATCHED,
    "return": State.DISPATCHED,
    "review-return": State.RETURN_REVIEW,
    "adjudicate": State.ADJUDICATION,
    "reply": State.HANDLING,
    "progress": State.HANDLING,
    "contact": State.HANDLING,
    "assign": State.HANDLING,
    "review-reply": State.REPLY_REVIEW,
    "callback": State.CALLBACK,
    "close": State.CALLBACK,
    "rework": State.REWORK_REVIEW,
    "appeal": State.REJECTED,
    "reopen": State.CLOSED,
    "unmerge": State.MERGED,
    "withdraw": State.HANDLING,
    "remind": State.HANDLING,
    "note": State.HANDLING,
}
VERBS = sorted({verb_of(name) for _route, name in ALL if verb_of(name)})


def prepared(verb: str, unit):
    """An order on which this verb is open, led an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    if verb == "forward":
        return make_order(kind="thanks", category="180101", at=at)
    if verb == "unmerge":
        child = make_order(at=at)
        merging.merge(child.pk, actor=someone(OP), now=at, expect=None, into=make_order(at=at))
        return WorkOrder.objects.get(pk=child.pk)
    return make_order(state=STATES.get(verb, State.PENDING), lead=unit, at=at)


def body_of(verb: str, order, clerk) -> dict:
    body = {"version": order.version, **BODIES.get(verb, {})}
    if verb == "contact":
        body["at"] = (timezone.now() - timedelta(minutes=1)).isoformat()
    if verb == "assign":
        body["handler"] = clerk.username
    if verb == "merge":
        body["into"] = make_order(at=timezone.now()).number
    return body


@pytest.mark.django_db
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_open_to_the_roles_of_the_table_alone(verb, unit):
    clerk = make_user(U, unit)
    wrong = []

    for role in sorted(EVERYONE):
        order = prepared(verb, unit)
        client = client_of(clerk if role == U else make_user(role))
        response = client.post(
            f"/api/v1/orders/{order.number}/{verb}/", body_of(verb, order, clerk), "application/json"
        )
        by = TRANSITIONS[State(order.state), verb].by
        who = {str(role)} if role != U else ({str(By.LEAD_UNIT)} if order.unit_id == unit.pk else set())
        sees = role in SEE_ORDERS and (role != U or order.unit_id == unit.pk)
        may = bool(by & who) or (str(By.SEES_IT) in by and sees and role != X)
        expected = (200, 201) if may else ((403,) if sees else (404,))
        if response.status_code not in expected:
            wrong.append(f"{role}: {response.status_code}, not {expected}: {response.content[:120]!r}")

    assert wrong == []


# --- What is foreign does not exist ------------------------------------------------------------------------

WITH_NUMBER = [(route, name) for route, name in ALL if "<str:number>" in route]


def without_number(response, number: str) -> bytes:
    """The body, free of what differs between two requests: the number asked for, request number, tokens."""
    text = response.content.decode().replace(number, "NUMBER")
    text = re.sub(r'name="csrf[^>]*>|csrfmiddlewaretoken" value="[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{8,}(-[0-9a-f]+)*", "", text).encode()


@pytest.mark.django_db
@pytest.mark.parametrize(("route", "name"), WITH_NUMBER)
def test_a_foreign_order_is_answered_like_one_that_does_not_exist(route, name, order, outsider, admin):
    missing = "JN20260310ZZZZZZ0"
    for stranger in (outsider, admin):
        client = client_of(stranger)
        for method in (client.get, client.post):
            foreign = method(filled(route, order.number))
            nothing = method(filled(route, missing))

            assert foreign.status_code == nothing.status_code
            assert without_number(foreign, order.number) == without_number(nothing, missing)
            assert foreign.status_code in (403, 404, 405)


@pytest.mark.django_db
def test_no_list_count_or_search_tells_of_a_foreign_order(order, outsider):
    client = client_of(outsider)

    assert client.get("/api/v1/orders/").json()["results"] == []
    assert client.get("/api/v1/orders/", {"q": "refuse"}).json()["results"] == []
    assert client.get("/api/v1/orders/", {"q": "13812345678"}).json()["results"] == []
    searches = ("/search/?q=13812345678", f"/search/?q={order.number}")
    for url in ("/orders/", "/orders/?q=refuse", "/inbox/", *searches):
        page = client.get(url).content.decode()
        assert "refuse in our courtyard" not in page
        assert f"/orders/{order.number}/" not in page
