"""The page of one order and the acts it offers."""

import pytest

from tests.makers import NOON, make_order
from workorders import intake
from workorders.lifecycle import State
from workorders.models import AccessLog, Draft

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_a_page(client_of, supervisor, state):
    order = make_order(state=state)

    page = client_of(supervisor).get(f"/orders/{order.number}/")

    assert page.status_code == 200


@pytest.mark.parametrize("state", State.values)
def test_every_offered_act_opens_its_form(client_of, supervisor, dispatcher, operator, state):
    order = make_order(state=state)

    for user in (supervisor, dispatcher, operator):
        browser = client_of(user)
        page = browser.get(f"/orders/{order.number}/")
        for act in [*page.context["main_acts"], *page.context["other_acts"]]:
            assert browser.get(f"/orders/{order.number}/{act.code}/").status_code == 200, act.code


# --- What is shown ---------------------------------------------------------------------------------------


def test_caller_and_address_are_masked(client_of, supervisor):
    order = make_order(
        phone="13812345678", name="王小芳", address="解放路112号3号楼2单元501室", content="电话13987654321"
    )

    text = client_of(supervisor).get(f"/orders/{order.number}/").content.decode()

    for plain in ("13812345678", "王小芳", "501", "13987654321"):
        assert plain not in text


def test_a_confidential_caller_is_shown_to_the_supervisor_alone(client_of, supervisor, dispatcher):
    order = make_order(kind="report", mode="confidential")

    assert client_of(supervisor).get(f"/orders/{order.number}/").context["caller"]["phone"]
    assert not client_of(dispatcher).get(f"/orders/{order.number}/").context["caller"]["phone"]


def test_the_same_callers_orders_are_related(client_of, dispatcher):
    first, second = make_order(), make_order()

    page = client_of(dispatcher).get(f"/orders/{first.number}/")

    assert [row["number"] for row in page.context["related"]] == [second.number]


def test_a_confidential_order_is_not_related_to_the_callers_others(client_of, dispatcher):
    open_one, secret = make_order(), make_order(kind="report", mode="confidential")
    browser = client_of(dispatcher)

    assert browser.get(f"/orders/{open_one.number}/").context["related"] == []
    assert browser.get(f"/orders/{secret.number}/").context["related"] == []


def test_a_unit_is_not_told_of_the_callers_orders_elsewhere(client_of, unit_clerk, other_unit):
    own = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    make_order(state=State.HANDLING, lead=other_unit)

    assert client_of(unit_clerk).get(f"/orders/{own.number}/").context["related"] == []


