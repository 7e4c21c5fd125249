from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from hotline.accounts import totp
from hotline.accounts.models import Role, User

pytestmark = pytest.mark.django_db


def output_of(*args, **options) -> str:
    out = StringIO()
    call_command(*args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_api_token_prints_the_token_alone(operator):
    printed = output_of("api_token", operator.username)

    assert printed.count("\n") == 1
    response = Client().get("/api/schema/", headers={"Authorization": f"Bearer {printed.strip()}"})
    assert response.status_code == 200


def test_api_token_refuses_an_unknown_user():
    with pytest.raises(CommandError, match="nobody"):
        output_of("api_token", "nobody")


def test_api_token_refuses_a_disabled_account(operator):
    operator.is_active = False
    operator.save()

    with pytest.raises(CommandError, match="disabled"):
        output_of("api_token", operator.username)


@pytest.fixture
def first_password(monkeypatch):
    """`first_password(raw)` is what `createsuperuser --noinput` takes."""
    return lambda raw: monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", raw)


def test_createsuperuser_makes_the_first_administrator(first_password):
    first_password("Clear-Water-7")

    output_of("createsuperuser", username="first", interactive=False)

    user = User.objects.get(username="first")
    assert user.role == Role.ADMIN
    assert user.check_password("Clear-Water-7")


def test_the_first_administrator_does_not_pass_every_check(first_password):
    first_password("Clear-Water-7")
    output_of("createsuperuser", username="first", interactive=False)

    assert not User.objects.get(username="first").has_perm("workorders.view_all_orders")


def test_createsuperuser_refuses_a_weak_password(first_password):
    first_password("password")

    with pytest.raises(CommandError):
        output_of("createsuperuser", username="first", interactive=False)
    assert not User.objects.exists()


def test_unlock_lets_a_locked_person_in(operator, login):
    for _ in range(5):
        login(operator, "Wrong-Water-7")

    output_of("unlock", operator.username)

    assert login(operator).status_code == 302


def test_reset_totp_forgets_the_device(admin, device):
    device(admin)

    output_of("reset_totp", admin.username)

    assert totp.device_of(admin) is None
