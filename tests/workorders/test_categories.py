"""The tree of categories as a city keeps it."""

import pytest

from dispatch import reference, retiring, routing
from dispatch.models import CatalogueEntry
from hotline.accounts.changing import NotAdministrator, StaleRow, fingerprint
from hotline.accounts.models import Change
from hotline.lib.errors import InvalidInput
from tests.makers import LEAF, NOON, make_order
from workorders import categories
from workorders.models import Category

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaf(db) -> Category:
    return Category.objects.get(code=LEAF)


@pytest.fixture
def other(db) -> Category:
    return Category.objects.get(code="020101")


def test_a_renamed_leaf_stays_renamed_when_the_reference_data_is_loaded(admin, leaf):
    categories.edit(leaf, {"name_zh": "Refuse"}, actor=admin, now=NOON, basis="Order 7")

    reference.load()

    assert Category.objects.get(code=LEAF).name_zh == "Refuse"


def test_what_was_not_edited_still_follows_the_product(admin, leaf):
    categories.edit(leaf, {"name_zh": "Refuse"}, actor=admin, now=NOON)
    Category.objects.filter(pk=leaf.pk).update(deadline_workdays=99)

    reference.load()

    assert Category.objects.get(code=LEAF).deadline_workdays == 3


def test_a_change_is_recorded_with_both_values_and_its_basis(admin, leaf):
    categories.edit(leaf, {"deadline_workdays": 7}, actor=admin, now=NOON, basis="Order 7")

    line = Change.objects.get()
    assert (line.key, line.action, line.basis) == (LEAF, "edit", "Order 7")
    assert (line.before, line.after) == ({"deadline_workdays": 3}, {"deadline_workdays": 7})


def test_a_rename_and_a_move_are_called_so(admin, leaf, other):
    categories.edit(leaf, {"name_zh": "Refuse"}, actor=admin, now=NOON)
    group = Category.objects.get(code="0301")
    categories.edit(leaf, {"parent": group}, actor=admin, now=NOON)

    assert [line.action for line in Change.objects.order_by("pk")] == ["rename", "move"]


def test_a_leaf_moves_only_under_a_group(admin, leaf):
    top = Category.objects.get(code="03")

    with pytest.raises(InvalidInput) as refusal:
        categories.edit(leaf, {"parent": top}, actor=admin, now=NOON)
    assert refusal.value.field == "parent"


def test_an_edit_based_on_an_old_page_is_refused(admin, leaf):
    seen = fingerprint(leaf)
    categories.edit(leaf, {"name_zh": "First"}, actor=admin, now=NOON)

    with pytest.raises(StaleRow):
        categories.edit(leaf, {"name_zh": "Second"}, actor=admin, now=NOON, expect=seen)


def test_only_administrators_change_the_tree(supervisor, auditor, leaf):
    for person in (supervisor, auditor):
        with pytest.raises(NotAdministrator):
            categories.edit(leaf, {"name_zh": "Refuse"}, actor=person, now=NOON)


def test_a_new_leaf_gets_the_next_code_of_its_group(admin, leaf):
    new = categories.add({"parent": leaf.parent, "name_zh": "Snow"}, actor=admin, now=NOON)

    assert new.code.startswith("0201") and new.level == "leaf"


def test_a_code_of_another_group_is_refused(admin, leaf):
    with pytest.raises(InvalidInput) as refusal:
        categories.add({"parent": leaf.parent, "code": "999901", "name_zh": "Snow"}, actor=admin, now=NOON)
    assert refusal.value.field == "code"


def test_a_code_that_is_taken_is_refused_next_to_its_field(admin, leaf):
    with pytest.raises(InvalidInput) as refusal:
        categories.add({"parent": leaf.parent, "code": LEAF, "name_zh": "Snow"}, actor=admin, now=NOON)
    assert refusal.value.field == "code"


def test_a_merged_leaf_names_its_successor_and_gives_it_its_keywords(admin, leaf, other):
    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    leaf.refresh_from_db()
    other.refresh_from_db()
    assert (leaf.is_active, leaf.merged_into) == (False, other)
    assert set(leaf.keywords) <= set(other.keywords)


def test_orders_keep_a_merged_leaf(admin, leaf, other):
    order = make_order(category=LEAF)

    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    order.refresh_from_db()
    assert order.category == leaf


def test_the_catalogue_says_nothing_about_a_merged_leaf(admin, leaf, other):
    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    assert routing.resolve(leaf, None, on=NOON.date()).gap == "no_entry"


def test_a_merged_leaf_stays_merged_when_the_reference_data_is_loaded(admin, leaf, other):
    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    reference.load()

    assert not Category.objects.get(code=LEAF).is_active
    assert not CatalogueEntry.objects.filter(category=leaf, valid_to__isnull=True).exists()


def test_undoing_a_merge_brings_leaf_and_catalogue_back(admin, leaf, other):
    open_before = CatalogueEntry.objects.filter(category=leaf, valid_to__isnull=True).count()
    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    retiring.restore_category(leaf, actor=admin, now=NOON)

    leaf.refresh_from_db()
    assert (leaf.is_active, leaf.merged_into) == (True, None)
    assert CatalogueEntry.objects.filter(category=leaf, valid_to__isnull=True).count() == open_before


def test_a_leaf_merged_earlier_follows_its_successor(admin, leaf, other):
    third = Category.objects.get(code="020102")
    retiring.merge_categories(leaf, other, actor=admin, now=NOON)

    retiring.merge_categories(other, third, actor=admin, now=NOON)

    leaf.refresh_from_db()
    assert leaf.merged_into == third


def test_a_group_in_use_is_not_taken_out_of_use(admin, leaf):
    with pytest.raises(InvalidInput):
        retiring.retire_category(leaf.parent, actor=admin, now=NOON)


def test_the_only_leaf_stays_in_use(admin, leaf):
    Category.objects.filter(level="leaf").exclude(pk=leaf.pk).update(is_active=False)

    with pytest.raises(InvalidInput):
        retiring.retire_category(leaf, actor=admin, now=NOON)


def test_open_orders_of_a_leaf_and_of_its_group_are_counted(leaf):
    make_order(category=LEAF)

    assert categories.open_orders(leaf) == categories.open_orders(leaf.parent) == 1
