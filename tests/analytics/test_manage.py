"""/manage/: settings as rows with a history, for the administrator only."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analytics.models import Parameter
from analytics.views.manage.tables import TABLES
from dispatch.models import CalendarDay, CatalogueEntry, ClockRule, ClockStep
from hotline.accounts.models import Change, Unit, User
from tests.makers import LEAF, NOON, make_order, make_user
from workorders import categories
from workorders.models import Category, Endpoint, Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of, admin):
    return client_of(admin)


@pytest.fixture
def leaf(db) -> Category:
    return Category.objects.get(code=LEAF)


def posted(page, **changes) -> dict:
    """What the form of the page would send, with some fields changed."""
    form = page.context["form"]
    data = {}
    for bound in form:
        value = bound.field.prepare_value(bound.value()) if bound.value() is not None else None
        if isinstance(value, bool):
            if value or hasattr(bound.field, "choices"):
                data[bound.name] = str(value)
        elif value is not None:
            data[bound.name] = value
    return {**data, **changes}


def test_the_home_page_lists_the_tables(browser):
    page = browser.get("/manage/")

    assert page.status_code == 200 and "/manage/categories/" in page.content.decode()


@pytest.mark.parametrize("role", ["operator", "dispatcher", "callback", "supervisor", "leader", "auditor"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "categories/",
        "users/",
        "users/add/",
        "categories/020103/",
        "categories/020103/merge/",
        "categories/020103/retire/",
    ],
)
def test_others_may_not_open_it(client_of, role, path):
    assert client_of(make_user(role)).get(f"/manage/{path}").status_code == 403


def test_visitors_are_sent_to_the_login(client):
    assert client.get("/manage/").status_code == 302


@pytest.mark.parametrize(
    "path", ["categories/020103/restore/", "categories/020103/undo/1/", "users/x/do/unlock/"]
)
def test_what_changes_something_is_posted(browser, path):
    assert browser.get(f"/manage/{path}").status_code == 405


@pytest.mark.parametrize(
    "path", ["nothing/", "nothing/x/", "categories/999999/", "users/nobody/", "users/nobody/do/fly/"]
)
def test_what_does_not_exist_is_not_found(browser, path):
    method = browser.post if "/do/" in path else browser.get

    assert method(f"/manage/{path}").status_code == 404


def test_the_tree_finds_leaves_by_keyword(browser, leaf):
    page = browser.get("/manage/categories/", {"q": leaf.keywords[0]})

    assert f"/manage/categories/{LEAF}/" in page.content.decode()


def test_the_tree_leaves_out_what_does_not_match(browser, leaf):
    page = browser.get("/manage/categories/", {"q": leaf.name_zh})

    assert "/manage/categories/010101/" not in page.content.decode()


def test_the_tree_takes_as_many_queries_with_many_orders(browser, django_assert_max_num_queries, leaf):
    for _number in range(3):
        make_order(category=LEAF)

    with django_assert_max_num_queries(10):
        browser.get("/manage/categories/")


def test_a_leaf_is_edited_and_recorded(browser, leaf):
    page = browser.get(f"/manage/categories/{LEAF}/")

    done = browser.post(f"/manage/categories/{LEAF}/", posted(page, deadline_workdays="8", why="Order 9"))

    leaf.refresh_from_db()
    line = Change.objects.get()
    assert done.status_code == 302
    assert (leaf.deadline_workdays, line.before, line.basis) == (8, {"deadline_workdays": 3}, "Order 9")


def test_keywords_are_typed_with_commas_of_both_scripts(browser, leaf):
    page = browser.get(f"/manage/categories/{LEAF}/")

    browser.post(f"/manage/categories/{LEAF}/", posted(page, keywords="a，b、c, a\nd"))

    leaf.refresh_from_db()
    assert leaf.keywords == ["a", "b", "c", "d"]


def test_a_refused_form_keeps_what_was_typed(browser, leaf):
    page = browser.get(f"/manage/categories/{LEAF}/")

    refused = browser.post(
        f"/manage/categories/{LEAF}/",
        posted(page, name_zh="", unit_hint="my own words", deadline_workdays="x"),
    )

    assert refused.status_code == 422 and "my own words" in refused.content.decode()
    assert set(refused.context["form"].errors) == {"name_zh", "deadline_workdays"}


def test_an_old_page_is_refused_and_can_be_saved_again(browser, admin, leaf):
    page = browser.get(f"/manage/categories/{LEAF}/")
    categories.edit(leaf, {"name_en": "Something else"}, actor=admin, now=NOON)

    refused = browser.post(f"/manage/categories/{LEAF}/", posted(page, name_zh="Mine"))
    again = browser.post(f"/manage/categories/{LEAF}/", posted(refused))

    assert (refused.status_code, again.status_code) == (422, 302)


def test_a_change_is_undone_from_the_history(browser, admin, leaf):
    categories.edit(leaf, {"name_zh": "Wrong"}, actor=admin, now=NOON)
    line = Change.objects.get()

    browser.post(f"/manage/categories/{LEAF}/undo/{line.pk}/")

    latest = Change.objects.first()
    leaf.refresh_from_db()
    assert leaf.name_zh == line.before["name_zh"]
    assert (latest.action, latest.basis) == ("undo", f"#{line.pk}")


def test_a_change_that_was_overtaken_is_not_undone(browser, admin, leaf):
    categories.edit(leaf, {"name_zh": "First"}, actor=admin, now=NOON)
    line = Change.objects.get()
    categories.edit(leaf, {"name_zh": "Second"}, actor=admin, now=NOON)

    browser.post(f"/manage/categories/{LEAF}/undo/{line.pk}/")

    leaf.refresh_from_db()
    assert leaf.name_zh == "Second"


def test_the_history_shows_old_and_new(browser, admin, leaf):
    categories.edit(leaf, {"deadline_workdays": 77}, actor=admin, now=NOON)

    page = browser.get(f"/manage/categories/{LEAF}/?tab=history").content.decode()

    assert "<del>3</del>" in page and "<ins>77</ins>" in page and str(admin) in page


def test_retiring_asks_for_the_code(browser, leaf):
    refused = browser.post(f"/manage/categories/{LEAF}/retire/", {"typed": "020104", "why": "tidy"})
    done = browser.post(f"/manage/categories/{LEAF}/retire/", {"typed": LEAF, "why": "tidy"})

    leaf.refresh_from_db()
    assert (refused.status_code, done.status_code, leaf.is_active) == (422, 302, False)


def test_the_page_says_how_many_open_orders_use_a_leaf(browser, leaf):
    order = make_order(category=LEAF, content="something secret")

    page = browser.get(f"/manage/categories/{LEAF}/retire/").content.decode()

    assert "1" in re.findall(r"<li>(\d+)", page)
    assert order.number not in page and "something secret" not in page


def test_a_merge_is_made_and_undone_in_the_browser(browser, leaf):
    browser.post(f"/manage/categories/{LEAF}/merge/", {"into": "020101", "typed": LEAF, "why": "same thing"})
    leaf.refresh_from_db()
    merged = leaf.merged_into.code
    line = Change.objects.get(key=LEAF, action="merge")
    browser.post(f"/manage/categories/{LEAF}/undo/{line.pk}/")

    leaf.refresh_from_db()
    assert (merged, leaf.merged_into, leaf.is_active) == ("020101", None, True)


def test_a_group_and_a_leaf_are_added(browser):
    browser.post("/manage/categories/add/?parent=02", {"parent": "02", "name_zh": "New group", "name_en": ""})
    group = Category.objects.get(name_zh="New group")

    browser.post(
        f"/manage/categories/add/?parent={group.code}",
        {
            "parent": group.code,
            "name_zh": "New leaf",
            "urgency": "N",
            "keywords": "",
            "deadline_workdays": "4",
        },
    )

    assert Category.objects.get(name_zh="New leaf").parent == group


def test_a_new_user_gets_a_password_shown_once(browser):
    answer = browser.post("/manage/users/add/", {"username": "zhao", "name": "Zhao", "role": "operator"})

    plain = re.search(r'id="plain-token"[^>]*>([^<]+)<', answer.content.decode())[1]
    assert User.objects.get(username="zhao").check_password(plain)
    assert "no-store" in answer["Cache-Control"]


def test_a_user_without_unit_is_refused_next_to_the_field(browser):
    refused = browser.post("/manage/users/add/", {"username": "zhao", "name": "Zhao", "role": "unit"})

    assert refused.status_code == 422 and "units" in refused.context["form"].errors
    assert "zhao" in refused.content.decode()


def test_users_are_filtered_by_role_and_unit(browser, unit_clerk, outsider, operator):
    page = browser.get("/manage/users/", {"role": "unit", "unit": unit_clerk.unit.code}).content.decode()

    assert unit_clerk.username in page
    assert outsider.username not in page and operator.username not in page


def test_the_list_of_users_is_paged(browser):
    for _number in range(55):
        make_user("operator")

    first = browser.get("/manage/users/")
    second = browser.get("/manage/users/", {"cursor": first.context["next"]})

    names = [line["key"] for page in (first, second) for line in page.context["lines"]]
    assert len(names) == len(set(names)) == User.objects.count()


@pytest.mark.parametrize("cursor", ["x", "[]", '["a","b"]', "{}", '[{"a":1}]'])
def test_a_bad_cursor_gives_the_first_page(browser, cursor):
    assert browser.get("/manage/users/", {"cursor": cursor}).status_code == 200


@pytest.mark.parametrize("act", ["password", "factor", "unlock", "sessions"])
def test_an_administrator_helps_somebody_who_is_locked_out(browser, auditor, act):
    assert browser.post(f"/manage/users/{auditor.username}/do/{act}/").status_code in (200, 302)


def test_an_administrator_cannot_deactivate_the_own_account(browser, admin):
    make_user("admin")

    refused = browser.post(f"/manage/users/{admin.username}/retire/", {"typed": admin.username})

    assert refused.status_code == 422 and User.objects.get(pk=admin.pk).is_active


# --- Every table -------------------------------------------------------------------------------------


def make_endpoint() -> Endpoint:
    address = {"channel": "webhook", "url": "https://hooks.example.org/", "secret": "a-long-enough-secret"}
    return Endpoint.objects.create(name="bus", role="leader", **address)


def first_address(slug: str) -> str:
    """The page of some row of this table."""
    table = TABLES[slug]
    if slug == "endpoints":
        make_endpoint()
    if slug == "users":
        make_user("operator")
    return table.address(table.rows().first())


@pytest.mark.parametrize("slug", sorted(TABLES))
def test_every_table_is_listed(browser, slug):
    assert browser.get(f"/manage/{slug}/").status_code == 200


@pytest.mark.parametrize("slug", sorted(TABLES))
@pytest.mark.parametrize("tab", ["", "?tab=history"])
def test_every_row_has_a_page_and_a_history(browser, admin, slug, tab):
    assert browser.get(first_address(slug) + tab).status_code == 200


@pytest.mark.parametrize("slug", sorted(TABLES))
def test_lists_take_as_many_queries_with_many_rows(browser, django_assert_max_num_queries, slug):
    with django_assert_max_num_queries(15):
        browser.get(f"/manage/{slug}/")


@pytest.mark.parametrize("slug", sorted(slug for slug in TABLES if TABLES[slug].add))
def test_an_empty_new_row_is_refused_with_words_next_to_the_fields(browser, slug):
    assert browser.get(f"/manage/{slug}/add/").status_code == 200

    refused = browser.post(f"/manage/{slug}/add/", {})

    assert refused.status_code == 422 and refused.context["form"].errors


@pytest.mark.parametrize("slug", sorted(slug for slug in TABLES if slug not in ("clock-rules", "catalogue")))
def test_saving_an_unchanged_row_writes_no_history(browser, slug):
    address = first_address(slug)
    before = Change.objects.count()

    done = browser.post(address, posted(browser.get(address)))

    assert done.status_code == 302 and Change.objects.count() == before


@pytest.mark.parametrize("slug", sorted(TABLES))
@pytest.mark.parametrize("person", ["auditor", "supervisor", "unit_clerk"])
def test_nobody_else_changes_anything(client_of, request, slug, person):
    address = first_address(slug)

    refused = client_of(request.getfixturevalue(person)).post(address, {})

    assert refused.status_code == 403


def test_a_unit_is_added_moved_and_taken_out_of_use(browser):
    above = Unit.objects.get(code="370100-URBAN")
    fields = {
        "code": "370100-SNOW",
        "name": "Snow clearing",
        "short_name": "Snow",
        "kind": "municipal",
        "place_code": "370100",
        "aliases": "ploughs",
    }
    browser.post("/manage/units/add/", fields)
    page = browser.get("/manage/units/370100-SNOW/")
    browser.post("/manage/units/370100-SNOW/", posted(page, parent=above.code))
    browser.post("/manage/units/370100-SNOW/retire/", {"typed": "370100-SNOW"})

    unit = Unit.objects.get(code="370100-SNOW")
    assert (unit.parent, unit.is_active, unit.aliases) == (above, False, ["ploughs"])
    actions = Change.objects.filter(key="370100-SNOW").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["add", "move", "retire"]


def test_a_unit_with_open_orders_says_how_many_and_stays(browser, unit):
    make_order(state="handling", lead=unit)

    refused = browser.post(f"/manage/units/{unit.code}/retire/", {"typed": unit.code})

    assert refused.status_code == 422 and Unit.objects.get(pk=unit.pk).is_active


def test_a_clock_rule_gets_a_new_version_and_back(browser):
    rule = ClockRule.objects.get(timer_code="T03", urgency="N")
    tomorrow = timezone.localdate() + timedelta(days=1)
    page = browser.get(f"/manage/clock-rules/{rule.pk}/")

    done = browser.post(
        f"/manage/clock-rules/{rule.pk}/",
        posted(page, duration_value="2", valid_from=tomorrow, basis="Order 7"),
    )
    line = Change.objects.get()
    browser.post(f"{done['Location']}undo/{line.pk}/")

    rule.refresh_from_db()
    assert rule.valid_to is None


def test_a_conflict_in_the_catalogue_is_explained_and_keeps_the_form(browser):
    data = {
        "category": "010102",
        "place_scope": "city",
        "role": "lead",
        "unit_pattern": "370100-URBAN",
        "source": "catalogue",
        "valid_from": timezone.localdate(),
        "basis": "Order 7",
        "ask": "my words",
    }

    refused = browser.post("/manage/catalogue/add/", data)
    done = browser.post("/manage/catalogue/add/", {**data, "replaces": "on"})

    assert refused.status_code == 422 and "place_scope" in refused.context["form"].errors
    assert "my words" in refused.content.decode() and done.status_code == 302


def test_an_entry_is_ended_and_its_end_undone(browser):
    entry = CatalogueEntry.objects.get(category__code="010102", role="lead")
    address = f"/manage/catalogue/{entry.pk}/"
    browser.post(address, posted(browser.get(address), valid_to=timezone.localdate(), why="Order 7"))
    ended = CatalogueEntry.objects.get(pk=entry.pk).valid_to
    browser.post(f"{address}undo/{Change.objects.get().pk}/")

    assert (ended, CatalogueEntry.objects.get(pk=entry.pk).valid_to) == (timezone.localdate(), None)


def test_an_imported_calendar_is_shown_before_it_is_saved(browser):
    data = {"notice": "Notice 9", "text": "2031-01-01,holiday,New Year"}

    looked = browser.post("/manage/calendar/import/", {**data, "step": "look"})
    before = CalendarDay.objects.filter(date__year=2031).count()
    browser.post("/manage/calendar/import/", {**data, "step": "save"})

    assert looked.status_code == 200 and len(looked.context["plan"].new) == 1
    assert (before, CalendarDay.objects.filter(date__year=2031).count()) == (0, 1)


def test_a_calendar_file_goes_on_as_text_after_the_preview(browser):
    file = SimpleUploadedFile("2031.csv", "\ufeff2031-01-01,holiday,New Year\n".encode())

    looked = browser.post("/manage/calendar/import/", {"notice": "Notice 9", "file": file, "step": "look"})

    assert "2031-01-01,holiday,New Year" in looked.content.decode()


def test_a_calendar_with_problems_is_not_saved(browser):
    data = {"notice": "Notice 9", "text": "2031-99-01,holiday,New Year", "step": "save"}

    refused = browser.post("/manage/calendar/import/", data)

    assert refused.status_code == 422 and "2031-99-01" in refused.content.decode()


def test_an_added_day_is_undone_and_gone(browser):
    data = {"date": "2026-07-07", "is_work": "False", "name": "Storm", "source": "local", "notice": "Order 7"}
    browser.post("/manage/calendar/add/", data)

    browser.post(f"/manage/calendar/2026-07-07/undo/{Change.objects.get().pk}/")

    assert not CalendarDay.objects.filter(date="2026-07-07").exists()


def test_the_report_week_is_a_parameter_with_a_basis(browser):
    refused = browser.post("/manage/parameters/week_starts_on/", {"value": "1", "basis": ""})
    done = browser.post("/manage/parameters/week_starts_on/", {"value": "1", "basis": "Order 7"})

    assert (refused.status_code, done.status_code) == (422, 302)
    assert Parameter.objects.get(key="week_starts_on").value == 1


@pytest.fixture
def dead(db):
    return Notice.objects.create(
        key="k", kind="dispatched", channel="webhook", dead_at=NOON, tries=8, error="HTTP 500"
    )


def test_dead_notices_are_tried_again_or_given_up_with_a_note(browser, dead):
    listed = browser.get("/manage/notices/dead/").content.decode()
    refused = browser.post(f"/manage/notices/dead/{dead.pk}/discard/", {"note": ""})
    browser.post("/manage/notices/dead/retry/")

    dead.refresh_from_db()
    assert "HTTP 500" in listed and refused.status_code == 422 and dead.dead_at is None


def test_the_home_page_names_what_needs_attention(browser, dead):
    page = browser.get("/manage/").content.decode()

    assert "/manage/notices/dead/" in page


def test_a_parked_step_is_tried_again_without_showing_the_order(browser):
    order = make_order(state="dispatched")
    step = ClockStep.objects.filter(order=order, fired_at=None, cancelled_at=None).first()
    ClockStep.objects.filter(pk=step.pk).update(parked_at=NOON, tries=5, error="ValueError: x")

    page = browser.get("/manage/clocks/parked/").content.decode()
    browser.post(f"/manage/clocks/parked/{step.pk}/")

    step.refresh_from_db()
    assert "ValueError: x" in page and order.number not in page
    assert step.parked_at is None


def test_testing_an_endpoint_shows_what_was_sent(browser, monkeypatch):
    monkeypatch.setattr("workorders.endpoints.post", lambda *args, **kwargs: 204)
    make_endpoint()

    page = browser.post("/manage/endpoints/bus/test/").content.decode()

    assert "webhook-signature" in page and "204" in page and "a-long-enough-secret" not in page


def test_the_administrator_sees_no_order_anywhere(browser):
    order = make_order(state="handling")

    assert browser.get("/orders/").status_code == 403
    assert browser.get(f"/orders/{order.number}/").status_code in (403, 404)


@pytest.mark.parametrize("slug", sorted(slug for slug in TABLES if TABLES[slug].goes_out_of_use))
def test_a_row_in_use_offers_its_end(browser, slug):
    address = first_address(slug)

    assert f"{address}retire/" in browser.get(address).content.decode()


@pytest.mark.parametrize("slug", sorted(slug for slug in TABLES if TABLES[slug].add))
def test_a_list_offers_a_new_row(browser, slug):
    assert f"/manage/{slug}/add/" in browser.get(f"/manage/{slug}/").content.decode()
