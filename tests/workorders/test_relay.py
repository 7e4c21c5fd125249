"""Notices leave at least once, with their key, and without anybody's personal data."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command

from hotline.lib.cached import Cached
from tests.makers import NOON, make_order, make_unit
from workorders import relay
from workorders.models import Endpoint, Notice
from workorders.notices import queue_notice

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def unit():
    return make_unit()


@pytest.fixture
def endpoint(unit):
    return Endpoint.objects.create(
        name="hook", channel="webhook", url="https://hooks.example/", unit=unit, secret="s"
    )


@pytest.fixture
def receiver(monkeypatch):
    """What was posted, as (url, body, headers, options); `receiver.answer` is a status or an exception."""

    class Receiver(list):
        answer: int | Exception = 200

    posted = Receiver()

    def post(url, body, headers, **options):
        posted.append((url, body, headers, options))
        if isinstance(posted.answer, Exception):
            raise posted.answer
        return posted.answer

    monkeypatch.setattr(relay, "post", post)
    return posted


def queue(unit, order=None, key="k", now=NOON):
    Cached.forget_all()
    queue_notice(key=key, kind="dispatched", order=order or make_order(), unit=unit, now=now)
    return Notice.objects.get(key__startswith=f"{key}:", channel="webhook")


def send(now=NOON):
    return relay.send_due(lambda: now)


def test_a_notice_is_sent_once(unit, endpoint, receiver):
    notice = queue(unit)

    assert [send(), send()] == [1, 0]
    notice.refresh_from_db()
    assert notice.sent_at == NOON


def test_the_key_is_the_message_id(unit, endpoint, receiver):
    notice = queue(unit)
    send()

    assert receiver[0][2]["webhook-id"] == notice.key


def test_the_message_is_signed(unit, endpoint, receiver):
    queue(unit)
    send()

    assert receiver[0][2]["webhook-signature"].startswith("v1,")


def test_during_a_rotation_both_secrets_sign(unit, endpoint, receiver):
    endpoint.old_secret = "t"
    endpoint.save()
    queue(unit)
    send()

    assert len(receiver[0][2]["webhook-signature"].split()) == 2


def test_the_message_carries_codes_and_words_and_no_personal_data(unit, endpoint, receiver):
    order = make_order(name="Wang Fang", phone="13812345678", content="My name is Wang Fang.")
    queue(unit, order)
    send()

    text = receiver[0][1].decode()
    data = json.loads(text)["data"]
    assert (data["number"], data["kind"], data["unit"]) == (order.number, "dispatched", unit.code)
    assert "Wang" not in text and "138" not in text.replace(order.number, "")


def test_an_address_of_our_own_network_needs_leave(unit, endpoint, receiver):
    queue(unit)
    send()

    assert receiver[0][3] == {"allow_private": False}


def test_a_template_is_filled_and_escaped(unit, endpoint, receiver):
    endpoint.channel, endpoint.template = "webhook", '{"text": {"content": "{words} \\"{number}\\" {other}"}}'
    endpoint.save()
    order = make_order()
    queue(unit, order)
    send()

    content = json.loads(receiver[0][1])["text"]["content"]
    assert f'"{order.number}" {{other}}' in content


def test_a_failed_notice_is_tried_again_twice_as_late_each_time(unit, endpoint, receiver):
    notice, receiver.answer = queue(unit), 500
    waits, now = [], NOON
    for _number in range(4):
        send(now)
        notice.refresh_from_db()
        waits.append((notice.next_try_at - now) / SECOND)
        now = notice.next_try_at

    assert waits == [1, 2, 4, 8]
    assert notice.error == "ValueError: HTTP 500"


def test_after_eight_tries_a_notice_is_dead_and_is_seen(unit, endpoint, receiver):
    notice, receiver.answer = queue(unit), ConnectionRefusedError("nobody there")
    for hours in range(9):
        send(NOON + timedelta(hours=hours))

    notice.refresh_from_db()
    assert (len(receiver), notice.tries, notice.dead_at is not None) == (8, 8, True)
    assert "nobody there" in notice.error


def test_a_dead_notice_is_sent_again_when_somebody_asks(unit, endpoint, receiver):
    notice = queue(unit)
    Notice.objects.filter(pk=notice.pk).update(dead_at=NOON, tries=8)

    relay.send_again([notice.pk], now=NOON)

    assert send() == 1


def test_the_timeout_of_an_endpoint_is_paid_once(unit, endpoint, receiver):
    order, receiver.answer = make_order(), TimeoutError()
    for number in range(3):
        queue(unit, order, key=f"k{number}")

    send()

    assert len(receiver) == 1
    assert sorted(relay.unsent().values_list("tries", flat=True)) == [0, 0, 1]


def test_an_endpoint_that_answers_gets_every_notice_even_if_it_refuses_some(unit, endpoint, receiver):
    order, receiver.answer = make_order(), 500
    for number in range(3):
        queue(unit, order, key=f"k{number}")

    send()

    assert len(receiver) == 3


def test_a_failing_endpoint_does_not_stop_another(unit, endpoint, receiver, monkeypatch):
    Endpoint.objects.create(name="other", channel="sms", url="https://sms.example/", unit=unit)
    queue(unit)
    real = relay.post

    def post(url, *args, **kwargs):
        if "hooks" in url:
            raise TimeoutError
        return real(url, *args, **kwargs)

    monkeypatch.setattr(relay, "post", post)
    send()

    assert [call[0] for call in receiver] == ["https://sms.example/"]


def test_the_claim_is_committed_before_anything_is_sent(unit, endpoint, receiver, monkeypatch):
    notice, seen = queue(unit), []

    def send_and_die(notice, now):
        seen.append(Notice.objects.get(pk=notice.pk).next_try_at)
        raise KeyboardInterrupt

    monkeypatch.setattr(relay, "send", send_and_die)
    with pytest.raises(KeyboardInterrupt):
        send()

    assert seen == [NOON + relay.HELD_FOR]
    monkeypatch.undo()
    notice.refresh_from_db()
    assert notice.sent_at is None


def test_who_died_while_sending_leaves_a_notice_that_is_tried_again(unit, endpoint, receiver):
    queue(unit)
    relay.claim(NOON, 10)

    assert send(NOON + SECOND) == 0
    assert send(NOON + relay.HELD_FOR) == 1


def test_a_switched_off_endpoint_gets_nothing(unit, endpoint, receiver):
    queue(unit)
    endpoint.is_active = False
    endpoint.save()

    send()

    assert receiver == []


def test_the_command_fires_and_sends_everything(unit, endpoint, receiver, capsys):
    queue(unit)

    call_command("sweep")

    assert "sent 1" in capsys.readouterr().out
    assert relay.unsent().count() == 0


def test_the_command_says_what_it_could_not_send(unit, endpoint, receiver, capsys):
    queue(unit)
    receiver.answer = 500

    call_command("sweep", wait=0)

    assert "1 notices could not be sent yet" in capsys.readouterr().err
