"""Taking orders in, listing and reading them over HTTP."""

import json
from datetime import timedelta

import pytest

from dispatch import idempotency
from hotline.accounts.models import Role
from hotline.accounts.tokens import issue_token
from tests.makers import NOON, PLACE, client_of, make_order, make_user
from workorders import intake
from workorders.lifecycle import State
from workorders.models import AccessLog, IdempotencyKey, WorkOrder

pytestmark = pytest.mark.django_db

CALL = {
    "channel": "phone",
    "kind": "complaint",
    "category": "080101",
    "place": PLACE,
    "content": "超市把过期牛奶摆在货架上出售,店员态度恶劣。",
    "address": "泉城路100号2号楼3单元502室",
    "caller": {"name": "王芳", "phone": "138 1234 5678", "mode": "real_name"},
}
MISSING = "JN20260101ABCDEFG"


@pytest.fixture
def program(operator, client):
    """`program(path, body=None)`: what a program with the operator's token gets."""
    bearer = {"Authorization": f"Bearer {issue_token(operator)}"}

    def send(path, body=None, **headers):
        if body is None:
            return client.get(f"/api/v1/{path}", headers=bearer | headers)
        return client.post(f"/api/v1/{path}", json.dumps(body), "application/json", headers=bearer | headers)

    return send


def read(user, path):
    return client_of(user).get(f"/api/v1/{path}")


# --- Create --------------------------------------------------------------------------------------------


def test_a_new_order_waits_for_dispatch(program):
    answer = program("orders/", CALL)
    order = answer.json()
    assert answer.status_code == 201
    assert (order["state"], order["version"], order["kind"], order["category"], order["place"]) == (
        "pending",
        1,
        "complaint",
        "080101",
        PLACE,
    )
    assert answer.headers["Location"] == f"/api/v1/orders/{order['number']}/"


def test_a_draft_is_a_draft(program):
    assert program("orders/", {**CALL, "draft": True}).json()["state"] == "draft"


def test_the_creator_learns_the_query_code_once(program):
    made = program("orders/", CALL).json()
    assert len(made["query_code"]) == 6
    assert "query_code" not in program(f"orders/{made['number']}/").json()


def test_content_alone_is_enough(program):
    order = program("orders/", {"channel": "web", "content": "路灯坏了"}).json()
    assert (order["kind"], order["mode"], order["caller"]) == (None, "anonymous", None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": "a\u0000b"}, "content"),
        ({"channel": "pigeon"}, "channel"),
        ({"kind": "riddle"}, "kind"),
        ({"category": "0801"}, "category"),
        ({"category": "999999"}, "category"),
        ({"place": "000000"}, "place"),
        ({"urgency": "E9"}, "urgency"),
        ({"caller": {"phone": "call me"}}, "phone"),
        ({"caller": {"phone": "13812345678", "state": "x"}}, "caller"),
        ({"title": "t" * 121}, "title"),
        ({"draft": "perhaps"}, "draft"),
        ({"state": "closed"}, "state"),
        ({"unit": "370100-HOTLINE"}, "unit"),
        ({"due_at": "2030-01-01"}, "due_at"),
        ({"version": 7}, "version"),
        ({"created_at": "2020-01-01"}, "created_at"),
        ({"registered_by": 1}, "registered_by"),
    ],
)
def test_input_that_does_not_fit_names_the_field(program, change, field):
    answer = program("orders/", {**CALL, **change})
    assert (answer.status_code, field in answer.json()["fields"]) == (400, True)
    assert not WorkOrder.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{",
        "null",
        "[" * 100_000,
        '{"content": NaN}',
        '{"channel": "web", "content": "\\ud800"}',
        '{"\\ud800": 1}',
    ],
)
def test_nonsense_is_400(client, operator, body):
    bearer = {"Authorization": f"Bearer {issue_token(operator)}"}
    answer = client.post("/api/v1/orders/", body, "application/json", headers=bearer)
    assert answer.status_code == 400


def test_a_body_of_megabytes_is_refused_unread(program):
    assert program("orders/", {**CALL, "content": "x" * 3_000_000}).status_code == 413


