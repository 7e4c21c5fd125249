"""Who is told what, and what the bell shows."""

from datetime import timedelta

import pytest
from django.db import transaction

from dispatch import adjudicating, assigning, returns
from hotline.accounts.models import Membership, Role
from hotline.lib.cached import Cached
from tests.dispatch.test_clocks import BASIS, act, call, refuse
from tests.makers import NOON, make_order, make_unit, make_user, someone
from workorders import callbacks, intake, notices
from workorders.callbacks import Answers
from workorders.lifecycle import State
from workorders.models import Endpoint, Notice
from workorders.notices import bell_of, queue_notice, unread_count, words_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def told(order, kind) -> set:
    rows = Notice.objects.filter(order=order, kind=kind, channel="bell").values_list("unit__code", "role")
    return {code or role for code, role in rows}


def kinds(order) -> set:
    return set(Notice.objects.filter(order=order).values_list("kind", flat=True))


# --- Events that tell -------------------------------------------------------------------------------


def test_a_unit_hears_of_its_new_order(unit):
    order = make_order(state=State.DISPATCHED, lead=unit)

    assert told(order, "dispatched") == {unit.code}


def test_taking_in_an_ordinary_order_tells_nobody():
    assert kinds(make_order()) == set()


def test_the_dispatcher_hears_of_a_return(unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)
    act(returns.ask_return, order, actor=unit_clerk, **BASIS)

    assert told(order, "return_asked") == {Role.DISPATCHER}


def test_the_supervisor_hears_of_a_late_return(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    act(returns.ask_return, order, actor=unit_clerk, **BASIS)

    assert told(order, "return_asked") == {Role.SUPERVISOR}


@pytest.mark.parametrize(("uphold", "kind"), [(True, "return_upheld"), (False, "return_refused")])
def test_the_unit_hears_what_became_of_its_return(unit, supervisor, uphold, kind):
    order = make_order(state=State.RETURN_REVIEW, lead=unit)
    act(returns.review_return, order, actor=supervisor, uphold=uphold, text="so")

    assert told(order, kind) == {unit.code}


def test_a_unit_hears_of_a_ruling_for_it(supervisor, other_unit):
    order = make_order(state=State.ADJUDICATION)
    act(adjudicating.adjudicate, order, actor=supervisor, lead=other_unit, grounds="law")

    assert told(order, "ruled") == {other_unit.code}


def test_the_unit_hears_that_its_reply_was_refused(unit):
    order = make_order(state=State.REPLY_REVIEW, lead=unit)
    refuse(order, NOON)

    assert told(order, "reply_refused") == {unit.code}


def test_the_unit_is_reminded(unit, operator):
    order = make_order(state=State.HANDLING, lead=unit)
    act(intake.remind, order, actor=operator, text="again")

    assert told(order, "reminded") == {unit.code}


def test_the_unit_hears_of_a_rework(unit, supervisor):
    order = make_order(state=State.REWORK_REVIEW, lead=unit)
    act(callbacks.decide_rework, order, actor=supervisor, redo=True, text="again")

    assert told(order, "rework") == {unit.code}


def test_the_praised_unit_hears_of_its_thanks(unit, operator):
    order = make_order(kind="thanks")
    act(assigning.forward, order, actor=operator, unit=unit, text="helped an old man home")

    assert told(order, "thanks") == {unit.code}


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (Answers("satisfied", "dissatisfied", "no", reasons=["E01"]), "dissatisfied"),
        (Answers("dissatisfied", "satisfied", "yes", reasons=["E01"]), "dissatisfied"),
        (Answers("satisfied", "fairly", "no", text="still dark"), "unsolved"),
    ],
)
def test_the_supervisor_hears_of_a_bad_rating(callback_agent, answers, kind):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent, "answered", answers)

    assert told(order, kind) == {Role.SUPERVISOR}


def test_an_emergency_reaches_supervisor_and_leader_when_it_comes_in_and_when_it_goes_out():
    order = make_order(state=State.DISPATCHED, urgency="E1")

    assert told(order, "emergency") == told(order, "emergency_dispatched") == {"supervisor", "leader"}


def test_an_order_that_becomes_an_emergency_is_told(operator):
    order = make_order()
    act(intake.classify, order, actor=operator, urgency="E1")

    assert told(order, "emergency") == {"supervisor", "leader"}


def test_what_is_undone_was_not_told(unit):
    order = make_order()

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        queue_notice(key="k", kind="dispatched", order=order, unit=unit, now=NOON)
        raise KeyboardInterrupt

    assert not Notice.objects.exists()


# --- The outbox -------------------------------------------------------------------------------------


def test_a_key_makes_one_notice(unit):
    order = make_order()
    for _number in range(2):
        queue_notice(key="k", kind="dispatched", order=order, unit=unit, now=NOON)

    assert Notice.objects.count() == 1


