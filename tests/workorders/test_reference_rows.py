"""Kinds, places, reasons and urgent words as a city keeps them."""

import pytest

from dispatch import reference
from hotline.accounts.changing import NotAdministrator
from hotline.lib.errors import InvalidInput
from tests.makers import NOON
from workorders import classification, reference_rows
from workorders.models import Kind, Place, Reason, UrgencyWord

pytestmark = pytest.mark.django_db


def test_an_edited_kind_survives_the_reference_data(admin):
    reference_rows.edit_kind(Kind.objects.get(code="help"), {"default_workdays": 9}, actor=admin, now=NOON)

    reference.load()

    assert Kind.objects.get(code="help").default_workdays == 9


def test_a_kind_needs_an_outcome(admin):
    with pytest.raises(InvalidInput):
        reference_rows.edit_kind(Kind.objects.get(code="help"), {"outcomes": []}, actor=admin, now=NOON)


def test_a_community_is_added_to_a_subdistrict(admin):
    around = Place.objects.get(code="370102001")
    values = {"code": "370102001001", "level": "community", "name_zh": "Lakeside", "parent": around}

    assert reference_rows.add_place(values, actor=admin, now=NOON).parent == around


def test_a_place_lies_in_a_wider_one(admin):
    values = {"code": "9", "level": "district", "name_zh": "x", "parent": Place.objects.get(code="370102001")}

    with pytest.raises(InvalidInput) as refusal:
        reference_rows.add_place(values, actor=admin, now=NOON)
    assert refusal.value.field == "parent"


def test_an_edited_place_survives_the_reference_data(admin):
    place = Place.objects.get(code="370102")
    reference_rows.edit_place(place, {"name_en": "Old town", "aliases": ["x"]}, actor=admin, now=NOON)

    reference.load()

    place.refresh_from_db()
    assert (place.name_en, place.aliases) == ("Old town", ["x"])


def test_the_last_reason_of_a_use_stays(admin):
    last = Reason.objects.filter(use="return").first()
    Reason.objects.filter(use="return").exclude(pk=last.pk).update(is_active=False)

    with pytest.raises(InvalidInput):
        reference_rows.retire_reason(last, actor=admin, now=NOON)


def test_a_retired_reason_stays_retired_when_the_reference_data_is_loaded(admin):
    reason = Reason.objects.get(code="D01")
    reference_rows.retire_reason(reason, actor=admin, now=NOON)

    reference.load()

    assert not Reason.objects.get(code="D01").is_active


def test_a_new_urgent_word_counts_at_once(admin):
    reference_rows.add_word({"word": "tsunami", "level": "E1"}, actor=admin, now=NOON)

    assert classification.urgency_of("a tsunami is coming").level == "E1"


def test_a_retired_urgent_word_counts_no_longer(admin):
    word = reference_rows.add_word({"word": "tsunami", "level": "E1"}, actor=admin, now=NOON)

    reference_rows.retire_word(word, actor=admin, now=NOON)

    assert classification.urgency_of("a tsunami is coming").level == "N"
    assert UrgencyWord.objects.filter(word="tsunami").exists()


def test_only_administrators_edit(auditor):
    with pytest.raises(NotAdministrator):
        reference_rows.add_word({"word": "tsunami", "level": "E1"}, actor=auditor, now=NOON)
