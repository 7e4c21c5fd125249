"""/triage/: what waits for a decision of the hotline."""

import pytest

from hotline.accounts.models import Role, Unit
from hotline.lib.db_now import db_now
from tests.makers import LEAF, PLACE, make_order, make_unit, make_user
from workorders.lifecycle import State
from workorders.models import TrainingRow, WorkOrder

pytestmark = pytest.mark.django_db

OFFICE = f"{PLACE}-OFFICE"
"""The catalogue's unit for LEAF in PLACE."""


def waiting(**fields) -> WorkOrder:
    return make_order(state=State.PENDING, at=db_now(), **fields)


def act(browser, order, verb, **data):
    return browser.post(
        f"/triage/{order.number}/{verb}/", {"version": order.version, **data}, headers={"HX-Request": "true"}
    )


@pytest.mark.parametrize(
    ("tab", "state"),
    [
        ("pending", State.PENDING),
        ("returns", State.RETURN_REVIEW),
        ("replies", State.REPLY_REVIEW),
        ("adjudication", State.ADJUDICATION),
        ("rework", State.REWORK_REVIEW),
    ],
)
def test_an_order_stands_in_the_tab_of_its_state(client_of, supervisor, tab, state):
    order = make_order(state=state, at=db_now())

    page = client_of(supervisor).get("/triage/", {"tab": tab})

    assert [row["number"] for row in page.context["rows"]] == [order.number]


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        (Role.DISPATCHER, ["pending", "returns", "replies"]),
        (Role.SUPERVISOR, ["pending", "returns", "replies", "adjudication", "rework"]),
        (Role.LEADER, ["adjudication"]),
    ],
)
def test_each_role_has_the_tabs_it_decides(client_of, role, tabs):
    page = client_of(make_user(role)).get("/triage/")

    assert [tab["code"] for tab in page.context["tabs"]] == tabs


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CALLBACK, Role.UNIT, Role.ADMIN, Role.AUDITOR])
def test_triage_is_closed_to_others(client_of, role):
    assert client_of(make_user(role)).get("/triage/").status_code == 403


def test_the_catalogues_unit_is_offered_first_with_its_reason(client_of, dispatcher):
    waiting()

    choice = client_of(dispatcher).get("/triage/").context["rows"][0]["choices"][0]

    assert (choice.code, choice.at_once) == (OFFICE, True)
    assert choice.why


def test_without_a_place_a_local_category_asks_for_it(client_of, dispatcher):
    waiting(place="")

    row = client_of(dispatcher).get("/triage/").context["rows"][0]

    assert row["choices"] == []
    assert row["gap"]


def test_an_open_question_offers_all_units_at_once(client_of, dispatcher):
    waiting(category="060302")

    choices = client_of(dispatcher).get("/triage/").context["rows"][0]["choices"]

    assert [choice.code for choice in choices] == ["370100-GASJH", "370100-GASGH"]
    assert all(choice.at_once for choice in choices)


def test_one_key_dispatches_to_the_offered_unit(client_of, dispatcher):
    order = waiting()

    act(client_of(dispatcher), order, "dispatch", unit=OFFICE)

    order.refresh_from_db()
    assert (order.state, order.unit.code) == (State.DISPATCHED, OFFICE)


def test_another_unit_without_a_reason_brings_back_the_form(client_of, dispatcher):
    order, other = waiting(), make_unit()

    page = act(client_of(dispatcher), order, "dispatch", unit=other.code)

    assert page.status_code == 422
    assert page["HX-Retarget"] == "#triage-form"
    assert f'value="{other.code}" selected' in page.content.decode()


def test_an_overtaken_row_shows_the_order_as_it_is(client_of, dispatcher):
    order = waiting()

    page = client_of(dispatcher).post(
        f"/triage/{order.number}/dispatch/",
        {"version": order.version - 1, "unit": OFFICE},
        headers={"HX-Request": "true"},
    )

    assert page["HX-Retarget"] == f"#row-{order.pk}"
    order.refresh_from_db()
    assert order.state == State.PENDING


def test_a_corrected_row_stays_and_offers_its_units(client_of, dispatcher):
    order = waiting(category="")

    page = act(client_of(dispatcher), order, "classify", category=LEAF, urgency="N")

    assert f'value="{OFFICE}"' in page.content.decode()


