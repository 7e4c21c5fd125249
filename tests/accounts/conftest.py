import time

import pytest
import time_machine
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.makers import NOON, PASSWORD


@pytest.fixture
def travel():
    """The present is NOON; `travel.shift(timedelta(…))` lets time pass."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def login():
    """`login(user, password=…, ip=…, client=…)` sends the login form and returns the answer."""

    def send(user, password: str = PASSWORD, ip: str = "10.0.0.1", client: Client | None = None):
        name = user if isinstance(user, str) else user.username
        client = client or Client()
        return client.post("/login/", {"username": name, "password": password}, REMOTE_ADDR=ip)

    return send


@pytest.fixture
def code_of():
    """`code_of(key)`: what the app with this secret shows, `steps` × 30 seconds from now."""

    def show(key: str, steps: int = 0) -> str:
        totp = TOTP(bytes.fromhex(key))
        totp.time = time.time() + 30 * steps
        return f"{totp.token():06d}"

    return show


@pytest.fixture
def device():
    """`device(user)`: that person's confirmed app."""
    return lambda user: TOTPDevice.objects.create(user=user, name="app", confirmed=True)
