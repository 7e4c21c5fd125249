"""The tables that an order's codes come from."""

import pytest

from tests.makers import client_of

pytestmark = pytest.mark.django_db


def rows(user, path):
    answer = client_of(user).get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["results"]


def test_leaves_of_a_group(operator):
    found = rows(operator, "categories/?level=leaf&parent=0801")
    assert "080101" in [row["code"] for row in found]
    assert {row["parent"] for row in found} == {"0801"}


def test_subdistricts_of_a_district(operator):
    found = rows(operator, "places/?parent=370102")
    assert {row["level"] for row in found} == {"subdistrict"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("categories/?q=牛奶", None),
        ("categories/?q=物业", "010101"),
        ("places/?q=泉城路", "370102004"),
        ("units/?q=370102-market", "370102-MARKET"),
    ],
)
def test_words_narrow_a_table(operator, path, code):
    codes = [row["code"] for row in rows(operator, path)]
    assert code in codes if code else codes == []


def test_units_with_what_they_belong_to(operator):
    unit = rows(operator, "units/?q=370102-MARKET")[0]
    assert set(unit) == {"code", "name", "short_name", "kind", "parent", "place"}


def test_the_catalogue_of_a_leaf(operator):
    found = rows(operator, "catalogue/?category=080101&role=lead")
    assert found[0]["unit"] == "{district}-MARKET"
    assert found[0]["basis"]


def test_a_retired_row_is_not_offered(operator):
    from hotline.accounts.models import Unit
    from hotline.lib.cached import Cached

    Unit.objects.filter(code="370102-MARKET").update(is_active=False)
    Cached.forget_all()
    assert rows(operator, "units/?q=370102-MARKET") == []


def test_a_mistyped_filter_is_refused(operator):
    answer = client_of(operator).get("/api/v1/units/?parrent=x")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["parrent"])


def test_a_long_table_is_cut_and_goes_on(operator, monkeypatch):
    monkeypatch.setattr("dispatch.api.reference.MOST_ROWS", 100)
    client, found, address = client_of(operator), [], "/api/v1/units/"
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= 100
        found += [row["code"] for row in page["results"]]
        address = page["next"]
    assert len(found) == len(set(found)) > 400


def test_a_remembered_table_costs_no_query_of_its_own(operator, django_assert_max_num_queries):
    client = client_of(operator)
    client.get("/api/v1/units/")
    with django_assert_max_num_queries(3):
        client.get("/api/v1/units/")


@pytest.mark.parametrize("table", ["categories", "units", "places", "catalogue"])
def test_nobody_unknown_reads_them(client, table):
    assert client.get(f"/api/v1/{table}/").status_code == 401


def test_knowledge_is_not_there_yet(operator):
    assert client_of(operator).get("/api/v1/knowledge/").status_code == 404
