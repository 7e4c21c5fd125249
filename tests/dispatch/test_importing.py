"""Importing: what is read from a file, what becomes of a row, and what is told about it."""

import csv
import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from openpyxl import Workbook

from dispatch import importing, invariants
from dispatch.importrows import UnreadableFile, instant_of, open_table
from dispatch.models import Assignment, Clock
from hotline.lib.worktime import SHANGHAI
from tests.makers import LEAF, NOON, PLACE
from workorders.errors import InvalidInput
from workorders.lifecycle import State
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db

CITY_LEAF = "010105"
"""Housing fund: the city's, so that it routes without a place."""
FULL = {
    "id": "a-1",
    "title": "公积金提取",
    "content": "咨询公积金租房提取",
    "created_at": "2026-03-01 09:30:00",
    "channel": "mailbox",
    "kind": "inquiry",
    "category": CITY_LEAF,
    "place": PLACE,
    "address": "明泉路8号",
    "urgency": "N",
    "caller_name": "王芳",
    "caller_phone": "15412345678",
    "mode": "",
}


def write_csv(path: Path, *rows: dict, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, *rows: list) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def file(tmp_path):
    return tmp_path / "letters.csv"


def run(path: Path, **options) -> dict:
    """The command's last line."""
    out = StringIO()
    call_command("import_orders", str(path), stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue().splitlines()[-1])


def rejects(path: Path) -> list[dict]:
    with path.with_name(f"{path.name}.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_usual_encodings_are_read(file, encoding):
    table = open_table(write_csv(file, {"content": "暖气不热"}, encoding=encoding))

    assert [row.get("content") for row in table.rows()] == ["暖气不热"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_usual_delimiters_are_read(file, delimiter):
    table = open_table(write_csv(file, {"id": "1", "content": "a, b; c"}, delimiter=delimiter))

    assert [row.get("content") for row in table.rows()] == ["a, b; c"]


def test_line_breaks_inside_a_text_stay(file):
    table = open_table(write_csv(file, {"content": "one\ntwo"}))

    assert (table.total, next(table.rows()).get("content")) == (1, "one\ntwo")


def test_a_sheet_is_read_with_its_numbers_and_dates(tmp_path):
    path = write_xlsx(
        tmp_path / "letters.xlsx",
        ["id", "content", "created_at", "caller_phone"],
        [17, "暖气不热", datetime(2026, 3, 1, 9, 30), 15412345678],
        [None, None, None, None],
    )
    row = next(open_table(path).rows())

    assert [row.get(name) for name in ("id", "content", "created_at", "caller_phone")] == [
        "17",
        "暖气不热",
        "2026-03-01 09:30:00",
        "15412345678",
    ]


def test_empty_lines_are_no_rows(file):
    file.write_text("content\nwater\n\n,\n")

    assert open_table(file).total == 1


def test_a_map_names_columns_and_beats_equal_names(file):
    write_csv(file, {"id": "row 1", "url": "x/1", "query": "暖气不热"})
    row = next(open_table(file, {"url": "id", "query": "content"}).rows())

    assert (row.get("id"), row.get("content")) == ("x/1", "暖气不热")


@pytest.mark.parametrize(
    ("column_map", "words"),
    [
        ({"query": "text"}, "the field 'text'"),
        ({"nothing": "content"}, "the column 'nothing'"),
        ({"query": "content", "id": "content"}, "a field twice"),
        ({}, "No column is the content"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(file, column_map, words):
    write_csv(file, {"id": "1", "query": "暖气不热"})

    with pytest.raises(UnreadableFile) as refusal:
        open_table(file, column_map)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "data"), [("a.csv", b"\x00\x01\x02"), ("a.csv", b"\xff\xff\xff"), ("a.xlsx", b"PK no sheet")]
)
def test_a_file_of_another_kind_is_refused(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)

    with pytest.raises(UnreadableFile):
        open_table(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableFile):
        open_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 09:30:00",
        "2026-03-01T09:30",
        "2026/3/1 9:30",
        "2026年3月1日 9:30",
        "2026-03-01T01:30:00Z",
        "2026.03.01 09:30:00.0",
    ],
)
def test_dates_are_read_as_people_write_them(text):
    assert instant_of(text, NOON) == datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)


def test_a_day_alone_is_its_midnight():
    assert instant_of("2020-01-09", NOON) == datetime(2020, 1, 9, tzinfo=SHANGHAI)


def test_no_date_is_now():
    assert instant_of("", NOON) == NOON


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "13/1/2026", "2026-03-01 25:00", "0012-01-01"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(InvalidInput):
        instant_of(text, NOON)


