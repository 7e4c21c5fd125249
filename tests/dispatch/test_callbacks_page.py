"""/callbacks/: whom to call next."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.makers import make_order
from workorders.lifecycle import State
from workorders.models import AccessLog, Callback, WorkOrder

pytestmark = pytest.mark.django_db


def waiting(**fields):
    return make_order(state=State.CALLBACK, at=timezone.now() - timedelta(hours=1), **fields)


def test_the_next_citizen_to_call_is_on_the_screen(callback_agent, client_of):
    order = waiting(title="Street lamp out")

    page = client_of(callback_agent).get("/callbacks/")

    assert page.context["order"] == order
    assert "Street lamp out" in page.content.decode()


def test_the_number_is_masked_until_it_is_asked_for(callback_agent, client_of):
    waiting()

    assert "13812345678" not in client_of(callback_agent).get("/callbacks/").content.decode()


def test_asking_for_the_number_is_recorded(callback_agent, client_of):
    order = waiting()

    answer = client_of(callback_agent).post(
        f"/orders/{order.number}/reveal/", {"field": "phone", "reason": "Call-back"}
    )

    assert "13812345678" in answer.content.decode()
    assert AccessLog.objects.filter(act="reveal", order=order).count() == 1


def send(client, order, **answers):
    return client.post(
        f"/orders/{order.number}/callback/", {"version": order.version, "next": "/callbacks/", **answers}
    )


def test_three_good_answers_close_the_order_and_lead_to_the_next_call(callback_agent, client_of):
    order = waiting()

    answer = send(
        client_of(callback_agent),
        order,
        attempt="answered",
        contacted="yes",
        service="satisfied",
        result="satisfied",
        solved="yes",
    )

    assert answer.headers["Location"] == "/callbacks/"
    assert WorkOrder.objects.get(pk=order.pk).state == State.CLOSED


def test_a_missing_answer_is_named_and_what_was_typed_stays(callback_agent, client_of):
    order = waiting()

    answer = send(
        client_of(callback_agent), order, attempt="answered", service="satisfied", text="Very polite"
    )

    assert answer.status_code == 422
    assert "Very polite" in answer.content.decode()


def test_nobody_answered_moves_the_order_down_the_queue(callback_agent, client_of):
    order = waiting()

    send(client_of(callback_agent), order, attempt="no_answer")

    assert Callback.objects.get(order=order).next_try_at > timezone.now()
    assert client_of(callback_agent).get("/callbacks/").context["order"] is None


@pytest.mark.parametrize("role", ["operator", "dispatcher", "unit_clerk", "admin", "auditor", "leader"])
def test_the_page_is_for_call_back_agents_and_supervisors(role, client_of, request):
    assert client_of(request.getfixturevalue(role)).get("/callbacks/").status_code == 403


def test_it_is_read_not_posted_to(callback_agent, client_of):
    assert client_of(callback_agent).post("/callbacks/").status_code == 405


def test_an_empty_queue_says_so(callback_agent, client_of):
    assert client_of(callback_agent).get("/callbacks/").status_code == 200


def test_the_queue_costs_the_same_with_ten_and_thirty_orders(
    callback_agent, client_of, django_assert_max_num_queries
):
    client = client_of(callback_agent)
    for _order in range(10):
        waiting()
    client.get("/callbacks/")

    with django_assert_max_num_queries(30):
        client.get("/callbacks/")
