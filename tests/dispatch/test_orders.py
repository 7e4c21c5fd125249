"""/orders/ and /search/: lists, filters, the one search box."""

from datetime import datetime, timedelta

import pytest

from hotline.accounts.models import Role
from tests.makers import CITY_TIME, NOON, PLACE, make_order, make_user
from workorders import callbacks, intake
from workorders.lifecycle import State
from workorders.models import AccessLog, WorkOrder

pytestmark = pytest.mark.django_db


def found(browser, **filters) -> set[str]:
    return {row["number"] for row in browser.get("/orders/", filters).context["rows"]}


@pytest.fixture
def browser(client_of, supervisor):
    return client_of(supervisor)


def test_the_list_shows_everything_newest_first(browser):
    old, new = make_order(at=NOON - timedelta(days=1)), make_order(at=NOON)

    page = browser.get("/orders/")

    assert [row["number"] for row in page.context["rows"]] == [new.number, old.number]


def test_a_unit_lists_its_own_only(client_of, unit_clerk, other_unit):
    own = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    make_order(state=State.HANDLING, lead=other_unit)

    assert found(client_of(unit_clerk)) == {own.number}


def test_an_administrator_has_no_list(client_of, admin):
    assert client_of(admin).get("/orders/").status_code == 403


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"state": "handling"}, {"handling"}),
        ({"state": "handling,pending"}, {"handling", "pending"}),
        ({"open": "1"}, {"handling", "pending"}),
        ({"open": "0"}, {"closed"}),
        ({"transferred": "1"}, {"handling", "closed"}),
        ({"transferred": "0"}, {"pending"}),
        ({"place": "370102", "open": "1"}, {"handling", "pending"}),
        ({"place": "370103"}, set()),
        ({"top": "02", "state": "closed"}, {"closed"}),
        ({"top": "07"}, set()),
    ],
)
def test_filters_narrow_the_list(browser, filters, fits):
    orders = {state: make_order(state=state).number for state in ("handling", "pending", "closed")}

    assert found(browser, **filters) == {orders[state] for state in fits}


def test_a_day_starts_at_midnight_in_the_city_and_ends_before_the_next(browser):
    midnight = datetime(2026, 3, 10, tzinfo=CITY_TIME)
    make_order(at=midnight - timedelta(microseconds=1))
    first = make_order(at=midnight)
    last = make_order(at=midnight + timedelta(days=1, microseconds=-1))
    make_order(at=midnight + timedelta(days=1))

    assert found(browser, created_on="2026-03-10") == {first.number, last.number}


def test_a_period_includes_its_last_day(browser):
    inside = make_order(at=datetime(2026, 3, 11, 23, 59, tzinfo=CITY_TIME))
    make_order(at=datetime(2026, 3, 12, tzinfo=CITY_TIME))

    assert found(browser, created_after="2026-03-10", created_until="2026-03-11") == {inside.number}


def test_dissatisfied_callers_are_found_by_the_day_they_said_so(browser):
    bad = make_order(state=State.REWORK_REVIEW, at=NOON)
    make_order(state=State.CLOSED, at=NOON)

    assert found(browser, dissatisfied="1", called_on="2026-03-10") == {bad.number}
    assert found(browser, dissatisfied="1", called_on="2026-03-11") == set()


def test_returned_and_direct_orders_are_found(browser, operator):
    returned = make_order(state=State.RETURN_REVIEW)
    direct = make_order(kind="inquiry")
    intake.answer(direct.pk, actor=operator, now=NOON, expect=None, text="On Mondays.")

    assert found(browser, returned="1") == {returned.number}
    assert found(browser, direct="1") == {direct.number}


def test_thanks_are_found_by_what_became_of_them(browser):
    waiting = make_order(kind="thanks", category="180101")

    assert found(browser, thanks="waiting") == {waiting.number}
    assert found(browser, thanks="forwarded") == set()


def test_due_within_counts_from_now_and_leaves_out_what_is_overdue(browser):
    order, late = make_order(state=State.HANDLING), make_order(state=State.HANDLING)
    from hotline.lib.db_now import db_now

    WorkOrder.objects.filter(pk=order.pk).update(due_at=db_now() + timedelta(minutes=50))
    WorkOrder.objects.filter(pk=late.pk).update(due_at=db_now() - timedelta(minutes=50))

    assert found(browser, due_within="60") == {order.number}
    assert found(browser, overdue="1") == {late.number}


