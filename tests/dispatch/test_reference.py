"""Loading the reference data that Hotline brings."""

import pytest

from dispatch import reference
from workorders.models import Reason

pytestmark = pytest.mark.django_db


def test_loading_a_second_time_changes_nothing():
    reference.load()

    assert reference.load().lines == {}


def test_a_code_may_stand_for_a_reason_of_each_use():
    uses = Reason.objects.filter(code="E01").values_list("use", flat=True)

    assert sorted(uses) == ["exclusion", "result"]
