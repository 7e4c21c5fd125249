"""The same request from several sides at once makes one order."""

import json
import threading

import pytest
from django.db import connection, connections
from django.test import Client

from hotline.accounts.tokens import issue_token
from workorders.models import IdempotencyKey, WorkOrder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.services]

CALL = {"channel": "phone", "content": "路灯坏了"}


def send(token, body, key):
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return Client().post("/api/v1/orders/", json.dumps(body), "application/json", headers=headers)


def at_once(count, act):
    """What `count` threads get that start `act(number)` together."""
    barrier, answers = threading.Barrier(count), [None] * count

    def run(number):
        try:
            barrier.wait()
            answers[number] = act(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_eight_equal_requests_make_one_order_and_get_one_answer(operator):
    token = issue_token(operator)
    answers = at_once(8, lambda _number: send(token, CALL, "call-7"))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert WorkOrder.objects.count() == IdempotencyKey.objects.count() == 1


def test_of_different_requests_with_one_key_one_wins(operator):
    token = issue_token(operator)
    answers = at_once(4, lambda number: send(token, {**CALL, "title": f"call {number}"}, "call-7"))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert WorkOrder.objects.count() == 1


def test_a_key_that_stays_under_way_is_busy(operator, settings):
    token = issue_token(operator)
    held, done = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO workorders_idempotencykey (user_id, key, request_hash, created_at)"
                " VALUES (%s, 'call-7', '', now())",
                [operator.pk],
            )
            held.set()
            done.wait()
            cursor.execute("ROLLBACK")
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    answer = send(token, CALL, "call-7")
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")
    done.set()
    holder.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "busy")
    assert not WorkOrder.objects.exists()
