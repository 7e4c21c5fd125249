import json
import re

import pytest

from hotline.apidocs import Reader
from tests.makers import client_of, make_user

SHAPES = {
    "Caller": {"type": "object", "properties": {"phone": {"type": "string"}}, "required": ["phone"]},
    "Order": {
        "type": "object",
        "required": ["channel"],
        "properties": {
            "number": {"type": "string", "readOnly": True},
            "channel": {"allOf": [{"$ref": "#/components/schemas/Channel"}], "description": "How it came in"},
            "caller": {"$ref": "#/components/schemas/Caller"},
            "due_at": {"type": "string", "format": "date-time"},
        },
    },
    "Channel": {
        "enum": ["phone", "web"],
        "type": "string",
        "description": "* `phone` - Phone\n* `web` - Web",
    },
}
ORDER = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
PATHS = {
    "/api/v1/orders/": {
        "post": {
            "operationId": "orders_create",
            "tags": ["orders"],
            "description": "Log an order.\n\nIt starts pending.",
            "parameters": [
                {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": ORDER,
            "responses": {"201": {**ORDER, "description": "the order"}},
        }
    }
}


@pytest.fixture
def reader():
    return Reader(SHAPES)


@pytest.fixture
def operation(reader):
    return reader.groups(PATHS)["orders"][0]


def test_operations_stand_under_their_tag(reader):
    assert list(reader.groups(PATHS)) == ["orders"]


def test_the_first_line_is_the_summary(operation):
    assert (operation.summary, operation.text) == ("Log an order.", "It starts pending.")


def test_parameters_say_where_they_go(operation):
    key = operation.parameters[0]

    assert (key.name, key.place, key.required) == ("Idempotency-Key", "header", True)


def test_what_only_an_answer_holds_is_not_asked_for(operation):
    assert [row.name for row in operation.body] == ["channel", "caller", "due_at"]


def test_choices_are_listed_once(operation):
    channel = operation.body[0]

    assert (channel.text, channel.choices, channel.required) == ("How it came in", ["phone", "web"], True)


def test_a_field_that_is_an_object_links_to_it(operation):
    assert operation.body[1].shape == "Caller"


def test_the_example_can_be_sent(operation):
    assert json.loads(operation.example) == {
        "channel": "phone",
        "caller": {"phone": "text"},
        "due_at": "2026-03-10T12:00:00+08:00",
    }


def test_the_answer_shows_every_field(operation):
    answer = operation.answers[0]

    assert (answer["code"], answer["shape"]) == ("201", "Order")
    assert json.loads(answer["example"])["number"] == "text"


def test_lists_of_choices_are_no_objects(reader):
    assert list(reader.shapes()) == ["Caller", "Order"]


def test_an_object_within_itself_ends():
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}

    assert json.dumps(Reader({"Node": node}).sample(node)).count("next") <= 5


def test_the_page_loads_nothing_from_elsewhere(db):
    html = client_of(make_user("operator")).get("/api/docs/").content.decode()

    loaded = re.findall(r"""(?:src|href|action)=["']([^"']+)""", html)
    assert [address for address in loaded if "//" in address] == []
