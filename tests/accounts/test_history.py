from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from hotline.accounts.history import changed_fields, record_change
from hotline.accounts.models import Change
from tests.makers import NOON


def test_only_what_differs_is_a_change():
    before, after = changed_fields({"name": "Parks", "kind": "m"}, {"name": "Parks and gardens", "kind": "m"})

    assert (before, after) == ({"name": "Parks"}, {"name": "Parks and gardens"})


def test_a_field_that_is_new_was_none_before():
    assert changed_fields({}, {"name": "Parks"}) == ({"name": None}, {"name": "Parks"})


def test_a_change_names_who_what_when_and_why(admin, unit):
    record_change(
        admin, unit, unit.code, "rename", {"name": "Parks"}, {"name": "Gardens"}, NOON, "Order 7/2026"
    )

    line = Change.objects.get()
    assert (line.actor, line.table, line.key, line.at) == (admin, "accounts.unit", unit.code, NOON)
    assert (line.before, line.after, line.basis) == ({"name": "Parks"}, {"name": "Gardens"}, "Order 7/2026")


def test_dates_and_lazy_texts_can_be_recorded(admin):
    record_change(
        admin, "clocks", "sign", "edit", {"from": date(2026, 3, 10)}, {"name": gettext_lazy("Parks")}, NOON
    )

    assert Change.objects.get().before == {"from": "2026-03-10"}


@pytest.mark.parametrize("act", [lambda rows: rows.update(key="other"), lambda rows: rows.delete()])
def test_the_history_of_settings_cannot_be_changed(admin, act):
    record_change(admin, "clocks", "sign", "edit", {}, {}, NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        act(Change.objects.all())
