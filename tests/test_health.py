"""/readyz and /metrics: what a watchdog is told."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from dispatch.models import ClockStep, Sweep
from hotline import health
from hotline.lib.cached import Cached
from hotline.lib.db_now import db_now
from tests.makers import NOON, make_order, make_unit
from workorders.models import Endpoint, Notice
from workorders.notices import queue_notice

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def swept(seconds_ago=0):
    Sweep.objects.update_or_create(name="clocks", defaults={"at": db_now() - timedelta(seconds=seconds_ago)})


def ask(client):
    answer = client.get("/readyz")
    return answer.status_code, " ".join(answer.json()["reasons"])


def test_a_system_that_never_swept_is_not_ready(client):
    assert ask(client) == (503, "sweep: none has run yet")


def test_a_system_that_sweeps_is_ready(client):
    swept()

    assert ask(client) == (200, "")


def test_nobody_needs_to_log_in_to_ask(client):
    swept()

    assert client.get("/readyz").json() == {"ready": True, "reasons": []}


@pytest.mark.parametrize(("seconds", "status"), [(10, 200), (20, 503)])
def test_a_sweep_that_stopped_is_told(client, seconds, status):
    swept(seconds)

    assert ask(client)[0] == status


@pytest.mark.parametrize(("seconds", "status"), [(30, 200), (90, 503)])
def test_a_step_that_nobody_fires_is_told(client, seconds, status):
    swept()
    make_order(at=db_now())
    ClockStep.objects.update(try_at=db_now() - timedelta(seconds=seconds))

    assert ask(client)[0] == status


def test_a_parked_step_is_not_waited_for(client):
    swept()
    make_order(at=NOON)
    ClockStep.objects.update(parked_at=NOON)

    assert ask(client)[0] == 200


@pytest.mark.parametrize(("seconds", "status"), [(60, 200), (180, 503)])
def test_a_notice_that_does_not_leave_is_told(client, seconds, status):
    swept()
    unit = make_unit()
    Endpoint.objects.create(name="hook", channel="webhook", url="https://hooks.example/", unit=unit)
    Cached.forget_all()
    order = make_order(at=db_now())
    queue_notice(
        key="k", kind="dispatched", order=order, unit=unit, now=db_now() - timedelta(seconds=seconds)
    )

    assert ask(client)[0] == status


def test_a_dead_notice_is_not_waited_for(client):
    swept()
    Notice.objects.create(key="k", kind="x", channel="sms", created_at=NOON, dead_at=NOON)

    assert ask(client)[0] == 200


def test_a_broker_that_is_gone_is_told(client, settings):
    swept()
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"

    assert ask(client) == (503, "broker: does not answer")


def test_a_database_that_is_gone_is_told(client, monkeypatch):
    def gone():
        raise OperationalError("gone")

    monkeypatch.setattr(health, "oldest", gone)

    assert ask(client) == (503, "database: does not answer")


def test_this_machine_may_read_the_figures(client):
    make_order()
    text = client.get("/metrics").content.decode()

    assert 'hotline_open_orders{state="pending"} 1' in text
    assert text.count("# TYPE hotline_open_orders gauge") == 1


def test_others_may_not_read_the_figures(client):
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403


def test_somebody_behind_a_proxy_on_this_machine_is_an_other(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 403


@pytest.mark.parametrize(("token", "status"), [("right", 200), ("wrong", 403), ("", 403)])
def test_the_token_opens_the_figures(client, settings, token, status):
    settings.METRICS_TOKEN = "right"
    headers = {"Authorization": f"Bearer {token}"}

    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3", headers=headers).status_code == status


def test_no_token_in_the_settings_opens_nothing(client):
    assert (
        client.get("/metrics", REMOTE_ADDR="10.1.2.3", headers={"Authorization": "Bearer "}).status_code
        == 403
    )


def test_the_figures_name_no_order(client):
    order = make_order()

    assert order.number not in client.get("/metrics").content.decode()