def test_the_future_is_refused():
    with pytest.raises(InvalidInput):
        instant_of("2026-03-11", NOON)


# --- Rows --------------------------------------------------------------------------------------------


def test_a_full_row_becomes_an_order(file):
    run(write_csv(file, FULL))

    order = WorkOrder.objects.get()
    assert (order.state, order.source, order.source_id, order.channel) == (
        "pending",
        "import",
        "a-1",
        "mailbox",
    )
    assert (order.kind_id, order.category.code, order.place.code) == ("inquiry", CITY_LEAF, PLACE)
    assert order.created_at == datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)
    assert order.caller.plain_phone() == "15412345678" and order.mode == "real_name"


def test_the_first_event_is_the_systems(file):
    run(write_csv(file, FULL))

    event = WorkOrder.objects.get().events.get()
    assert (event.verb, event.actor, event.to_state) == ("create", None, "pending")


def test_clocks_start_at_the_import(file):
    run(write_csv(file, FULL))

    clock = Clock.objects.get()
    assert clock.kind == "dispatch"
    assert clock.started_at - WorkOrder.objects.get().created_at > timedelta(days=1)


def test_content_alone_is_enough_and_its_caller_is_anonymous(file):
    run(write_csv(file, {"content": "我要反映一个情况"}))

    order = WorkOrder.objects.get()
    assert (order.mode, order.caller, order.source_id) == ("anonymous", None, "")


def test_names_do_where_codes_are_not_known(file):
    run(write_csv(file, FULL | {"kind": "咨询", "category": "住房公积金", "place": "历下区"}))

    order = WorkOrder.objects.get()
    assert (order.kind_id, order.category.code, order.place.code) == ("inquiry", CITY_LEAF, "370102")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("content", "", "no content"),
        ("created_at", "soon", "no date"),
        ("created_at", "2099-01-01", "future"),
        ("channel", "pigeon", "channel"),
        ("kind", "praise", "kind: unknown: praise"),
        ("category", "999999", "category: unknown: 999999"),
        ("category", "0101", "lowest level"),
        ("place", "Beijing", "place: unknown: Beijing"),
        ("urgency", "high", "urgency: unknown: high"),
        ("caller_phone", "12-ab", "telephone number"),
        ("mode", "secret", "identity mode"),
        ("id", "x" * 201, "longer than 200"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_reason(file, field, value, reason):
    good = {"id": "b-2", "content": "第二行"}
    report = run(write_csv(file, FULL | {field: value}, {**dict.fromkeys(FULL, ""), **good}))

    assert (report["imported"], report["rejected"]) == (1, 1)
    refused = rejects(file)
    assert refused[0]["row"] == "2"
    assert reason.lower() in refused[0]["reason"].lower()
    assert WorkOrder.objects.get().source_id == "b-2"


def test_text_that_would_run_as_a_formula_is_stored_as_it_is_and_made_harmless_in_the_side_file(file):
    text = '=HYPERLINK("http://x","y")'
    run(
        write_csv(
            file,
            {"id": "1", "title": "", "content": text, "kind": ""},
            {"id": "2", "title": text, "content": "a", "kind": "none"},
        )
    )

    assert WorkOrder.objects.get().content == text
    assert rejects(file)[0]["title"] == "'" + text


def test_a_known_id_is_skipped(file):
    write_csv(file, FULL)
    run(file)

    assert run(file) == {"read": 1, "imported": 0, "known": 1, "rejected": 0, "dispatched": 0, "triage": 0}


def test_an_id_twice_in_the_file_counts_once(file):
    report = run(write_csv(file, FULL, FULL | {"content": "again"}))

    assert (report["imported"], report["known"]) == (1, 1)


def test_an_id_of_another_source_is_another_order(file):
    write_csv(file, FULL)
    run(file)

    assert run(file, source="mayor")["imported"] == 1


def test_a_side_file_of_an_earlier_run_goes_away(file):
    run(write_csv(file, {"id": "1", "content": ""}))
    run(write_csv(file, {"id": "1", "content": "有内容"}))

    assert not file.with_name("letters.csv.rejects.csv").exists()


def test_a_dry_run_keeps_nothing(file):
    report = run(write_csv(file, FULL, FULL), dispatch=True, dry_run=True)

    assert (report["imported"], report["known"], report["dispatched"]) == (1, 1, 1)
    assert not WorkOrder.objects.exists()


# --- What is left open -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("请问社保卡怎么办理?", "inquiry"),
        ("我要投诉物业乱收费", "complaint"),
        ("特此感谢工作人员，提出表扬", "thanks"),
        ("墙皮脱落", "help"),
    ],
)
def test_the_kind_is_read_from_its_cues(file, content, kind):
    run(write_csv(file, {"content": content}))

    assert WorkOrder.objects.get().kind_id == kind


