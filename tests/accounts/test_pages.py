import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client

from hotline.accounts.models import Role
from hotline.accounts.roles import role_required
from tests.makers import client_of, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "url",
    ["/logout/", "/language/", "/account/sessions/end/", "/account/tokens/", "/account/tokens/1/revoke/"],
)
def test_what_changes_something_refuses_get(operator, url):
    assert client_of(operator).get(url).status_code == 405


@pytest.mark.parametrize("url", ["/", "/account/", "/api/docs/"])
def test_what_only_shows_refuses_post(operator, url):
    assert client_of(operator).post(url).status_code == 405


@pytest.mark.parametrize("url", ["/account/password/", "/account/totp/enrol/"])
def test_forms_refuse_other_methods(operator, url):
    assert client_of(operator).put(url).status_code == 405


@pytest.mark.parametrize(
    "url", ["/", "/account/", "/account/password/", "/account/totp/", "/account/totp/enrol/", "/api/docs/"]
)
def test_visitors_are_sent_to_the_login_page(url):
    assert Client().get(url).headers["Location"].startswith("/login/")


def test_the_account_page_names_person_and_unit(unit_clerk):
    html = client_of(unit_clerk).get("/account/").content.decode()

    assert unit_clerk.name in html
    assert unit_clerk.unit.name in html


def test_health_asks_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")


def test_pages_are_chinese_whatever_the_browser_prefers():
    html = Client().get("/login/", headers={"Accept-Language": "en-US,en"}).content.decode()

    assert '<html lang="zh-Hans">' in html


def test_a_chosen_language_is_kept():
    client = Client()

    response = client.post("/language/", {"language": "en", "next": "/login/"})

    assert response.headers["Location"] == "/login/"
    assert response.cookies["django_language"]["max-age"] == 365 * 24 * 3600
    assert '<html lang="en">' in client.get("/login/").content.decode()


def test_an_unknown_language_changes_nothing():
    response = Client().post("/language/", {"language": "xx", "next": "/login/"})

    assert "django_language" not in response.cookies


def test_the_language_switch_never_leaves_the_site():
    response = Client().post("/language/", {"language": "en", "next": "//evil.example/"})

    assert response.headers["Location"] == "/"


@role_required(Role.SUPERVISOR, Role.LEADER)
def page(request):
    return HttpResponse("page")


def test_a_page_for_roles_opens_for_them(rf, supervisor):
    request = rf.get("/")
    request.user = supervisor

    assert page(request).status_code == 200


def test_a_page_for_roles_is_forbidden_to_others(rf, operator):
    request = rf.get("/")
    request.user = operator

    with pytest.raises(PermissionDenied):
        page(request)


def test_every_page_of_accounts_renders_for_every_role():
    for role in Role:
        client = client_of(make_user(role))
        for url in ("/account/", "/account/password/", "/api/docs/"):
            assert client.get(url).status_code == 200, (role, url)
