"""Too many requests of one person are told when to come back."""

import pytest
from django.conf import settings as configured
from redis import RedisError

from dispatch.api import throttling
from dispatch.api.throttling import PerUser
from tests.makers import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def awake(monkeypatch):
    monkeypatch.setattr(PerUser, "blind_until", 0.0)
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_000.0)
    redis = throttling.counter(configured.REDIS_URL)
    for key in redis.keys("api-rate:*"):
        redis.delete(key)


def statuses(user, times):
    client = client_of(user)
    return [client.get("/api/v1/orders/").status_code for _n in range(times)]


def test_what_is_over_the_limit_waits(operator, settings):
    settings.API_RATE_PER_MINUTE = 3
    assert statuses(operator, 4) == [200, 200, 200, 429]


def test_the_answer_says_when_to_come_back(operator, settings):
    settings.API_RATE_PER_MINUTE = 1
    client = client_of(operator)
    client.get("/api/v1/orders/")
    answer = client.get("/api/v1/orders/")
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("throttled", "60")


def test_one_person_does_not_slow_another(operator, supervisor, settings):
    settings.API_RATE_PER_MINUTE = 1
    statuses(operator, 2)
    assert statuses(supervisor, 1) == [200]


def test_zero_means_no_limit(operator, settings):
    settings.API_RATE_PER_MINUTE = 0
    assert statuses(operator, 3) == [200, 200, 200]


def test_without_redis_everything_passes_and_nobody_waits_for_it(operator, settings, monkeypatch):
    settings.API_RATE_PER_MINUTE = 1
    asked = []

    def gone(url):
        asked.append(url)
        raise RedisError

    monkeypatch.setattr(throttling, "counter", gone)
    assert statuses(operator, 3) == [200, 200, 200]
    assert len(asked) == 1
