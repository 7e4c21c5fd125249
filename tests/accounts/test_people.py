"""Accounts as an administrator keeps them."""

import pytest
from django.contrib.auth.password_validation import validate_password

from hotline.accounts import people
from hotline.accounts.changing import CannotUndo, NotAdministrator, StaleRow
from hotline.accounts.models import Change, Membership, Role, User
from hotline.accounts.people import LastAdministrator, OwnAccount
from hotline.lib.errors import DomainError, InvalidInput
from tests.makers import NOON, make_user

pytestmark = pytest.mark.django_db


def new_person(admin, **fields):
    return people.create(
        actor=admin, now=NOON, **{"username": "li", "name": "Li", "role": "operator", **fields}
    )


def test_a_new_person_gets_a_password_that_works_once(admin, client):
    user, plain = new_person(admin)

    assert user.check_password(plain) and user.must_change_password


def test_the_one_time_password_keeps_the_rules(db):
    validate_password(people.one_time_password())


def test_a_new_account_is_in_the_history_without_its_password(admin):
    user, plain = new_person(admin)

    line = Change.objects.get(key="li")
    assert (line.action, line.actor, line.after["role"]) == ("add", admin, "operator")
    assert plain not in str(line.after)


def test_a_user_name_is_taken_in_any_spelling(admin):
    new_person(admin)

    with pytest.raises(InvalidInput) as refusal:
        new_person(admin, username="LI")
    assert refusal.value.field == "username"


def test_people_of_handling_units_need_a_unit(admin, unit):
    with pytest.raises(InvalidInput):
        new_person(admin, role=Role.UNIT)

    user, _plain = new_person(admin, role=Role.UNIT, units=[unit])
    assert list(user.units.all()) == [unit]


def test_people_of_the_hotline_work_in_no_unit(admin, unit):
    with pytest.raises(InvalidInput):
        new_person(admin, units=[unit])


def test_a_new_role_ends_the_sessions(admin, operator, client_of):
    browser = client_of(operator)

    people.edit(operator, {"role": Role.DISPATCHER}, actor=admin, now=NOON)

    assert browser.get("/account/").status_code == 302


def test_moving_to_another_unit_is_recorded_by_code(admin, unit_clerk, unit, other_unit):
    people.edit(unit_clerk, {"units": [other_unit]}, actor=admin, now=NOON)

    line = Change.objects.get(key=unit_clerk.username)
    assert (line.before, line.after) == ({"units": [unit.code]}, {"units": [other_unit.code]})


def test_saving_what_is_there_already_writes_no_line(admin, operator):
    assert people.edit(operator, {"name": operator.name}, actor=admin, now=NOON) is False
    assert not Change.objects.exists()


def test_nobody_changes_the_own_role(admin):
    make_user(Role.ADMIN)

    with pytest.raises(OwnAccount):
        people.edit(admin, {"role": Role.AUDITOR}, actor=admin, now=NOON)


@pytest.mark.parametrize("act", [people.deactivate, people.reset_password, people.reset_second_factor])
def test_nobody_does_this_to_the_own_account(admin, act):
    make_user(Role.ADMIN)

    with pytest.raises(DomainError):
        act(admin, actor=admin, now=NOON)


def test_the_last_administrator_stays(admin):
    with pytest.raises(LastAdministrator):
        people.deactivate(admin, actor=None, now=NOON)
    with pytest.raises(LastAdministrator):
        people.edit(admin, {"role": Role.OPERATOR}, actor=None, now=NOON)


def test_an_administrator_who_was_just_removed_removes_nobody(admin):
    other = make_user(Role.ADMIN)
    people.deactivate(other, actor=admin, now=NOON)

    with pytest.raises(NotAdministrator):
        people.deactivate(admin, actor=other, now=NOON)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPERVISOR, Role.OPERATOR])
def test_only_administrators_change_accounts(role, operator):
    actor = make_user(role)

    with pytest.raises(NotAdministrator):
        people.edit(operator, {"name": "Somebody else"}, actor=actor, now=NOON)
    with pytest.raises(NotAdministrator):
        people.reset_password(operator, actor=actor, now=NOON)


def test_a_deactivated_person_is_logged_out_and_cannot_log_in(admin, operator, client_of):
    browser = client_of(operator)

    people.deactivate(operator, actor=admin, now=NOON)

    assert browser.get("/account/").status_code == 302
    assert not User.objects.get(pk=operator.pk).is_active


def test_an_account_can_be_opened_again(admin, operator):
    people.deactivate(operator, actor=admin, now=NOON)

    people.reactivate(operator, actor=admin, now=NOON)

    assert User.objects.get(pk=operator.pk).is_active


def test_a_reset_password_ends_sessions_and_must_be_changed(admin, operator, client_of):
    browser = client_of(operator)

    plain = people.reset_password(operator, actor=admin, now=NOON)

    operator.refresh_from_db()
    assert operator.check_password(plain) and operator.must_change_password
    assert browser.get("/account/").status_code == 302


def test_an_edit_based_on_an_old_page_is_refused(admin, operator):
    seen = people.person_fingerprint(operator)
    people.edit(operator, {"name": "Another"}, actor=admin, now=NOON)

    with pytest.raises(StaleRow):
        people.edit(operator, {"name": "Mine"}, actor=admin, now=NOON, expect=seen)


def test_a_move_can_be_undone(admin, unit_clerk, unit, other_unit):
    people.edit(unit_clerk, {"units": [other_unit]}, actor=admin, now=NOON)
    line = Change.objects.get(key=unit_clerk.username)

    people.undo_edit(unit_clerk, line, actor=admin, now=NOON)

    assert [row.unit for row in Membership.objects.filter(user=unit_clerk)] == [unit]


def test_what_was_changed_again_cannot_be_undone(admin, operator):
    people.edit(operator, {"name": "First"}, actor=admin, now=NOON)
    line = Change.objects.get(key=operator.username)
    people.edit(operator, {"name": "Second"}, actor=admin, now=NOON)

    with pytest.raises(CannotUndo):
        people.undo_edit(operator, line, actor=admin, now=NOON)