def test_merged_orders_are_found_by_their_parent(browser, dispatcher):
    from workorders import merging

    child, parent = make_order(), make_order()
    merging.merge(child.pk, actor=dispatcher, now=NOON, expect=None, into=parent)

    assert found(browser, parent=parent.number) == {child.number}


def test_a_filter_that_does_not_fit_says_so(browser):
    page = browser.get("/orders/", {"state": "nonsense"})

    assert page.status_code == 422
    assert page.context["errors"]


def test_filters_without_a_field_are_shown_and_can_be_removed(browser):
    page = browser.get("/orders/", {"returned": "1", "state": "handling"})

    assert [chip["name"] for chip in page.context["chips"]] == ["returned"]
    assert "returned" not in page.context["chips"][0]["without"]


def test_pages_follow_each_other_without_gap_or_repeat(browser):
    for minute in range(55):
        make_order(at=NOON + timedelta(minutes=minute // 3))
    first = browser.get("/orders/")

    second = browser.get("/orders/", {"cursor": first.context["next"]})

    numbers = [row["number"] for page in (first, second) for row in page.context["rows"]]
    assert len(numbers) == len(set(numbers)) == 55
    assert first.context["total"] == 55


def test_by_deadline_the_nearest_comes_first_over_pages(browser):
    orders = [make_order(state=State.HANDLING, at=NOON + timedelta(days=day % 7)) for day in range(52)]
    first = browser.get("/orders/", {"sort": "due"})
    second = browser.get("/orders/", {"sort": "due", "cursor": first.context["next"]})

    dues = [row["due_at"] for page in (first, second) for row in page.context["rows"]]
    assert dues == sorted(dues)
    assert len(dues) == len(orders)


@pytest.mark.parametrize("cursor", ["x", "1.", ".", "99999999999999999999.1", "1.x"])
def test_a_broken_cursor_shows_the_first_page(browser, cursor):
    order = make_order()

    assert found(browser, cursor=cursor) == {order.number}


@pytest.mark.parametrize("rows", [10, 50])
def test_the_list_takes_eight_queries_however_many_rows(browser, rows, django_assert_max_num_queries):
    for _ in range(rows + 1):
        make_order()
    browser.get("/orders/")

    with django_assert_max_num_queries(8):
        browser.get("/orders/")


def test_wrong_methods_are_refused(browser):
    assert browser.post("/orders/").status_code == 405
    assert browser.post("/search/").status_code == 405


# --- The one search box -------------------------------------------------------------------------------------


def test_a_number_opens_the_order(browser):
    order = make_order()
    typed = order.number.lower().replace("0", "O") if "0" in order.number else order.number

    assert browser.get("/search/", {"q": typed})["Location"] == f"/orders/{order.number}/"


def test_a_foreign_number_finds_nothing(client_of, outsider, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    page = client_of(outsider).get("/search/", {"q": order.number})

    assert page.status_code == 200
    assert page.context["rows"] == []


def test_a_phone_finds_its_callers_orders_and_is_recorded(browser, supervisor):
    order = make_order(phone="13812345678")
    make_order(phone="13900000000")

    page = browser.get("/search/", {"q": "138 1234 5678"})

    assert [row["number"] for row in page.context["rows"]] == [order.number]
    assert AccessLog.objects.filter(user=supervisor, act="search").exists()


def test_words_find_what_contains_them_all(browser):
    order = make_order(content="The street lamp at the corner is dark")
    make_order(content="The refuse is not collected")

    page = browser.get("/search/", {"q": "lamp corner"})

    assert [row["number"] for row in page.context["rows"]] == [order.number]


def test_one_character_is_too_little(browser):
    page = browser.get("/search/", {"q": "a"})

    assert page.status_code == 422
    assert page.context["errors"]


def test_nothing_found_says_how_to_search(browser):
    page = browser.get("/search/", {"q": "unicorns"})

    assert "search-tips" in page.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_the_box_works_for_every_role_within_its_scope(client_of, role):
    make_order(content="The street lamp is dark", state=State.HANDLING)
    user = make_user(role)

    page = client_of(user).get("/search/", {"q": "lamp"})

    assert len(page.context["rows"]) == (1 if user.sees_all_orders else 0)


def test_a_callback_that_was_good_is_not_dissatisfied(browser):
    make_order(state=State.CLOSED)

    assert found(browser, dissatisfied="1") == set()
    assert callbacks.Answers("satisfied", "satisfied", "yes").is_dissatisfied is False
    assert PLACE