def test_a_unit_reads_the_role_of_the_hotlines_people_not_their_names(client_of, unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    names = {str(event.actor) for event in order.events.select_related("actor")}

    trail = client_of(unit_clerk).get(f"/orders/{order.number}/").context["trail"]

    assert not names & {line["who"] for line in trail}


def test_the_trail_says_what_changed_from_what_to_what(client_of, dispatcher):
    order = make_order(kind="help")
    intake.classify(order.pk, actor=dispatcher, now=NOON, expect=None, kind="complaint")

    line = client_of(dispatcher).get(f"/orders/{order.number}/").context["trail"][0]

    assert any("→" in detail["value"] for detail in line["details"])


def test_opening_an_order_is_recorded_once_in_ten_minutes(client_of, dispatcher):
    order, browser = make_order(), client_of(dispatcher)

    for _ in range(3):
        browser.get(f"/orders/{order.number}/")

    assert AccessLog.objects.filter(order=order, user=dispatcher, act="view").count() == 1


def test_the_sheet_to_print_shows_the_trail(client_of, dispatcher):
    order = make_order(state=State.CLOSED)

    page = client_of(dispatcher).get(f"/orders/{order.number}/print/")

    assert page.status_code == 200
    assert len(page.context["trail"]) == order.version


# --- Who sees it ----------------------------------------------------------------------------------------


PAGES = ["", "print/", "note/", "sign/", "reply/"]


@pytest.mark.parametrize("page", PAGES)
def test_a_foreign_order_is_404_like_a_missing_one(client_of, outsider, unit_clerk, page):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    browser = client_of(outsider)

    foreign, missing = (
        browser.get(f"/orders/{order.number}/{page}"),
        browser.get(f"/orders/JN20260310AAAAAAA/{page}"),
    )

    assert (foreign.status_code, missing.status_code) == (404, 404)


def test_an_administrator_sees_no_order(client_of, admin):
    assert client_of(admin).get(f"/orders/{make_order().number}/").status_code == 404


def test_an_auditor_reads_and_changes_nothing_but_notes(client_of, auditor):
    page = client_of(auditor).get(f"/orders/{make_order().number}/")

    assert {act.code for act in [*page.context["main_acts"], *page.context["other_acts"]]} == {"note"}


def test_wrong_methods_are_refused(client_of, dispatcher):
    order, browser = make_order(), client_of(dispatcher)

    assert browser.post(f"/orders/{order.number}/").status_code == 405
    assert browser.delete(f"/orders/{order.number}/note/").status_code == 405
    assert browser.get(f"/orders/{order.number}/reveal/").status_code == 405
    assert browser.get(f"/orders/{order.number}/reply/draft/").status_code == 405


def test_an_unknown_act_is_404(client_of, dispatcher):
    assert client_of(dispatcher).get(f"/orders/{make_order().number}/dance/").status_code == 404


# --- Acts ------------------------------------------------------------------------------------------------

REPLY = {"internal": "Two lorries came at noon.", "public": "The refuse is gone.", "outcome": "solved"}


def test_a_unit_signs_from_the_page(client_of, unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    page = client_of(unit_clerk).post(f"/orders/{order.number}/sign/", {"version": order.version})

    assert page.status_code == 302
    order.refresh_from_db()
    assert order.state == State.HANDLING


def test_a_reply_keeps_two_texts(client_of, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    client_of(unit_clerk).post(f"/orders/{order.number}/reply/", {"version": order.version, **REPLY})

    reply = order.replies.get()
    assert (reply.internal, reply.public) == (REPLY["internal"], REPLY["public"])


def test_a_refused_reply_keeps_what_was_typed(client_of, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    page = client_of(unit_clerk).post(
        f"/orders/{order.number}/reply/", {"version": order.version, **REPLY, "public": " "}
    )

    assert page.status_code == 422
    assert REPLY["internal"] in page.content.decode()


def test_a_rule_that_refuses_names_its_field(client_of, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    page = client_of(unit_clerk).post(
        f"/orders/{order.number}/reply/", {"version": order.version, **REPLY, "promise_on": "2020-01-01"}
    )

    assert page.status_code == 422
    assert "promise_on" in page.context["form"].errors


def test_a_stale_reply_shows_both_what_was_typed_and_what_happened(client_of, unit_clerk, supervisor):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    intake.note(order.pk, actor=supervisor, now=NOON, text="The caller rang again.")

    page = client_of(unit_clerk).post(f"/orders/{order.number}/reply/", {"version": order.version, **REPLY})

    text = page.content.decode()
    assert page.status_code == 409
    assert REPLY["internal"] in text
    assert "The caller rang again." in text


def test_a_stale_reply_can_be_sent_on_the_present_state(client_of, unit_clerk, supervisor):
    order, browser = make_order(state=State.HANDLING, lead=unit_clerk.unit), client_of(unit_clerk)
    intake.note(order.pk, actor=supervisor, now=NOON, text="The caller rang again.")
    page = browser.post(f"/orders/{order.number}/reply/", {"version": order.version, **REPLY})

    version = page.context["form"]["version"].value()
    browser.post(f"/orders/{order.number}/reply/", {"version": version, **REPLY})

    order.refresh_from_db()
    assert order.state == State.REPLY_REVIEW


def test_a_reply_to_an_order_withdrawn_meanwhile_is_kept_for_copying(client_of, unit_clerk, operator):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    intake.withdraw(order.pk, actor=operator, now=NOON, expect=None, text="solved by itself")

    page = client_of(unit_clerk).post(f"/orders/{order.number}/reply/", {"version": order.version, **REPLY})

    assert page.status_code == 409
    assert REPLY["public"] in page.content.decode()


def test_a_draft_of_a_reply_comes_back(client_of, unit_clerk):
    order, browser = make_order(state=State.HANDLING, lead=unit_clerk.unit), client_of(unit_clerk)

    saved = browser.post(f"/orders/{order.number}/reply/draft/", {**REPLY, "version": order.version})
    page = browser.get(f"/orders/{order.number}/reply/")

    assert saved.json()["saved"]
    assert REPLY["public"] in page.content.decode()


def test_a_sent_reply_leaves_no_draft(client_of, unit_clerk):
    order, browser = make_order(state=State.HANDLING, lead=unit_clerk.unit), client_of(unit_clerk)
    browser.post(f"/orders/{order.number}/reply/draft/", REPLY)

    browser.post(f"/orders/{order.number}/reply/", {"version": order.version, **REPLY})

    assert not Draft.objects.exists()


def test_a_draft_for_a_foreign_order_is_404(client_of, outsider, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)

    assert client_of(outsider).post(f"/orders/{order.number}/reply/draft/", REPLY).status_code == 404


def test_after_an_act_only_our_own_pages_are_next(client_of, unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    page = client_of(unit_clerk).post(
        f"/orders/{order.number}/sign/", {"version": order.version, "next": "https://example.com/"}
    )

    assert page["Location"] == f"/orders/{order.number}/"


# --- Personal data -----------------------------------------------------------------------------------------


def test_a_revealed_phone_is_shown_recorded_and_not_kept(client_of, operator):
    order = make_order(phone="13812345678")

    page = client_of(operator).post(
        f"/orders/{order.number}/reveal/", {"field": "phone", "reason": "call back"}
    )

    assert "13812345678" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert AccessLog.objects.filter(order=order, act="reveal", field="phone", reason="call back").exists()


def test_nothing_is_revealed_without_a_reason(client_of, operator):
    order = make_order(phone="13812345678")

    page = client_of(operator).post(f"/orders/{order.number}/reveal/", {"field": "phone", "reason": ""})

    assert page.status_code == 422
    assert "13812345678" not in page.content.decode()


def test_a_confidential_phone_is_not_revealed_to_an_operator(client_of, operator):
    order = make_order(kind="report", mode="confidential", phone="13812345678")

    page = client_of(operator).post(
        f"/orders/{order.number}/reveal/", {"field": "phone", "reason": "curious"}
    )

    assert page.status_code == 422
    assert "13812345678" not in page.content.decode()


# --- Queries ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PENDING, State.HANDLING, State.CLOSED])
def test_the_page_takes_fifteen_queries_at_most(client_of, supervisor, state, django_assert_max_num_queries):
    order, browser = make_order(state=state), client_of(supervisor)
    for _ in range(30):
        intake.note(order.pk, actor=supervisor, now=NOON, text="asked again")
    browser.get(f"/orders/{order.number}/")

    with django_assert_max_num_queries(15):
        browser.get(f"/orders/{order.number}/")
