"""The OpenAPI document is whole: every verb has its own path and its own input."""

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from dispatch.api.verbs import OFFERED

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_document_is_valid_and_warns_of_nothing(tmp_path, language):
    from django.utils import translation

    with translation.override(language):
        call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "openapi.yaml"))


def test_every_verb_has_its_path(document):
    listed = {
        path.split("/")[-2] for path in document["paths"] if path.startswith("/api/v1/orders/{number}/")
    }
    assert listed >= OFFERED


def test_every_verb_names_its_input(document):
    shapes = {
        verb: document["paths"][f"/api/v1/orders/{{number}}/{verb}/"]["post"]["requestBody"]
        for verb in OFFERED
    }
    assert all("application/json" in body["content"] for body in shapes.values())


def test_nothing_says_that_a_state_can_be_set(document):
    for name, shape in document["components"]["schemas"].items():
        if name.endswith(("Input", "NewOrder")):
            assert "state" not in shape.get("properties", {}), name


def test_an_order_is_told_as_the_document_says(operator, unit):
    from dispatch.api import outputs
    from tests.makers import NOON, make_order
    from workorders.lifecycle import State

    order, reader = make_order(state=State.CLOSED, lead=unit), outputs.Reader(operator, NOON)
    for told, shape in (
        (outputs.order_row(order, reader), outputs.OrderRow),
        (outputs.order_shown(order, reader), outputs.OrderShown),
        (outputs.order_created(order, reader), outputs.OrderCreated),
    ):
        assert list(told) == list(shape().fields)
        assert shape(data=told).is_valid(raise_exception=True)
