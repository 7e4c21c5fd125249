"""Each invariant is 0 on clean data and counts its fault, planted behind the database's own guards."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dispatch import invariants
from dispatch.models import Assignment, Clock, ClockStep
from hotline.accounts.models import Role
from hotline.lib.db_now import db_now
from tests.makers import make_order, make_unit, make_user
from workorders import intake, merging
from workorders.lifecycle import State
from workorders.models import IdempotencyKey, Notice, WorkOrder

pytestmark = pytest.mark.django_db

BEHIND_A_LEAD = [State.HANDLING, State.CALLBACK, State.CLOSED, State.ADJUDICATION, State.RETURN_REVIEW]


@pytest.fixture
def now(db):
    return db_now()


@pytest.fixture
def order(now):
    """In hand with a unit, all its rows made through the doors."""
    return make_order(state=State.HANDLING, at=now)


def sql(statement: str, *values) -> None:
    """Behind the back of triggers and foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def broken(**logs) -> dict[str, int]:
    return {finding.code: finding.count for finding in invariants.check(**logs) if finding.count}


def make_clock(order, now, **fields) -> Clock:
    due = fields.pop("due_at", now + timedelta(hours=1))
    return Clock.objects.create(
        order=order, kind="test", is_working=False, started_at=now, due_at=due, **fields
    )


def make_step(clock, **fields) -> ClockStep:
    return ClockStep.objects.create(
        clock=clock, order_id=clock.order_id, step="due", due_at=clock.due_at, try_at=clock.due_at, **fields
    )


def test_orders_made_through_the_doors_break_nothing(now):
    for state in State:
        if state != State.MERGED:
            make_order(state=state, at=now)
    parent, child = make_order(state=State.HANDLING, at=now), make_order(at=now)
    merging.merge(child.pk, actor=make_user(Role.DISPATCHER), now=now, expect=None, into=parent)
    intake.note(parent.pk, actor=make_user(Role.SUPERVISOR), now=now, text="seen")

    assert broken() == {}


def test_an_acknowledged_create_without_an_order_is_found(order, now, tmp_path):
    IdempotencyKey.objects.create(
        user=order.registered_by, key="kept", request_hash="", order=order, created_at=now
    )
    log = tmp_path / "client.csv"
    log.write_text("key,outcome\nkept,ok\nlost,ok\nrefused,fail\n")

    assert broken(client_log=log) == {"I1": 1}


def test_a_key_that_made_two_orders_is_found(order, now):
    sql("DROP INDEX order_source_once")
    for _twice in range(2):
        made = make_order(at=now)
        sql("UPDATE workorders_workorder SET source = 's', source_id = '1' WHERE id = %s", made.pk)

    assert broken() == {"I2": 1}


def test_a_clock_that_fired_twice_is_found(order, now):
    clock = make_clock(order, now - timedelta(hours=2), due_at=now - timedelta(hours=1))
    step = make_step(clock, fired_at=now)
    sql("DROP INDEX event_step_once")
    for number in (1, 2):
        sql(
            "INSERT INTO workorders_orderevent"
            " (order_id, number, verb, role, at, from_state, to_state, facts, step, prev_hash, hash)"
            " VALUES (%s, %s, 'clock', '', %s, '', '', '{}', %s, '', '')",
            order.pk,
            order.version + number,
            now,
            step.pk,
        )

    assert broken()["I3"] == 1


def test_a_clock_that_should_have_fired_is_found(order, now):
    make_step(make_clock(order, now - timedelta(hours=2), due_at=now - timedelta(minutes=2)))

    assert broken() == {"I4": 1}


def test_a_clock_that_is_due_only_now_is_given_a_minute(order, now):
    make_step(make_clock(order, now - timedelta(hours=2), due_at=now - timedelta(seconds=20)))

    assert broken() == {}


def test_a_clock_that_fired_early_is_found(order, now):
    make_step(make_clock(order, now), fired_at=now)

    assert broken() == {"I5": 1}


def test_a_clock_that_fired_after_it_was_stopped_is_found(order, now):
    early = now - timedelta(hours=1)
    make_step(make_clock(order, early, due_at=now - timedelta(minutes=10), ended_at=early), fired_at=now)

    assert broken() == {"I6": 1}


def test_a_clock_that_fired_after_the_order_ended_is_found(now):
    closed = make_order(state=State.CLOSED, at=now - timedelta(hours=1))
    make_step(make_clock(closed, now - timedelta(hours=3), due_at=now - timedelta(minutes=9)), fired_at=now)

    assert broken() == {"I6": 1}


def test_an_act_that_waited_for_the_sweep_is_no_fault(order, now):
    fired = now + timedelta(milliseconds=2)
    clock = make_clock(order, now - timedelta(hours=1), due_at=now, ended_at=now)
    step = make_step(clock, fired_at=fired)
    order.refresh_from_db()
    for number, at, step_id in ((1, fired, step.pk), (2, now, None)):
        connection.cursor().execute(
            "INSERT INTO workorders_orderevent"
            " (order_id, number, verb, role, at, from_state, to_state, facts, step, prev_hash, hash)"
            " VALUES (%s, %s, 'clock', '', %s, '', '', '{}', %s, '', '')",
            [order.pk, order.version + number, at, step_id],
        )
    WorkOrder.objects.filter(pk=order.pk).update(version=order.version + 2)

    assert broken() == {}


