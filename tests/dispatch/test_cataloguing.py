"""The dispatch catalogue: entries are added and ended, never written over."""

from datetime import timedelta

import pytest

from dispatch import cataloguing, reference, routing
from dispatch.models import CatalogueEntry
from hotline.accounts.changing import CannotUndo, NotAdministrator
from hotline.accounts.models import Change, Unit
from hotline.lib.errors import InvalidInput
from tests.makers import NOON
from workorders.models import Category, Place

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
CITY_LEAF = "010102"
"""Building quality: one lead for the whole city."""


@pytest.fixture(autouse=True)
def today(monkeypatch):
    """Rules that ask for today's date see the day of the tests."""
    for module in (cataloguing,):
        monkeypatch.setattr(module.timezone, "localdate", lambda now=None: now.date() if now else TODAY)


@pytest.fixture
def leaf(db) -> Category:
    return Category.objects.get(code=CITY_LEAF)


@pytest.fixture
def lead(leaf) -> CatalogueEntry:
    return CatalogueEntry.objects.get(category=leaf, role="lead", valid_to__isnull=True)


def add(leaf, admin, **values):
    values = {
        "category": leaf,
        "place_scope": "city",
        "place": None,
        "role": "lead",
        "unit_pattern": "370100-URBAN",
        "valid_from": TODAY,
        "basis": "Order 7",
        **values,
    }
    return cataloguing.add(values, actor=admin, now=NOON)


def end(entry, admin, last=TODAY - timedelta(days=1), basis="Order 7"):
    return cataloguing.end(entry, {"valid_to": last}, actor=admin, now=NOON, basis=basis)


def test_a_second_lead_for_the_same_scope_is_refused_in_clear_words(admin, leaf, lead):
    with pytest.raises(InvalidInput) as refusal:
        add(leaf, admin)

    assert refusal.value.code == "conflict"
    assert str(Unit.objects.get(code=lead.unit_pattern)) in str(refusal.value)


def test_an_entry_may_replace_the_one_that_stands_against_it(admin, leaf, lead):
    add(leaf, admin, replaces=True)

    lead.refresh_from_db()
    assert lead.valid_to == TODAY - timedelta(days=1)
    assert routing.resolve(leaf, None, on=TODAY).unit.code == "370100-URBAN"


def test_until_it_begins_the_old_entry_counts(admin, leaf, lead):
    add(leaf, admin, replaces=True, valid_from=TODAY + timedelta(days=10))

    assert routing.resolve(leaf, None, on=TODAY).entry == lead


def test_the_reference_data_does_not_bring_an_ended_entry_back(admin, leaf, lead):
    end(lead, admin)

    reference.load()

    assert routing.resolve(leaf, None, on=TODAY).gap == "no_entry"


def test_an_entry_of_one_place_stands_beside_that_of_the_city(admin, leaf, lead):
    place = Place.objects.get(code="370102")

    add(leaf, admin, place_scope="district", place=place)

    assert routing.resolve(leaf, place, on=TODAY).unit.code == "370100-URBAN"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"basis": ""}, "basis"),
        ({"unit_pattern": "370100-NOBODY"}, "unit_pattern"),
        ({"unit_pattern": "{district}-NOTHING", "place_scope": "district"}, "unit_pattern"),
        ({"unit_pattern": "{district}-URBAN"}, "place_scope"),
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
    ],
)
def test_what_could_not_be_routed_is_refused(admin, leaf, values, field):
    with pytest.raises(InvalidInput) as refusal:
        add(leaf, admin, **values)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("last", "basis"), [(TODAY - timedelta(days=2), "Order 7"), (None, "Order 7"), (TODAY, "")]
)
def test_an_end_needs_a_day_and_a_basis(admin, lead, last, basis):
    with pytest.raises(InvalidInput):
        end(lead, admin, last, basis)


def test_an_end_can_be_undone(admin, leaf, lead):
    end(lead, admin)

    cataloguing.reopen(lead, Change.objects.get(), actor=admin, now=NOON)

    assert routing.resolve(leaf, None, on=TODAY).entry == lead


def test_an_end_is_not_undone_when_another_took_the_place(admin, leaf, lead):
    end(lead, admin)
    line = Change.objects.get()
    add(leaf, admin)

    with pytest.raises(CannotUndo):
        cataloguing.reopen(CatalogueEntry.objects.get(pk=lead.pk), line, actor=admin, now=NOON)


def test_an_addition_is_taken_back(admin, leaf, lead):
    end(lead, admin)
    made = add(leaf, admin)

    cataloguing.take_back(made, Change.objects.first(), actor=admin, now=NOON)

    assert routing.resolve(leaf, None, on=TODAY).gap == "no_entry"


def test_only_administrators_change_the_catalogue(auditor, leaf, lead):
    with pytest.raises(NotAdministrator):
        add(leaf, auditor, replaces=True)
    with pytest.raises(NotAdministrator):
        end(lead, auditor)
