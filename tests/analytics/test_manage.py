"""/manage/: settings as rows with a history, for the administrator only."""

import re

import pytest

from hotline.accounts.models import Change, User
from tests.makers import LEAF, NOON, make_order, make_user
from workorders import categories
from workorders.models import Category

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
            if value:
                data[bound.name] = "on"
        elif value is not None:
            data[bound.name] = value
    return {**data, **changes}


def test_the_home_page_lists_the_tables(browser):
    page = browser.get("/manage/")

    assert page.status_code == 200 and "/manage/categories/" in page.content.decode()


@pytest.mark.parametrize("role", ["operator", "dispatcher", "callback", "supervisor", "leader", "auditor"])
@pytest.mark.parametrize(
    "path",
    ["", "categories/", "users/", "users/add/", "categories/020103/", "categories/020103/merge/",
     "categories/020103/retire/"],
)  # fmt: skip
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
