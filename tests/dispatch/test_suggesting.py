"""Suggestions while typing: category, unit with reason, urgency, place, duplicates."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dispatch.suggesting import suggest
from tests.makers import NOON, client_of, make_order
from workorders.lifecycle import State
from workorders.models import AccessLog, WorkOrder

pytestmark = pytest.mark.django_db

REFUSE = "小区垃圾没人清运,保洁一周没来,希望尽快解决"


def ask(user, **body):
    answer = client_of(user).post("/api/v1/suggest/", json.dumps(body), "application/json")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_the_shape_is_the_contract(operator):
    found = ask(operator, content="超市卖过期食品", address="历下区泉城路100号", phone="13812345678")
    assert {"kind", "categories", "units", "urgency", "duplicates", "knowledge"} <= set(found)
    assert set(found["categories"][0]) == {"code", "name", "score"}
    assert set(found["units"][0]) == {"code", "name", "score", "why"}
    assert set(found["urgency"]) == {"level", "matched"}


def test_the_unit_follows_from_category_and_place(operator):
    found = ask(operator, content="超市卖过期食品,食品变质", address="历下区泉城路100号")
    assert found["place"]["code"] == "370102004"
    assert found["units"][0]["code"].startswith("370102")
    assert found["units"][0]["why"]


def test_an_open_question_offers_the_other_units_too(operator):
    codes = {unit["code"] for unit in ask(operator, content="燃气泄漏,闻到煤气味")["units"]}
    assert {"370100-GASJH", "370100-GASGH"} <= codes


def test_urgent_words_are_marked(operator):
    found = ask(operator, content="燃气泄漏,闻到煤气味")
    assert (found["urgency"]["level"], bool(found["urgency"]["matched"])) == ("E1", True)


@pytest.mark.parametrize("content", ["", "a", "。"])
def test_too_little_text_gives_nothing(operator, content):
    found = ask(operator, content=content)
    assert (found["kind"], found["categories"], found["units"], found["duplicates"]) == (None, [], [], [])


def test_open_orders_of_the_same_caller_come_first(operator):
    own = make_order(phone="13900001111", content="完全不同的另一件事")
    closed = make_order(phone="13900001111", state=State.CLOSED)
    first, *rest = ask(operator, content=REFUSE, phone="139 0000 1111")["duplicates"]
    assert (first["number"], first["same_caller"]) == (own.number, True)
    assert closed.number not in [order["number"] for order in rest if order["same_caller"]]


def test_a_report_is_not_told_by_its_reporters_phone(operator, supervisor):
    order = make_order(kind="report", phone="13900001111", content="完全不同的另一件事")
    assert ask(operator, content=REFUSE, phone="13900001111")["duplicates"] == []
    assert ask(supervisor, content=REFUSE, phone="13900001111")["duplicates"][0]["number"] == order.number


def test_a_question_with_a_phone_is_recorded(operator):
    ask(operator, content=REFUSE, phone="13900001111")
    assert AccessLog.objects.get(act="search").facts["phone"] == "139****1111"


def test_texts_alike_are_found_the_same_place_before_others(operator):
    texts = {"category": "020103", "at": NOON}
    far = make_order(content=REFUSE, place="370103016", **texts)
    here = make_order(content=REFUSE + ",谢谢", place="370102004", **texts)
    make_order(content="垃圾桶数量太少", place="370102004", **texts)
    found = suggest(REFUSE, "历下区泉城路街道", user=operator, now=NOON + timedelta(days=1))
    assert [order["number"] for order in found.duplicates] == [here.number, far.number]


def test_what_is_older_than_a_month_is_no_duplicate(operator):
    make_order(content=REFUSE, category="020103", at=NOON)
    assert suggest(REFUSE, user=operator, now=NOON + timedelta(days=31)).duplicates == []


def test_a_unit_is_told_of_its_own_orders_only(unit_clerk, outsider):
    order = make_order(content=REFUSE, category="020103", state=State.HANDLING, lead=unit_clerk.unit)
    now = NOON + timedelta(days=1)
    assert [row["number"] for row in suggest(REFUSE, user=unit_clerk, now=now).duplicates] == [order.number]
    assert suggest(REFUSE, phone="13812345678", user=outsider, now=now).duplicates == []


def test_the_cost_does_not_grow_with_the_orders(operator, django_assert_max_num_queries):
    order = make_order(content=REFUSE, category="020103")
    suggest(REFUSE, "历下区泉城路街道", user=operator, now=NOON)
    with django_assert_max_num_queries(15) as one:
        suggest(REFUSE, "历下区泉城路街道", user=operator, now=NOON)
    for n in range(50):
        order.pk, order.number = None, f"JN20260310{n:07d}"
        order.save(force_insert=True)
    with django_assert_max_num_queries(15) as many:
        suggest(REFUSE, "历下区泉城路街道", user=operator, now=NOON)
    assert len(one) == len(many)
    assert WorkOrder.objects.count() == 51


# --- Commands -----------------------------------------------------------------------------------------


def printed(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return json.loads(out.getvalue())


def test_the_command_answers_as_the_api_does():
    found = printed(
        "suggest", "超市卖过期食品,食品变质", "--address", "历下区泉城路100号", "--phone", "13812345678"
    )
    assert found["units"][0]["code"].startswith("370102")


def test_route_names_the_lead_and_why():
    found = printed("route", "--category", "080101", "--place", "370102001")
    assert set(found) == {"unit", "unit_name", "why", "ask", "alternatives"}
    assert (found["unit"], found["ask"]) == ("370102-MARKET", None)


def test_route_names_the_lead_also_where_a_question_is_open():
    found = printed("route", "--category", "060301")
    assert (found["unit"], found["ask"]) == ("370100-GASJH", "gas_company")
    assert "370100-GASGH" in found["alternatives"]


def test_route_without_the_place_it_needs_has_no_unit():
    found = printed("route", "--category", "080101")
    assert found["unit"] is None
    assert found["why"]


@pytest.mark.parametrize(
    "words", [["--category", "999999"], ["--category", "0801"], ["--category", "080101", "--place", "1"]]
)
def test_route_refuses_codes_it_does_not_know(words):
    with pytest.raises(CommandError):
        printed("route", *words)