def test_a_category_that_two_words_name_is_taken(file):
    run(write_csv(file, {"content": "公积金提取的事"}))

    assert WorkOrder.objects.get().category.code == CITY_LEAF


def test_a_category_that_is_not_sure_is_left_open(file):
    run(write_csv(file, {"content": "公积金的事"}))

    assert WorkOrder.objects.get().category is None


def test_a_lower_least_score_takes_more(file):
    run(write_csv(file, {"content": "公积金的事"}), min_score=0.5)

    assert WorkOrder.objects.get().category.code == CITY_LEAF


def test_a_close_second_leaves_the_category_open(file, monkeypatch):
    monkeypatch.setattr(importing, "suggest_categories", lambda text: [(CITY_LEAF, 0.95), (LEAF, 0.66)])
    run(write_csv(file, {"content": "公积金"}))

    assert WorkOrder.objects.get().category is None


def test_alarm_words_raise_the_urgency(file):
    run(write_csv(file, FULL | {"content": "楼里燃气泄漏，有燃气味"}))

    assert WorkOrder.objects.get().urgency == "E1"


def test_the_place_is_read_from_the_address(file):
    run(write_csv(file, {"content": "路灯不亮", "address": "历下区解放路街道明泉路8号"}))

    assert WorkOrder.objects.get().place.code == "370102001"


# --- Dispatch ----------------------------------------------------------------------------------------


def test_what_is_sure_is_dispatched_by_the_system(file):
    report = run(write_csv(file, FULL), dispatch=True)

    order = WorkOrder.objects.get()
    assert (report["dispatched"], report["triage"]) == (1, 0)
    assert order.state == State.DISPATCHED and order.unit.code == "370100-FUND"
    assert Assignment.objects.get(role="lead").dispatched_by is None


def test_nothing_is_dispatched_unless_told(file):
    assert run(write_csv(file, FULL))["triage"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"category": "", "title": "", "content": "一件事"},
        {"category": LEAF, "place": "", "address": ""},
        {"category": "060301", "content": "燃气"},
        {"urgency": "E2"},
        {"urgency": "E1"},
        {"kind": "report"},
        {"kind": "thanks", "category": "180101"},
        {"category": "060401"},
        {"category": "020103", "place": "", "address": "", "content": "商河县郑路镇的垃圾没有清运"},
    ],
    ids=[
        "no category",
        "no place",
        "emergency leaf",
        "E2",
        "E1",
        "report",
        "thanks",
        "asks",
        "place in the text only",
    ],
)
def test_what_a_person_must_look_at_waits_in_triage(file, change):
    report = run(write_csv(file, FULL | change), dispatch=True)

    assert (report["imported"], report["dispatched"], report["triage"]) == (1, 0, 1)
    assert WorkOrder.objects.get().state == State.PENDING


def test_a_refused_dispatch_takes_the_order_with_it(file, monkeypatch):
    def refuse(*args, **kwargs):
        raise InvalidInput("This unit is retired.")

    monkeypatch.setattr(importing.assigning, "dispatch", refuse)
    report = run(write_csv(file, FULL), dispatch=True)

    assert (report["rejected"], WorkOrder.objects.count()) == (1, 0)


def test_imported_orders_break_no_invariant(file):
    run(write_csv(file, *(FULL | {"id": str(number)} for number in range(60))), dispatch=True)

    assert [str(finding) for finding in invariants.check() if finding.count] == []


# --- The command -------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"min_score": 2.0}, {"source": ""}, {"source": "x" * 41}])
def test_options_that_mean_nothing_are_refused(file, options):
    with pytest.raises(CommandError):
        run(write_csv(file, FULL), **options)


def test_a_map_file_is_used(file, tmp_path):
    column_map = tmp_path / "map.json"
    column_map.write_text('{"query": "content", "url": "id"}')
    run(write_csv(file, {"url": "x/1", "query": "暖气不热"}), map=column_map)

    assert WorkOrder.objects.get().source_id == "x/1"


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_a_map_that_is_no_map_is_refused(file, tmp_path, text):
    column_map = tmp_path / "map.json"
    column_map.write_text(text)

    with pytest.raises(CommandError):
        run(write_csv(file, FULL), map=column_map)
