"""A changed clock rule is a new version; what runs keeps the old one."""

from datetime import date, timedelta

import pytest

from dispatch import clockrules, reference, ruleversions
from dispatch.models import Clock, ClockRule
from hotline.accounts.changing import CannotUndo, NotAdministrator
from hotline.accounts.models import Change
from hotline.lib.errors import InvalidInput
from tests.makers import NOON, make_order
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def rule(db) -> ClockRule:
    """Signing for an ordinary order: one working day."""
    return ClockRule.objects.get(timer_code="T03", urgency="N")


def change(rule, admin, now=NOON, **values):
    values = {"duration_value": 2, "valid_from": TOMORROW, "basis": "Order 7", **values}
    return ruleversions.new_version(rule, values, actor=admin, now=now)


def on(day: date, urgency: str = "N") -> ClockRule:
    return clockrules.rule_book().best("sign", "", clockrules.Case(urgency, "help", 3, day))


def test_the_old_version_counts_until_the_day_before(admin, rule):
    made = change(rule, admin)

    assert (on(TODAY), on(TOMORROW)) == (rule, made)


def test_running_clocks_keep_the_version_that_made_them(admin, rule):
    order = make_order(state=State.DISPATCHED)
    clock = Clock.objects.get(order=order, kind="sign")

    change(rule, admin)

    clock.refresh_from_db()
    assert clock.rule == rule and ruleversions.running(rule) == 1


def test_the_reference_data_brings_no_old_version_back(admin, rule):
    change(rule, admin)

    reference.load()

    assert ClockRule.objects.filter(timer_code="T03", urgency="N").count() == 2


def test_the_history_names_figures_day_and_basis(admin, rule):
    change(rule, admin)

    line = Change.objects.get()
    assert (line.action, line.basis, line.before["duration_value"], line.after["duration_value"]) == (
        "new_version",
        "Order 7",
        1,
        2,
    )


def test_another_unit_of_time_decides_whether_working_time_counts(admin, rule):
    assert change(rule, admin, duration_value=8, duration_unit="h").is_working is False


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"basis": " "}, "basis"),
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"duration_value": 0}, "duration_value"),
        ({"duration_value": -3}, "duration_value"),
        ({"duration_value": 9_999}, "duration_value"),
        ({"duration_unit": "percent"}, "duration_unit"),
        ({"duration_unit": "fortnight"}, "duration_unit"),
        ({"duration_value": 1}, None),
    ],
)
def test_what_no_clock_could_follow_is_refused(admin, rule, values, field):
    with pytest.raises(InvalidInput) as refusal:
        change(rule, admin, **values)
    assert refusal.value.field == field


def test_only_the_newest_version_is_changed(admin, rule):
    change(rule, admin)

    with pytest.raises(InvalidInput):
        change(ClockRule.objects.get(pk=rule.pk), admin, duration_value=3)


def test_a_version_that_has_not_begun_is_withdrawn(admin, rule):
    made = change(rule, admin)

    ruleversions.undo(made, Change.objects.get(), actor=admin, now=NOON)

    rule.refresh_from_db()
    assert rule.valid_to is None and on(TOMORROW) == rule


def test_a_version_in_force_is_followed_by_the_old_figures(admin, rule):
    made = change(rule, admin)
    later = NOON + timedelta(days=5)

    back = ruleversions.undo(made, Change.objects.get(), actor=admin, now=later)

    assert back.duration_value == 1 and on(later.date()) == back


def test_an_overtaken_version_is_not_undone(admin, rule):
    made = change(rule, admin)
    line = Change.objects.get()
    change(made, admin, duration_value=5)

    with pytest.raises(CannotUndo):
        ruleversions.undo(ClockRule.objects.get(pk=made.pk), line, actor=admin, now=NOON)


def test_only_administrators_change_rules(supervisor, auditor, rule):
    for person in (supervisor, auditor):
        with pytest.raises(NotAdministrator):
            change(rule, person)


def test_a_change_on_the_first_day_of_a_version_takes_its_place(admin, rule):
    first = change(rule, admin, valid_from=TODAY)

    second = change(first, admin, valid_from=TODAY, duration_value=3)

    assert on(TODAY) == second
