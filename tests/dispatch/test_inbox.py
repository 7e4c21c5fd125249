"""/inbox/: what a unit has to do."""

from datetime import timedelta

import pytest

from hotline.accounts.models import Role
from hotline.lib.db_now import db_now
from tests.makers import make_order, make_unit, make_user
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

HOTLINE_ROLES = [role for role in Role.values if role != Role.UNIT]


def numbers_in(page) -> set[str]:
    return {row["number"] for row in page.context["rows"]}


@pytest.mark.parametrize(
    ("tab", "state"),
    [
        ("sign", State.DISPATCHED),
        ("hand", State.HANDLING),
        ("returned", State.RETURN_REVIEW),
        ("returned", State.ADJUDICATION),
        ("replied", State.REPLY_REVIEW),
        ("replied", State.CALLBACK),
        ("replied", State.REWORK_REVIEW),
        ("closed", State.CLOSED),
    ],
)
def test_an_order_stands_in_the_tab_of_its_state(client_of, unit_clerk, tab, state):
    order = make_order(state=state, lead=unit_clerk.unit, at=db_now())

    page = client_of(unit_clerk).get("/inbox/", {"tab": tab})

    assert numbers_in(page) == {order.number}


def test_the_nearest_deadline_comes_first(client_of, unit_clerk):
    now = db_now()
    later = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=now)
    sooner = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=now - timedelta(days=9))

    page = client_of(unit_clerk).get("/inbox/", {"tab": "hand"})

    assert [row["number"] for row in page.context["rows"]] == [sooner.number, later.number]


def test_every_count_is_the_length_of_its_list(client_of, unit_clerk):
    for state in (State.DISPATCHED, State.HANDLING, State.HANDLING, State.RETURN_REVIEW, State.CLOSED):
        make_order(state=state, lead=unit_clerk.unit, at=db_now())
    browser = client_of(unit_clerk)

    tabs = browser.get("/inbox/").context["tabs"]

    for tab in tabs:
        rows = browser.get("/inbox/", {"tab": tab["code"]}).context["rows"]
        assert (tab["code"], tab["count"]) == (tab["code"], len(rows))


def test_an_order_due_tomorrow_is_due_soon_and_one_due_next_week_is_not(client_of, unit_clerk):
    now = db_now()
    near = make_order(state=State.HANDLING, lead=unit_clerk.unit, at=now - timedelta(days=12))
    make_order(state=State.HANDLING, lead=unit_clerk.unit, at=now)

    page = client_of(unit_clerk).get("/inbox/", {"tab": "soon"})

    assert numbers_in(page) == {near.number}


def test_a_co_handling_unit_finds_the_order_marked_as_co_handled(client_of, unit_clerk, other_unit):
    from dispatch.models import Assignment

    order = make_order(state=State.HANDLING, lead=other_unit, at=db_now())
    Assignment.objects.create(order=order, unit=unit_clerk.unit, role="co", started_at=order.created_at)

    page = client_of(unit_clerk).get("/inbox/", {"tab": "hand"})

    assert [row["role"] for row in page.context["rows"]] == ["co"]


def test_another_units_orders_are_not_there(client_of, unit_clerk, other_unit):
    make_order(state=State.DISPATCHED, lead=other_unit, at=db_now())

    assert numbers_in(client_of(unit_clerk).get("/inbox/")) == set()


def test_an_empty_tab_says_what_to_do_next(client_of, unit_clerk):
    page = client_of(unit_clerk).get("/inbox/", headers={"Accept-Language": "en"})

    assert "tab=hand" in page.content.decode().split('class="blank"')[1]


def test_the_room_and_the_phone_number_do_not_stand_in_a_row(client_of, unit_clerk):
    make_order(
        state=State.DISPATCHED,
        lead=unit_clerk.unit,
        at=db_now(),
        address="解放路112号3号楼2单元501室",
        title="请回电13987654321",
    )

    text = client_of(unit_clerk).get("/inbox/").content.decode()

    assert "501" not in text
    assert "13987654321" not in text
    assert "解放路112号3号楼" in text


# --- Signing several -----------------------------------------------------------------------------------


def test_chosen_orders_are_signed_for_together(client_of, unit_clerk):
    orders = [make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now()) for _ in range(3)]
    marks = [f"{order.number}:{order.version}" for order in orders]

    client_of(unit_clerk).post("/inbox/sign/", {"order": marks})

    assert set(WorkOrder.objects.values_list("state", flat=True)) == {State.HANDLING}


def test_one_that_changed_meanwhile_does_not_stop_the_others(client_of, unit_clerk):
    stale = make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now())
    fresh = make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now())
    marks = [f"{stale.number}:{stale.version - 1}", f"{fresh.number}:{fresh.version}"]

    page = client_of(unit_clerk).post("/inbox/sign/", {"order": marks})

    assert [one["done"] for one in page.context["results"]] == [False, True]


def test_a_foreign_order_in_the_choice_reads_like_a_missing_one(client_of, unit_clerk, other_unit):
    foreign = make_order(state=State.DISPATCHED, lead=other_unit, at=db_now())
    missing = "JN20260310AAAAAAA:1"

    page = client_of(unit_clerk).post(
        "/inbox/sign/", {"order": [f"{foreign.number}:{foreign.version}", missing]}
    )

    assert len({one["words"] for one in page.context["results"]}) == 1
    foreign.refresh_from_db()
    assert foreign.state == State.DISPATCHED


# --- Who, how, how many queries ---------------------------------------------------------------------------


@pytest.mark.parametrize("role", HOTLINE_ROLES)
def test_the_inbox_is_for_units_only(client_of, role):
    assert client_of(make_user(role)).get("/inbox/").status_code == 403


def test_visitors_are_sent_to_the_login(client):
    assert client.get("/inbox/").status_code == 302


def test_wrong_methods_are_refused(client_of, unit_clerk):
    browser = client_of(unit_clerk)

    assert browser.post("/inbox/").status_code == 405
    assert browser.get("/inbox/sign/").status_code == 405


def test_counts_that_did_not_change_are_answered_with_304(client_of, unit_clerk):
    browser = client_of(unit_clerk)
    first = browser.get("/inbox/counts/", headers={"X-Poll": "1"})

    again = browser.get("/inbox/counts/", headers={"X-Poll": "1", "If-None-Match": first["ETag"]})

    assert again.status_code == 304


def test_counts_that_changed_are_sent_anew(client_of, unit_clerk):
    browser = client_of(unit_clerk)
    first = browser.get("/inbox/counts/")
    make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now())

    again = browser.get("/inbox/counts/", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 200


@pytest.mark.parametrize("rows", [10, 50])
def test_a_page_takes_eight_queries_however_many_rows(
    client_of, unit_clerk, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now())
    browser = client_of(unit_clerk)
    browser.get("/inbox/")

    with django_assert_max_num_queries(8):
        page = browser.get("/inbox/")

    assert len(page.context["rows"]) == rows


def test_the_next_page_starts_after_the_last_row(client_of, unit_clerk):
    for _ in range(52):
        make_order(state=State.DISPATCHED, lead=unit_clerk.unit, at=db_now())
    browser = client_of(unit_clerk)
    first = browser.get("/inbox/")

    second = browser.get("/inbox/", {"cursor": first.context["next"]})

    assert len(numbers_in(first) | numbers_in(second)) == 52


def test_a_person_of_no_unit_has_an_empty_inbox(client_of, db):
    make_order(state=State.DISPATCHED, lead=make_unit(), at=db_now())

    assert numbers_in(client_of(make_user(Role.UNIT)).get("/inbox/")) == set()
