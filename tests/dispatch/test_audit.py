"""/audit/: the auditor reads who saw what and changes nothing."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from hotline.accounts.history import record_change
from tests.makers import NOON, PASSWORD, make_order, make_user
from workorders import auditing
from workorders.access import log_access, reveal
from workorders.auditing import AccessFilter
from workorders.errors import NotAllowed
from workorders.models import AccessLog
from workorders.models.accesslog import AccessAct

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of, auditor):
    return client_of(auditor)


@pytest.fixture
def seen(operator):
    """An order whose phone an operator had revealed."""
    order = make_order()
    reveal(order.pk, actor=operator, now=NOON, field="phone", reason="=call back first")
    return order


def reveals(user, count, at):
    for _number in range(count):
        log_access(AccessAct.REVEAL, user=user, now=at, field="phone", reason="test")


def text_of(page) -> str:
    return b"".join(page.streaming_content).decode() if page.streaming else page.content.decode()


@pytest.mark.parametrize("path", ["", "changes/", "logins/"])
def test_the_auditor_opens_every_tab(browser, seen, path):
    assert browser.get(f"/audit/{path}").status_code == 200


@pytest.mark.parametrize("role", ["operator", "dispatcher", "callback", "supervisor", "leader", "admin"])
@pytest.mark.parametrize("path", ["", "changes/", "logins/"])
def test_nobody_else_does(client_of, role, path):
    assert client_of(make_user(role)).get(f"/audit/{path}").status_code == 403


@pytest.mark.parametrize("role", ["operator", "supervisor", "admin"])
def test_nobody_else_exports(client_of, role):
    assert client_of(make_user(role)).post("/audit/export/csv/").status_code == 403


@pytest.mark.parametrize("path", ["", "changes/", "logins/"])
def test_the_tabs_are_read_only(browser, path):
    assert browser.post(f"/audit/{path}").status_code == 405


def test_an_export_is_posted_because_it_leaves_a_line(browser):
    assert browser.get("/audit/export/csv/").status_code == 405


def test_a_reveal_shows_who_what_of_which_order_and_why(browser, operator, seen):
    page = text_of(browser.get("/audit/"))

    for words in (str(operator), seen.number, "=call back first"):
        assert words in page


def test_the_page_shows_no_phone(browser, seen):
    assert "13812345678" not in text_of(browser.get("/audit/"))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"person": "nobody"}, 0),
        ({"field": "phone"}, 1),
        ({"field": "name"}, 0),
        ({"act": "view"}, 0),
        ({"reason": "back FIRST"}, 1),
        ({"since": "2026-03-10", "until": "2026-03-10"}, 1),
        ({"since": "2026-03-11"}, 0),
        ({"until": "2026-03-09"}, 0),
        ({"ip": "10.1.1.1"}, 0),
    ],
)
def test_filters_narrow_the_log(browser, seen, query, count):
    assert len(browser.get("/audit/", query).context["lines"]) == count


def test_the_log_is_found_by_order_number_and_person(browser, operator, seen):
    query = {"order": seen.number.lower(), "person": operator.username}

    assert len(browser.get("/audit/", query).context["lines"]) == 1


@pytest.mark.parametrize(
    "query", [{"ip": "everywhere"}, {"since": "x"}, {"since": "2026-03-10", "until": "2026-03-01"}]
)
def test_filters_that_make_no_sense_are_refused_and_kept(browser, query):
    page = browser.get("/audit/", query)

    assert page.status_code == 422 and next(iter(query.values())) in page.content.decode()


def test_the_log_is_paged_newest_first(browser, operator):
    reveals(operator, 60, NOON)

    first = browser.get("/audit/")
    second = browser.get("/audit/", {"cursor": first.context["next"]})

    ids = [line["row"].pk for page in (first, second) for line in page.context["lines"]]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 60


def test_a_page_takes_as_many_queries_with_many_lines(browser, operator, django_assert_max_num_queries):
    reveals(operator, 50, NOON)

    with django_assert_max_num_queries(12):
        browser.get("/audit/")


def test_more_than_thirty_reveals_in_a_day_are_an_alarm(operator, supervisor):
    reveals(operator, 31, NOON)
    reveals(supervisor, 30, NOON)

    first, second = auditing.most_revealing(NOON - timedelta(hours=12), NOON + timedelta(hours=12))

    assert (first.user, first.is_alarming, second.is_alarming) == (operator, True, False)
    assert auditing.people_alarming(NOON - timedelta(hours=12), NOON + timedelta(hours=12)) == 1


def test_the_page_sounds_the_alarm(browser, operator):
    reveals(operator, 31, timezone.now())

    assert "notice-error" in text_of(browser.get("/audit/"))


def test_a_csv_holds_the_filtered_lines_and_no_formula(browser, seen):
    table = text_of(browser.post("/audit/export/csv/?field=phone"))

    assert table.startswith("\ufeff") and "'=call back first" in table and seen.number in table


def test_a_sheet_names_filters_and_exporter(browser, auditor, seen):
    answer = browser.post("/audit/export/xlsx/?field=phone")

    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert auditor.username in str(sheet["B3"].value)
    assert {cell.data_type for cell in cells if str(cell.value).startswith("=")} == {"s"}


def test_an_export_is_logged_with_its_filters(browser, auditor, seen):
    text_of(browser.post("/audit/export/csv/?field=phone"))

    line = AccessLog.objects.get(act="export")
    assert (line.user, line.facts["filters"], line.facts["rows"]) == (auditor, {"field": "phone"}, 1)


def test_an_export_with_senseless_filters_leaves_no_line(browser):
    assert browser.post("/audit/export/csv/?ip=everywhere").status_code == 422
    assert not AccessLog.objects.filter(act="export").exists()


def test_an_export_has_an_end(auditor, operator, monkeypatch):
    monkeypatch.setattr(auditing, "MOST_ROWS", 5)
    reveals(operator, 8, NOON)

    _line, rows = auditing.export(AccessFilter(), actor=auditor, now=NOON + timedelta(hours=1), kind="csv")

    assert len(list(rows)) == 5


def test_only_auditors_export(supervisor):
    with pytest.raises(NotAllowed):
        auditing.export(AccessFilter(), actor=supervisor, now=NOON, kind="csv")


def test_the_history_of_settings_shows_old_and_new(browser, admin, unit):
    record_change(admin, unit, unit.code, "rename", {"name": "Parks"}, {"name": "Gardens"}, NOON, "Order 7")

    found = text_of(browser.get("/audit/changes/", {"table": "accounts.unit", "person": admin.username}))
    other = text_of(browser.get("/audit/changes/", {"key": "no such row"}))

    assert "<del>Parks</del>" in found and "<ins>Gardens</ins>" in found and "Order 7" in found
    assert "Gardens" not in other


def test_failed_logins_stay_in_the_log_after_a_success(client, browser, operator):
    client.post("/login/", {"username": operator.username, "password": "wrong"})
    client.post("/login/", {"username": operator.username, "password": PASSWORD})

    failed = browser.get("/audit/logins/", {"person": operator.username}).context["lines"]
    done = browser.get("/audit/logins/", {"person": operator.username, "outcome": "done"}).context["lines"]

    assert (len(failed), len(done)) == (1, 1)


def test_the_auditor_edits_nothing(browser):
    for path in ("/manage/", "/manage/users/add/", "/desk/", "/triage/"):
        assert browser.get(path).status_code in (403, 404)
