"""The search box: a number, a phone, or words, always inside what a person may see."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.makers import NOON, client_of, make_order
from workorders.lifecycle import State
from workorders.models import AccessLog, WorkOrder
from workorders.search import search

pytestmark = pytest.mark.django_db


def found(user, q):
    rows = client_of(user).get("/api/v1/orders/", {"q": q}).json()["results"]
    return [row["number"] for row in rows]


def test_a_number_finds_its_order_however_it_is_typed(operator):
    order = make_order()
    make_order()
    typed = f" {order.number[:10].lower()}-{order.number[10:]} "
    assert found(operator, typed) == [order.number]


def test_a_phone_finds_its_callers_orders(operator):
    order = make_order(phone="13900001111")
    make_order()
    assert found(operator, "139 0000 1111") == [order.number]


def test_a_search_by_phone_is_recorded_without_the_phone(operator):
    make_order(phone="13900001111")
    found(operator, "13900001111")
    line = AccessLog.objects.get(act="search")
    assert (line.user, line.facts) == (operator, {"phone": "139****1111"})


def test_a_report_is_not_found_by_its_reporters_phone(operator, supervisor, unit_clerk):
    order = make_order(kind="report", state=State.HANDLING, lead=unit_clerk.unit)
    assert found(operator, "13812345678") == found(unit_clerk, "13812345678") == []
    assert found(supervisor, "13812345678") == [order.number]


def test_a_unit_finds_its_own_orders_only(unit_clerk, outsider):
    order = make_order(content="泉城路井盖丢失", state=State.HANDLING, lead=unit_clerk.unit)
    for q in (order.number, "井盖", "13812345678"):
        assert found(unit_clerk, q) == [order.number]
        assert found(outsider, q) == []


@pytest.mark.parametrize("q", ["井盖", "井盖丢失", "泉城路 井盖", "泉城路 丢失", "LED", "led", "ＬＥＤ"])
def test_words_are_found_from_two_characters(operator, q):
    order = make_order(content="泉城路井盖丢失,旁边LED灯不亮")
    make_order(content="路灯不亮")
    assert found(operator, q) == [order.number]


def test_all_words_must_occur(operator):
    make_order(content="泉城路井盖丢失")
    assert found(operator, "井盖 路灯") == []


def test_pairs_that_only_meet_in_the_index_are_checked_again(operator):
    make_order(content="井盖丢。失物招领")
    assert found(operator, "盖丢失物") == []


@pytest.mark.parametrize("q", ["100%", "1_0", "%%", "__", "\\\\"])
def test_wildcards_mean_themselves(operator, q):
    order = make_order(content="折扣100%是假的,编号1_0")
    make_order(content="折扣1000元,编号110")
    answer = client_of(operator).get("/api/v1/orders/", {"q": q})
    if answer.status_code == 200:
        assert [row["number"] for row in answer.json()["results"]] == [order.number]
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize("q", ["井", "a b", "。。", "%"])
def test_less_than_two_characters_are_refused(operator, q):
    assert client_of(operator).get("/api/v1/orders/", {"q": q}).status_code == 400


def test_the_address_is_searched_too(operator):
    order = make_order(address="经十路 128 号")
    assert found(operator, "经十路") == [order.number]


def test_the_index_of_pairs_can_serve_the_search(operator):
    with connection.cursor() as cursor:  # a table of a few rows is read whole, unless that is forbidden
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = search(WorkOrder.objects.all(), "井盖丢失", user=operator, now=NOON).explain()
    assert "order_bigrams" in plan


def test_other_filters_come_before_the_newest_are_looked_at(operator, monkeypatch):
    monkeypatch.setattr("workorders.search.CANDIDATES", 1)
    old = make_order(content="井盖丢失", at=NOON)
    make_order(content="井盖丢失", at=NOON + timedelta(days=9))
    rows = client_of(operator).get("/api/v1/orders/?q=井盖&created_before=2026-03-12").json()["results"]
    assert [row["number"] for row in rows] == [old.number]
