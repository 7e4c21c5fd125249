"""/thanks/: thanks reach whom they praise."""

import pytest

from dispatch import thanking
from dispatch.thanking import Praised
from hotline.accounts.models import Role
from tests.makers import NOON, client_of, make_order, make_user
from workorders.errors import IllegalTransition, InvalidInput, NotAllowed
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
TEXT = "市民王芳女士来电:历下区税务局工作人员李文娇业务专业,表示感谢。"


@pytest.fixture
def thanks():
    return make_order(kind="thanks", category="180101", content=TEXT)


def send(user, order, act, **fields):
    form = {"version": order.version, "act": act, "deed": "Explained it all", **fields}
    return client_of(user).post(f"/thanks/{order.number}/", form)


# --- The list ------------------------------------------------------------------------------------------


def test_waiting_thanks_stand_in_the_list_with_whom_they_seem_to_praise(thanks, operator):
    make_order()

    (row,) = client_of(operator).get("/thanks/").context["rows"]

    assert (row["number"], row["praised_unit"], row["praised_person"]) == (
        thanks.number,
        "历下区税务局",
        "李文娇",
    )


def test_thanks_that_are_done_stand_in_the_second_tab(thanks, dispatcher, unit):
    thanking.pass_on(thanks.pk, actor=dispatcher, now=NOON, expect=None, praised=Praised(unit, deed="Kind"))

    client = client_of(dispatcher)

    assert client.get("/thanks/").context["rows"] == []
    assert [row["number"] for row in client.get("/thanks/?tab=done").context["rows"]] == [thanks.number]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR}))
def test_others_may_not_open_it(role, thanks):
    client = client_of(make_user(role))

    assert [client.get(path).status_code for path in ("/thanks/", f"/thanks/{thanks.number}/")] == [403, 403]


def test_the_list_costs_the_same_for_any_number_of_thanks(operator, django_assert_max_num_queries):
    client = client_of(operator)
    for _ in range(21):
        make_order(kind="thanks", category="180101", content=TEXT)
    client.get("/thanks/")

    with django_assert_max_num_queries(8):
        client.get("/thanks/")


# --- One order of thanks ---------------------------------------------------------------------------------


def test_the_form_is_filled_in_from_the_text(thanks, operator):
    form = client_of(operator).get(f"/thanks/{thanks.number}/").context["form"]

    assert (form["unit"].value(), form["person"].value()) == ("370102-TAX", "李文娇")
    assert "王芳" not in form["deed"].value()


def test_passing_on_closes_the_thanks_with_the_praised_unit(thanks, dispatcher, unit):
    send(dispatcher, thanks, "pass_on", unit=unit.code, person="Li Wenjiao")

    thanks.refresh_from_db()
    assert (thanks.state, thanks.unit, thanks.commendation.person) == (State.CLOSED, unit, "Li Wenjiao")


def test_the_praised_unit_sees_the_thanks(thanks, dispatcher, unit_clerk):
    send(dispatcher, thanks, "pass_on", unit=unit_clerk.unit.code)

    assert WorkOrder.objects.visible_to(unit_clerk).filter(pk=thanks.pk).exists()


def test_passing_on_without_a_unit_is_refused_and_keeps_what_was_typed(thanks, dispatcher):
    answer = send(dispatcher, thanks, "pass_on", unit="", person="Li Wenjiao")

    thanks.refresh_from_db()
    assert (answer.status_code, thanks.state) == (422, State.PENDING)
    assert "Li Wenjiao" in answer.content.decode()


def test_thanks_that_name_nobody_are_recorded(thanks, operator):
    send(operator, thanks, "record", unit="")

    thanks.refresh_from_db()
    assert (thanks.state, thanks.outcome) == (State.CLOSED, "recorded")


def test_thanks_that_name_a_unit_are_not_just_recorded(thanks, operator, unit):
    assert send(operator, thanks, "record", unit=unit.code).status_code == 422


def test_what_is_kept_stays_in_the_list_and_in_the_trail(thanks, operator, unit):
    send(operator, thanks, "keep", unit=unit.code, consent="on")

    thanks.refresh_from_db()
    event = thanks.events.get(verb="praise")
    assert (thanks.state, thanks.commendation.unit) == (State.PENDING, unit)
    assert event.facts == {"unit": unit.code, "named": True, "story": False}


def test_a_stale_form_is_answered_with_what_was_typed(thanks, operator, unit):
    thanking.keep(thanks.pk, actor=operator, now=NOON, expect=None, praised=Praised(None))

    answer = send(operator, thanks, "keep", unit=unit.code, person="Li Wenjiao")

    assert answer.status_code == 409
    assert "Li Wenjiao" in answer.content.decode()


def test_a_story_needs_a_deed(thanks, operator):
    with pytest.raises(InvalidInput):
        thanking.keep(thanks.pk, actor=operator, now=NOON, expect=None, praised=Praised(None, is_story=True))


def test_an_order_that_is_no_thanks_is_404(operator):
    assert client_of(operator).get(f"/thanks/{make_order().number}/").status_code == 404


def test_an_order_that_is_no_thanks_praises_nobody(operator):
    with pytest.raises(InvalidInput):
        thanking.keep(make_order().pk, actor=operator, now=NOON, expect=None, praised=Praised(None))


def test_an_act_that_is_none_is_404(thanks, operator):
    assert send(operator, thanks, "delete").status_code == 404


# --- Afterwards ----------------------------------------------------------------------------------------


@pytest.fixture
def passed_on(thanks, dispatcher, unit):
    return thanking.pass_on(
        thanks.pk, actor=dispatcher, now=NOON, expect=None, praised=Praised(unit, deed="Kind and quick")
    )


def test_the_supervisor_marks_a_story_afterwards(passed_on, supervisor):
    send(supervisor, passed_on, "keep", consent="on", is_story="on")

    passed_on.commendation.refresh_from_db()
    assert (passed_on.commendation.is_story, passed_on.commendation.consent) == (True, True)


def test_the_unit_that_got_the_thanks_stays(passed_on, supervisor, unit, other_unit):
    send(supervisor, passed_on, "keep", unit=other_unit.code)

    passed_on.commendation.refresh_from_db()
    assert passed_on.commendation.unit == unit


def test_an_operator_no_longer_changes_it(passed_on, operator):
    with pytest.raises(NotAllowed):
        thanking.keep(passed_on.pk, actor=operator, now=NOON, expect=None, praised=Praised(None))


def test_thanks_are_passed_on_once(passed_on, supervisor, unit):
    with pytest.raises(IllegalTransition):
        thanking.pass_on(
            passed_on.pk, actor=supervisor, now=NOON, expect=None, praised=Praised(unit, deed="Again")
        )