@pytest.mark.parametrize("role", [Role.UNIT, Role.LEADER, Role.ADMIN, Role.AUDITOR])
def test_who_takes_no_calls_makes_no_orders(client, role, unit):
    bearer = {"Authorization": f"Bearer {issue_token(make_user(role, unit if role == Role.UNIT else None))}"}
    answer = client.post("/api/v1/orders/", json.dumps(CALL), "application/json", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_bad_token_is_401(client):
    answer = client.post(
        "/api/v1/orders/", "{}", "application/json", headers={"Authorization": "Bearer hl_x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_session_without_its_csrf_token_is_refused(operator):
    client = client_of(operator, enforce_csrf_checks=True)
    answer = client.post("/api/v1/orders/", json.dumps(CALL), "application/json")
    assert answer.status_code == 403


def test_creating_costs_at_most_fifteen_queries(program, django_assert_max_num_queries):
    program("orders/", CALL)  # small tables are remembered
    with django_assert_max_num_queries(15):
        assert program("orders/", {**CALL, "caller": {"phone": "13900001111"}}, **{"Idempotency-Key": "k"})


# --- Idempotency ----------------------------------------------------------------------------------------


def test_the_same_key_and_content_make_one_order(program):
    first = program("orders/", CALL, **{"Idempotency-Key": "call-7"})
    again = program("orders/", dict(reversed(CALL.items())), **{"Idempotency-Key": "call-7"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert WorkOrder.objects.count() == 1


def test_the_same_key_with_other_content_is_422(program):
    program("orders/", CALL, **{"Idempotency-Key": "call-7"})
    answer = program("orders/", {**CALL, "title": "other"}, **{"Idempotency-Key": "call-7"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_keys_of_two_people_do_not_meet(program, supervisor, client):
    first = program("orders/", CALL, **{"Idempotency-Key": "call-7"})
    headers = {"Authorization": f"Bearer {issue_token(supervisor)}", "Idempotency-Key": "call-7"}
    other = client.post("/api/v1/orders/", json.dumps(CALL), "application/json", headers=headers)
    assert other.status_code == 201
    assert other.json()["number"] != first.json()["number"]


def test_a_refused_request_leaves_no_key(program):
    program("orders/", {**CALL, "kind": "riddle"}, **{"Idempotency-Key": "call-7"})
    assert program("orders/", CALL, **{"Idempotency-Key": "call-7"}).status_code == 201


@pytest.mark.parametrize("key", ["k" * 256, " ", "é"])
def test_a_key_that_is_none_is_400(program, key):
    answer = program("orders/", CALL, **{"Idempotency-Key": key})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])


def test_a_key_of_255_characters_is_kept_whole(program):
    assert program("orders/", CALL, **{"Idempotency-Key": "k" * 255}).status_code == 201
    assert program("orders/", CALL, **{"Idempotency-Key": "k" * 254}).status_code == 201
    assert WorkOrder.objects.count() == 2


def test_keys_are_kept_for_a_day_at_least(operator):
    for hours in (24, 49):
        IdempotencyKey.objects.create(
            user=operator, key=f"{hours}", request_hash="", created_at=NOON - timedelta(hours=hours)
        )
    assert idempotency.forget_old(NOON) == 1
    assert IdempotencyKey.objects.get().key == "24"


# --- List ------------------------------------------------------------------------------------------------


def numbers(answer):
    assert answer.status_code == 200, answer.content.decode()
    return [row["number"] for row in answer.json()["results"]]


def test_pages_follow_each_other_without_gap_or_double(operator):
    made = [make_order(at=NOON + timedelta(minutes=n // 2)).number for n in range(7)]
    client, found, address = client_of(operator), [], "/api/v1/orders/?limit=3"
    while address:
        answer = client.get(address)
        found += numbers(answer)
        address = answer.json()["next"]
    assert found == made[::-1]


def test_next_can_be_handed_back_as_the_cursor(operator):
    made = [make_order(at=NOON + timedelta(minutes=n)).number for n in range(3)]
    client = client_of(operator)
    first = client.get("/api/v1/orders/", {"limit": 2}).json()
    assert numbers(client.get("/api/v1/orders/", {"limit": 2, "cursor": first["next"]})) == made[:1]


def test_an_order_that_comes_in_meanwhile_moves_nothing(operator):
    old = [make_order(at=NOON + timedelta(minutes=n)).number for n in range(4)]
    client = client_of(operator)
    first = client.get("/api/v1/orders/?limit=2").json()
    make_order(at=NOON + timedelta(hours=1))
    assert numbers(client.get(first["next"])) == old[1::-1]


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=WzFd:abc",
        "limit=0",
        "limit=101",
        "limit=x",
        "sort=state",
        "state=lost",
        "unit=NOWHERE",
        "kind=riddle",
        "category=999999",
        "urgency=E9",
        "overdue=perhaps",
        "q=%00a",
        "q=x",
        "created_after=yesterday",
        "created_before=2026-13-01",
    ],
)
def test_a_parameter_that_does_not_fit_is_400(operator, query):
    answer = read(operator, f"orders/?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.split("=")[0]])


def test_filters_narrow(operator, unit):
    held = make_order(state=State.HANDLING, lead=unit, kind="complaint", category="080101")
    make_order()
    for query in (
        "state=handling",
        f"unit={unit.code}",
        "kind=complaint",
        "category=080101",
        "state=handling,closed",
    ):
        assert numbers(read(operator, f"orders/?{query}")) == [held.number], query


def test_urgency_narrows(operator):
    urgent = make_order(urgency="E1")
    make_order()
    assert numbers(read(operator, "orders/?urgency=E1")) == [urgent.number]


def test_overdue_means_open_and_past_its_time(operator):
    late, soon, ended = make_order(), make_order(), make_order(state=State.CLOSED)
    WorkOrder.objects.filter(pk__in=[late.pk, ended.pk]).update(due_at=NOON)
    WorkOrder.objects.filter(pk=soon.pk).update(due_at=NOON + timedelta(days=36_500))
    assert numbers(read(operator, "orders/?overdue=true")) == [late.number]
    assert set(numbers(read(operator, "orders/?overdue=false"))) == {soon.number, ended.number}


def test_created_between_is_a_half_open_span(operator):
    orders = [make_order(at=NOON + timedelta(days=n)) for n in range(3)]
    found = read(operator, "orders/?created_after=2026-03-11T12:00:00%2B08:00&created_before=2026-03-12")
    assert numbers(found) == [orders[1].number]


def test_a_unit_lists_its_own_orders_only(unit_clerk, outsider):
    mine = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    make_order(state=State.HANDLING, lead=outsider.unit)
    make_order()
    assert numbers(read(unit_clerk, "orders/")) == [mine.number]


def test_a_unit_cannot_filter_its_way_to_another(unit_clerk, outsider):
    make_order(state=State.HANDLING, lead=outsider.unit)
    assert numbers(read(unit_clerk, f"orders/?unit={outsider.unit.code}")) == []


def test_a_list_costs_the_same_whatever_its_size(operator, unit, django_assert_max_num_queries):
    client = client_of(operator)
    for _n in range(10):
        make_order(state=State.HANDLING, lead=unit)
    with django_assert_max_num_queries(8) as ten:
        client.get("/api/v1/orders/?limit=100")
    many = WorkOrder.objects.first()
    for n in range(90):
        many.pk, many.number = None, f"JN20260310{n:07d}"
        many.save(force_insert=True)
    with django_assert_max_num_queries(8) as hundred:
        assert len(client.get("/api/v1/orders/?limit=100").json()["results"]) == 100
    assert len(hundred) <= len(ten)


# --- Read -------------------------------------------------------------------------------------------------


def test_the_contract_of_an_order(operator, unit):
    order = make_order(state=State.HANDLING, lead=unit)
    body = read(operator, f"orders/{order.number}/").json()
    assert {
        "number",
        "version",
        "state",
        "kind",
        "category",
        "place",
        "urgency",
        "unit",
        "due_at",
        "remaining_minutes",
        "overlays",
    } <= set(body)
    assert (body["unit"], body["state"]) == (unit.code, "handling")


def test_a_foreign_order_is_missing_with_the_same_body(outsider, unit):
    order = make_order(state=State.HANDLING, lead=unit)
    for part in ("", "events/", "clocks/"):
        foreign, missing = (
            read(outsider, f"orders/{order.number}/{part}"),
            read(outsider, f"orders/{MISSING}/{part}"),
        )
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content


@pytest.mark.parametrize("number", ["%00", "x" * 300, "1;DROP", "JN20260101-ABC"])
def test_an_impossible_number_is_missing(operator, number):
    assert read(operator, f"orders/{number}/").status_code == 404


def test_an_address_that_is_not_there_is_told_like_every_refusal(operator):
    answer = read(operator, "nothing/at/all/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_caller_is_masked_for_everybody(program):
    made = program("orders/", CALL).json()
    assert made["caller"] == {"name": "王**", "phone": "138****5678"}
    assert "13812345678" not in program(f"orders/{made['number']}/").content.decode()


def test_numbers_in_the_text_are_masked(program):
    made = program("orders/", {**CALL, "content": "请回电13987654321,谢谢"}).json()
    assert made["content"] == "请回电139****4321,谢谢"


def test_a_unit_reads_the_address_up_to_the_building(unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, address=CALL["address"])
    assert read(unit_clerk, f"orders/{order.number}/").json()["address"] == "泉城路100号2号楼****"


def test_of_a_confidential_caller_only_the_supervisor_sees_anything(operator, supervisor, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit, kind="report")
    shown = [
        read(user, f"orders/{order.number}/").json()["caller"] for user in (operator, unit_clerk, supervisor)
    ]
    assert shown == [None, None, {"name": "W**", "phone": "138****5678"}]


def test_the_internal_account_is_for_the_hotline_and_the_unit_in_charge(operator, unit_clerk):
    order = make_order(state=State.REPLY_REVIEW, lead=unit_clerk.unit)
    for user in (operator, unit_clerk):
        assert read(user, f"orders/{order.number}/").json()["replies"][0]["internal"] == "done"


def test_a_co_unit_does_not_read_the_internal_account(dispatcher, unit_clerk, outsider):
    from dispatch.models import Assignment

    order = make_order(state=State.REPLY_REVIEW, lead=unit_clerk.unit)
    Assignment.objects.create(order=order, unit=outsider.unit, role="co", started_at=NOON)
    assert read(outsider, f"orders/{order.number}/").json()["replies"] == []


def test_reading_an_order_is_recorded(operator):
    order = make_order()
    read(operator, f"orders/{order.number}/")
    assert AccessLog.objects.filter(order=order, user=operator, act="view").count() == 1


def test_reading_an_order_costs_at_most_fifteen_queries(unit_clerk, django_assert_max_num_queries):
    order = make_order(state=State.CLOSED, lead=unit_clerk.unit)
    client = client_of(unit_clerk)
    with django_assert_max_num_queries(15):
        client.get(f"/api/v1/orders/{order.number}/")


# --- Trail and clocks --------------------------------------------------------------------------------------


def test_the_trail_comes_in_order_and_in_pages(operator, unit):
    order = make_order(state=State.CLOSED, lead=unit)
    client, found, address = client_of(operator), [], f"/api/v1/orders/{order.number}/events/?limit=2"
    while address:
        page = client.get(address).json()
        found += [row["number"] for row in page["results"]]
        address = page["next"]
    assert found == list(range(1, order.version + 1))


def test_staff_read_who_acted_and_a_unit_reads_as_what(operator, unit_clerk):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    for user, named in ((operator, True), (unit_clerk, False)):
        first = read(user, f"orders/{order.number}/events/").json()["results"][0]
        assert (first["role"], first["name"] is not None) == ("operator", named)


def test_the_trail_masks_numbers_in_its_texts(operator):
    order = make_order()
    intake.note(order.pk, actor=operator, now=NOON, text="ring 13987654321")
    last = read(operator, f"orders/{order.number}/events/").json()["results"][-1]
    assert last["facts"] == {"text": "ring 139****4321"}


def test_a_unit_does_not_learn_numbers_of_other_orders_from_the_trail(unit_clerk, dispatcher):
    from workorders import merging

    parent, child = make_order(state=State.HANDLING, lead=unit_clerk.unit), make_order()
    merging.merge(child.pk, actor=dispatcher, now=NOON, expect=None, into=parent)
    trail = read(unit_clerk, f"orders/{parent.number}/events/").content.decode()
    assert child.number not in trail


def test_clocks_are_listed(operator, unit):
    order = make_order(state=State.DISPATCHED, lead=unit)
    answer = read(operator, f"orders/{order.number}/clocks/")
    assert (answer.status_code, isinstance(answer.json(), list)) == (200, True)
