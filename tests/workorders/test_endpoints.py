"""Where notices go besides the bell, and what could not be sent."""

import pytest

from hotline.accounts.changing import NotAdministrator
from hotline.accounts.models import Change
from hotline.lib.errors import InvalidInput
from tests.makers import NOON, make_order
from workorders import endpoints
from workorders.models import Endpoint, Notice

pytestmark = pytest.mark.django_db
SECRET = "a-long-enough-secret"


def webhook(admin, **values) -> Endpoint:
    values = {
        "name": "City bus",
        "channel": "webhook",
        "url": "https://hooks.example.org/in",
        "secret": SECRET,
        "role": "supervisor",
        **values,
    }
    return endpoints.add(values, actor=admin, now=NOON)


@pytest.fixture
def dead(db) -> Notice:
    return Notice.objects.create(
        key="k",
        kind="dispatched",
        channel="webhook",
        dead_at=NOON,
        tries=8,
        error="HTTP 500",
        order=make_order(),
    )


def test_the_history_never_shows_a_secret(admin):
    endpoint = webhook(admin)
    endpoints.edit(endpoint, {"secret": "another-long-secret"}, actor=admin, now=NOON)

    assert SECRET not in str(list(Change.objects.values()))
    assert "another-long-secret" not in str(list(Change.objects.values()))
    assert Change.objects.count() == 2


def test_a_new_secret_keeps_the_one_before(admin):
    endpoint = webhook(admin)

    endpoints.edit(endpoint, {"secret": "another-long-secret"}, actor=admin, now=NOON)

    endpoint = Endpoint.objects.get()
    assert (endpoint.secret, endpoint.old_secret) == ("another-long-secret", SECRET)


def test_an_empty_secret_leaves_the_present_one(admin):
    endpoint = webhook(admin)

    endpoints.edit(endpoint, {"secret": "", "url": "https://hooks.example.org/other"}, actor=admin, now=NOON)

    endpoint = Endpoint.objects.get()
    assert (endpoint.secret, endpoint.url) == (SECRET, "https://hooks.example.org/other")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"secret": "short"}, "secret"),
        ({"channel": "sms"}, "template"),
        ({"channel": "bell"}, "channel"),
        ({"role": ""}, "unit"),
        ({"url": "ftp://hooks.example.org/"}, "url"),
        ({"url": "https://name:word@hooks.example.org/"}, "url"),
        ({"url": "http://10.0.0.1/in"}, "url"),
        ({"url": "http://127.0.0.1:6379/"}, "url"),
        ({"url": "http://169.254.169.254/", "allow_private": True}, "url"),
    ],
)
def test_what_could_not_or_must_not_be_called_is_refused(admin, values, field):
    with pytest.raises(InvalidInput) as refusal:
        webhook(admin, **values)
    assert refusal.value.field == field


def test_an_address_in_our_own_network_needs_a_tick(admin):
    assert webhook(admin, url="http://10.0.0.1/in", allow_private=True).pk


def test_a_test_shows_the_signature_and_the_answer(admin, monkeypatch):
    sent = []
    monkeypatch.setattr(endpoints, "post", lambda *args, **kwargs: sent.append(args) or 204)

    trial = endpoints.try_out(webhook(admin), actor=admin, now=NOON)

    assert trial.went_well and trial.headers["webhook-signature"].startswith("v1,")
    assert '"type": "test"' in trial.body
    assert len(sent) == 1 and Change.objects.first().action == "test"


def test_a_test_that_fails_says_why(admin, monkeypatch):
    def unreachable(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setattr(endpoints, "post", unreachable)

    trial = endpoints.try_out(webhook(admin), actor=admin, now=NOON)

    assert not trial.went_well and "no route" in trial.error


def test_a_dead_notice_is_tried_again(admin, dead):
    endpoints.retry(dead, actor=admin, now=NOON)

    dead.refresh_from_db()
    assert (dead.dead_at, dead.tries) == (None, 0) and not endpoints.dead_notices().exists()


def test_a_dead_notice_is_given_up_with_a_note(admin, dead):
    endpoints.discard(dead, actor=admin, now=NOON, note="receiver is gone")

    assert not endpoints.dead_notices().exists()
    assert Change.objects.get().basis == "receiver is gone"


def test_without_a_note_nothing_is_given_up(admin, dead):
    with pytest.raises(InvalidInput):
        endpoints.discard(dead, actor=admin, now=NOON, note=" ")
    assert endpoints.dead_notices().exists()


def test_only_administrators_deal_with_endpoints_and_notices(auditor, dead):
    with pytest.raises(NotAdministrator):
        webhook(auditor)
    with pytest.raises(NotAdministrator):
        endpoints.retry(dead, actor=auditor, now=NOON)
