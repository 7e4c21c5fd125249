"""/notices/ and the bell."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hotline.accounts.models import Role
from tests.dispatch.test_clocks import call
from tests.makers import NOON, make_order
from workorders import notices
from workorders.callbacks import Answers
from workorders.lifecycle import State
from workorders.notices import queue_notice

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def ring(number, order=None, *, now=NOON, **receiver):
    order = order or make_order()
    queue_notice(key=f"k{number}", kind="dispatched", order=order, now=now, **receiver)
    return order


def page(client, **query):
    return client.get(reverse("notices"), query)


def test_the_page_says_what_happened(client_of, unit_clerk):
    order = make_order(state=State.DISPATCHED, lead=unit_clerk.unit)

    text = page(client_of(unit_clerk)).content.decode()

    assert order.number in text
    assert reverse("order", args=[order.number]) in text


def test_an_order_that_left_the_unit_is_named_without_a_link(client_of, unit_clerk):
    order = ring(1, unit=unit_clerk.unit)

    text = page(client_of(unit_clerk)).content.decode()

    assert order.number in text
    assert reverse("order", args=[order.number]) not in text


def test_a_foreign_notice_is_not_shown(client_of, outsider, unit):
    order = ring(1, unit=unit)

    assert order.number not in page(client_of(outsider)).content.decode()


def test_without_notices_the_page_says_so(client_of, supervisor):
    assert page(client_of(supervisor)).status_code == 200


def test_looking_at_the_page_empties_the_bell(client_of, supervisor):
    ring(1, role=Role.SUPERVISOR)
    client = client_of(supervisor)
    page(client)

    assert "bell-count" not in client.get(reverse("bell")).content.decode()


def test_the_bell_counts_what_is_unread(client_of, supervisor):
    ring(1, role=Role.SUPERVISOR)

    assert "bell-count" in client_of(supervisor).get(reverse("bell")).content.decode()


def test_an_unchanged_bell_is_not_sent_again(client_of, supervisor):
    client = client_of(supervisor)
    etag = client.get(reverse("bell"))["ETag"]

    assert client.get(reverse("bell"), headers={"If-None-Match": etag}).status_code == 304
    ring(1, role=Role.SUPERVISOR)
    assert client.get(reverse("bell"), headers={"If-None-Match": etag}).status_code == 200


def test_older_notices_are_on_the_next_page(client_of, supervisor, monkeypatch):
    monkeypatch.setattr("workorders.views.notices.BELL_LENGTH", 2)
    orders = [ring(number, role=Role.SUPERVISOR, now=NOON + number * MINUTE) for number in range(3)]
    client = client_of(supervisor)
    first = page(client)

    second = page(client, cursor=first.context["next"]).content.decode()

    assert orders[2].number in first.content.decode()
    assert orders[0].number in second
    assert orders[1].number not in second


@pytest.mark.parametrize("cursor", ["nonsense", "1.x", "99999999999999999999.1"])
def test_a_text_that_is_no_cursor_is_the_first_page(client_of, supervisor, cursor):
    assert page(client_of(supervisor), cursor=cursor).status_code == 200


def test_looking_at_an_old_page_marks_nothing_as_seen(client_of, supervisor):
    ring(1, role=Role.SUPERVISOR)
    page(client_of(supervisor), cursor="1.1")

    assert notices.unread_count(supervisor) == 1


@pytest.mark.parametrize("name", ["notices", "bell"])
def test_visitors_go_to_the_login_page_and_nobody_posts(client, client_of, supervisor, name):
    assert client.get(reverse(name)).status_code == 302
    assert client_of(supervisor).post(reverse(name)).status_code == 405


def test_the_page_costs_the_same_however_much_it_shows(client_of, supervisor):
    client, counts = client_of(supervisor), []
    for numbers in (range(5), range(5, 40)):
        for number in numbers:
            ring(number, role=Role.SUPERVISOR)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_the_words_are_in_the_reader_s_language(client_of, callback_agent, supervisor):
    order = make_order(state=State.CALLBACK)
    call(order, callback_agent, "answered", Answers("satisfied", "dissatisfied", "no", reasons=["E01"]))
    client = client_of(supervisor)
    client.cookies["django_language"] = "en"

    assert f"The caller of order {order.number} is dissatisfied." in page(client).content.decode()
