import hashlib

import pytest
from django.test import Client
from rest_framework.test import APIRequestFactory

from hotline.accounts.models import ApiToken
from hotline.accounts.tokens import MOST_TOKENS, TokenAuthentication, TooManyTokens, issue_token, revoke_token
from tests.makers import NOON
from tests.makers import client_of as browser_of

pytestmark = pytest.mark.django_db


def call(header: str | None, client: Client | None = None) -> int:
    headers = {"Authorization": header} if header is not None else {}
    return (client or Client()).get("/api/schema/", headers=headers).status_code


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer"])
def test_a_token_opens_the_api(operator, scheme):
    assert call(f"{scheme} {issue_token(operator)}") == 200


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer ", "Bearer wrong", "Token a b", "Basic b3BlcmF0b3I6eA=="]
)
def test_without_a_valid_token_the_answer_is_401(operator, header):
    issue_token(operator)

    assert call(header) == 401


def test_a_refusal_names_the_scheme(operator):
    assert Client().get("/api/schema/").headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_refused(operator):
    plain = issue_token(operator)

    revoke_token(operator.tokens.get(), NOON)

    assert call(f"Bearer {plain}") == 401


def test_the_token_of_a_disabled_person_is_refused(operator):
    plain = issue_token(operator)
    operator.is_active = False
    operator.save()

    assert call(f"Bearer {plain}") == 401


def test_the_plain_token_is_not_kept(operator):
    plain = issue_token(operator)

    assert operator.tokens.get().digest == hashlib.sha256(plain.encode()).hexdigest()
    assert plain not in str(ApiToken.objects.values().get())


def test_checking_a_token_takes_one_query(operator, django_assert_num_queries):
    plain = issue_token(operator)
    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {plain}"})
    TokenAuthentication().authenticate(request)

    with django_assert_num_queries(1):
        user, _token = TokenAuthentication().authenticate(request)
        assert user.role == "operator"


def test_the_day_of_the_last_use_is_noted(travel, operator):
    call(f"Bearer {issue_token(operator)}")

    assert operator.tokens.get().used_on == NOON.date()


def test_a_token_is_not_bound_to_the_rules_of_sessions(operator):
    plain = issue_token(operator)
    client = browser_of(operator)
    operator.must_change_password = True
    operator.save()

    assert call(f"Bearer {plain}", client) == 200


def test_a_made_up_token_does_not_free_a_session_from_its_rules(operator):
    client = browser_of(operator)
    operator.must_change_password = True
    operator.save()

    assert call("Bearer made-up", client) == 401
    assert client.get("/account/", headers={"Authorization": "Bearer made-up"}).status_code == 302


def test_nobody_keeps_more_tokens_than_can_be_watched(operator):
    for _ in range(MOST_TOKENS):
        issue_token(operator)

    with pytest.raises(TooManyTokens):
        issue_token(operator)


def test_a_new_token_is_shown_once(operator):
    client = browser_of(operator)

    shown = client.post("/account/tokens/", {"label": "Import"}).content.decode()

    plain = shown.split('id="plain-token"')[1].split(">")[1].split("<")[0]
    assert call(f"Bearer {plain}") == 200
    assert plain not in client.get("/account/").content.decode()


def test_a_token_needs_a_label(operator):
    response = browser_of(operator).post("/account/tokens/", {"label": ""})

    assert response.status_code == 422
    assert not operator.tokens.exists()


def test_a_person_revokes_a_token(operator):
    plain = issue_token(operator)

    browser_of(operator).post(f"/account/tokens/{operator.tokens.get().pk}/revoke/")

    assert call(f"Bearer {plain}") == 401


def test_nobody_revokes_the_token_of_another(operator, dispatcher):
    plain = issue_token(operator)

    response = browser_of(dispatcher).post(f"/account/tokens/{operator.tokens.get().pk}/revoke/")

    assert response.status_code == 404
    assert call(f"Bearer {plain}") == 200
