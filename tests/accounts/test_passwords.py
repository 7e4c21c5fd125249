from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from hotline.accounts.models import Change
from hotline.accounts.passwords import must_be_changed, set_password
from tests.makers import NOON, PASSWORD, client_of


@pytest.mark.parametrize("password", ["river-stone-42", "RIVER-stone-x", "Riverstone42", "riverstone42桥"])
def test_three_kinds_of_characters_are_enough(password):
    validate_password(password)


@pytest.mark.parametrize("password", ["riverstonebank", "riverstone4242", "RIVER-STONE-UP", "9482716350274"])
def test_fewer_than_three_kinds_are_refused(password):
    with pytest.raises(ValidationError, match="三|three"):
        validate_password(password)


def test_a_password_of_nine_characters_is_refused():
    with pytest.raises(ValidationError):
        validate_password("Rv-stone4")


def test_the_present_password_may_not_be_chosen_again(operator):
    with pytest.raises(ValidationError):
        validate_password(PASSWORD, operator)


@pytest.fixture
def five_later(operator):
    """The operator after five changes: the passwords in their order, the first included."""
    used = [f"River-Stone-{n}" for n in range(6)]
    for n, raw in enumerate(used):
        set_password(operator, raw, NOON + timedelta(days=n))
    return used


def test_none_of_the_last_five_may_come_back(operator, five_later):
    for raw in five_later[1:]:
        with pytest.raises(ValidationError):
            validate_password(raw, operator)


def test_the_sixth_last_may_come_back(operator, five_later):
    validate_password(five_later[0], operator)


def test_no_more_than_five_old_passwords_are_kept(operator, five_later):
    assert operator.used_passwords.count() == 5


def test_a_password_lasts_ninety_days(operator):
    set_password(operator, "River-Stone-1", NOON)

    assert not must_be_changed(operator, NOON + timedelta(days=90))
    assert must_be_changed(operator, NOON + timedelta(days=90, seconds=1))


@pytest.fixture
def change(operator):
    """`change(present, new, again)` sends the form as the operator."""
    client = client_of(operator)

    def send(present=PASSWORD, new="River-Stone-42", again="River-Stone-42"):
        return client.post("/account/password/", {"present": present, "new": new, "again": again})

    send.client = client
    return send


def test_a_person_changes_the_own_password(operator, change):
    response = change()

    operator.refresh_from_db()
    assert response.status_code == 302
    assert operator.check_password("River-Stone-42")


def test_a_change_is_recorded_without_the_password(operator, change):
    change()

    line = Change.objects.get(table="accounts.user", key=operator.username)
    assert (line.action, line.before, line.after) == ("password", {}, {})


def test_a_change_needs_the_present_password(operator, change):
    response = change(present="Wrong-Stone-1")

    operator.refresh_from_db()
    assert response.status_code == 422
    assert operator.check_password(PASSWORD)


def test_a_change_needs_the_same_new_password_twice(operator, change):
    assert change(again="River-Stone-43").status_code == 422


def test_a_weak_new_password_is_refused(operator, change):
    assert change(new="riverstonebank", again="riverstonebank").status_code == 422


def test_a_change_keeps_this_session(operator, change):
    change()

    assert change.client.get("/account/").status_code == 200


def test_a_change_ends_the_other_sessions(operator, change):
    elsewhere = client_of(operator)

    change()

    assert elsewhere.get("/account/").status_code == 302


def test_a_password_set_by_somebody_else_opens_only_the_change_page(operator, client_of):
    set_password(operator, "River-Stone-1", NOON, must_change=True)
    client = client_of(operator)

    assert client.get("/account/").headers["Location"] == "/account/password/"
    assert client.get("/account/password/").status_code == 200


def test_after_the_change_every_page_opens(operator, client_of):
    set_password(operator, "River-Stone-1", NOON, must_change=True)
    client = client_of(operator)

    client.post(
        "/account/password/", {"present": "River-Stone-1", "new": "River-Stone-2", "again": "River-Stone-2"}
    )

    assert client.get("/account/").status_code == 200


def test_a_password_older_than_ninety_days_opens_only_the_change_page(operator, client_of):
    operator.password_changed_at = NOON - timedelta(days=3650)
    operator.save()

    assert client_of(operator).get("/account/").headers["Location"] == "/account/password/"


def test_with_a_session_that_waits_for_a_new_password_the_api_is_closed(operator, client_of):
    operator.must_change_password = True
    operator.save()

    response = client_of(operator).get("/api/schema/")

    assert response.status_code == 403
    assert response.json()["code"] == "password_change_required"


def test_the_own_name_is_no_password(operator):
    operator.username = "supervisor-li"

    with pytest.raises(ValidationError):
        validate_password("Supervisor-Li", operator)


def test_a_password_that_many_people_use_is_refused():
    with pytest.raises(ValidationError):
        validate_password("password1")