def test_one_occasion_may_tell_several(unit):
    order = make_order()
    queue_notice(key="k", kind="dispatched", order=order, unit=unit, now=NOON)
    queue_notice(key="k", kind="dispatched", order=order, role=Role.SUPERVISOR, now=NOON)
    queue_notice(key="k", kind="dispatched", order=order, user=make_user(Role.OPERATOR), now=NOON)

    assert Notice.objects.count() == 3


def test_a_bell_is_delivered_by_being_a_row(unit):
    queue_notice(key="k", kind="dispatched", order=make_order(), unit=unit, now=NOON)

    assert Notice.objects.get().sent_at == NOON


def endpoint(**fields):
    Cached.forget_all()
    defaults = {"name": f"e{Endpoint.objects.count()}", "channel": "webhook", "url": "https://hooks.example/"}
    return Endpoint.objects.create(**defaults | fields)


def channels(order):
    return sorted(Notice.objects.filter(order=order).values_list("channel", flat=True))


def test_an_endpoint_of_the_unit_gets_a_copy(unit, other_unit):
    endpoint(unit=unit)
    endpoint(unit=other_unit)
    order = make_order(state=State.DISPATCHED, lead=unit)

    assert channels(order) == ["bell", "webhook"]


def test_an_endpoint_of_a_role_gets_what_the_role_gets():
    endpoint(role=Role.LEADER, channel="sms")
    order = make_order(urgency="E1")

    assert channels(order) == ["bell", "bell", "sms"]


@pytest.mark.parametrize(("wanted", "copies"), [(["dispatched"], 1), (["handle_due"], 0), ([], 1)])
def test_an_endpoint_takes_the_kinds_it_names(unit, wanted, copies):
    endpoint(unit=unit, kinds=wanted)
    order = make_order(state=State.DISPATCHED, lead=unit)

    assert channels(order).count("webhook") == copies


def test_a_retired_endpoint_gets_nothing(unit):
    endpoint(unit=unit, is_active=False)

    assert channels(make_order(state=State.DISPATCHED, lead=unit)) == ["bell"]


def test_notices_keep_codes_only(unit):
    make_order(state=State.DISPATCHED, lead=unit, name="Wang Fang", phone="13812345678")

    assert set(Notice.objects.get().facts) == {"number", "urgency"}


# --- The bell ---------------------------------------------------------------------------------------


def ring(number, *, now=NOON, **receiver):
    queue_notice(key=f"k{number}", kind="dispatched", order=make_order(), now=now, **receiver)


def test_the_bell_shows_one_s_own_role_and_units(unit_clerk, other_unit, supervisor):
    ring(1, unit=unit_clerk.unit)
    ring(2, unit=other_unit)
    ring(3, role=Role.SUPERVISOR)
    ring(4, user=unit_clerk)

    assert {notice.key for notice in bell_of(unit_clerk)} == {
        f"k1:unit-{unit_clerk.unit.pk}",
        f"k4:user-{unit_clerk.pk}",
    }
    assert [notice.key for notice in bell_of(supervisor)] == ["k3:supervisor"]


def test_the_newest_come_first_and_a_page_ends(supervisor):
    for number in range(5):
        ring(number, role=Role.SUPERVISOR, now=NOON + number * MINUTE)

    first = list(bell_of(supervisor, limit=2))
    second = list(bell_of(supervisor, limit=2, before=(first[-1].created_at, first[-1].pk)))

    assert [notice.key[:2] for notice in first + second] == ["k4", "k3", "k2", "k1"]


def test_a_person_of_two_units_hears_of_both(unit_clerk, other_unit):
    Membership.objects.create(user=unit_clerk, unit=other_unit)
    ring(1, unit=unit_clerk.unit)
    ring(2, unit=other_unit)

    assert unread_count(unit_clerk) == 2


def test_what_was_looked_at_is_not_unread(supervisor):
    ring(1, role=Role.SUPERVISOR)
    notices.mark_seen(supervisor, NOON + MINUTE)
    ring(2, role=Role.SUPERVISOR, now=NOON + 2 * MINUTE)

    assert unread_count(supervisor) == 1


def test_counting_unread_notices_takes_one_query(supervisor, django_assert_num_queries):
    ring(1, role=Role.SUPERVISOR)

    with django_assert_num_queries(1):
        assert unread_count(supervisor) == 1


def test_words_name_the_order(unit):
    order = make_order(state=State.DISPATCHED, lead=unit)

    assert order.number in words_of(Notice.objects.get(order=order))


def test_every_kind_that_an_event_tells_has_words():
    source = {kind for kind, _whom in notices.TOLD.values()}

    assert source <= notices.WORDS.keys()


def test_dispatching_again_tells_the_new_unit(dispatcher, supervisor):
    order = make_order(state=State.RETURN_REVIEW)
    act(returns.review_return, order, actor=supervisor, uphold=True, text="right")
    new = make_unit()

    act(assigning.dispatch, order, actor=dispatcher, unit=new, reason="theirs")

    assert new.code in told(order, "dispatched")


def test_a_clerk_of_no_unit_has_an_empty_bell():
    assert list(bell_of(someone(Role.UNIT, None))) == []