def test_an_order_in_hand_without_a_lead_is_found(order, now):
    Assignment.objects.filter(order=order).update(ended_at=now)

    assert broken()["I7a"] == 1


def test_a_lead_on_an_order_that_is_nobodys_is_found(now):
    Assignment.objects.create(order=make_order(at=now), unit=make_unit(), started_at=now)

    assert broken()["I7a"] == 1


@pytest.mark.parametrize("state", BEHIND_A_LEAD)
def test_a_gap_between_leads_is_found(state, now):
    order = make_order(state=state, at=now)
    lead = Assignment.objects.filter(order=order).last()
    sql("UPDATE dispatch_assignment SET started_at = started_at - interval '1 min' WHERE id = %s", lead.pk)

    assert broken() == {"I7b": 2}


def test_overlapping_leads_are_found(order, now):
    Assignment.objects.create(
        order=order, unit=make_unit(), started_at=now, ended_at=now + timedelta(hours=1), current=False
    )

    assert broken()["I7b"] == 2


def test_a_lead_of_no_length_is_no_fault(now):
    order = make_order(at=now)
    Assignment.objects.create(order=order, unit=make_unit(), started_at=now, ended_at=now, current=True)

    assert broken() == {}


@pytest.mark.parametrize(
    ("column", "value", "number"),
    [
        ("verb", "close", 2),
        ("verb", "submit", 1),
        ("to_state", "closed", 3),
        ("from_state", "handling", 2),
    ],
)
def test_a_step_that_the_table_does_not_know_is_found(order, column, value, number):
    sql(
        f"UPDATE workorders_orderevent SET {column} = %s WHERE order_id = %s AND number = %s",
        value,
        order.pk,
        number,
    )

    assert broken()["I8"] >= 1


def test_a_fact_that_does_not_belong_to_the_state_is_found(order):
    sql(
        "UPDATE workorders_orderevent SET verb = 'reopen', from_state = '', to_state = ''"
        " WHERE order_id = %s AND number = 3",
        order.pk,
    )

    assert broken()["I8"] == 1


def test_changed_facts_break_the_chain(order):
    sql("UPDATE workorders_orderevent SET facts = '{\"x\": 1}' WHERE order_id = %s AND number = 2", order.pk)

    assert broken() == {"I9": 1}


def test_a_changed_hash_breaks_its_own_event_and_the_next(order):
    sql(
        "UPDATE workorders_orderevent SET hash = repeat('0', 64) WHERE order_id = %s AND number = 1", order.pk
    )

    assert broken() == {"I9": 2}


def test_a_missing_event_is_found(order):
    sql("DELETE FROM workorders_orderevent WHERE order_id = %s AND number = 2", order.pk)

    assert broken()["I9"] == 1


def test_a_version_without_its_event_is_found(order):
    sql("UPDATE workorders_workorder SET version = version + 1 WHERE id = %s", order.pk)

    assert broken() == {"I9": 1}


def test_a_state_that_the_trail_does_not_tell_is_found(order):
    sql("UPDATE workorders_workorder SET state = 'reply_review' WHERE id = %s", order.pk)

    assert broken() == {"I10": 1}


def test_a_notice_that_nobody_sent_is_found(order, now):
    Notice.objects.create(key="a", kind="due", channel="webhook", created_at=now - timedelta(minutes=6))
    Notice.objects.create(key="b", kind="due", channel="webhook", created_at=now)
    Notice.objects.create(key="c", kind="due", channel="bell", created_at=now - timedelta(days=1))

    assert broken() == {"I11a": 1}


def test_an_effect_that_happened_twice_is_found(tmp_path):
    log = tmp_path / "receiver.jsonl"
    log.write_text("".join(json.dumps({"key": key}) + "\n" for key in ("a", "b", "a", "a")))

    assert broken(receiver_log=log) == {"I11b": 1}


def run(command: str, **options) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(command, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_one_line_per_invariant(order):
    out, err = run("check_invariants")

    assert [line.split()[0] for line in out.splitlines()] == [
        "I1",
        "I2",
        "I3",
        "I4",
        "I5",
        "I6",
        "I7a",
        "I7b",
        "I8",
        "I9",
        "I10",
        "I11a",
        "I11b",
    ]
    assert "I7a one lead: 0" in out.splitlines()
    assert "I1 is not checked" in err and "I11b is not checked" in err


def test_the_command_fails_when_anything_is_broken(order):
    sql("UPDATE workorders_workorder SET state = 'reply_review' WHERE id = %s", order.pk)

    with pytest.raises(CommandError, match="I10"):
        run("check_invariants")


def test_a_log_that_cannot_be_read_is_refused_in_one_sentence(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("name\nx\n")

    with pytest.raises(CommandError, match="a row without 'key'"):
        run("check_invariants", client_log=log)


def test_verify_trail_counts_the_events(order):
    assert run("verify_trail")[0] == f"{order.version} events checked\n"


def test_verify_trail_names_the_first_broken_event(order):
    sql("UPDATE workorders_orderevent SET facts = '{\"x\": 1}' WHERE order_id = %s AND number = 2", order.pk)

    with pytest.raises(CommandError, match=f"order {order.number} is broken at event 2"):
        run("verify_trail")