def test_a_suggested_category_is_taken_by_one_button_and_remembered(client_of, dispatcher):
    order = waiting(category="", place="")

    act(client_of(dispatcher), order, "classify", hint=f"{LEAF}|{PLACE}|{LEAF}", urgency="N")

    order.refresh_from_db()
    assert (order.category.code, order.place.code) == (LEAF, PLACE)
    assert TrainingRow.objects.filter(order=order, suggested=LEAF).exists()


def test_suggestions_come_for_what_is_not_classified(client_of, dispatcher):
    order = waiting(category="", content="小区门口垃圾无人清运，垃圾堆积，环卫没来收")

    page = client_of(dispatcher).get("/triage/hints/", {"n": order.number})

    assert f"hints-{order.pk}" in page.content.decode()


def test_an_accepted_reply_goes_on_to_the_call_back(client_of, dispatcher):
    order = make_order(state=State.REPLY_REVIEW, at=db_now())

    act(client_of(dispatcher), order, "review-reply", accept="yes", tab="replies")

    order.refresh_from_db()
    assert order.state == State.CALLBACK


def test_sending_back_without_remarks_is_refused(client_of, dispatcher):
    order = make_order(state=State.REPLY_REVIEW, at=db_now())

    assert act(client_of(dispatcher), order, "review-reply", accept="no", tab="replies").status_code == 422


def test_nobody_is_offered_the_return_of_an_own_dispatch(client_of, dispatcher, unit_clerk):
    from dispatch import assigning, returns

    now, order = db_now(), waiting()
    assigning.dispatch(
        order.pk, actor=dispatcher, now=now, expect=None, unit=unit_clerk.unit, reason="they know the place"
    )
    returns.ask_return(
        order.pk, actor=unit_clerk, now=now, expect=None, reason="D01", basis="not in our duties"
    )

    row = client_of(dispatcher).get("/triage/", {"tab": "returns"}).context["rows"][0]

    assert row["more"]["barred"]


def test_thanks_are_passed_on_instead_of_dispatched(client_of, dispatcher):
    order, unit = waiting(kind="thanks", category="180101"), Unit.objects.get(code=OFFICE)
    browser = client_of(dispatcher)

    page = browser.get("/triage/")
    act(browser, order, "forward", unit=unit.code, text="carried the luggage")

    assert page.context["rows"][0]["choices"] == []
    order.refresh_from_db()
    assert order.state == State.CLOSED


def test_a_missing_order_is_404(client_of, dispatcher):
    assert client_of(dispatcher).get("/triage/JN20260310AAAAAAA/dispatch/").status_code == 404


def test_an_act_that_no_row_offers_is_404(client_of, dispatcher):
    assert client_of(dispatcher).get(f"/triage/{waiting().number}/sign/").status_code == 404


def test_wrong_methods_are_refused(client_of, dispatcher):
    browser = client_of(dispatcher)

    assert browser.post("/triage/").status_code == 405
    assert browser.put(f"/triage/{waiting().number}/dispatch/").status_code == 405


def test_without_script_the_form_is_a_page_of_its_own(client_of, dispatcher):
    order = waiting()

    page = client_of(dispatcher).get(f"/triage/{order.number}/dispatch/", follow=True)

    assert page.status_code == 200
    assert page.context["act"].code == "dispatch"


@pytest.mark.parametrize("tab", ["pending", "replies", "returns", "rework"])
@pytest.mark.parametrize("rows", [10, 50])
def test_a_page_takes_eight_queries_however_many_rows(
    client_of, supervisor, tab, rows, django_assert_max_num_queries
):
    state = {"replies": State.REPLY_REVIEW, "returns": State.RETURN_REVIEW, "rework": State.REWORK_REVIEW}
    unit = make_unit()
    for _ in range(rows):
        make_order(state=state.get(tab, State.PENDING), lead=unit, at=db_now())
    browser = client_of(supervisor)
    browser.get("/triage/", {"tab": tab})

    with django_assert_max_num_queries(8):
        page = browser.get("/triage/", {"tab": tab})

    assert len(page.context["rows"]) == rows
