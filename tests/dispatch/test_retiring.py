"""Units and places go out of use only when nothing hangs on them."""

import pytest

from dispatch import reference, retiring
from hotline.accounts import units
from hotline.accounts.changing import NotAdministrator
from hotline.accounts.models import Unit
from hotline.lib.errors import InvalidInput
from tests.makers import NOON, make_order, make_unit
from workorders.lifecycle import State
from workorders.models import Place

pytestmark = pytest.mark.django_db


def test_a_unit_that_holds_an_open_order_stays(admin, unit):
    make_order(state=State.HANDLING, lead=unit)

    with pytest.raises(InvalidInput) as refusal:
        retiring.retire_unit(unit, actor=admin, now=NOON)
    assert "1" in str(refusal.value)


def test_a_unit_whose_orders_are_closed_may_go(admin, unit):
    make_order(state=State.CLOSED, lead=unit)

    retiring.retire_unit(unit, actor=admin, now=NOON)

    assert not Unit.objects.get(pk=unit.pk).is_active


def test_a_unit_with_units_below_it_stays(admin, unit):
    make_unit("Below", parent=unit)

    with pytest.raises(InvalidInput):
        retiring.retire_unit(unit, actor=admin, now=NOON)


def test_a_unit_that_the_catalogue_names_stays(admin):
    with pytest.raises(InvalidInput):
        retiring.retire_unit(Unit.objects.get(code="370100-URBAN"), actor=admin, now=NOON)


def test_a_retired_unit_stays_retired_when_the_reference_data_is_loaded(admin):
    unit = Unit.objects.get(code="EXT-122")

    retiring.retire_unit(unit, actor=admin, now=NOON)
    reference.load()

    assert not Unit.objects.get(code="EXT-122").is_active


def test_a_renamed_unit_keeps_its_name_and_a_moved_one_its_place(admin):
    unit, parent = Unit.objects.get(code="370100-URBAN"), make_unit("Above")

    units.edit(unit, {"short_name": "Ours", "parent": parent}, actor=admin, now=NOON)
    reference.load()

    unit.refresh_from_db()
    assert (unit.short_name, unit.parent) == ("Ours", parent)


def test_a_unit_cannot_lie_below_itself(admin, unit):
    below = make_unit("Below", parent=unit)

    with pytest.raises(InvalidInput) as refusal:
        units.edit(unit, {"parent": below}, actor=admin, now=NOON)
    assert refusal.value.field == "parent"


def test_a_place_with_places_in_it_stays(admin):
    with pytest.raises(InvalidInput):
        retiring.retire_place(Place.objects.get(code="370102"), actor=admin, now=NOON)


def test_only_administrators_retire(supervisor, unit):
    with pytest.raises(NotAdministrator):
        retiring.retire_unit(unit, actor=supervisor, now=NOON)
