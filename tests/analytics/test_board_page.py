"""/board/: its numbers are links to exactly the orders they count."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from analytics import board
from dispatch.escalation import sweep
from hotline.accounts.models import Role, Unit
from tests.makers import NOON, client_of, make_order, make_user
from workorders.lifecycle import OPEN, State, Urgency
from workorders.models import OrderEvent, WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy_day(time_machine):
    """Orders in every open state, some late, some urgent, some with cards, five days after they were taken
    in."""
    for state in sorted(OPEN):
        make_order(state=state)
    make_order(state=State.HANDLING, urgency=Urgency.E1)
    make_order(state=State.HANDLING, urgency=Urgency.E2, at=NOON + timedelta(days=4))
    make_order(state=State.CLOSED, urgency=Urgency.E1)
    for card in ("yellow", "red"):
        WorkOrder.objects.filter(pk=make_order(state=State.HANDLING).pk).update(card=card)
        WorkOrder.objects.filter(pk=make_order(state=State.WITHDRAWN).pk).update(card=card)
    soon = make_order(state=State.HANDLING)
    now = NOON + timedelta(days=5)
    WorkOrder.objects.filter(pk=soon.pk).update(due_at=now + timedelta(minutes=119))
    return now


@pytest.fixture
def time_machine(monkeypatch):
    """Pages ask the database's clock; here it stands five days after NOON."""
    now = NOON + timedelta(days=5)
    for module in ("analytics.views.board", "dispatch.views.orders"):
        monkeypatch.setattr(f"{module}.db_now", lambda: now)
    return now


@pytest.mark.parametrize("key", [tile.key for tile in board.tiles(NOON)])
def test_the_list_behind_a_tile_is_as_long_as_its_number(key, busy_day, supervisor):
    tile = next(tile for tile in board.tiles(busy_day) if tile.key == key)

    page = client_of(supervisor).get(f"{reverse('orders')}?{tile.link()}")

    assert page.context["total"] == board.counts(supervisor, busy_day)[key] > 0


def test_the_list_behind_a_late_unit_is_as_long_as_its_number(busy_day, supervisor):
    unit = Unit.objects.get(code="370102-URBAN")
    make_order(state=State.HANDLING, lead=unit)
    (row,) = [row for row in board.late_units(supervisor, busy_day) if row["code"] == unit.code]

    page = client_of(supervisor).get(f"{reverse('orders')}?overdue=1&unit={unit.code}")

    assert page.context["total"] == row["n"] == 1


def test_a_tile_that_is_late_says_so_in_its_class(busy_day, supervisor):
    html = client_of(supervisor).get("/board/").content.decode()

    assert 'class="tile is-late" id="tile-overdue"' in html


# --- What goes wrong now -----------------------------------------------------------------------------


def whats(user, now):
    return [trouble.what for trouble in board.troubles(user, now)]


def test_an_order_that_becomes_overdue_appears(supervisor):
    order = make_order(state=State.HANDLING)
    late = order.due_at + timedelta(minutes=1)
    sweep(lambda: late)

    assert "overdue" in whats(supervisor, late)


def test_a_disputed_order_and_a_dissatisfied_caller_appear(supervisor):
    make_order(state=State.ADJUDICATION)
    make_order(state=State.REWORK_REVIEW)

    assert sorted(whats(supervisor, NOON)) == ["adjudication", "dissatisfied"]


def test_an_emergency_appears_when_it_is_taken_in(supervisor):
    make_order(urgency=Urgency.E1)

    assert whats(supervisor, NOON) == ["emergency"]


def test_what_happened_long_ago_does_not_appear(supervisor):
    make_order(urgency=Urgency.E1)

    assert whats(supervisor, NOON + board.LOOK_BACK + timedelta(minutes=1)) == []


def test_the_newest_thirty_are_shown_newest_first(supervisor):
    for minutes in range(32):
        make_order(urgency=Urgency.E1, at=NOON + timedelta(minutes=minutes))

    found = board.troubles(supervisor, NOON + timedelta(hours=1))

    assert [trouble.at for trouble in found] == sorted((trouble.at for trouble in found), reverse=True)
    assert len(found) == board.NEWEST


# --- Who may, and how often ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR, Role.LEADER}))
def test_others_may_not_open_the_board(role):
    assert client_of(make_user(role)).get("/board/").status_code == 403


@pytest.mark.parametrize("path", ["/board/", "/board/now/"])
def test_the_board_is_only_read(path, supervisor):
    assert client_of(supervisor).post(path).status_code == 405


def test_the_leader_sees_the_board_without_acts(leader, supervisor):
    make_order(state=State.REWORK_REVIEW)

    decide = 'id="decide-rework_review"'
    assert decide in client_of(supervisor).get("/board/").content.decode()
    assert decide not in client_of(leader).get("/board/").content.decode()


def test_an_unchanged_board_is_answered_304(supervisor):
    make_order()
    client = client_of(supervisor)
    etag = client.get("/board/now/").headers["ETag"]

    assert client.get("/board/now/", headers={"If-None-Match": etag}).status_code == 304


def test_a_changed_board_is_sent_again(supervisor):
    client = client_of(supervisor)
    etag = client.get("/board/now/").headers["ETag"]
    make_order()

    assert client.get("/board/now/", headers={"If-None-Match": etag}).status_code == 200


def test_the_board_costs_the_same_for_any_number_of_orders(supervisor, django_assert_max_num_queries):
    client = client_of(supervisor)
    client.get("/board/now/")
    for _ in range(20):
        make_order(state=State.REWORK_REVIEW, urgency=Urgency.E1)

    with django_assert_max_num_queries(12):
        client.get("/board/now/")


def test_what_the_feed_looks_for_lies_in_its_index(supervisor):
    query = OrderEvent.objects.filter(board.TROUBLE_EVENTS, at__gte=NOON).order_by("-at", "-pk")

    assert "event_trouble" in plan_of(query)


def plan_of(query):
    """The plan when a sequential scan is no choice: the tables of a test are tiny."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    return query[:30].explain()
